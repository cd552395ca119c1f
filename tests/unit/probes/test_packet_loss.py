"""A way that is slow or loses much: told from one that is cut, and not taken for a blocked port or
a broken name server.
"""

from __future__ import annotations

import pytest
from netcheck.probes.packet_loss import packet_loss

from netcheck.correlator import diagnose
from netcheck.model import Diagnosis, Level, Outcome, Target, Verdict
from netcheck.probing import Reply, Seen
from netcheck.probing.testing import SILENCE, FakeNet, refusal
from tests.helpers.notation import case

ECHO = Reply(ok=True, took_s=0.04, data=(("rtt_ms", 40.0),))
BLOCKED = """
    ctl dns.cloud_name ok >device.spark.io @2
    ctl internet.reach ok >8.8.8.8:443 @4 rtt_ms=45
    ctl tcp.cloud failed timeout >device.spark.io:5683 @4 +5
"""
SILENT = """
    ctl gateway.arp ok >192.168.1.1 @1
    ctl dns.cloud_name failed timeout >device.spark.io @2 +5
    ctl dns.other_name failed timeout >pool.ntp.org @2 +5
    ctl internet.reach failed timeout >8.8.8.8:443 @7 +3
"""
OPEN = """
    ctl dns.cloud_name ok >device.spark.io @2
    ctl handshake.nonce ok >device.spark.io:5683 @6
"""
LOSS = "ctl internet.loss failed lossy >8.8.8.8 @4 rtt_ms=45 sent=20 lost=9"
RESENT = "ctl internet.reach ok >192.0.2.1:80 @4 rtt_ms=1049"


def live(*texts: str) -> Diagnosis:
    """What a computer's probes that saw these make of the network."""
    (one,) = diagnose(case("\n".join(texts), source="probe:test/1"), Target())
    return one


def standing(one: Diagnosis) -> list[str]:
    return [
        finding.cause
        for finding in one.findings
        if finding.level in (Level.CONFIRMED, Level.LIKELY, Level.POSSIBLE)
    ]


# the probe


def of_echoes(*replies: Reply) -> tuple[Seen, int]:
    """What the probe says of these answers, and how many echoes it sent."""
    net = FakeNet({("ping", "8.8.8.8"): list(replies)})
    seen, _ = packet_loss.run(Target(), net)
    return seen, net.asked.count(("ping", "8.8.8.8"))


def of_openings(*round_trips_ms: float) -> tuple[Seen, int]:
    """What the probe says of connections that open so fast (0: not at all), and their number."""
    replies = [
        Reply(ok=True, took_s=ms / 1000, data=(("rtt_ms", ms),)) if ms else SILENCE
        for ms in round_trips_ms
    ]
    net = FakeNet({("connect", "8.8.8.8", 443): list(replies)})
    _, seen = packet_loss.run(Target(), net)
    return seen, net.asked.count(("connect", "8.8.8.8", 443))


def test_eight_connections_are_enough_where_all_open_at_once() -> None:
    seen, begun = of_openings(*[40.0] * 8)

    assert (seen.outcome, seen.target, begun) == (Outcome.OK, "8.8.8.8:443", 8)


@pytest.mark.parametrize(
    ("late", "outcome"), [(0, Outcome.OK), (4, Outcome.OK), (9, Outcome.FAILED)]
)
def test_one_late_of_eight_makes_twenty_more_and_a_quarter_of_these_is_too_many(
    late: int, outcome: Outcome
) -> None:
    first = [1040.0, *[40.0] * 7]
    seen, begun = of_openings(*first, *[3040.0] * late, *[40.0] * (20 - late))

    assert (seen.outcome, begun) == (outcome, 28)
    assert dict(seen.data) == {"rtt_ms": 40.0, "sent": 20, "lost": late}


def test_where_no_connection_opens_no_more_are_begun() -> None:
    seen, begun = of_openings(*[0.0] * 8)

    assert (seen.outcome, begun) == (Outcome.UNCLEAR, 8)


def test_five_echoes_are_enough_where_all_come_back() -> None:
    seen, sent = of_echoes(*[ECHO] * 5)

    assert (seen.outcome, seen.reason, sent) == (Outcome.OK, "", 5)
    assert dict(seen.data) == {"rtt_ms": 40.0, "sent": 5, "lost": 0}


@pytest.mark.parametrize(
    ("lost", "outcome", "reason"),
    [
        (0, Outcome.OK, ""),
        (4, Outcome.OK, ""),
        (7, Outcome.FAILED, "lossy"),
        (14, Outcome.FAILED, "lossy"),
    ],
)
def test_one_lost_of_five_makes_fifteen_more_and_a_third_of_these_are_too_many(
    lost: int, outcome: Outcome, reason: str
) -> None:
    seen, sent = of_echoes(SILENCE, *[ECHO] * 4, *[SILENCE] * lost, *[ECHO] * (15 - lost))

    assert (seen.outcome, seen.reason, sent) == (outcome, reason, 20)
    assert dict(seen.data) == {"rtt_ms": 40.0, "sent": 15, "lost": lost}


@pytest.mark.parametrize(
    ("later", "outcome"), [(2, Outcome.OK), (4, Outcome.OK), (5, Outcome.FAILED)]
)
def test_where_five_of_fifteen_echoes_are_lost_as_many_are_asked_again(
    later: int, outcome: Outcome
) -> None:
    again = [*[SILENCE] * later, *[ECHO] * (15 - later)]
    seen, sent = of_echoes(SILENCE, *[ECHO] * 4, *[SILENCE] * 5, *[ECHO] * 10, *again)

    assert (seen.outcome, sent) == (outcome, 35)
    assert dict(seen.data) == {"rtt_ms": 40.0, "sent": 30, "lost": 5 + later}


