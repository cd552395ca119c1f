"""A question as lines for a terminal of 80 columns, and what the typed line means."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from enum import StrEnum

from netcheck.user.interview import natural
from netcheck.user.interview.outcomes import HELPED, outcomes
from netcheck.user.interview.own_words import beside
from netcheck.user.interview.replies import LIGHT
from netcheck.vocabulary.questions import Form, Question

WIDTH = 80
INTRODUCTION = (
    "One question at a time, the one that helps most. Type a number or your words;",
    "Enter: don't know. ?: what is meant. b: back. Ctrl-C: enough, answer now.",
)
_BACK = ("b", "back")
_EXPLAIN = re.compile(
    r"[?]+|help|how|what|what do you mean[?]*|how do i (?:find|see) (?:out|that)[?]*"
)
_NOTHING = (
    "no",
    "none",
    "nothing",
    "nope",
    "n/a",
    "-",
    "not setting it up",
    "no error",
    "no message",
)
"""Of a question answered in free words: there is nothing to tell."""
_NOT_RUN = "not_run"
"""The value that says that nobody has tried it yet."""
_LENGTH = re.compile(
    r"(?:about |around |it has )?([0-9]{1,3})(?: (?:characters|chars|letters|digits))?"
)
_HINTS = {
    Form.NUMBER: "A number",
    Form.VERSION: "A version, as 1.5.2",
    Form.TEXT: "In your words",
}
_LIGHT_HINT = 'In your words, as "blinking green, fast cyan, 1 red"'


class TypedWord(StrEnum):
    """What a line may mean besides an answer."""

    UNKNOWN = "unknown"
    BACK = "back"
    EXPLAIN = "explain"


class NotAChoice(Exception):
    """The line is none of the answers; the text says which there are."""


def lines(question: Question, number: int) -> Iterator[str]:
    """The question with its answers."""
    yield ""
    yield from _wrapped(f"{number}. ", question.ask)
    for at, (value, meaning) in enumerate(question.choices, 1):
        word = "" if value == meaning else f" [{value}]"
        yield from _wrapped(f"  {at:>2}  ", f"{meaning}{word}")


def explanation(question: Question) -> Iterator[str]:
    """How to find the answer out; and, for the light, what one may say."""
    yield from _wrapped("   ", question.find_out or question.ask)
    yield from _wrapped("   ", "Enter, where you cannot say: the next question does without it.")


def summary(answers: Sequence[tuple[Question, str]]) -> Iterator[str]:
    """What was answered, numbered: the questions and the answers as they were said."""
    yield "You said:"
    for at, (question, said) in enumerate(answers, 1):
        yield from _wrapped(f"  {at:>2}  ", f"{question.ask} {said}")


SUMMARY_PROMPT = "   Enter: all right. A number: change that answer: "


def prompt(question: Question) -> str:
    """How to answer; what is typed follows on the same line."""
    if question.key == LIGHT:
        hint = _LIGHT_HINT
    elif question.form is not Form.CHOICE:
        hint = _HINTS[question.form]
    else:
        hint = (
            "Number or words; several with commas between"
            if question.repeats
            else "Number or words"
        )
    return f"   {hint}: "


def _wrapped(start: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start))


def typed(question: Question, line: str) -> tuple[str, ...] | TypedWord:
    """The answers that the line gives, as values or text. Raises NotAChoice where there are answers
    to choose from and it names none.
    """
    text = " ".join(line.split())
    if text.lower() in _BACK:
        return TypedWord.BACK
    if _EXPLAIN.fullmatch(text.lower()):
        return TypedWord.EXPLAIN
    if question.form is not Form.CHOICE:
        return _in_free_words(question, text)
    if not text:
        return TypedWord.UNKNOWN
    try:
        return _chosen_values(question, text.lower())
    except NotAChoice:
        meant = natural.values(question, text)
        if natural.is_not_known(text) and _NOT_RUN not in meant:
            return TypedWord.UNKNOWN
        if question.key == HELPED and (found := outcomes(text)).is_nothing:
            return found.in_vain or TypedWord.UNKNOWN
        if not meant and (natural.is_denied_alone(question, text) or beside(question, text)):
            return ()
        if meant and (question.repeats or len(meant) == 1):
            return meant
        raise


def _in_free_words(question: Question, text: str) -> tuple[str, ...] | TypedWord:
    if not text or natural.is_not_known(text):
        return TypedWord.UNKNOWN
    if question.form is Form.NUMBER and (found := _LENGTH.fullmatch(text.lower())):
        return (found[1],)
    if (
        question.form is Form.TEXT
        and text.lower().rstrip(".!") in _NOTHING
        and question.key not in (LIGHT, "ssid")
    ):
        return TypedWord.UNKNOWN
    return (text,)


def _chosen_values(question: Question, text: str) -> tuple[str, ...]:
    parts = [part for part in re.split(r"[\s,;]+", text) if part] if question.repeats else [text]
    return tuple(dict.fromkeys(_chosen(question, part) for part in parts))


def _chosen(question: Question, text: str) -> str:
    """The answer that a number, a value, or the beginning of one value or meaning names."""
    if re.fullmatch(r"[0-9]{1,2}", text, re.ASCII) and 0 < int(text) <= len(question.choices):
        return question.values[int(text) - 1]
    if text in question.values:
        return text
    begun = [
        value
        for value, meaning in question.choices
        if value.startswith(text) or meaning.lower().startswith(text)
    ]
    if len(begun) == 1:
        return begun[0]
    raise NotAChoice(
        f"that is none of the answers: type a number from 1 to {len(question.choices)}, or one of"
        f" {', '.join(question.values)}."
    )
