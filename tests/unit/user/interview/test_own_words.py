"""One line may answer more than the question asked."""

from __future__ import annotations

import pytest

from netcheck.user.interview.own_words import understood
from netcheck.user.interview.wording import TypedWord, typed
from netcheck.user.led.reading import LedError
from netcheck.vocabulary.questions import QUESTIONS
from tests.helpers.small_catalogue import TARGET

STORY = "Since we got a new router it only blinks green. On my phone's hotspot it works."


def facts(key: str, line: str, *known: str) -> dict[str, str]:
    found = understood(QUESTIONS[key], [line], known, TARGET, 1.0)
    return {o.fact: o.text("value") for o in found.observations}


def test_a_story_gives_the_light_and_all_else() -> None:
    found = facts("led", STORY)
    assert found["told.changed"] == "router"
    assert found["told.hotspot"] == "works"
    assert "led.state" in found


def test_what_is_known_already_stands() -> None:
    assert "told.hotspot" not in facts("led", STORY, "hotspot")


def test_a_story_without_a_light_is_an_answer_too() -> None:
    assert facts("led", "On my phone's hotspot it works") == {"told.hotspot": "works"}


def test_what_says_nothing_is_none() -> None:
    with pytest.raises(LedError):
        facts("led", "like a tomato that somebody painted")


def test_the_summary_says_what_was_understood() -> None:
    said = understood(QUESTIONS["led"], [STORY], (), TARGET, 1.0).said
    assert "hotspot: the Photon comes online there" in said
    assert "changed: the router or its settings were changed" in said


def test_a_short_answer_answers_its_question_alone() -> None:
    assert facts("other_photons", "work") == {"told.other_photons": "work"}


def test_an_answer_in_words_may_tell_of_other_questions() -> None:
    line = "it stops at connecting to the network, other photons do work here"
    assert facts("setup_step", line)["told.other_photons"] == "work"


def answered(key: str, line: str) -> set[tuple[str, str]]:
    question = QUESTIONS[key]
    values = typed(question, line)
    assert isinstance(values, tuple)
    found = understood(question, values, (), TARGET, 1.0, line)
    return {(o.fact.removeprefix("told."), o.text("value")) for o in found.observations}


def test_what_fails_since_one_moment_worked_before() -> None:
    worked = {("fails_how", "always"), ("worked_before", "yes")}
    assert answered("fails_how", "never since last night") == worked
    assert answered("fails_how", "it stopped working") == worked
    assert answered("fails_how", "since the battery died") == worked | {("changed", "power_loss")}
    assert answered("fails_how", "it has never failed before") == {("worked_before", "yes")}
    assert answered("fails_how", "never since I bought it") == {("fails_how", "always")}


def test_what_was_done_in_vain_was_tried() -> None:
    assert answered("helped", "nothing, not even a reset") == {("tried", "restart")}
    assert answered("helped", "restart helped once, reflash did not help") == {
        ("helped", "restart"),
        ("tried", "reflash"),
    }
    assert typed(QUESTIONS["helped"], "nothing") is TypedWord.UNKNOWN


def test_what_is_denied_is_no_answer() -> None:
    assert answered("changed", "I didn't change the router") == set()
