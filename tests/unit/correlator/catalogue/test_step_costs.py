"""What a step takes, what it risks, and how to undo it, is said where that matters."""

from __future__ import annotations

import re

import pytest

from netcheck.correlator.catalogue import load
from netcheck.correlator.catalogue.step_costs import StepCost, cost_of, known
from tests.helpers.reading import grade

STEPS = sorted(
    {
        step
        for cause in load().causes.values()
        for remedy in (cause.remedy, *(place.remedy for place in cause.elsewhere))
        for step in remedy
    }
    | {step for group in load().groups for step in group.remedy_first}
)


@pytest.mark.parametrize(
    "step", [step for step in STEPS if re.search("`particle (?!serial)", step)]
)
def test_a_step_that_changes_the_device_says_what_it_costs(step: str) -> None:
    cost = cost_of(step)
    assert cost is not None
    assert cost.takes


@pytest.mark.parametrize(("name", "cost"), known().items(), ids=lambda one: str(one)[:20])
def test_a_cost_is_that_of_a_step_and_has_a_source(name: str, cost: StepCost) -> None:
    assert [step for step in STEPS if cost_of(step) is cost], name
    assert cost.source
    assert grade(cost.says) <= 11
    assert len(cost.says) <= 200


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (
            "Put it into DFU mode (blinking yellow) and run `particle keys server`.",
            "Takes 10 seconds, over USB. Points it to the maker's cloud, away from a private one."
            " To undo: run it again with that cloud's key and address.",
        ),
        (
            "In DFU mode run `particle keys server`, then, as the owner, `particle keys doctor X`.",
            "Takes 1 minute, over USB, logged in as the owner. Makes a new device key; the old one"
            " is lost. To undo: not needed: the cloud is sent the new key.",
        ),
        ("Or flash Tinker over USB: `particle flash --usb tinker`.", "Takes 1 minute, over USB."),
    ],
)
def test_a_step_says_how_long_how_risky_and_how_to_undo(step: str, says: str) -> None:
    cost = cost_of(step)
    assert cost is not None
    assert cost.says.startswith(says)


def test_what_costs_nothing_of_note_says_nothing() -> None:
    assert cost_of("Use another USB cable, one known to carry data.") is None
