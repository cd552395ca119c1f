"""What a person writes, as answers: what is meant, what is denied, and what nobody said."""

from __future__ import annotations

import json
import time

import pytest

from netcheck.user.story import told
from netcheck.user.story.reading import MOST_TEXT
from netcheck.vocabulary.questions import QUESTIONS
from tests.helpers.places import TESTS

STORIES = json.loads((TESTS / "cases" / "told" / "stories.json").read_text(encoding="utf-8"))


def said(text: str) -> set[str]:
    return {f"{one.key}={one.value}" for one in told(text)}


@pytest.mark.parametrize("row", STORIES, ids=lambda row: row["story"][:40])
def test_a_story_says_what_it_means_and_no_more(row: dict[str, list[str]]) -> None:
    found = told(str(row["story"]))
    names = {one.key for one in found} | said(str(row["story"]))
    assert set(row["means"]) <= names
    assert not set(row["not"]) & names


def test_each_answer_is_one_that_the_question_takes() -> None:
    for row in STORIES:
        for one in told(str(row["story"])):
            choices = QUESTIONS[one.key].values
            assert not choices or one.value in choices


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Updating did not help.", "tried=update"),
        ("I updated the firmware. No change.", "tried=update"),
        ("I updated the firmware. Now it blinks green.", "changed=firmware"),
        ("When I press the reset button it connects.", "helped=restart"),
        ("particle keys server and keys doctor made no difference", "keys_doctor=ran_ok"),
    ],
)
def test_the_same_deed_is_tried_helped_or_what_changed(text: str, expected: str) -> None:
    kinds = ("tried", "changed", "helped", "keys_doctor")
    assert {one for one in said(text) if one.partition("=")[0] in kinds} == {expected}


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("in safe mode it breathes magenta", "connects"),
        ("safe mode works", "connects"),
        ("green blinking - safe mode doesn't work", "same"),
        ("safe mode (breathing magenta)", ""),
    ],
)
def test_safe_mode_is_told_apart_from_its_light(text: str, means: str) -> None:
    assert {one.value for one in told(text) if one.key == "safe_mode"} == {means} - {""}


@pytest.mark.parametrize(
    "text",
    [
        "1 red, sometimes 3",
        "breathes cyan, then drops to blinking green",
        "now and then two flashes",
    ],
)
def test_what_a_light_does_now_and_then_is_no_word_on_the_connection(text: str) -> None:
    assert "fails_how" not in {one.key for one in told(f"The LED is cyan: {text}")}


def test_what_cannot_both_hold_counts_for_nothing() -> None:
    both = "On the hotspot it works. Yesterday the hotspot did not work."
    assert not {one.key for one in told(both)} & {"hotspot"}


def test_security_is_that_of_the_network_where_it_fails() -> None:
    text = "My network has WEP. On the guest network with WPA2 it works."
    assert "security=wep" in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "According to the docs a red SOS is a crash.",
        "Right out of the blue nothing arrives.",
        "I read that the port is blocked.",
        "",
    ],
)
def test_hearsay_and_idioms_say_nothing(text: str) -> None:
    assert told(text) == ()


@pytest.mark.parametrize(
    "piece", ["hotspot ", "n't ", "my the our ", "other ", "a", ". ", "(", "\n"]
)
def test_hostile_text_is_read_in_no_time(piece: str) -> None:
    begin = time.process_time()
    told(piece * (10 * MOST_TEXT))
    assert time.process_time() - begin < 0.3
