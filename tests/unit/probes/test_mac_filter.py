"""What is answered under the device's MAC and under a made-up one, and which cause that comes
to.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from netcheck.probes.cloud_port import cloud_port
from netcheck.probes.gateway import gateway
from netcheck.probes.mac_filter import candidates_in, mac_filter

from netcheck.correlator import diagnose
from netcheck.live import observe
from netcheck.live.net.raw.arp import most_arp_requests
from netcheck.live.net.raw.as_client import most_frames
from netcheck.live.registry import plan
from netcheck.model import STANDING, Diagnosis, Outcome, Target
from netcheck.probing import (
    NEW_CLIENT,
    CannotRun,
    ClientAnswers,
    DhcpOffer,
    HeardNeighbour,
    Kind,
    Need,
    Reply,
    Vantage,
)
from netcheck.probing.testing import HOME, SILENCE, FakeNet, named, opened, refusal
from tests.helpers.fake_net import Answers
from tests.helpers.notation import case

DEVICE, GATEWAY, CLOUD = "6c:0b:84:00:00:01", "192.168.1.1", "192.52.193.10"
AS_DEVICE = Target(as_device=DEVICE)
YES = Reply(ok=True, took_s=0.01)
ALL = ClientAnswers(arp=YES, echo=YES, connections=(YES, YES))
NOT_OUTSIDE = ClientAnswers(arp=YES, echo=YES, connections=(SILENCE, SILENCE))
NOT_CLOUD = ClientAnswers(arp=YES, echo=YES, connections=(YES, refusal("refused")))
NO_ARP = ClientAnswers(arp=SILENCE)
NAMES: Answers = {
    ("resolve", "device.spark.io", server): named(CLOUD) for server in (GATEWAY, "8.8.8.8")
}


def lan(
    device: ClientAnswers | list[ClientAnswers] = ALL,
    new_client: ClientAnswers = ALL,
    **more: Any,
) -> FakeNet:
    """A network on which this computer passes, with what the other two MACs are answered."""
    own: Answers = {
        ("ping", GATEWAY): YES,
        ("arp", GATEWAY): YES,
        ("connect", "8.8.8.8", 443): opened(),
        ("listen", CLOUD, 5683): [
            opened(bytes(range(40)), "open"),
            opened(bytes(range(40, 80)), "open"),
        ],
    }
    return FakeNet(answers=own | NAMES, clients={DEVICE: device, NEW_CLIENT: new_client}, **more)


def lines(net: FakeNet, target: Target = AS_DEVICE) -> list[str]:
    seen = mac_filter.run(target, net)
    who = {NEW_CLIENT: "new"}
    return [
        f"{who.get(one.subject, 'dev')} {one.fact} {one.outcome} {one.reason}".strip()
        for one in seen
    ]


def judged(net: FakeNet, target: Target = AS_DEVICE) -> Diagnosis:
    (one,) = diagnose(observe(target, net, [gateway, cloud_port, mac_filter]), target)
    return one


def level(one: Diagnosis) -> str:
    return next(
        (finding.level.value for finding in one.findings if finding.cause == "mac_filter"), ""
    )


# what is seen


def test_each_step_is_told_for_both_macs() -> None:
    assert lines(lan(device=NOT_OUTSIDE)) == [
        "new gateway.as_new_client ok",
        "new internet.as_new_client ok",
        "new tcp.as_new_client ok",
        "dev gateway.as_device ok",
        "dev internet.as_device failed timeout",
        "dev tcp.as_device failed timeout",
    ]


def test_what_lies_behind_a_silent_gateway_is_not_asked() -> None:
    assert lines(lan(device=NO_ARP))[3:] == [
        "dev gateway.as_device failed timeout",
        "dev internet.as_device skipped not_asked",
        "dev tcp.as_device skipped not_asked",
    ]


def test_without_the_clouds_address_the_rest_is_asked() -> None:
    without_name = FakeNet(
        clients={DEVICE: msgspec.structs.replace(ALL, connections=(YES,)), NEW_CLIENT: ALL}
    )

    assert lines(without_name)[3:] == [
        "dev gateway.as_device ok",
        "dev internet.as_device ok",
        "dev tcp.as_device skipped not_asked",
    ]


def test_the_two_have_different_addresses_that_nobody_uses() -> None:
    net = lan(
        neighbours={"192.168.1.254": "02:00:00:00:00:44"},
        known=(("192.168.1.253", "02:00:00:00:00:55"),),
    )

    list(mac_filter.run(AS_DEVICE, net))

    clients = [question for question in net.asked if question[0] == "as_client"]
    assert clients == [
        ("as_client", NEW_CLIENT, "192.168.1.252"),
        ("as_client", DEVICE, "192.168.1.251"),
    ]


def test_a_difference_is_asked_about_again_with_the_addresses_exchanged() -> None:
    net = lan(device=NOT_OUTSIDE)

    list(mac_filter.run(AS_DEVICE, net))

    (_, new, high), (_, device, low), *again = (
        question for question in net.asked if question[0] == "as_client"
    )
    assert again == [("as_client", new, low), ("as_client", device, high)]


@pytest.mark.parametrize(
    "second",
    [ALL, msgspec.structs.replace(NOT_OUTSIDE, connections=(SILENCE, YES))],
    ids=["both come", "the other comes"],
)
def test_what_is_answered_the_second_time_was_chance(second: ClientAnswers) -> None:
    first = msgspec.structs.replace(NOT_OUTSIDE, connections=(YES, SILENCE))
    net = lan(device=[first, second])

    assert lines(net)[3:] == [
        "dev gateway.as_device ok",
        "dev internet.as_device ok",
        "dev tcp.as_device ok",
    ]


def test_a_moment_in_which_nothing_gets_through_refuses_nobody() -> None:
    net = lan(device=[NOT_OUTSIDE, ALL])
    net.clients[NEW_CLIENT] = [NOT_OUTSIDE, ALL]

    assert {line.split()[2] for line in lines(net)} == {"ok"}


@pytest.mark.parametrize(
    ("new_client", "rounds"),
    [(NOT_OUTSIDE, 1), (ALL, 2)],
    ids=["silent for both", "silent for the device"],
)
def test_on_a_slow_way_only_a_difference_is_asked_about_again(
    new_client: ClientAnswers, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netcheck.probes.mac_filter._SLOW_S", 1.0)
    net = lan(device=NOT_OUTSIDE, new_client=new_client)

    list(mac_filter.run(AS_DEVICE, net))

    assert sum(question[0] == "as_client" for question in net.asked) == 2 * rounds


def test_what_was_asked_once_counts_where_the_gateway_is_silent_the_second_time() -> None:
    assert lines(lan(device=[NOT_OUTSIDE, NO_ARP]))[3:] == [
        "dev gateway.as_device ok",
        "dev internet.as_device failed timeout",
        "dev tcp.as_device failed timeout",
    ]


@pytest.mark.parametrize(
    ("netmask", "highest"),
    [
        ("255.255.255.0", "192.168.1.254"),
        ("255.255.255.248", "192.168.1.6"),
        ("255.255.0.0", "192.168.255.254"),
    ],
)
def test_the_highest_free_addresses_are_taken(netmask: str, highest: str) -> None:
    here = msgspec.structs.replace(HOME, netmask=netmask)

    assert candidates_in(here, FakeNet())[0] == highest
    assert HOME.address not in candidates_in(here, FakeNet())


# when it does not ask


WIRELESS = msgspec.structs.replace(HOME, is_wireless=True)
LEASE = DhcpOffer(
    client=DEVICE, server=GATEWAY, server_mac="02:00:00:00:00:01", address="192.168.1.77"
)


@pytest.mark.parametrize(
    ("net", "target", "why"),
    [
        (lan(), Target(), "--as-device MAC"),
        (lan(here=WIRELESS), AS_DEVICE, "on a cable"),
        (lan(), Target(as_device=str(HOME.mac)), "this computer's own"),
        (lan(), Target(as_device="01:00:5e:00:00:01"), "no client's"),
        (
            lan(heard=(HeardNeighbour(mac=DEVICE, said="arp", at=1.0),)),
            AS_DEVICE,
            "switch the Photon off",
        ),
        (
            lan(heard=(HeardNeighbour(mac=NEW_CLIENT, said="datagram", at=1.0),)),
            AS_DEVICE,
            "in use",
        ),
        (
            lan(offers=(LEASE,), neighbours={"192.168.1.77": DEVICE}),
            AS_DEVICE,
            "switch the Photon off",
        ),
        (
            lan(known=(("192.168.1.60", DEVICE),), neighbours={"192.168.1.60": DEVICE}),
            AS_DEVICE,
            "switch the Photon off",
        ),
        (
            lan(here=msgspec.structs.replace(HOME, netmask="255.255.255.254")),
            AS_DEVICE,
            "no two free",
        ),
        (
            lan(neighbours={f"192.168.1.{last}": "02:00:00:00:00:44" for last in range(200, 255)}),
            AS_DEVICE,
            "no two free",
        ),
    ],
    ids=[
        "not asked to",
        "wireless",
        "own",
        "group",
        "heard",
        "other netcheck",
        "at its lease",
        "at its old address",
        "tiny",
        "full",
    ],
)
def test_nobody_is_posed_as_where_it_would_do_harm_or_say_nothing(
    net: FakeNet, target: Target, why: str
) -> None:
    with pytest.raises(CannotRun, match=why):
        list(mac_filter.run(target, net))

    assert not [question for question in net.asked if question[0] == "as_client"]


def test_a_neighbour_that_is_gone_does_not_hinder() -> None:
    assert len(lines(lan(known=(("192.168.1.60", DEVICE),), offers=(LEASE,)))) == 6


def test_the_worst_case_stays_within_the_declared_traffic() -> None:
    old = tuple((f"192.168.1.{last}", DEVICE) for last in range(10, 40))
    net = lan(device=NOT_OUTSIDE, known=old)

    list(mac_filter.run(AS_DEVICE, net))

    declared = {
        kind: sum(one.at_most for one in mac_filter.sends if one.kind is kind) for kind in Kind
    }
    clients = {kind: 4 * most for kind, most in most_frames(2).items()}
    clients[Kind.ARP_REQUEST] += most_arp_requests(
        [question[0] for question in net.asked].count("who_has")
    )
    assert all(declared[kind] == most for kind, most in clients.items())


def test_the_plan_says_under_which_condition() -> None:
    assert all(
        "only with --as-device" in one.to
        for one in plan([mac_filter])
        if one.kind is not Kind.DNS_QUERY
    )


# what it means


@pytest.mark.parametrize(
    ("device", "new_client", "expected"),
    [
        (ALL, ALL, "unlikely"),
        (NOT_OUTSIDE, ALL, "likely"),
        (NOT_CLOUD, ALL, "likely"),
        (NO_ARP, ALL, "likely"),
        (NO_ARP, NO_ARP, "possible"),
        (NOT_OUTSIDE, NOT_OUTSIDE, "possible"),
        (ALL, NOT_OUTSIDE, "unlikely"),
    ],
    ids=[
        "all pass",
        "not forwarded",
        "cloud refused",
        "no ARP",
        "own MAC alone",
        "own MAC alone outside",
        "device is on the list",
    ],
)
def test_the_pair_says_how_sure(
    device: ClientAnswers, new_client: ClientAnswers, expected: str
) -> None:
    one = judged(lan(device=device, new_client=new_client))

    assert level(one) == expected
    assert (one.best is not None and one.best.cause == "mac_filter") is (expected != "unlikely")
    assert [finding.cause for finding in one.findings if finding.level in STANDING] == (
        ["mac_filter"] if one.best else []
    )


def test_a_port_that_is_shut_for_all_is_no_filter() -> None:
    net = FakeNet(
        answers=NAMES | {("connect", "8.8.8.8", 443): opened()},
        clients={DEVICE: NOT_CLOUD, NEW_CLIENT: NOT_CLOUD},
    )
    net.answers |= {("ping", GATEWAY): YES, ("arp", GATEWAY): YES}

    one = judged(net)

    assert level(one) not in ("confirmed", "likely", "possible")
    assert one.best is not None and one.best.cause != "mac_filter"


def test_the_sentence_for_it_names_the_mac() -> None:
    one = judged(lan(device=NOT_OUTSIDE))

    assert one.device.mac == DEVICE
    assert one.best is not None and DEVICE in (one.best.ask_it or "")


def test_the_device_that_is_asked_about_is_judged_by_what_was_answered_in_its_place() -> None:
    one = judged(lan(device=NOT_OUTSIDE), Target(device=DEVICE, as_device=DEVICE))

    assert (one.device.mac, level(one)) == (DEVICE, "likely")


def test_a_device_that_reached_the_cloud_itself_is_not_refused() -> None:
    own = case(f"{DEVICE} device.identity ok rank=5 mac={DEVICE} \n {DEVICE} tcp.cloud ok @4")
    (one,) = diagnose(
        [*own, *observe(AS_DEVICE, lan(device=NOT_OUTSIDE), [gateway, cloud_port, mac_filter])],
        Target(),
    )

    assert level(one) not in ("confirmed", "likely", "possible")


# what it says where it was not asked


@pytest.mark.parametrize("here", [HOME, WIRELESS], ids=["wired", "wireless"])
def test_a_network_that_is_well_says_what_was_left_open_and_how_to_ask(here: Vantage) -> None:
    one = judged(lan(here=here), AS_DEVICE if here.is_wireless else Target())

    assert any(
        open_.fact == "tcp.as_device" and "--as-device MAC" in open_.why for open_ in one.not_tested
    )
    assert [test.settles for test in one.next_tests if "--as-device MAC" in test.how] == [
        ("mac_filter",)
    ]


def test_once_asked_it_is_no_next_test() -> None:
    assert judged(lan()).next_tests == ()


def test_nor_where_the_first_step_was_silent() -> None:
    assert not [test for test in judged(lan(device=NO_ARP)).next_tests if "--as-device" in test.how]


def test_a_filter_that_may_be_asks_for_the_test() -> None:
    (one,) = diagnose(
        case("dev device.identity ok rank=5 \n dev dhcp.lease failed no_offer @1"), Target()
    )

    assert any(
        "--as-device MAC" in test.how and "mac_filter" in test.settles for test in one.next_tests
    )


def test_without_rights_nothing_reads_as_a_fault() -> None:
    missing = refusal("needs", says="type `sudo netcheck`")
    seen = list(observe(AS_DEVICE, lan(missing={Need.RAW_SOCKETS: missing}), [mac_filter]))

    assert {one.outcome for one in seen} == {Outcome.SKIPPED}
