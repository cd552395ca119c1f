"""The values that somebody means who answers in own words: "it works", "WPA2-PSK", "power outage".

The phrases are data (`said.toml`). The longest phrases of a line count first, and a word counts for
one phrase alone: "does not work" is no "works", "new router" no new password.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from netcheck.model import Struct
from netcheck.vocabulary.questions import QUESTIONS, Question

Words = tuple[str, ...]

MOST_WORDS = 40
"""Of a line; what comes after them is not read."""
_NOT = re.compile(r"n['\N{RIGHT SINGLE QUOTATION MARK}]t\b|(?<=can)not\b")
_IRREGULAR = {"won't": "will not", "dont": "do not", "doesnt": "does not", "didnt": "did not"}
_WORD = re.compile(r"[^\W_]+")
_NEGATIONS = frozenset({"not", "no", "never", "without"})
_YES_NO = "yes_no"
_DONT_KNOW = re.compile(
    r"(?:i )?(?:really )?(?:do|can|could) not (?:know|tell|say|remember|check|find out)\b.*"
    r"|(?:i )?(?:have |got )?no (?:idea|clue)|dunno|idk|(?:i am )?(?:not sure|unsure)|unknown"
    r"|(?:i )?(?:have|did|do) not (?:yet )?(?:have|tr(?:y|ied)|check(?:ed)?|test(?:ed)?|run)\b.*"
    r"|not (?:yet )?(?:tried|tested|checked)(?: (?:yet|it|that))*"
)


class Phrases(Struct, frozen=True, kw_only=True):
    """How one question is answered. `said`: words → value, the longest first; `yes` and `no`: what
    a bare yes or no means, empty where nothing.
    """

    said: tuple[tuple[Words, str], ...] = ()
    yes: str = ""
    no: str = ""


def words(text: str) -> Words:
    """The words of a line in lower case, with the short forms of "not" spelled out."""
    lowered = text.lower()
    for short, full in _IRREGULAR.items():
        lowered = lowered.replace(short, full)
    return tuple(_WORD.findall(_NOT.sub(" not", lowered)))[:MOST_WORDS]


def is_not_known(text: str) -> bool:
    """Does the line say that the answer is not known, or was not tried?"""
    return _DONT_KNOW.fullmatch(" ".join(words(text))) is not None


def values(question: Question, text: str) -> tuple[str, ...]:
    """The values that the line names, in its order; none where it names none."""
    phrases = _shipped().get(question.key, Phrases())
    spoken = words(text)
    found = [value for _, value in sorted(_found(phrases.said, spoken))]
    if not found and (meant := _yes_or_no(spoken)):
        found = [value] if (value := phrases.yes if meant == "yes" else phrases.no) else []
    return tuple(dict.fromkeys(found))


def _found(phrases: Sequence[tuple[Words, str]], spoken: Words) -> Iterator[tuple[int, str]]:
    """Where each value is named; a phrase with a negation before it that is not its own names
    none.
    """
    taken: set[int] = set()
    for phrase, value in phrases:
        for start in range(len(spoken) - len(phrase) + 1):
            place = range(start, start + len(phrase))
            if spoken[start : place.stop] != phrase or taken.intersection(place):
                continue
            taken.update(place)
            if not (start and spoken[start - 1] in _NEGATIONS and start - 1 not in taken):
                yield start, value


def _yes_or_no(spoken: Words) -> str:
    """Whether the line begins with a yes or a no; empty where with neither."""
    for phrase, meant in _shipped()[_YES_NO].said:
        if spoken[: len(phrase)] == phrase:
            return meant
    return ""


@cache
def _shipped() -> Mapping[str, Phrases]:
    text = files(__package__).joinpath("said.toml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = tomllib.loads(text)
    return MappingProxyType(
        {
            key: _phrases(key, table[entry["like"]] if "like" in entry else entry)
            for key, entry in table.items()
        }
    )


def _phrases(key: str, entry: Mapping[str, Any]) -> Phrases:
    known = QUESTIONS[key].values if key in QUESTIONS else ("yes", "no")
    said = [
        (words(phrase), value)
        for value in known
        for name in (value, f"{value}_words")
        for phrase in entry.get(name, ())
        if isinstance(entry[name], list)
    ]
    said.sort(key=lambda each: -len(each[0]))
    yes, no = entry.get("yes", ""), entry.get("no", "")
    return Phrases(
        said=tuple(said),
        yes=yes if isinstance(yes, str) else "",
        no=no if isinstance(no, str) else "",
    )
