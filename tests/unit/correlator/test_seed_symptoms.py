"""Two long support threads: every symptom leads to the causes that explain it, and each story ends
with the advice that helped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.model import STANDING
from tests.helpers.user_evidence import judged, standing

SETS = {
    "@join": (
        "wifi_wrong_password security_mode_mismatch ssid_not_found weak_signal band_5ghz_only"
        " antenna_wrong module_damaged mac_filter"
    ),
    "@lease": "dhcp_no_server dhcp_pool_exhausted dhcp_refuses_device",
    "@program": (
        "app_does_not_connect doctor_app_left_behind app_blocks_system app_crashes"
        " module_dependency_unmet"
    ),
}
TABLE = Path(__file__).with_name("seed_symptoms.txt")


def table() -> list[tuple[str, ...]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [
        tuple(cell.strip() for cell in line.split("|"))
        for line in lines
        if line and not line.startswith("#")
    ]


def causes(cell: str) -> set[str]:
    """The causes named in a cell, sets by their members."""
    return {cause for word in cell.split() for cause in SETS.get(word, word).split()}


@pytest.mark.parametrize(("said", "light", "answers", "first", "named", "excluded"), table())
def test_a_symptom_leads_to_the_causes_that_explain_it(
    said: str, light: str, answers: str, first: str, named: str, excluded: str
) -> None:
    found = standing(judged(light, *(pair.strip() for pair in answers.split(";") if pair.strip())))
    assert not first or found[0] == first, said
    assert causes(named) - set(found) == set(), said
    assert causes(excluded) & set(found) == set(), said


def test_without_a_burst_keys_are_less_likely_but_for_0_6_0() -> None:
    """No quick red or orange burst: on 0.6.0 that proves nothing, as orange bursts are switched off
    there.
    """

    def against(*answers: str) -> set[str]:
        findings = judged("fast cyan, no red or orange flash", *answers).findings
        return {
            e.clue.rule
            for finding in findings
            if finding.cause == "device_key_mismatch"
            for e in finding.oppose
        }

    assert "no_flash_of_handshake" in against("firmware=1.5.2")
    assert "no_flash_of_handshake" not in against("firmware=0.6.0")


# ---------------------------------------------------------------------------------- the two stories

Step = tuple[int, str, tuple[str, ...]]

LAST_OF_FIRST_THREAD: tuple[Step, ...] = (
    (12, "rapid blinking cyan", ()),
    (
        14,
        "rapid blinking cyan, sometimes one red blink",
        ("entered_by=phone_app", "setup_step=stalls at the last step"),
    ),
    (
        16,
        "blinking cyan, then a few very fast cyan blinks, then one red blink",
        ("entered_by=cli",),
    ),
)
BLOCKED: tuple[Step, ...] = (
    (
        18,
        "green, then cyan, then breathing green",
        ("program=blocks", "setup_error=the setup button does nothing", "safe_mode=not_entered"),
    ),
)
SECOND_THREAD: tuple[Step, ...] = (
    (
        1,
        "blinking green",
        (
            "entered_by=phone_app",
            "setup_step=Verifying product ownership",
            "setup_tool=particle device doctor, numerous times",
        ),
    ),
    (
        4,
        "breathing white",
        ("program=automatic", "static_ip=was_set_once", "antenna=internal", "safe_mode=connects"),
    ),
)
REST_OF_SECOND_THREAD: tuple[Step, ...] = (
    (
        6,
        "blinking green",
        ("tried=reflash", "cli_error=no networks found", "setup_error=asks to change owner"),
    ),
    (10, "blinking green", ("tried=clear_credentials", "static_ip=no", "antenna=internal")),
)


def told_until(steps: tuple[Step, ...], post: int) -> tuple[str, tuple[str, ...]]:
    """The light as told last by that post, and all answers until then."""
    until = [step for step in steps if step[0] <= post]
    return until[-1][1], tuple(answer for step in until for answer in step[2])


@pytest.mark.parametrize(
    ("steps", "told_in", "advised_in", "cause", "advice"),
    [
        # Told by which post of the thread, and in which the advice that helped came (posts counted
        # by change of speaker).
        (LAST_OF_FIRST_THREAD, 12, 17, "device_key_mismatch", ("keys server", "keys doctor")),
        (LAST_OF_FIRST_THREAD, 14, 17, "device_key_mismatch", ("keys server", "keys doctor")),
        (LAST_OF_FIRST_THREAD, 16, 17, "device_key_mismatch", ("keys server", "keys doctor")),
        (BLOCKED, 18, 19, "app_blocks_system", ("flash --usb tinker",)),
        (SECOND_THREAD, 4, 5, "doctor_app_left_behind", ("flash --usb tinker",)),
        (REST_OF_SECOND_THREAD, 10, 12, "module_damaged", ("replace the board",)),
    ],
)
def test_a_story_ends_with_the_advice_that_helped(
    steps: tuple[Step, ...], told_in: int, advised_in: int, cause: str, advice: tuple[str, ...]
) -> None:
    light, answers = told_until(steps, told_in)
    first = next(
        finding for finding in judged(light, *answers).findings if finding.level in STANDING
    )
    assert told_in < advised_in
    assert first.cause == cause
    assert all(any(words in step for step in first.remedy) for words in advice)
