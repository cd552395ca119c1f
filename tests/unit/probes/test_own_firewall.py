"""Whether this computer's own rules hold what is tested."""

from __future__ import annotations

import pytest
from netcheck.probes.own_firewall import own_firewall

from netcheck.model import Target
from netcheck.probing import Need, Reply
from netcheck.probing.testing import HOME, SILENCE, FakeNet, named, refusal
from tests.helpers.fake_net import Answers
from tests.helpers.probe_lines import CLOUD, GATEWAY, NAME, PUBLIC, line

PLACE, CONTROL = (CLOUD, 5683), (PUBLIC, 443)
EXPIRED = Reply(
    ok=False,
    reason="unreachable",
    data=(("sender", GATEWAY), ("icmp_type", 11), ("icmp_code", 0)),
)
NO_RIGHTS = {Need.RAW_SOCKETS: refusal("needs")}


def told(net: FakeNet) -> list[tuple[str, str]]:
    return [(line(one), one.target) for one in own_firewall.run(Target(), net)]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((), [("computer.sends ok", "device.spark.io:5683")]),
        ((PLACE,), [("computer.sends failed held_here", "device.spark.io:5683")]),
        (
            (PLACE, CONTROL),
            [
                ("computer.sends failed held_here", "device.spark.io:5683"),
                ("computer.sends failed held_here", "everything"),
            ],
        ),
    ],
)
def test_what_does_not_leave_is_held_here(
    held: tuple[tuple[str, int], ...], expected: list[tuple[str, str]]
) -> None:
    net = FakeNet(
        {("resolve", NAME, GATEWAY): named(CLOUD), ("arp", GATEWAY): Reply(ok=True)},
        held=frozenset(held),
    )

    assert told(net) == expected


@pytest.mark.parametrize(
    ("held", "outcome"), [(frozenset({("192.168.1.9", 5683)}), "unclear"), (frozenset(), "ok")]
)
def test_to_a_neighbour_that_is_off_nothing_leaves(
    held: frozenset[tuple[str, int]], outcome: str
) -> None:
    net = FakeNet({("arp", GATEWAY): Reply(ok=True)}, held=held)
    (one,) = own_firewall.run(Target(cloud_host="192.168.1.9"), net)

    assert one.outcome == outcome


def test_nothing_leaves_while_the_gateway_answers_no_arp() -> None:
    net = FakeNet({("resolve", NAME, GATEWAY): named(CLOUD)}, held=frozenset({PLACE, CONTROL}))

    assert told(net) == []


@pytest.mark.parametrize(
    ("port", "again", "web", "expected"),
    [
        (EXPIRED, SILENCE, EXPIRED, "computer.sends ok"),
        (SILENCE, SILENCE, EXPIRED, "computer.sends failed held_here"),
        # one lost packet accuses nobody
        (SILENCE, EXPIRED, EXPIRED, "computer.sends ok"),
        # a first router that keeps silent, or answers itself, tells nothing
        (SILENCE, SILENCE, SILENCE, "computer.sends unclear"),
        (refusal("refused"), SILENCE, EXPIRED, "computer.sends unclear"),
    ],
)
def test_without_rights_the_first_router_tells(
    port: Reply, again: Reply, web: Reply, expected: str
) -> None:
    answers: Answers = {
        ("resolve", NAME, GATEWAY): named(CLOUD),
        ("arp", GATEWAY): Reply(ok=True),
        ("within", *PLACE, 1): [port, again],
        ("within", *CONTROL, 1): web,
    }

    assert told(FakeNet(answers, here=HOME, missing=NO_RIGHTS))[:1] == [
        (expected, "device.spark.io:5683")
    ]


@pytest.mark.parametrize(
    ("datagram", "port", "web", "expected"),
    [
        (
            EXPIRED,
            SILENCE,
            SILENCE,
            ["computer.sends failed held_here", "computer.sends failed held_here"],
        ),
        (SILENCE, SILENCE, SILENCE, ["computer.sends unclear"]),
        # one lost packet accuses nobody
        (EXPIRED, EXPIRED, SILENCE, ["computer.sends ok"]),
        (EXPIRED, SILENCE, EXPIRED, ["computer.sends failed held_here"]),
    ],
)
def test_a_router_that_tells_of_datagrams_alone_gets_no_connection_to_see(
    datagram: Reply, port: Reply, web: Reply, expected: list[str]
) -> None:
    answers: Answers = {
        ("resolve", NAME, GATEWAY): named(CLOUD),
        ("arp", GATEWAY): Reply(ok=True),
        ("within", *PLACE, 1): [SILENCE, port],
        ("within", *CONTROL, 1): [SILENCE, web],
        ("udp_within", PUBLIC, 33434, 1): datagram,
    }

    assert [said for said, _ in told(FakeNet(answers, missing=NO_RIGHTS))] == expected
