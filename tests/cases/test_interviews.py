"""The same threads as interviews: a user who answers what the thread tells and else does not know
is asked, and then judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from netcheck.correlator import diagnose, diagnosis
from netcheck.correlator.advice import next_question
from netcheck.model import STANDING, Observation, Target
from netcheck.user.interview import choosing, replies
from netcheck.user.interview.choosing import MOST_QUESTIONS, RankedQuestion, choose

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
TARGET = Target()
FIGURES = {
    ("nothing", 1): 13,
    ("nothing", 3): 18,
    ("what the thread began with", 1): 16,
    ("what the thread began with", 3): 20,
}
"""Published in README.md: what was given before the first question, within how many places → at
least so many cases right.
"""


# One process, so that each takes place once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("interviews")]
GIVEN = ("nothing", "what the thread began with")


@pytest.fixture(autouse=True, scope="module")
def _remembered() -> Iterator[None]:
    """Interviews start with the same questions: what is believed of the same evidence is worked out
    once, and without the tests to advise, on which no belief depends.
    """
    beliefs: dict[frozenset[Observation], next_question.Belief] = {}

    def believed(observations: Sequence[Observation], target: Target) -> next_question.Belief:
        key = frozenset(observations)
        if key not in beliefs:
            beliefs[key] = next_question.believed(observations, target)
        return beliefs[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "believed", believed)
        patch.setattr(diagnosis, "next_tests", lambda *_, **__: ())
        yield


def told(case: Mapping[str, Any], *parts: str) -> dict[str, list[str]]:
    """Key → answers, of these parts of the case."""
    pairs = {key: value for part in parts for key, value in case[part].items()}
    light = {"led": case["led_text"]} if case["led_text"] else {}
    return {
        key: value if isinstance(value, list) else [value] for key, value in (light | pairs).items()
    }


def observed(key: str, values: Sequence[str], at: float) -> list[Observation]:
    return [o for value in values for o in replies.observed(key, value, TARGET, at)]


@cache
def interview(number: int, given: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The questions asked, and the standing causes after them, best first."""
    case = CASES[number]
    knows = told(case, "tell", "tell_after_asking")
    first = {} if given == "nothing" else told(case, "tell")
    evidence = [o for key, values in first.items() for o in observed(key, values, 0.0)]
    asked: list[str] = []
    while isinstance(chosen := choose(evidence, TARGET, asked), RankedQuestion):
        key = chosen.question.key
        asked.append(key)
        evidence += observed(key, knows.get(key, []), float(len(asked)))
    return tuple(asked), tuple(
        finding.cause
        for finding in diagnose(evidence, TARGET)[0].findings
        if finding.level in STANDING
    )


def is_right(number: int, given: str, within: int) -> bool:
    accepted = {cause for causes in CASES[number]["accept"] for cause in causes}
    return bool(accepted & set(interview(number, given)[1][:within]))


@pytest.mark.parametrize("within", [1, 3])
@pytest.mark.parametrize("given", GIVEN)
def test_the_true_cause_comes_at_least_as_often_as_published(given: str, within: int) -> None:
    wrong = [
        CASES[number]["id"] for number in range(len(CASES)) if not is_right(number, given, within)
    ]
    assert len(CASES) - len(wrong) >= FIGURES[given, within], f"wrong: {', '.join(wrong)}"


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["id"] for case in CASES])
def test_it_ends_in_time_and_asks_nothing_twice(number: int, given: str) -> None:
    asked, _ = interview(number, given)
    assert len(asked) == len(set(asked)) <= MOST_QUESTIONS
    assert not set(asked) & (set() if given == "nothing" else set(told(CASES[number], "tell")))


def test_the_light_is_asked_first_and_then_the_hotspot() -> None:
    """As proved decisive in practice; here with the catalogue that ships."""
    asked: list[str] = []
    for expected in ("led", "hotspot"):
        chosen = choose([], TARGET, asked)
        assert isinstance(chosen, RankedQuestion)
        assert chosen.question.key == expected
        asked.append(expected)


def test_the_figures_are_published() -> None:
    lines = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    for given in ("nothing", "what the thread began with"):
        row = next(line for line in lines if line.startswith(f"| {given} "))
        assert [int(cell.split()[0]) for cell in row.split("|")[2:4]] == [
            FIGURES[given, 1],
            FIGURES[given, 3],
        ]