@pytest.mark.parametrize(("later", "outcome"), [(4, Outcome.OK), (5, Outcome.FAILED)])
def test_where_a_quarter_of_twenty_connections_is_late_as_many_are_begun_again(
    later: int, outcome: Outcome
) -> None:
    first, again = [1040.0, *[40.0] * 7], [*[3040.0] * later, *[40.0] * (20 - later)]
    seen, begun = of_openings(*first, *[3040.0] * 5, *[40.0] * 15, *again)

    assert (seen.outcome, begun) == (outcome, 48)


def test_what_was_waited_for_too_briefly_is_not_lost() -> None:
    brief = Reply(ok=False, reason="timeout", took_s=3.0)
    slow = Reply(ok=True, took_s=4.4, data=(("rtt_ms", 4400.0),))
    seen, _ = of_echoes(*[brief] * 5, *[brief] * 6, *[slow] * 9)

    assert (seen.outcome, dict(seen.data)["lost"]) == (Outcome.OK, 0)


@pytest.mark.parametrize(
    ("reason", "outcome", "most"),
    [
        ("timeout", Outcome.UNCLEAR, 20),
        ("needs", Outcome.SKIPPED, 5),
        ("unreachable", Outcome.UNCLEAR, 5),
    ],
)
def test_where_no_echo_comes_back_nothing_is_said_of_loss(
    reason: str, outcome: Outcome, most: int
) -> None:
    seen, sent = of_echoes(*[refusal(reason)] * most)

    assert (seen.outcome, seen.reason, sent) == (outcome, reason, most)


# slow


def test_a_late_answer_tells_a_slow_line_from_a_dead_one() -> None:
    one = live(SILENT, "ctl internet.test failed late >8.8.8.8:53 @7 +6 rtt_ms=6000")

    assert (one.verdict, standing(one)) == (Verdict.FAULT, ["path_too_slow"])


def test_without_any_answer_the_line_is_down() -> None:
    one = live(SILENT, "ctl internet.test failed timeout >8.8.8.8:53 @7 +7.5")

    assert standing(one)[0] == "internet_down"
    assert "path_too_slow" not in standing(one)


def test_silence_longer_than_the_round_trip_still_counts() -> None:
    assert (
        standing(live(BLOCKED, "ctl internet.test ok >8.8.8.8:53 @4 +2.5 rtt_ms=2500"))[0]
        == "cloud_port_blocked"
    )


@pytest.mark.parametrize(
    ("rtt_ms", "verdict", "causes"),
    [
        (600, Verdict.HEALTHY, []),
        (2500, Verdict.SUSPECTED, ["path_too_slow"]),
        (4200, Verdict.FAULT, ["path_too_slow"]),
    ],
)
def test_how_slow_is_too_slow_depends_on_the_firmwares_patience(
    rtt_ms: int, verdict: Verdict, causes: list[str]
) -> None:
    one = live(
        OPEN,
        f"ctl internet.test ok >8.8.8.8:53 @4 rtt_ms={rtt_ms} \n ctl tcp.cloud ok"
        f" >device.spark.io:5683 @5 rtt_ms={rtt_ms + 20}",
    )

    assert (one.verdict, standing(one)) == (verdict, causes)


def test_one_opening_that_took_long_beside_quick_ones_is_no_slow_line() -> None:
    quick = "ctl internet.test ok >8.8.8.8:53 @4 rtt_ms=45"

    assert (
        live(OPEN, quick, "ctl tcp.cloud ok >device.spark.io:5683 @5 rtt_ms=3045").verdict
        is Verdict.HEALTHY
    )


# lossy


def test_silence_on_a_lossy_line_accuses_nobody_else() -> None:
    one = live(BLOCKED, LOSS, RESENT)

    assert (one.verdict, standing(one)) == (Verdict.FAULT, ["path_too_slow"])


def test_a_nonce_that_got_lost_accuses_no_proxy() -> None:
    late = (
        "ctl tcp.cloud ok >device.spark.io:5683 @5 rtt_ms=1100 \n ctl handshake.nonce failed silent"
        " >device.spark.io:5683 @5 rtt_ms=1100"
    )

    assert standing(live("ctl dns.cloud_name ok >device.spark.io @2", LOSS, late)) == [
        "path_too_slow"
    ]


def test_few_answers_do_not_speak_against_a_loss() -> None:
    assert standing(live(SILENT, LOSS, "ctl internet.test ok >8.8.8.8:53 @7 rtt_ms=46")) == [
        "path_too_slow"
    ]


def test_lost_echoes_beside_connections_that_open_at_once_are_a_firewalls_limit() -> None:
    quick = """
        ctl dns.compare ok >device.spark.io @3 +0.2
        ctl internet.test ok >8.8.8.8:53 @7 rtt_ms=46
        ctl internet.reach ok >192.0.2.1:80 @7.1 rtt_ms=47
        ctl internet.redirect ok >192.0.2.2 @7.2 rtt_ms=47
        ctl tcp.neutral_same_port failed refused >8.8.8.8:5683 @7.3 rtt_ms=44
    """

    assert standing(live(BLOCKED, LOSS, quick))[0] == "cloud_port_blocked"
    assert (
        live(OPEN, LOSS, quick, "ctl tcp.cloud ok >device.spark.io:5683 @5 rtt_ms=50").verdict
        is Verdict.HEALTHY
    )


def test_a_refusal_counts_on_a_lossy_line_too() -> None:
    refused = BLOCKED.replace("timeout", "prohibited")

    assert "cloud_port_blocked" in standing(live(refused, LOSS, RESENT))
