"""Every fact of the closed list is produced by a source and used by somebody."""

from __future__ import annotations

import ast

from netcheck.correlator.catalogue import load
from netcheck.vocabulary import DATA, FACTS
from netcheck.vocabulary.questions import QUESTIONS
from tests.helpers.places import TOP

SOURCES = (
    *("netcheck/capture", "netcheck/device", "netcheck/host", "netcheck/live", "netcheck/user"),
    *("netcheck/probing", "probes"),
)
READERS = ("netcheck/correlator", "netcheck/report")

SHOWN_ONLY = {
    "gateway.icmp": (
        "many gateways ignore pings, so no cause may rest on it; a person who reads the"
        " observations knows his own"
    ),
    "told.led": "it is read as --led is, and the facts led.* say what it says",
    "tcp.false_address": (
        "it keeps a connection to a false address from being told as one to the cloud"
    ),
}
"""Facts that no clue or rule looks at, and why they are kept."""


def words(*places: str) -> set[str]:
    """Every string that the code in these files and folders names."""
    files = [
        file
        for place in places
        for file in (
            [TOP / place] if place.endswith(".py") else sorted((TOP / place).rglob("*.py"))
        )
    ]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_fact_is_produced() -> None:
    assert set(FACTS) - {question.fact for question in QUESTIONS.values()} <= words(*SOURCES)


def test_every_fact_is_used() -> None:
    clues = {clue.fact for cause in load().causes.values() for clue in cause.clues}
    assert set(FACTS) - clues - words(*READERS) == set(SHOWN_ONLY)


def values_read(*places: str) -> set[str]:
    """Every name that the code there asks `Observation.number`, `text` or `value` for."""
    calls = [
        node
        for place in places
        for file in (TOP / place).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
    ]
    return {
        call.args[0].value
        for call in calls
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
    folders = [TOP / place for place in places if not place.endswith(".py")]
    calls = [
        node
        for folder in folders
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
    ]
    return {
        keyword.arg
        for call in calls
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg
    }
