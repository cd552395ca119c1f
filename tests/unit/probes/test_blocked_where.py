"""Where the path to the cloud's port ends, told by routers in a table, and which cause that comes
to.
"""

from __future__ import annotations

import msgspec
import pytest
from netcheck.probes.blocked_where import blocked_where, trace
from netcheck.probes.cloud_port import cloud_port

from netcheck.correlator.diagnosis import diagnose
from netcheck.live import observe
from netcheck.model import STANDING, Outcome, Owner, Target
from netcheck.probing import CannotRun, Kind, Reply, Seen
from netcheck.probing.testing import HOME, FakeNet, Question, named, opened, refusal

CLOUD, PUBLIC, NAME = "198.51.100.7", "8.8.8.8", "device.spark.io"
ROUTERS = (
    HOME.gateway or "",
    "10.9.0.1",
    "203.0.113.1",
    "203.0.113.9",
    "203.0.113.17",
    "203.0.113.25",
)
FAR = len(ROUTERS)


def expired(sender: str) -> Reply:
    """A router says that the packet's life ended there."""
    return Reply(
        ok=False,
        reason="unreachable",
        took_s=0.02,
        data=(("sender", sender), ("icmp_type", 11), ("icmp_code", 0)),
    )


def way_to(
    ip: str, port: int, hops: int, end: Reply | None = None
) -> dict[Question, Reply | list[Reply]]:
    """The answers of so many routers on the path, and what every packet with a higher TTL meets."""
    answers: dict[Question, Reply | list[Reply]] = {
        ("within", ip, port, hop): expired(ROUTERS[hop - 1]) for hop in range(1, hops + 1)
    }
    return answers | (
        {("within", ip, port, hop): end for hop in range(hops + 1, 21)} if end else {}
    )


def network(port: int, web: int, neutral: int = FAR, end: Reply | None = None) -> FakeNet:
    """A network in which the cloud's port, its web port and another host are so many hops away; the
    port does not open.
    """
    return FakeNet(
        {
            ("resolve", NAME, HOME.gateway or ""): named(CLOUD),
            ("connect", PUBLIC, 53): opened(),
            ("listen", CLOUD, 5683): end or refusal("timeout"),
            **way_to(CLOUD, 5683, port, end),
            **way_to(CLOUD, 443, web),
            **way_to(PUBLIC, 53, neutral, opened()),
        }
    )


def only(net: FakeNet) -> Seen:
    one: Seen
    (one,) = blocked_where.run(Target(), net)
    return one


@pytest.mark.parametrize(
    ("net", "outcome", "place", "differs", "first"),
    [
        (network(1, FAR), Outcome.FAILED, "router", "port", "cloud_port_blocked"),
        (network(0, FAR), Outcome.FAILED, "router", "port", None),
        (network(2, FAR), Outcome.FAILED, "building", "port", "cloud_port_blocked"),
        (network(3, FAR), Outcome.FAILED, "isp", "port", "cloud_port_blocked"),
        (
            network(1, FAR, end=refusal("refused")),
            Outcome.FAILED,
            "router",
            "port",
            "cloud_port_blocked",
        ),
        (
            network(1, FAR, end=refusal("prohibited", sender=HOME.gateway or "")),
            Outcome.FAILED,
            "router",
            "port",
            "cloud_port_blocked",
        ),
        (network(1, 1), Outcome.FAILED, "router", "host", "cloud_host_blocked"),
        (network(2, 2), Outcome.FAILED, "building", "host", "cloud_host_blocked"),
        (network(FAR, FAR), Outcome.OK, "isp", None, "cloud_unreachable"),
        (network(FAR, FAR, end=refusal("refused")), Outcome.OK, "isp", None, "cloud_unreachable"),
        # What stopped it is over by now.
        (network(FAR, FAR, end=opened()), Outcome.UNCLEAR, "isp", None, None),
        # It ends in the Internet, but long before another path does: its end, or a block of the
        # host?
        (network(3, 3), Outcome.UNCLEAR, "isp", None, None),
        # No router but the first ever answers.
        (network(1, 1, neutral=1), Outcome.UNCLEAR, "router", None, None),
    ],
    ids=[
        "router",
        "entrance",
        "building",
        "isp",
        "reset",
        "icmp",
        "host",
        "host in building",
        "far end",
        "refused there",
        "opens meanwhile",
        "short",
        "mute",
    ],
)
def test_where_it_ends(
    net: FakeNet, outcome: Outcome, place: str, differs: str | None, first: str | None
) -> None:
    one = only(net)

    assert (one.outcome, dict(one.data)["place"], dict(one.data).get("differs")) == (
        outcome,
        place,
        differs,
    )
    if first:
        (diagnosis,) = diagnose(observe(Target(), net, [cloud_port, blocked_where]), Target())
        assert diagnosis.best is not None
        assert diagnosis.best.cause == first


