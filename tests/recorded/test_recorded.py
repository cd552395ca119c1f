"""Every recorded scenario gives the cause that was brought about, and none that was not."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import Target
from tests.lab.judge import Truth, complaints
from tests.lab.scenarios import SCENARIOS

RECORDED = Path(__file__).parent
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_the_diagnosis_is_right(name: str) -> None:
    truth = json.loads((RECORDED / f"{name}.json").read_text())
    # Behind address translation there is no MAC to ask for; there is one device then.
    target = Target() if truth["captured_at"] == "wan" else Target(device=truth["devices"][0]["mac"])
    reading = observe([str(RECORDED / f"{name}.pcap")], target)
    diagnosis = msgspec.to_builtins(diagnose(reading.observations, target)[0])
    assert complaints(diagnosis, Truth.load(truth)) == []


def test_every_scenario_is_recorded_with_its_present_truth() -> None:
    for name, scenario in SCENARIOS.items():
        truth = Truth.load(json.loads((RECORDED / f"{name}.json").read_text()))
        assert truth == Truth(scenario.healthy, scenario.expected, scenario.forbidden, scenario.also), name


def test_there_are_as_many_as_promised() -> None:
    pairs = [name for name in NAMES if name.startswith("pair_")]
    healthy = [name for name in NAMES if name.startswith("healthy_")]
    assert len(pairs) >= 12
    assert len(NAMES) - len(pairs) - len(healthy) >= 35
