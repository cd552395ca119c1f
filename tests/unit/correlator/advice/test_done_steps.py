"""No step is advised that the user took already."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.correlator.advice.done_steps import PATTERNS, still_to_do
from netcheck.correlator.catalogue import load
from netcheck.model import Target
from netcheck.user import answers
from tests.helpers.notation import case

CATALOGUE = load()
STEPS = {step for cause in CATALOGUE.causes.values() for step in cause.remedy} | {
    step for group in CATALOGUE.groups for step in group.remedy_first
}


def remedy(cause: str, *told: str) -> tuple[str, ...]:
    given = list(answers.observations(map(answers.parse, told), Target(), 1.0))
    findings = diagnose(given, Target())[0].findings
    return next(finding.remedy for finding in findings if finding.cause == cause)


@pytest.mark.parametrize(
    ("cause", "told", "done"),
    [
        ("cloud_port_blocked", ("cloud_reach=port_closed", "hotspot=works"), "hotspot"),
        ("device_key_mismatch", ("keys_new=not_sent", "keys_server=ran_ok"), "keys server"),
        ("captive_portal", ("network_kind=public", "tried=register_mac"), "to be registered"),
        ("app_does_not_connect", ("program=manual", "safe_mode=connects"), "Start in safe mode"),
    ],
)  # fmt: skip
def test_what_was_done_is_not_advised(cause: str, told: tuple[str, ...], done: str) -> None:
    assert any(done in step for step in remedy(cause, *told[:1]))
    steps = remedy(cause, *told)
    assert steps
    assert not any(done in step for step in steps)
    assert not steps[0].startswith(("Or ", "Then ", "If it still fails"))


@pytest.mark.parametrize(("fact", "value"), PATTERNS, ids="=".join)
def test_each_row_is_about_a_step_of_the_catalogue(fact: str, value: str) -> None:
    seen = case(f"nameless {fact} ok value={value}")
    assert any(still_to_do((step, "other"), seen) == ("other",) for step in STEPS)


@pytest.mark.parametrize(
    ("told", "cause", "dropped"),
    [
        ("told.hotspot ok value=works", "cloud_port_blocked", 1),
        ("told.hotspot ok value=same", "transparent_proxy", 1),
        ("told.hotspot ok value=works", "band_5ghz_only", 0),
        ("told.hotspot ok value=works", "captive_portal", 0),
        ("told.keys_server ok value=ran_ok", "device_key_mismatch", 1),
        ("told.keys_server ok value=failed", "device_key_mismatch", 0),
        ("told.keys_server ok value=ran_ok", "settings_corrupt", 0),
        ("told.tried ok value=update", "firmware_too_old", 1),
        ("told.tried ok value=restart", "firmware_too_old", 0),
        ("told.safe_mode ok value=same", "app_blocks_system", 1),
        ("told.safe_mode ok value=same", "app_crashes", 0),
        ("told.near_router ok value=works", "weak_signal", 1),
    ],
)
def test_a_step_that_was_done_is_left_out(told: str, cause: str, dropped: int) -> None:
    steps = CATALOGUE.causes[cause].remedy
    left = still_to_do(steps, case(f"nameless {told}"))
    assert len(left) == len(steps) - dropped
    assert set(left[1:]) <= set(steps)


def test_where_all_was_done_the_steps_stay() -> None:
    steps = ("Try the Photon on a phone's hotspot.",)
    assert still_to_do(steps, case("nameless told.hotspot ok value=works")) == steps