@pytest.mark.parametrize("leaves", [True, False])
def test_what_no_router_sees_is_the_routers_block_only_where_it_left_this_computer(
    leaves: bool,
) -> None:
    observations = list(observe(Target(), network(0, FAR), [cloud_port, blocked_where]))
    left = msgspec.structs.replace(
        observations[0],
        fact="computer.sends",
        outcome=Outcome.OK,
        target=f"{NAME}:5683",
    )
    (one,) = diagnose([*observations, *([left] if leaves else [])], Target())

    standing = {finding.cause for finding in one.findings if finding.level in STANDING}
    assert ("cloud_port_blocked" in standing) is leaves


def test_the_owner_is_told_and_addressed() -> None:
    said, asked, owner = {}, {}, {}
    for hops in (1, 2, 3):
        (diagnosis,) = diagnose(
            observe(Target(), network(hops, FAR), [cloud_port, blocked_where]), Target()
        )
        assert diagnosis.best is not None
        said[hops] = " ".join(evidence.clue.says for evidence in diagnosis.best.support)
        asked[hops] = diagnosis.best.ask_it or ""
        owner[hops] = (diagnosis.owner, diagnosis.best.owner)

    assert "router of this network" in said[1]
    assert "building" in said[2]
    assert "provider" in said[3] and "building" not in said[3]
    assert owner == {1: (Owner.ROUTER,) * 2, 2: (Owner.ROUTER,) * 2, 3: (Owner.ISP,) * 2}
    assert "next one, behind it" in asked[2]
    assert "within your network" in asked[3]
    assert "provider" in diagnosis.headline


def test_where_the_ports_differ_no_other_host_is_asked() -> None:
    net = network(1, FAR)

    only(net)

    assert not [
        question for question in net.asked if question[1] == PUBLIC and question[0] == "within"
    ]


def test_what_comes_after_the_first_other_answer_is_not_counted() -> None:
    assert trace([expired("192.168.1.1"), refusal("refused"), expired("203.0.113.1")]).hop == 1


def test_a_silent_router_between_others_does_not_end_the_way() -> None:
    assert trace([expired("192.168.1.1"), refusal("timeout"), expired("203.0.113.1")]).hop == 3


def test_a_system_that_tells_nothing_is_no_blocked_port() -> None:
    with pytest.raises(CannotRun, match="Linux"):
        only(network(0, 0, neutral=0))


def test_where_the_port_opens_nobody_asks() -> None:
    nonces = [opened(bytes((37 * place + shift) % 256 for place in range(40))) for shift in (1, 2)]
    net = network(FAR, FAR)
    net.answers["listen", CLOUD, 5683] = list(nonces)

    observations = list(observe(Target(), net, [cloud_port, blocked_where]))

    assert not [one for one in observations if one.fact == "tcp.blocked_where"]
    assert not [question for question in net.asked if question[0] == "within"]


def test_without_an_address_of_the_cloud_there_is_no_way_to_follow() -> None:
    with pytest.raises(CannotRun, match="address"):
        only(FakeNet())


def test_to_a_server_of_this_network_no_router_leads() -> None:
    with pytest.raises(CannotRun, match="no router"):
        list(blocked_where.run(Target(cloud_host="192.168.1.9"), FakeNet()))


def test_the_worst_case_stays_within_the_declared_traffic() -> None:
    net = network(1, 1)

    only(net)

    declared = sum(
        traffic.at_most for traffic in blocked_where.sends if traffic.kind is Kind.TCP_SYN_TTL
    )
    assert sum(question[0] == "within" for question in net.asked) == declared
