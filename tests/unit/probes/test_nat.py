"""Which networks lie between this one and the Internet, told by the first routers in a table."""

from __future__ import annotations

import pytest
from netcheck.probes.nat import nat

from netcheck.correlator import diagnose
from netcheck.model import Outcome, Target
from netcheck.probing import CannotRun, Kind, Reply, Seen
from netcheck.probing.testing import HOME, FakeNet, opened, refusal
from tests.helpers.notation import case

PUBLIC = Target().neutral_host
GATEWAY = HOME.gateway or ""


def network(*routers: str) -> FakeNet:
    """The routers of a way, the first first; an empty one keeps silent, and behind the last the
    host itself answers.
    """
    lives: list[Reply] = [
        (
            Reply(
                ok=False,
                reason="unreachable",
                data=(("sender", router), ("icmp_type", 11), ("icmp_code", 0)),
            )
            if router
            else refusal("timeout")
        )
        for router in routers
    ]
    lives += [opened()] * (4 - len(lives))
    return FakeNet({("within", PUBLIC, 53, hop): life for hop, life in enumerate(lives[:4], 1)})


def only(*routers: str) -> Seen:
    one: Seen
    (one,) = nat.run(Target(), network(*routers))
    return one


@pytest.mark.parametrize(
    ("routers", "outcome", "data"),
    [
        ((GATEWAY, "203.0.113.1"), Outcome.OK, {}),
        (
            (GATEWAY, "203.0.113.1", "10.3.2.1"),
            Outcome.OK,
            {},
        ),  # inside the provider's network, behind a public router
        (
            (GATEWAY, "10.0.0.1", "203.0.113.1"),
            Outcome.FAILED,
            {"hop": 2, "private_hops": "10.0.0.1", "place": "building"},
        ),
        (
            (GATEWAY, "", "10.0.0.1"),
            Outcome.FAILED,
            {"hop": 3, "private_hops": "10.0.0.1", "place": "building"},
        ),
        (
            (GATEWAY, "100.64.0.1"),
            Outcome.FAILED,
            {"hop": 2, "private_hops": "100.64.0.1", "place": "isp"},
        ),
        (
            (GATEWAY, "10.0.0.1", "100.64.0.1"),
            Outcome.FAILED,
            {"hop": 3, "private_hops": "10.0.0.1 100.64.0.1", "place": "isp"},
        ),
        (
            ("", "172.16.0.1", "203.0.113.1"),
            Outcome.FAILED,
            {"hop": 2, "private_hops": "172.16.0.1", "place": "building"},
        ),
        (
            (GATEWAY, "192.168.1.254"),
            Outcome.FAILED,
            {"private_hops": "192.168.1.254", "same_subnet": True},
        ),
        ((GATEWAY, "192.168.2.1"), Outcome.FAILED, {"same_subnet": False}),
        ((GATEWAY, "", "", ""), Outcome.UNCLEAR, {}),
        ((GATEWAY,), Outcome.UNCLEAR, {}),
    ],
)
def test_what_lies_behind_the_first_router(
    routers: tuple[str, ...], outcome: Outcome, data: dict[str, object]
) -> None:
    one = only(*routers)

    assert one.outcome is outcome
    assert data.items() <= dict(one.data).items()


@pytest.mark.parametrize("routers", [("", "", "", ""), ()])
def test_a_system_that_tells_nothing_is_no_single_router(routers: tuple[str, ...]) -> None:
    with pytest.raises(CannotRun, match="Linux"):
        only(*routers)


def test_a_first_router_that_has_no_way_out_is_the_only_one_heard_of() -> None:
    no_way = refusal("unreachable", sender=GATEWAY, icmp_type="3")
    (one,) = nat.run(
        Target(), FakeNet({("within", PUBLIC, 53, hop): no_way for hop in range(1, 5)})
    )

    assert (one.outcome, one.reason) == (Outcome.UNCLEAR, "unreachable")


def test_it_sends_what_it_declares() -> None:
    net = network(GATEWAY)

    list(nat.run(Target(), net))

    assert [(one.kind, one.at_most) for one in nat.sends] == [(Kind.TCP_SYN_TTL, len(net.asked))]


TWO = "failed second_router private_hops=10.0.0.1 place=building same_subnet=false"
BLOCKED = (
    "ctl tcp.cloud failed timeout @4 \n ctl internet.reach ok @3 \n ctl internet.test ok @3 \n"
)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("private_hops=10.0.0.1 place=building same_subnet=false", "may be set there as well"),
        ("private_hops=100.64.0.1 place=isp same_subnet=false", "ask the provider"),
        ("private_hops=192.168.1.254 place=building same_subnet=true", "same numbers"),
    ],
)
def test_who_must_change_a_rule_is_told_of_the_second_router(data: str, word: str) -> None:
    (one,) = diagnose(
        case(BLOCKED + "ctl internet.nat failed second_router @3 " + data, source="probe:test/1"),
        Target(),
    )

    assert one.best is not None and one.best.cause == "cloud_port_blocked"
    assert [note for note in one.notes if word in note]


@pytest.mark.parametrize(
    "text",
    [
        BLOCKED + "ctl internet.nat ok @3",
        BLOCKED + f"ctl internet.nat {TWO} @3 \n ctl tcp.blocked_where failed timeout differs=port"
        " place=router @5",
        f"ctl tcp.cloud ok \n ctl handshake.nonce ok \n ctl internet.nat {TWO}",
        (
            "ctl dns.cloud_name failed nxdomain @2 \n ctl dns.other_name ok @2 \n ctl internet.nat"
            f" {TWO} @3"
        ),
    ],
    ids=["one router", "the place is known", "healthy", "nothing behind the first router"],
)
def test_where_the_second_router_does_not_matter_it_is_not_named(text: str) -> None:
    (one,) = diagnose(case(text, source="probe:test/1"), Target())

    assert not [note for note in one.notes if "Behind this network" in note]
