"""A note: the id of a sentence with the values that stand in it, and the sentence itself."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from netcheck.model import Struct


class Note(Struct, frozen=True, kw_only=True):
    """One thing to say: the id of a sentence, and name → what stands there: text, another note, or
    several.
    """

    id: str
    values: tuple[tuple[str, str | Note | tuple[Note, ...]], ...] = ()


class NoteWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of all notes: phrases that sentences share, and the sentences by id."""

    phrases: Mapping[str, str]
    sentences: Mapping[str, str]


def note(name: str, /, **values: str | Note | tuple[Note, ...]) -> Note:
    """The note of that id with these values."""
    return Note(id=name, values=tuple(values.items()))


def note_of(kind: str, word: str, /, **values: str) -> Note | None:
    """The note of that kind for a reason or mode; None if there is no sentence for it."""
    name = f"{kind}_{word}"
    return note(name, **values) if name in words().sentences else None


@cache
def words() -> NoteWords:
    """The words that ship with the program, each phrase with those above it put in."""
    text = files(__package__).joinpath("notes.toml").read_text(encoding="utf-8")
    read = msgspec.convert(tomllib.loads(text), NoteWords)
    phrases: dict[str, str] = {}
    for name, phrase in read.phrases.items():
        phrases[name] = phrase.format_map(phrases)
    return msgspec.structs.replace(read, phrases=phrases)


def sentence(said: Note) -> str:
    """The sentence of a note. Values are put in as they are: what shows them escapes them.

    Raises KeyError for an id that has no sentence, or a value that is missing: our own bug.
    """
    known = words()
    values = {name: _text(value) for name, value in said.values}
    return known.sentences[said.id].format_map({**known.phrases, **values})


BACKGROUND = (
    "then_it_works",
    "then_partly_known",
    "then_unknown",
    "then_the_next_fault",
    "also_to_fix",
    "known_issues_unseen",
    "known_issues_more",
)
"""Notes that belong to the whole answer and not to its first screen."""


def is_background(text: str) -> bool:
    """Is that sentence one of them? By the words before its first value."""
    sentences = (words().sentences[name] for name in BACKGROUND)
    return text.startswith(tuple(one.partition("{")[0] for one in sentences))


def earlier(said: str) -> str:
    """The sentence about what ended, for where it stands without counts."""
    return sentence(note("cause_earlier", sentence=said))


def sentences(notes: Iterable[Note]) -> tuple[str, ...]:
    """The sentences of these notes."""
    return tuple(sentence(one) for one in notes)


def _text(value: str | Note | tuple[Note, ...]) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(sentences((value,) if isinstance(value, Note) else value))
