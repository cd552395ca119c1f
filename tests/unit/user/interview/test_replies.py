"""What a typed line means, and whether a question fits the screen."""

from __future__ import annotations

import pytest

from netcheck.user.interview import replies, wording
from netcheck.vocabulary.questions import QUESTIONS, Form
from tests.helpers.small_catalogue import TARGET


@pytest.mark.parametrize(
    ("key", "line", "meant"),
    [
        ("hotspot", "1", ("works",)),
        ("hotspot", " WORKS \r\n", ("works",)),
        ("hotspot", "sa", ("same",)),
        ("hotspot", "the photon comes", ("works",)),
        ("hotspot", "", wording.TypedWord.UNKNOWN),
        ("hotspot", "don't know", wording.TypedWord.UNKNOWN),
        ("hotspot", "?", wording.TypedWord.EXPLAIN),
        ("hotspot", "B", wording.TypedWord.BACK),
        ("ap_mode", "unknown", ("unknown",)),
        ("ap_width_mhz", "40", ("40",)),
        ("ap_width_mhz", "2", ("40",)),
        ("band", "2.4", ("2.4",)),
        ("band", "5", ("5",)),
        ("changed", "1 3, router", ("firmware", "static_ip", "router")),
        ("changed", "power_loss power_loss", ("power_loss",)),
        ("firmware", "0.7.0", ("0.7.0",)),
        ("led", "slow green, then 1 red", ("slow green, then 1 red",)),
        ("ssid", "7", ("7",)),
        ("changed", "no idea", wording.TypedWord.UNKNOWN),
        ("keys_server", "not tried", ("not_run",)),
        ("password_length", "12 characters", ("12",)),
        ("setup_step", "no", wording.TypedWord.UNKNOWN),
        ("cli_error", "none", wording.TypedWord.UNKNOWN),
        ("ssid", "none", ("none",)),
    ],
)
def test_a_line_means(key: str, line: str, meant: object) -> None:
    assert wording.typed(QUESTIONS[key], line) == meant


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("hotspot", "4"),
        ("hotspot", "perhaps"),
        ("hotspot", "t"),
        ("changed", "1 99"),
        ("usb_seen", "0"),
    ],
)
def test_what_is_no_answer_is_told_which_there_are(key: str, line: str) -> None:
    with pytest.raises(wording.NotAChoice, match=QUESTIONS[key].values[0]):
        wording.typed(QUESTIONS[key], line)


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_question_fits_the_screen_and_takes_each_of_its_answers(key: str) -> None:
    question = QUESTIONS[key]
    lines = list(wording.lines(question, 12))
    assert max(map(len, [*lines, wording.prompt(question)])) <= 80
    assert all(any(value in line for line in lines) for value in question.values)
    for value in question.values:
        assert wording.typed(question, value) == (value,)
        assert replies.observed(key, value, TARGET, 1.0)


@pytest.mark.parametrize(
    "key", [key for key, question in QUESTIONS.items() if question.form is not Form.CHOICE]
)
def test_each_example_is_an_answer(key: str) -> None:
    assert all(replies.observed(key, text, TARGET, 1.0) for text in replies.EXAMPLES[key])


@pytest.mark.parametrize("key", QUESTIONS)
def test_how_to_find_the_answer_out_is_said(key: str) -> None:
    lines = list(wording.explanation(QUESTIONS[key]))
    assert QUESTIONS[key].find_out
    assert max(map(len, lines)) <= 80
