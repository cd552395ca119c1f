"""What answers where nothing can be, what is then believed, and what several attempts to open the
port come to.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from netcheck.probes.nowhere import UNROUTABLE, nowhere

from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Level, Target, Verdict
from netcheck.probing import Reply
from netcheck.probing.testing import FakeNet, opened, refusal
from tests.helpers.notation import case

CLOUD = ">device.spark.io:5683"
HERE, WEB = f">{UNROUTABLE}:5683", f">{UNROUTABLE}:443"


def judged(text: str) -> Diagnosis:
    (one,) = diagnose(case(text, source="probe:test/1"), Target())
    return one


def standing(text: str) -> list[str]:
    return [finding.cause for finding in judged(text).findings if finding.level in STANDING]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("timeout"), "ok timeout"),
        (refusal("unreachable"), "ok unreachable"),
        (refusal("prohibited"), "ok prohibited"),
        (opened(), "failed accepts_all"),
        (refusal("refused"), "failed refused"),
        (refusal("reset"), "failed reset"),
        (refusal("no_route"), "skipped no_route"),
    ],
)
def test_what_answers_where_nothing_can_be(answer: Reply, expected: str) -> None:
    seen = list(nowhere.run(Target(), FakeNet({("connect", UNROUTABLE, 5683): answer})))

    assert [(f"{one.outcome} {one.reason}", one.target) for one in seen] == [
        (expected, f"{UNROUTABLE}:5683"),
        ("ok timeout", f"{UNROUTABLE}:443"),
    ]


def test_a_private_cloud_on_the_web_port_is_asked_for_once() -> None:
    net = FakeNet()

    assert len(list(nowhere.run(Target(cloud_port=443), net))) == 1
    assert net.asked == [("connect", UNROUTABLE, 443)]


BLOCKED = (
    f"ctl tcp.cloud failed timeout {CLOUD} @4 \n ctl internet.test failed timeout >8.8.8.8:53 @3 \n"
)
OPEN_WEB = (
    "ctl internet.reach ok >8.8.8.8:443 @4 rtt_ms=0.4 \n ctl tcp.cloud_other_port ok"
    " >device.spark.io:443 @4 rtt_ms=0.4 \n"
)


def test_a_web_port_that_is_open_to_nowhere_proves_no_other_host() -> None:
    assert standing(BLOCKED + OPEN_WEB)[0] == "cloud_port_blocked"
    assert (
        "cloud_port_blocked"
        not in standing(BLOCKED + OPEN_WEB + f"ctl tcp.nowhere failed accepts_all {WEB} @4")[:1]
    )


@pytest.mark.parametrize("proof", ["tls_ms=180", "status=200"])
def test_a_host_that_proved_itself_is_believed_all_the_same(proof: str) -> None:
    reached = (
        f"ctl internet.reach ok >www.google.com:443 @4 {proof} \n ctl tcp.nowhere failed"
        f" accepts_all {WEB} @4"
    )

    assert standing(BLOCKED + reached)[0] == "cloud_port_blocked"


def test_what_one_computer_meets_is_no_word_about_anothers_connections() -> None:
    other = f"02:00:00:00:00:99 tcp.nowhere failed accepts_all {WEB} @4"

    assert standing(BLOCKED + OPEN_WEB + other)[0] == "cloud_port_blocked"


SILENT = f"""
ctl tcp.cloud ok {CLOUD} @4 rtt_ms=90
ctl handshake.nonce failed silent {CLOUD} @4
ctl internet.test ok >8.8.8.8:53 rtt_ms=91 @3
"""


def test_a_port_open_to_nowhere_parts_the_proxy_from_the_cloud() -> None:
    one = judged(SILENT + f"ctl tcp.nowhere failed accepts_all {HERE} @4")

    assert set(standing(SILENT)) == {"transparent_proxy", "cloud_unresponsive"}
    assert one.best is not None and (one.best.cause, one.best.level) == (
        "transparent_proxy",
        Level.LIKELY,
    )
    assert {finding.cause: finding.level for finding in one.findings}[
        "cloud_unresponsive"
    ] is Level.POSSIBLE


def test_a_proxy_behind_which_the_cloud_answers_is_no_fault() -> None:
    good = (
        f"ctl tcp.cloud ok {CLOUD} @4 \n ctl handshake.nonce ok @5 \n ctl tcp.nowhere failed"
        f" accepts_all {HERE} @4"
    )

    assert judged(good).verdict is Verdict.HEALTHY


REFUSED = (
    f"ctl tcp.cloud failed refused {CLOUD} rtt_ms=90 @4 \n ctl internet.test ok >8.8.8.8:53"
    " rtt_ms=91 @3 \n"
)


def test_a_reset_from_nowhere_parts_the_box_from_the_cloud() -> None:
    assert standing(REFUSED)[0] == "cloud_unreachable"
    assert (
        standing(REFUSED + f"ctl tcp.nowhere failed refused {HERE} @4")[0] == "cloud_port_blocked"
    )


@pytest.mark.parametrize(("reason", "is_loss"), [("timeout", True), ("refused", False)])
def test_a_port_that_opens_now_and_then_is_lost_packets_and_no_wall(
    reason: str, is_loss: bool
) -> None:
    tries = f"""
        ctl probe.run ok @3 +6
        ctl tcp.cloud failed {reason} {CLOUD} @4 +2 address=192.0.2.7
        ctl tcp.cloud failed {reason} {CLOUD} @4.5 +2 address=192.0.2.7
        ctl tcp.cloud ok {CLOUD} @7 address=192.0.2.7
        ctl internet.reach ok >8.8.8.8:443 @4.5 rtt_ms=90
    """
    found = standing(tries + "ctl handshake.nonce ok @7")

    assert ("path_too_slow" in found) is is_loss
    assert "cloud_port_blocked" not in found


@pytest.mark.parametrize(("asked_s", "is_loss"), [(4.51, True), (3.0, False), (5.6, False)])
def test_silence_is_loss_only_where_another_host_answers_meanwhile(
    asked_s: float, is_loss: bool
) -> None:
    tries = f"""
        ctl probe.run ok @3 +6
        ctl tcp.cloud failed timeout {CLOUD} @4 +2 address=192.0.2.7
        ctl tcp.cloud failed timeout {CLOUD} @4.5 +2 address=192.0.2.7
        ctl tcp.cloud ok {CLOUD} @7 address=192.0.2.7 rtt_ms=90
        ctl internet.reach ok >8.8.8.8:443 @{asked_s} +0.09 rtt_ms=90
        ctl handshake.nonce ok @7
    """

    assert ("path_too_slow" in standing(tries)) is is_loss


@pytest.mark.parametrize("silent_at_s", [(4,), (4, 20)])
def test_one_silent_attempt_of_a_run_is_no_loss(silent_at_s: Sequence[int]) -> None:
    silent = "\n".join(
        f"ctl tcp.cloud failed timeout {CLOUD} @{at_s} +2 address=192.0.2.7 \n"
        f"ctl internet.reach ok >8.8.8.8:443 @{at_s} rtt_ms=90"
        for at_s in silent_at_s
    )
    tries = f"""
        ctl probe.run ok @3 +6
        {silent}
        ctl tcp.cloud ok {CLOUD} @7 address=192.0.2.7
        ctl handshake.nonce ok @7
    """

    assert "path_too_slow" not in standing(tries)


def test_who_is_cut_behind_each_nonce_is_inspected() -> None:
    text = (
        f"ctl tcp.cloud ok {CLOUD} @4 \n ctl handshake.nonce ok @4 \n ctl handshake.patience failed"
        " reset @4"
    )

    assert judged(text).verdict is Verdict.FAULT
    assert standing(text)[0] == "dpi_interference"


@pytest.mark.parametrize("reason", ["text", "short", "not_random"])
def test_wrong_bytes_from_afar_are_likely_somebody_elses(reason: str) -> None:
    one = judged(SILENT.replace("failed silent", f"failed {reason}"))

    assert one.verdict is Verdict.FAULT
    assert one.best is not None and one.best.cause == "transparent_proxy"
