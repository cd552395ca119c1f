"""The conversation: what is said is kept, and it always ends. With a small catalogue of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from netcheck.correlator import diagnose
from netcheck.model import NAMELESS, Observation
from netcheck.user.answers import UserAnswerError
from netcheck.user.interview import replies
from netcheck.user.interview.choosing import MOST_QUESTIONS
from netcheck.user.interview.conversation import Conversation
from tests.helpers.small_catalogue import TARGET, told


class Talk:
    """A conversation with what is typed given beforehand."""

    def __init__(self, *lines: str, evidence: Sequence[Observation] = ()) -> None:
        self.shown: list[str] = []
        left = iter(lines)
        self.conversation = Conversation(
            evidence, TARGET, lambda _: next(left, None), self.shown.append, lambda: 5.0
        )
        self.has_ended = self.conversation.run()

    @property
    def asked(self) -> list[str]:
        return [turn.key for turn in self.conversation.turns]

    @property
    def answered(self) -> dict[str, str]:
        """Fact → what was said."""
        return {
            o.fact: o.text("value") or o.text("text") or o.text("version")
            for o in self.conversation.answered
        }

    @property
    def text(self) -> str:
        return "\n".join(self.shown)


def test_answers_are_what_the_options_say() -> None:
    talk = Talk("fast cyan, 1 red", "helped")
    assert talk.asked[0] == "led"
    assert talk.asked[1] in ("keys_server", "keys_doctor")
    options = told(**{"led": "fast cyan, 1 red", talk.asked[1]: "helped"})
    assert talk.conversation.answered == [replace(o, at=5.0) for o in options]


def test_the_end_of_the_input_ends_it_with_what_was_said() -> None:
    talk = Talk("fast cyan, 3 orange")
    assert not talk.has_ended
    assert "led.flash" in talk.answered
    assert {o.subject for o in talk.conversation.answered} == {NAMELESS}


def test_back_takes_the_last_answer_back_and_asks_again() -> None:
    talk = Talk("b", "", "works", "b", "same")
    assert talk.answered["told.hotspot"] == "same"
    assert talk.asked[:2] == ["led", "hotspot"]
    assert talk.shown.count("   This is the first question.") == 1


def test_a_light_that_is_not_understood_is_asked_for_once_more() -> None:
    talk = Talk("like a tomato", "blinking green, fast cyan, 1 red")
    assert "tomato" in talk.text
    assert "Try again" in talk.text
    assert talk.answered["led.flash"] == "red_1"
    assert Talk("like a tomato", "like a potato", "works").answered["told.hotspot"] == "works"


def test_a_question_mark_explains_and_asks_the_same_again() -> None:
    talk = Talk("?", "fast cyan, 1 red")
    assert "RESET" in talk.text
    assert talk.answered["led.flash"] == "red_1"
    assert talk.asked.count("led") == 1


def test_what_was_said_is_shown_and_can_be_corrected() -> None:
    talk = Talk("fast cyan, 1 red", *[""] * 20)
    assert talk.has_ended
    number = next(at for at, line in enumerate(talk.shown) if line == "You said:") + 1
    assert "fast cyan, 1 red" in " ".join(talk.shown[number : number + 4])
    questions = len(talk.asked)
    corrected = Talk("fast cyan, 1 red", *[""] * (questions - 1), "1", "slow green", *[""] * 20)
    assert corrected.has_ended
    assert "led.flash" not in corrected.answered
    assert corrected.asked.count("led") == 1


def test_a_secret_is_not_shown_in_the_summary() -> None:
    talk = Talk("", "", "password: hunter22", *[""] * 20)
    assert "hunter22" not in talk.text


@pytest.mark.parametrize("typed", ["12345678", "hunter2!"])
def test_a_password_in_the_place_of_its_length_is_neither_kept_nor_shown(typed: str) -> None:
    with pytest.raises(UserAnswerError) as refused:
        replies.observed("password_length", typed, TARGET, 1.0)
    assert typed not in str(refused.value)


def test_hostile_words_are_shown_harmless() -> None:
    assert "\x1b" not in Talk("\x1b[2J\u202ered?", "\x1b]0;x\x07").text


def test_who_knows_nothing_is_let_go() -> None:
    talk = Talk(*[""] * 50)
    assert talk.has_ended
    assert talk.conversation.answered == []
    assert len(talk.asked) <= MOST_QUESTIONS
    assert "Thank you" in talk.text


LINES = st.one_of(
    st.sampled_from(
        [
            "",
            "1",
            "2",
            "3",
            "b",
            "?",
            "same",
            "helped",
            "slow green",
            "fast cyan, 1 red",
            "3 orange",
            "0.7.0",
            "\x00",
        ]
    ),
    st.text(max_size=20),
)


@pytest.mark.slow
@settings(max_examples=20)
@given(st.lists(LINES, max_size=40))
def test_it_always_ends_and_asks_nothing_twice(lines: list[str]) -> None:
    talk = Talk(*lines)
    assert len(talk.asked) == len(set(talk.asked)) <= MOST_QUESTIONS
    assert max(map(len, talk.shown)) <= 80
    assert diagnose(talk.conversation.answered, TARGET)
