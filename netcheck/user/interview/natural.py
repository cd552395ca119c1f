"""The values that somebody means who answers in own words: "it works", "WPA2-PSK", "power outage".

The phrases are data (`said.toml`). The longest phrases of a line count first, and a word counts for
one phrase alone: "does not work" is no "works", "new router" no new password.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    """How one question is answered. `said`: words → value, the longest first, or "" where those
    words answer nothing; `otherwise`: the same, of a line that says nothing else; `yes` and `no`:
    what a bare yes or no means, empty where nothing; `nothing`: the value that holds only where no
    other does; `reach`: how many words before a phrase a denial may stand.
    """

    said: tuple[tuple[Words, str], ...] = ()
    otherwise: tuple[tuple[Words, str], ...] = ()
    nothing: str = ""
    reach: int = 1
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
    named = _asserted(phrases.said, spoken, phrases.reach)
    found = [value for value in named or _asserted(phrases.otherwise, spoken) if value]
    if not named and not found and (meant := _yes_or_no(spoken)):
        found = [value] if (value := phrases.yes if meant == "yes" else phrases.no) else []
    if phrases.nothing and set(found) - {phrases.nothing}:
        found = [value for value in found if value != phrases.nothing]
    return tuple(dict.fromkeys(found))


def is_denied_alone(question: Question, text: str) -> bool:
    """Does the line name values of the question, and deny each?"""
    phrases, spoken = _shipped().get(question.key, Phrases()), words(text)
    named = list(_found(phrases.said, spoken, phrases.reach))
    return bool(named) and all(is_denied for _, _, is_denied in named)


def _asserted(phrases: Sequence[tuple[Words, str]], spoken: Words, reach: int = 1) -> list[str]:
    found = sorted(_found(phrases, spoken, reach))
    return [value for _, value, is_denied in found if not is_denied]


def _found(
    phrases: Sequence[tuple[Words, str]], spoken: Words, reach: int
) -> Iterator[tuple[int, str, bool]]:
    """Where each value is named, and whether a negation that is not its own denies it."""
    taken: set[int] = set()
    for phrase, value in phrases:
        for start in range(len(spoken) - len(phrase) + 1):
            place = range(start, start + len(phrase))
            if spoken[start : place.stop] != phrase or taken.intersection(place):
                continue
            taken.update(place)
            yield start, value, _is_denied(spoken, start, taken, reach)


def _is_denied(spoken: Words, start: int, taken: Collection[int], reach: int) -> bool:
    """A "no" denies the word that follows it, a "not" may stand farther before: "I did not change
    the router".
    """
    return any(
        spoken[at] in _NEGATIONS and at not in taken and (at == start - 1 or spoken[at] != "no")
        for at in range(max(0, start - reach), start)
    )


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
        *_named(entry, ((value, name) for value in known for name in (value, f"{value}_words"))),
        *_named(entry, [("", "no_answer")]),
    ]
    otherwise = _named(entry, ((value, f"{value}_otherwise") for value in known))
    yes, no = entry.get("yes", ""), entry.get("no", "")
    return Phrases(
        said=tuple(sorted(said, key=lambda each: -len(each[0]))),
        otherwise=tuple(sorted(otherwise, key=lambda each: -len(each[0]))),
        nothing="nothing" if "nothing" in known else "",
        reach=entry.get("reach", 1),
        yes=yes if isinstance(yes, str) else "",
        no=no if isinstance(no, str) else "",
    )


def _named(
    entry: Mapping[str, Any], names: Iterable[tuple[str, str]]
) -> Iterator[tuple[Words, str]]:
    """The phrases of each value, which stand under that name."""
    for value, name in names:
        if isinstance(phrases := entry.get(name, []), list):
            yield from ((words(phrase), value) for phrase in phrases)
