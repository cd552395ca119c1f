"""Every development capture gives the cause that was really injected, or no fault."""

from __future__ import annotations

import json

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Level, Stage, State, Target, Verdict
from tests.helpers.places import CAPTURES

ROWS = json.loads((CAPTURES / "truth.json").read_text())
AIR_ROWS = json.loads((CAPTURES / "wifi" / "truth.json").read_text())


def diagnosed(row: dict[str, object]) -> Diagnosis:
    reading = observe([str(CAPTURES / str(row["file"]))], Target())
    found = [
        d for d in diagnose(reading.observations, Target()) if d.device.mac == row["device_mac"]
    ]
    assert len(found) == 1, "the device of the truth is diagnosed once"
    return found[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['file']}-{row['device_mac']}")
def test_the_injected_cause_is_first(row: dict[str, object]) -> None:
    diagnosis = diagnosed(row)
    standing = [f.cause for f in diagnosis.findings if f.level in STANDING and f.stops_connection]
    if row["healthy"]:
        assert diagnosis.verdict is Verdict.HEALTHY
        assert not standing
        return
    assert diagnosis.verdict is Verdict.FAULT
    assert standing[0] in row["accept"]  # type: ignore[operator]  # a list in the JSON
    assert diagnosis.findings[0].level in (Level.CONFIRMED, Level.LIKELY)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["device_ran"] and r["device_ip"]], ids=lambda row: row["file"]
)
def test_the_device_is_found_with_its_address(row: dict[str, object]) -> None:
    assert diagnosed(row).device.ip == row["device_ip"]


@pytest.mark.parametrize(
    "row", [r for r in AIR_ROWS if not r["healthy"]], ids=lambda row: row["file"]
)
def test_a_refused_join_is_explained(row: dict[str, object]) -> None:
    reading = observe([str(CAPTURES / "wifi" / str(row["file"]))], Target())
    [diagnosis] = diagnose(reading.observations, Target())
    assert diagnosis.device.mac == row["sta_mac"]
    assert diagnosis.verdict is Verdict.FAULT
    assert diagnosis.findings[0].cause in row["accept"]  # type: ignore[operator]  # a list in the JSON


def test_an_encrypted_capture_says_nothing_of_what_it_hides() -> None:
    [row] = [r for r in AIR_ROWS if r["healthy"]]
    reading = observe([str(CAPTURES / "wifi" / row["file"])], Target())
    [diagnosis] = diagnose(reading.observations, Target())
    assert diagnosis.device.mac == row["sta_mac"]
    assert diagnosis.verdict is Verdict.INSUFFICIENT
    assert not [f for f in diagnosis.findings if f.level in STANDING]
    states = {rung.stage: rung.state for rung in diagnosis.ladder}
    assert states[Stage.JOIN] is State.PASSED
    assert states[Stage.ADDRESS] is State.UNTESTED
