"""A question as lines for a terminal of 80 columns, and what the typed line means."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from enum import StrEnum

from netcheck.user.interview.replies import LIGHT
from netcheck.vocabulary.questions import Form, Question

WIDTH = 80
INTRODUCTION = (
    "One question at a time, the one that helps most. Type a number or the word;",
    "Enter: don't know. b: back. Ctrl-C: enough, answer with what is known.",
)
_DONT_KNOW = re.compile(
    r"[?]*|(?:i )?(?:do not|don'?t) know|dunno|idk|no idea|not sure|unknown", re.IGNORECASE
)
_BACK = ("b", "back")
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


class NotAChoice(Exception):
    """The line is none of the answers; the text says which there are."""


def lines(question: Question, number: int) -> Iterator[str]:
    """The question with its answers."""
    yield ""
    yield from _wrapped(f"{number}. ", question.ask)
    for at, (value, meaning) in enumerate(question.choices, 1):
        word = "" if value == meaning else f" [{value}]"
        yield from _wrapped(f"  {at:>2}  ", f"{meaning}{word}")


def prompt(question: Question) -> str:
    """How to answer; what is typed follows on the same line."""
    if question.key == LIGHT:
        hint = _LIGHT_HINT
    elif question.form is not Form.CHOICE:
        hint = _HINTS[question.form]
    else:
        hint = (
            "Number or word; several with a space between" if question.repeats else "Number or word"
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
    if text.lower() not in question.values and _DONT_KNOW.fullmatch(text):
        return TypedWord.UNKNOWN
    if question.form is not Form.CHOICE:
        return (text,)
    parts = (
        [part for part in re.split(r"[\s,;]+", text.lower()) if part]
        if question.repeats
        else [text.lower()]
    )
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
