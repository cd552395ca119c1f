"""Which sizes of packets leave a network, told by two web hosts in a table."""

from __future__ import annotations

import pytest
from netcheck.probes.mtu import CHECKS, mtu

from netcheck.correlator import diagnose
from netcheck.live.net import http
from netcheck.model import Level, Outcome, Target
from netcheck.probing import Kind, Reply, Seen
from netcheck.probing.testing import HOME, FakeNet, named, refusal
from tests.helpers.notation import case

FIRST, SECOND = (check.host for check in CHECKS)
LARGE, DEVICE = 1300, 256
LOST = refusal("silent", rtt_ms="20.0")
CLOSED = refusal("timeout")
LOGIN = Reply(ok=True, data=(("rtt_ms", 2.0), ("status", 302)))


def answer(host: str) -> Reply:
    check = next(one for one in CHECKS if one.host == host)
    return Reply(
        ok=True,
        took_s=0.1,
        data=(("rtt_ms", 20.0), ("path_mtu_bytes", 1500), ("status", check.status)),
        payload=check.body,
    )


def network(up_to: int = LARGE, **other: Reply) -> FakeNet:
    """Two hosts that answer requests of up to that length; `first` or `second` answers all
    alike.
    """
    given = dict(zip((FIRST, SECOND), map(other.get, ("first", "second")), strict=True))
    net = FakeNet(
        {("resolve", host, HOME.gateway or ""): named("93.184.215.14") for host in (FIRST, SECOND)}
    )
    for host, fixed in given.items():
        net.answers |= {
            ("http", host, size): fixed or (answer(host) if size <= up_to else LOST)
            for size in (LARGE, DEVICE)
        }
        net.answers["http", host] = fixed or (answer(host) if up_to >= 0 else LOST)
    return net


def only(net: FakeNet) -> Seen:
    one: Seen
    (one,) = mtu.run(Target(), net)
    return one


@pytest.mark.parametrize(
    ("net", "outcome", "reason", "data"),
    [
        (network(), Outcome.OK, "", {"request_bytes": 1300, "path_mtu_bytes": 1500}),
        (network(first=LOST), Outcome.OK, "", {"request_bytes": 1300}),
        (network(first=CLOSED), Outcome.OK, "", {"request_bytes": 1300}),
        (network(first=LOGIN), Outcome.OK, "", {"request_bytes": 1300}),
        (network(600), Outcome.OK, "", {"request_bytes": 256, "lost_bytes": 1300}),
        (network(200), Outcome.FAILED, "silent", {"lost_bytes": 256}),
        (network(-1), Outcome.UNCLEAR, "silent", {}),
        (network(200, second=LOST), Outcome.UNCLEAR, "silent", {}),
        (network(200, second=CLOSED), Outcome.UNCLEAR, "silent", {}),
        (network(first=LOGIN, second=LOGIN), Outcome.UNCLEAR, "differs", {}),
        (network(first=CLOSED, second=CLOSED), Outcome.UNCLEAR, "timeout", {}),
    ],
    ids=[
        "wide",
        "odd host",
        "dead host",
        "portal for one",
        "large vanish",
        "black hole",
        "silent",
        "one of two",
        "one dead",
        "portal",
        "dead",
    ],
)
def test_what_passes(net: FakeNet, outcome: Outcome, reason: str, data: dict[str, int]) -> None:
    one = only(net)

    assert (one.outcome, one.reason) == (outcome, reason)
    assert {name: value for name, value in one.data if name in ("request_bytes", "lost_bytes")} == {
        name: value for name, value in data.items() if name != "path_mtu_bytes"
    }
    assert data.items() <= dict(one.data).items()


@pytest.mark.parametrize("second", [named("10.10.34.34"), refusal("nxdomain")])
def test_one_host_alone_is_too_few_for_a_black_hole(second: Reply) -> None:
    net = network(200)
    net.answers["resolve", SECOND, HOME.gateway or ""] = second

    assert only(net).outcome is Outcome.UNCLEAR


def test_no_name_no_question() -> None:
    net = FakeNet()

    assert (only(net).outcome, only(net).reason) == (Outcome.SKIPPED, "not_asked")
    assert not [question for question in net.asked if question[0] == "http"]


def test_a_network_without_the_fault_costs_one_request_and_the_fault_what_is_declared() -> None:
    counts = []
    for net in (network(), network(200)):
        only(net)
        counts.append(sum(question[0] == "http" for question in net.asked))

    assert counts == [
        1,
        sum(traffic.at_most for traffic in mtu.sends if traffic.kind is Kind.HTTP_REQUEST),
    ]


@pytest.mark.parametrize(("wanted", "length"), [(0, 89), (256, 256), (1300, 1300), (95, 89)])
def test_a_request_is_as_long_as_wanted_and_one_request_all_the_same(
    wanted: int, length: int
) -> None:
    request = http.request("a.example", "/", wanted)

    assert len(request) == length
    assert request.index(b"\r\n\r\n") == len(request) - 4


SILENT_REQUEST = (
    "dev tcp.cloud ok @1 \n dev handshake.nonce ok @2 \n dev handshake.request ok @3 \n dev"
    " handshake.key failed silent @4 +20 \n"
)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("ctl internet.mtu failed silent lost_bytes=256 @9", Level.LIKELY),
        ("ctl internet.mtu ok request_bytes=256 lost_bytes=1300 @9", Level.UNLIKELY),
        ("ctl internet.mtu unclear silent @9", Level.POSSIBLE),
    ],
)
def test_it_parts_what_looks_alike_after_the_devices_256_bytes(said: str, level: Level) -> None:
    (one,) = diagnose(case("dev device.identity ok rank=6 @0 \n" + SILENT_REQUEST + said), Target())

    (finding,) = [finding for finding in one.findings if finding.cause == "mtu_blackhole"]
    assert finding.level is level


def test_a_network_that_loses_packets_of_the_devices_size_stops_it() -> None:
    passes = "ctl tcp.cloud ok @1 \n ctl handshake.nonce ok @2 \n"
    (one,) = diagnose(
        case(passes + "ctl internet.mtu failed silent lost_bytes=256 @2", source="probe:test/1"),
        Target(),
    )
    (other,) = diagnose(
        case(passes + "ctl internet.mtu ok lost_bytes=1300 @2", source="probe:test/1"), Target()
    )

    assert one.best is not None and one.best.cause == "mtu_blackhole"
    assert other.verdict.value == "healthy"
    assert [note for note in other.notes if "Large packets get lost" in note]
