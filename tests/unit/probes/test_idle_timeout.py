"""Whether a quiet connection is kept, told by three web hosts in a table, and what that says of a
Photon's sessions.
"""

from __future__ import annotations

import pytest
from netcheck.probes.idle_timeout import CHECKS, idle_timeout

from netcheck.correlator import diagnose
from netcheck.model import Level, Outcome, Target
from netcheck.probing import Kind, Reply, Seen, WebCheck
from netcheck.probing.testing import HOME, FakeNet, named, refusal
from tests.helpers.notation import case

WAITED = {"idle_s": "16.0", "rtt_ms": "20.0"}
SILENT, RESET = refusal("silent", **WAITED), refusal("reset", **WAITED)
CLOSED_SOONER = refusal("closed", ended="closed", ended_after_s="5.0")
RESET_SOONER = refusal("reset", ended="reset", ended_after_s="9.0")
NEVER_ANSWERED = refusal("silent", rtt_ms="20.0")
CLOSED_LATE = refusal("closed", **WAITED)
NO_CONNECTION = refusal("timeout")
LOGIN = Reply(ok=True, data=(("status", 302), ("idle_s", 16.0)))


def page(check: WebCheck) -> Reply:
    return Reply(ok=True, data=(("status", check.status),), payload=check.body)


def network(*ends: Reply | None, lives: bool = True) -> FakeNet:
    """What each host's quiet connection comes to, None being the page once more; whether new
    connections work.
    """
    net = FakeNet(
        {("resolve", check.host, HOME.gateway or ""): named("93.184.215.14") for check in CHECKS}
    )
    for check, end in zip(CHECKS, ends, strict=True):
        net.answers["again", check.host, 16.0] = end or page(check)
        net.answers["http", check.host] = page(check) if lives else refusal("timeout")
    return net


def only(net: FakeNet) -> Seen:
    one: Seen
    (one,) = idle_timeout.run(Target(), net)
    return one


@pytest.mark.parametrize(
    ("net", "outcome", "reason"),
    [
        (network(None, None, None), Outcome.OK, ""),
        (network(CLOSED_SOONER, SILENT, None), Outcome.OK, ""),
        (network(SILENT, SILENT, SILENT), Outcome.FAILED, "timeout"),
        (network(RESET, RESET, CLOSED_SOONER), Outcome.FAILED, "reset"),
        (network(RESET, SILENT, NO_CONNECTION), Outcome.FAILED, "timeout"),
        (network(SILENT, CLOSED_SOONER, CLOSED_SOONER), Outcome.UNCLEAR, "silent"),
        (network(RESET_SOONER, RESET_SOONER, RESET_SOONER), Outcome.UNCLEAR, "reset"),
        (network(CLOSED_LATE, CLOSED_LATE, CLOSED_LATE), Outcome.UNCLEAR, "closed"),
        (network(NEVER_ANSWERED, NEVER_ANSWERED, NEVER_ANSWERED), Outcome.UNCLEAR, "silent"),
        (network(LOGIN, LOGIN, LOGIN), Outcome.UNCLEAR, "differs"),
        (network(NO_CONNECTION, NO_CONNECTION, NO_CONNECTION), Outcome.UNCLEAR, "timeout"),
        (network(SILENT, SILENT, SILENT, lives=False), Outcome.UNCLEAR, "silent"),
    ],
    ids=[
        "kept",
        "one kept",
        "silent",
        "reset",
        "both",
        "one",
        "reset sooner",
        "closed",
        "never",
        "portal",
        "no line",
        "line died",
    ],
)
def test_what_silence_did(net: FakeNet, outcome: Outcome, reason: str) -> None:
    one = only(net)

    assert (one.fact, one.outcome, one.reason) == ("session.idle", outcome, reason)


def test_two_hosts_whose_names_resolve_are_enough() -> None:
    net = network(SILENT, SILENT, SILENT)
    net.answers["resolve", CHECKS[0].host, HOME.gateway or ""] = named("10.10.34.34")

    one = only(net)

    assert one.outcome is Outcome.FAILED
    assert CHECKS[0].host not in one.target.split()


def test_no_name_no_question() -> None:
    net = FakeNet()

    assert (only(net).outcome, only(net).reason) == (Outcome.SKIPPED, "not_asked")
    assert not [question for question in net.asked if question[0] in ("again", "http")]


@pytest.mark.parametrize(
    ("net", "most"), [(network(None, None, None), 6), (network(SILENT, SILENT, SILENT), 9)]
)
def test_it_sends_at_most_what_it_declares(net: FakeNet, most: int) -> None:
    only(net)

    requests = sum({"again": 2, "http": 1}.get(str(question[0]), 0) for question in net.asked)
    assert (
        requests
        == most
        <= sum(
            traffic.at_most for traffic in idle_timeout.sends if traffic.kind is Kind.HTTP_REQUEST
        )
    )


def test_it_waits_to_be_asked_for_and_keeps_nobody_waiting() -> None:
    assert idle_timeout.on_request
    assert idle_timeout.background


HEALTHY = "ctl tcp.cloud ok @1 \n ctl handshake.nonce ok @2 \n"


@pytest.mark.parametrize("reason", ["timeout", "reset"])
def test_a_network_that_forgets_quiet_connections_stops_a_photon(reason: str) -> None:
    (one,) = diagnose(
        case(HEALTHY + f"ctl session.idle failed {reason} @0 +17", source="probe:test/1"), Target()
    )

    assert one.best is not None and one.best.cause == "nat_idle_timeout"


@pytest.mark.parametrize("outcome", ["ok", "unclear", "skipped not_asked"])
def test_one_that_keeps_them_or_was_not_asked_is_well(outcome: str) -> None:
    (one,) = diagnose(
        case(HEALTHY + f"ctl session.idle {outcome} @0 +17", source="probe:test/1"), Target()
    )

    assert one.verdict.value == "healthy"


LOST_PING = """
    dev device.identity ok rank=6 @0
    dev tcp.cloud ok @1
    dev handshake.nonce ok @2
    dev handshake.welcome ok @3
    dev session.open ok @4
    dev session.keepalive failed timeout idle_s=15 @20 +10
"""


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("failed timeout", Level.LIKELY),
        ("unclear", Level.POSSIBLE),
        ("ok", Level.UNLIKELY),
        ("skipped not_asked", Level.POSSIBLE),
    ],
)
def test_a_lost_ping_is_told_from_a_bad_line(said: str, level: Level) -> None:
    (one,) = diagnose(case(LOST_PING + f"ctl session.idle {said} @18 +17"), Target())

    (finding,) = [finding for finding in one.findings if finding.cause == "nat_idle_timeout"]
    assert finding.level is level


@pytest.mark.parametrize(
    ("said", "is_advised"),
    [
        ("", True),
        ("net session.idle skipped not_asked @1", True),
        ("ctl session.idle unclear @18", False),
    ],
)
def test_it_is_advised_where_it_would_tell_something_new(said: str, is_advised: bool) -> None:
    (one,) = diagnose(case(LOST_PING + said), Target())

    assert any("--also idle_timeout" in test.how for test in one.next_tests) == is_advised
