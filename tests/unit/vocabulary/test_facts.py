"""Every fact of the closed list is produced by a source, used by somebody, and described once; a
third-party package adds its own.
"""

from __future__ import annotations

import ast
from functools import cache

import pytest

from netcheck.correlator.catalogue import load
from netcheck.vocabulary import (
    DATA,
    FACTS,
    Role,
    decides_rung,
    is_of_light,
    is_remembered,
    is_self_report,
    is_told_by_device,
    is_told_by_user,
    names_with,
)
from netcheck.vocabulary.questions import QUESTIONS
from tests.helpers.places import TOP

SOURCES = (
    *("netcheck/capture", "netcheck/device", "netcheck/host", "netcheck/live", "netcheck/user"),
    *("netcheck/probing", "netcheck/text", "netcheck/wifi", "probes"),
)
READERS = ("netcheck/correlator", "netcheck/report")

SHOWN_ONLY = {*names_with(Role.SHOWN_ONLY), "told.led"}
"""Facts that no clue or rule reads; `told.led` is read as --led is: the facts led.* say what it
says.
"""
READ_BY_ROLE = frozenset(Role) - {Role.SHOWN_ONLY, Role.TOLD, Role.LIGHT}
"""Roles for which the correlator reads a fact without its name."""


@cache
def nodes(*places: str) -> tuple[ast.AST, ...]:
    """All that the code in these folders consists of."""
    files = [file for place in places for file in sorted((TOP / place).rglob("*.py"))]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return tuple(node for tree in trees for node in ast.walk(tree))


def words(*places: str) -> set[str]:
    """Every string that the code in these folders names."""
    return {
        node.value
        for node in nodes(*places)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_fact_is_produced() -> None:
    assert set(FACTS) - {question.fact for question in QUESTIONS.values()} <= words(*SOURCES)


def test_every_fact_is_used() -> None:
    catalogue = load()
    clues = {clue.fact for cause in catalogue.causes.values() for clue in cause.clues}
    clues |= {one.fact for pattern in catalogue.patterns.values() for one in pattern.conditions}
    by_role = set(names_with(*READ_BY_ROLE)) | {name for name in FACTS if FACTS[name].climb}
    assert set(FACTS) - clues - by_role - words(*READERS) == SHOWN_ONLY


def values_read(*places: str) -> set[str]:
    """Every name that the code there asks `Observation.number`, `text` or `value` for."""
    return {
        call.args[0].value
        for call in nodes(*places)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("number", "text", "value")
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_value_that_is_read_is_explained_and_produced() -> None:
    assert values_read(*READERS) <= set(DATA)
    assert set(DATA) <= words(*SOURCES) | keywords(*SOURCES)


def keywords(*places: str) -> set[str]:
    """Every keyword argument named in calls there: probes give their values so."""
    return {
        keyword.arg
        for call in nodes(*places)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg
    }


def test_the_values_of_a_fact_are_explained() -> None:
    assert {value for fact in FACTS.values() for value in fact.data} <= set(DATA)


def test_the_steps_of_a_try_follow_the_ladder() -> None:
    steps = sorted((name for name in FACTS if FACTS[name].climb), key=lambda n: FACTS[n].climb or 0)
    assert steps[0] == "wifi.join"
    assert steps[-1] == "session.open"
    assert [FACTS[name].stage for name in steps] == sorted(
        (FACTS[name].stage for name in steps), key=lambda stage: stage.height
    )
    assert all(decides_rung(name) for name in steps)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("led.last", {is_of_light, is_told_by_user}),
        ("told.hotspot", {is_told_by_user}),
        ("device.mode", {is_self_report, is_told_by_device}),
        ("device.cloud_error", {is_remembered, is_told_by_device}),
        ("tcp.cloud", set()),
        ("acme.unknown", set()),
    ],
)
def test_who_tells_a_fact(name: str, holds: set[object]) -> None:
    asked = (is_of_light, is_told_by_user, is_self_report, is_remembered, is_told_by_device)
    assert {question for question in asked if question(name)} == holds
