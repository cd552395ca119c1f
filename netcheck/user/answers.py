"""What the user says (`--tell KEY=VALUE`) as observations: weaker than instruments, and the only
witness most people have.

Of a key that does not repeat the newest answer counts: one given after asking replaces the earlier
one. What was understood is kept, and no more: a password may be typed anywhere. So no complaint
repeats what was typed, either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from netcheck.model import NAMELESS, Observation, Outcome, Scalar, Struct, Target
from netcheck.text.known import data_of_answer
from netcheck.text.secrets import scrubbed
from netcheck.user import led
from netcheck.vocabulary.questions import QUESTIONS, Form, Question

SOURCE = "user"
LIGHT = "led"
"""The key whose answer is read as `--led` is."""
MOST_TEXT = 500
_MOST_DIGITS = 9


Data = tuple[tuple[str, Scalar], ...]


class UserAnswerError(Exception):
    """What was told cannot be understood; the text is a sentence that names what would be."""


class UserAnswer(Struct, frozen=True, kw_only=True):
    """One thing that the user told: which question it answers, and the value as the data of an
    observation. `typed`, as it was written, is for this run alone and saved nowhere.
    """

    question: Question
    data: tuple[tuple[str, Scalar], ...]
    typed: str = ""

    @property
    def light(self) -> str:
        """What it says of the light; empty where the question is another."""
        return self.typed if self.question.key == LIGHT else ""


def parse(pair: str) -> UserAnswer:
    """KEY=VALUE as an answer. Raises UserAnswerError for a key or value that there is not, naming
    those that there are.
    """
    key, equals, value = pair.partition("=")
    key, value = key.strip().lower(), value.strip()
    if not equals:
        raise UserAnswerError("there is no '=' in it; write KEY=VALUE, as in hotspot=works.")
    question = QUESTIONS.get(key)
    if question is None:
        meant = get_close_matches(key[:60], QUESTIONS, 1)
        hint = f"did you mean {meant[0]}? " if meant else ""
        raise UserAnswerError(f"there is no such key; {hint}there are: {', '.join(QUESTIONS)}.")
    typed = " ".join(value.split())[:MOST_TEXT]
    answer = UserAnswer(
        question=question, data=_READERS[question.form](question, value), typed=typed
    )
    _refuse_nonsense_of_the_light(answer)
    return answer


def observations(answers: Iterable[UserAnswer], target: Target, at: float) -> Iterator[Observation]:
    """One observation an answer, about the device asked for, else about the one the user speaks of.
    `at`: UTC seconds.
    """
    for answer in answers:
        yield Observation(
            stage=answer.question.stage,
            fact=answer.question.fact,
            outcome=Outcome.OK,
            subject=target.device or NAMELESS,
            source=SOURCE,
            site=target.site,
            at=at,
            data=answer.data,
            ref=f"told:{answer.question.key}",
        )


def _refuse_nonsense_of_the_light(answer: UserAnswer) -> None:
    try:
        led.read(answer.light)
    except led.LedError as error:
        raise UserAnswerError(str(error)) from error


def _choice(question: Question, value: str) -> Data:
    if value.lower() not in question.values:
        raise UserAnswerError(
            f"{question.key} has no such value; it has: {', '.join(question.values)}."
        )
    return (("value", value.lower()),)


def _number(question: Question, value: str) -> Data:
    """The number as data. A password typed in the place of its length (it has 8 characters or more)
    is refused, and neither kept nor shown.
    """
    if question.key == "password_length" and not re.fullmatch(r"[0-9]{1,3}", value, re.ASCII):
        raise UserAnswerError(
            "password_length is how many characters the password has, never the password itself."
        )
    if not re.fullmatch(rf"[0-9]{{1,{_MOST_DIGITS}}}", value, re.ASCII):
        raise UserAnswerError(f"{question.key} is a number.")
    return (("number", int(value)),)


def _version(question: Question, value: str) -> Data:
    """The first version in the answer: people write "0.7.0 (from 0.6.3)"."""
    found = data_of_answer(question, value)
    if not found:
        raise UserAnswerError(f"{question.key} is a version such as 1.5.2.")
    return found


def _text(question: Question, value: str) -> Data:
    return data_of_answer(question, scrubbed(" ".join(value.split()))[:MOST_TEXT])


_READERS = {Form.CHOICE: _choice, Form.NUMBER: _number, Form.VERSION: _version, Form.TEXT: _text}
