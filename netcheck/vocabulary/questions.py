"""What a user can be asked or may tell unasked: the closed list of keys, their values, and the
words of each question.

The table is `questions.toml`. Public as `--tell KEY=VALUE`: keys and values are added to, never
renamed. What is told becomes the fact `told.KEY`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType

import msgspec

from netcheck.model import Stage, Struct

PREFIX = "told."
"""Before the key, in the name of the fact."""


class Form(StrEnum):
    """What an answer may look like. Free text is searched for known words and never decides
    alone.
    """

    CHOICE = "choice"
    NUMBER = "number"
    VERSION = "version"
    TEXT = "text"


class Effort(StrEnum):
    """What it costs to answer: known by heart, to be looked up, or to be tried first."""

    KNOWN = "known"
    LOOK = "look"
    TRY = "try"


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question. `choices`: value → what it means, in words; empty for other forms.

    `symptoms` are values that say that something does not work ("*": any). `repeats`: several
    answers may hold at once. `find_out`: how to find the answer out. `rare`: values that
    few people answer. `is_asked`: can people who
    know nothing of networks answer it?
    """

    key: str
    stage: Stage
    ask: str
    form: Form = Form.CHOICE
    choices: tuple[tuple[str, str], ...] = ()
    symptoms: frozenset[str] = frozenset()
    repeats: bool = False
    find_out: str = ""
    effort: Effort = Effort.KNOWN
    rare: frozenset[str] = frozenset()
    is_asked: bool = True

    @property
    def fact(self) -> str:
        """The fact that an answer becomes."""
        return PREFIX + self.key

    @property
    def values(self) -> tuple[str, ...]:
        """The values to choose from; empty where any text, number or version will do."""
        return tuple(value for value, _ in self.choices)

    def is_symptom(self, value: str) -> bool:
        """Does this answer say that something does not work?"""
        return "*" in self.symptoms or value in self.symptoms


def _shipped() -> dict[str, Question]:
    text = files(__package__).joinpath("questions.toml").read_text(encoding="utf-8")
    return {
        key: msgspec.convert(
            {**table, "key": key, "choices": tuple(table.get("choices", {}).items())}, Question
        )
        for key, table in tomllib.loads(text).items()
    }


QUESTIONS: Mapping[str, Question] = MappingProxyType(_shipped())
"""Key → question, the most telling first."""


def of_fact(fact: str) -> Question | None:
    """The question whose answer is that fact, or None."""
    return QUESTIONS.get(fact.removeprefix(PREFIX)) if fact.startswith(PREFIX) else None
