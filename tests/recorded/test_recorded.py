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
from netcheck.correlator.catalogue import load
from netcheck.model import STANDING, Observation, Target
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


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("pair_")])
def test_the_second_fault_stands_or_is_said_to_be_hidden(name: str) -> None:
    """A fault that leaves no packet, since nothing gets that far, is among what is unknown."""
    target = first_device(name)
    one = diagnose(observe([str(RECORDED / f"{name}.pcap")], target).observations, target)[0]
    standing = {finding.cause for finding in one.findings if finding.level in STANDING}
    unknown = [note for note in one.notes if "Nothing is known yet of" in note]
    causes = load().causes
    for group in Truth.load(json.loads((RECORDED / f"{name}.json").read_text())).also:
        steps = {causes[cause].stage for cause in group}
        assert standing & set(group) or any(step in note for step in steps for note in unknown)


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
