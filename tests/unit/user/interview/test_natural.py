"""What people mean who answer a question in their own words."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from netcheck.user.interview import natural
from netcheck.vocabulary.questions import QUESTIONS, Form

SAID = tomllib.loads(
    files("netcheck.user.interview").joinpath("said.toml").read_text(encoding="utf-8")
)


SETTINGS = ("reach", "no_answer", "always_otherwise", "drops_otherwise")
"""Entries of a question that stand for no value of that name."""


@pytest.mark.parametrize(
    ("key", "line", "meant"),
    [
        ("hotspot", "it works", ("works",)),
        ("hotspot", "yes", ("works",)),
        ("hotspot", "doesn't work", ("same",)),
        ("hotspot", "doesn’t work either", ("same",)),
        ("hotspot", "nope, same thing", ("same",)),
        ("hotspot", "It still blinks green", ("same",)),
        ("hotspot", "perhaps", ()),
        ("other_network", "works fine there", ("works",)),
        ("other_photons", "just this one", ("none",)),
        ("other_photons", "yes they are fine", ("work",)),
        ("other_photons", "all of them fail", ("fail",)),
        ("many_failed_at_once", "just this one", ("no",)),
        ("security", "WPA2-PSK", ("wpa2",)),
        ("security", "WPA2-PSK [AES]", ("wpa2",)),
        ("security", "WPA/WPA2 mixed", ("wpa2_mixed",)),
        ("security", "wpa2/wpa3", ("wpa2_mixed",)),
        ("security", "WPA2 Enterprise", ("enterprise",)),
        ("changed", "power outage", ("power_loss",)),
        ("changed", "new router", ("router",)),
        ("changed", "updated the firmware, then a new router", ("firmware", "router")),
        ("changed", "new wifi password", ("credentials",)),
        ("changed", "I didn't change the router", ()),
        ("changed", "nothing except a new router", ("router",)),
        ("changed", "no, the router was replaced", ("router",)),
        ("changed", "the battery was empty", ("power_loss",)),
        ("fails_how", "never since last night", ("always",)),
        ("fails_how", "worked for two years, never since Monday", ("always",)),
        ("fails_how", "it stopped working", ("always",)),
        ("fails_how", "won't connect any more", ("always",)),
        ("fails_how", "since the battery died", ("always",)),
        ("fails_how", "every few hours", ("drops",)),
        ("fails_how", "every 30 minutes or so", ("drops",)),
        ("fails_how", "drops since Monday", ("drops",)),
        ("fails_how", "sometimes it does not connect", ("sometimes",)),
        ("fails_how", "it has never failed before", ()),
        ("worked_before", "it has never failed before", ("yes",)),
        ("tried", "restart but no factory reset", ("restart",)),
        ("band", "2.4GHz", ("2.4",)),
        ("online_in_console", "no, it's offline", ("no",)),
        ("worked_before", "yes for 2 years", ("yes",)),
        ("keys_doctor", "did not try", ("not_run",)),
        ("near_router", "yes", ("works",)),
        ("cloud", "my own server", ("own",)),
        ("ssid", "my network", ()),
    ],
)
def test_own_words_mean(key: str, line: str, meant: tuple[str, ...]) -> None:
    assert natural.values(QUESTIONS[key], line) == meant


@pytest.mark.parametrize(
    "line", ["I don't know", "no idea", "haven't tried", "not tested yet", "don’t have one", "idk"]
)
def test_what_is_not_known_is_recognised(line: str) -> None:
    assert natural.is_not_known(line)


@pytest.mark.parametrize("line", ["no", "it works", "not there", "nothing"])
def test_an_answer_is_not_taken_as_not_known(line: str) -> None:
    assert not natural.is_not_known(line)


@pytest.mark.parametrize("key", sorted(SAID.keys() - {"yes_no"}))
def test_the_phrases_are_of_a_question_and_its_values(key: str) -> None:
    question, entry = QUESTIONS[key], SAID[key]
    if "like" in entry:
        assert set(QUESTIONS[entry["like"]].values) == set(question.values)
        return
    assert question.form is Form.CHOICE
    for name, said in entry.items():
        if name in ("yes", "no") and isinstance(said, str):
            assert said in question.values
        else:
            assert name in SETTINGS or name.removesuffix("_words") in question.values
            assert name == "reach" or len(said) == len(set(said))


def test_each_question_with_a_choice_can_be_answered_in_own_words() -> None:
    chosen = {key for key, one in QUESTIONS.items() if one.form is Form.CHOICE and one.is_asked}
    assert chosen <= set(SAID)


def test_a_long_line_is_read_so_far() -> None:
    assert len(natural.words("word " * 10_000)) == natural.MOST_WORDS
