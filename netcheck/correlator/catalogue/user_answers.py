"""Clues from the user's answers: one table an answer, with the causes it speaks for and against,
turned into clues of those causes.

A cause has its clues in its own file, as an instrument's facts mostly bear on one or two causes. An
answer bears on many: that it works on a hotspot speaks against every fault of the device itself. So
`user_answers.toml` goes by answer, and names sets of causes once.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from netcheck.model import Clue, Struct, Weight
from netcheck.vocabulary.questions import PREFIX


class AnswerClues(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer, or a rule over several. Each list holds ids of causes, or @NAME for a set of
    them.

    `adds` counts for a cause only where something else speaks for it too; `hints` and `shows` are a
    weak and a strong clue for it, `doubts` and `refutes` a weak and a strong one against it.
    """

    told: str = ""
    value: tuple[str, ...] = ()
    rule: str = ""
    says: str
    adds: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    refutes: tuple[str, ...] = ()


class AnswerTables(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: named sets of causes, and the answers."""

    sets: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    answer: tuple[AnswerClues, ...] = ()


class AnswersError(Exception):
    """The file cannot be read; the text says what is wrong in it."""


Sides = Mapping[str, tuple[Clue, ...]]


def read(text: str) -> tuple[Sides, Sides]:
    """Cause id → clues for it, and cause id → clues against it. Raises AnswersError where the file
    is malformed.
    """
    try:
        book = msgspec.convert(tomllib.loads(text), AnswerTables)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise AnswersError(f"user_answers.toml: {error}") from error
    speaking: tuple[dict[str, list[Clue]], dict[str, list[Clue]]] = (
        defaultdict(list),
        defaultdict(list),
    )
    for answer in book.answer:
        for cause, is_against, clue in _clues(answer, book.sets):
            speaking[is_against][cause].append(clue)
    support, oppose = ({cause: tuple(clues) for cause, clues in side.items()} for side in speaking)
    return support, oppose


def _clues(
    answer: AnswerClues, sets: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, bool, Clue]]:
    """Cause, is it against it, and the clue."""
    columns = (
        (answer.adds, False, Weight.WEAK, True),
        (answer.hints, False, Weight.WEAK, False),
        (answer.shows, False, Weight.STRONG, False),
        (answer.doubts, True, Weight.WEAK, False),
        (answer.refutes, True, Weight.STRONG, False),
    )
    for names, is_against, weight, context in columns:
        clue = _clue(answer, weight, context=context)
        for cause in _members(names, sets):
            yield cause, is_against, clue


def _clue(answer: AnswerClues, weight: Weight, *, context: bool) -> Clue:
    fact = PREFIX + answer.told if answer.told else ""
    return Clue(
        fact=fact,
        value=answer.value,
        rule=answer.rule,
        weight=weight,
        context=context,
        says=answer.says,
    )


def _members(names: Iterable[str], sets: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The causes named, those of a set in its place; `-ID` takes one out again."""
    found: dict[str, None] = {}
    for name in names:
        if name.startswith("-"):
            found.pop(name[1:], None)
        elif not name.startswith("@"):
            found[name] = None
        elif name[1:] in sets:
            found.update(dict.fromkeys(_members(sets[name[1:]], sets)))
        else:
            raise AnswersError(f"user_answers.toml: there is no set {name}")
    yield from found
