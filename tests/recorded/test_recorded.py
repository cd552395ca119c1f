"""Every recorded scenario gives the cause that was brought about, and none that was not: as a
capture and as a case file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from netcheck import casefile
from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import Observation, Target
from tests.helpers.places import RECORDED
from tests.helpers.recorded import NAMES, first_device
from tests.lab.judge import Truth, complaints
from tests.lab.record import save_case
from tests.lab.scenarios import SCENARIOS


@pytest.mark.parametrize("name", NAMES)
def test_the_diagnosis_is_right(name: str) -> None:
    target = first_device(name)
    reading = observe([str(RECORDED / f"{name}.pcap")], target)
    assert wrong(name, reading.observations, target) == []


@pytest.mark.parametrize("name", NAMES)
def test_its_case_file_is_judged_alike(name: str, tmp_path: Path) -> None:
    case = tmp_path / f"{name}.jsonl"
    save_case(RECORDED / f"{name}.pcap", case)
    saved = casefile.read(str(case))
    assert saved.problems == ()
    assert wrong(name, saved.observations, first_device(name)) == []


def wrong(name: str, observations: Iterable[Observation], target: Target) -> list[str]:
    """What is wrong with the diagnosis of the device asked about."""
    truth = json.loads((RECORDED / f"{name}.json").read_text())
    diagnosis = msgspec.to_builtins(diagnose(observations, target)[0])
    return complaints(diagnosis, Truth.load(truth))


def test_every_scenario_is_recorded_with_its_present_truth() -> None:
    for name, scenario in SCENARIOS.items():
        truth = Truth.load(json.loads((RECORDED / f"{name}.json").read_text()))
        assert truth == Truth(
            scenario.healthy, scenario.expected, scenario.forbidden, scenario.also
        ), name


def test_there_are_as_many_as_promised() -> None:
    pairs = [name for name in NAMES if name.startswith("pair_")]
    healthy = [name for name in NAMES if name.startswith("healthy_")]
    assert len(pairs) >= 12
    assert len(NAMES) - len(pairs) - len(healthy) >= 35
