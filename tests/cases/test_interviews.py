"""The same threads as interviews: a user who answers what the thread tells and else does not know
is asked, and then judged. Either the light alone answers the first question, or the whole story, as
its author told it at the beginning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from netcheck.correlator import diagnose
from netcheck.correlator.advice import next_question
from netcheck.model import STANDING, Observation, Target
from netcheck.user.interview import choosing, replies
from netcheck.user.interview.choosing import MOST_QUESTIONS, RankedQuestion, choose
from netcheck.user.interview.own_words import understood

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
TARGET = Target()
FIGURES = {
    ("the story", 1): 18,
    ("the story", 3): 21,
    ("nothing", 1): 14,
    ("nothing", 3): 18,
    ("what the thread began with", 1): 18,
    ("what the thread began with", 3): 21,
}
"""Published in README.md: what was given before the first question, within how many places → at
least so many cases right.
"""


# One process, so that each takes place once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("interviews")]
GIVEN = ("nothing", "the story", "what the thread began with")
STORIES: dict[str, str] = json.loads((HERE / "stories.json").read_text(encoding="utf-8"))
"""Case → how its author tells it, from the same facts; what was found after asking is not in it."""
MOST_UNTIL_FIRST = 5
"""Questions after which the true cause comes first and stays there: of half of the cases at most so
many, where the first answer is the story.
"""


@pytest.fixture(autouse=True, scope="module")
def _remembered() -> Iterator[None]:
    """Interviews start with the same questions: what is believed of the same evidence is worked out
    once.
    """
    beliefs: dict[frozenset[Observation], next_question.Belief] = {}

    def believed(observations: Sequence[Observation], target: Target) -> next_question.Belief:
        key = frozenset(observations)
        if key not in beliefs:
            beliefs[key] = next_question.believed(observations, target)
        return beliefs[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "believed", believed)
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
def interview(number: int, given: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The questions asked, and after each of them the standing causes, best first."""
    case = CASES[number]
    knows = told(case, "tell", "tell_after_asking")
    first = told(case, "tell") if given == "what the thread began with" else {}
    evidence = [o for key, values in first.items() for o in observed(key, values, 0.0)]
    asked: list[str] = []
    standing = [_standing(evidence)]
    while isinstance(chosen := choose(evidence, TARGET, asked), RankedQuestion):
        key = chosen.question.key
        asked.append(key)
        if key == "led" and given == "the story":
            story = understood(chosen.question, [STORIES[case["id"]]], (), TARGET, 1.0)
            evidence += story.observations
        else:
            evidence += observed(key, knows.get(key, []), float(len(asked)))
        standing.append(_standing(evidence))
    return tuple(asked), tuple(standing)


def _standing(evidence: Sequence[Observation]) -> tuple[str, ...]:
    """The standing causes, best first."""
    findings = diagnose(evidence, TARGET)[0].findings if evidence else ()
    return tuple(finding.cause for finding in findings if finding.level in STANDING)


def is_right(number: int, given: str, within: int) -> bool:
    return bool(accepted(number) & set(interview(number, given)[1][-1][:within]))


def accepted(number: int) -> set[str]:
    return {cause for causes in CASES[number]["accept"] for cause in causes}


def until_first(number: int, given: str) -> float:
    """After how many questions an accepted cause comes first and stays there; infinity where none
    does.
    """
    after = interview(number, given)[1]
    wrong = [asked for asked, causes in enumerate(after) if not accepted(number) & set(causes[:1])]
    return 1 + wrong[-1] if wrong and wrong[-1] + 1 < len(after) else 0 if not wrong else inf


@pytest.mark.parametrize("within", [1, 3])
@pytest.mark.parametrize("given", GIVEN)
def test_the_true_cause_comes_at_least_as_often_as_published(given: str, within: int) -> None:
    wrong = [
        CASES[number]["id"] for number in range(len(CASES)) if not is_right(number, given, within)
    ]
    assert len(CASES) - len(wrong) >= FIGURES[given, within], f"wrong: {', '.join(wrong)}"


def test_who_tells_the_story_is_soon_understood() -> None:
    questions = [until_first(number, "the story") for number in range(len(CASES))]
    assert median(questions) <= MOST_UNTIL_FIRST, questions


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["id"] for case in CASES])
def test_it_ends_in_time_and_asks_nothing_twice(number: int, given: str) -> None:
    asked, _ = interview(number, given)
    assert len(asked) == len(set(asked)) <= MOST_QUESTIONS
    is_given = given == "what the thread began with"
    assert not set(asked) & (set(told(CASES[number], "tell")) if is_given else set())


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
    for given in GIVEN:
        row = next(line for line in lines if line.startswith(f"| {given} "))
        assert [int(cell.split()[0]) for cell in row.split("|")[2:4]] == [
            FIGURES[given, 1],
            FIGURES[given, 3],
        ]
