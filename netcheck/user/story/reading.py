"""Reads what a person writes of a Photon in own words: the light, what was tried, what changed, the
network, and messages, each as an answer to the question that asks for it.

The phrases are data (`phrases.toml`). A sentence is read by itself, and what it denies counts for
nothing; where two sentences say what cannot both hold, neither counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from netcheck.model import Struct
from netcheck.user.story.free_words import beside_light, light, texts, versions
from netcheck.vocabulary import negation
from netcheck.vocabulary.questions import QUESTIONS

MOST_TEXT = 4_000
"""What comes after so many characters is not read."""
MOST_SENTENCES, MOST_LENGTH = 60, 400
FIRST_COUNTS = frozenset({"entered_by", "network_kind", "fails_how"})
"""Questions of which the first answer counts, where several are given."""
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_HEARSAY = re.compile(
    r"^(?:and |but )?(?:according to|as described|i(?:.ve| have)? (?:read|heard)"
    r"|the (?:docs?|documentation|forum))\b",
    re.IGNORECASE,
)
"""How a sentence begins that says what others say."""
_HOW = "fails_how"
"""What a light does now and then is no word about the connection."""
_OF_ANOTHER_NETWORK = frozenset({"security", "band", "ap_mode", "laptop_same_wifi", "network_kind"})
"""Questions about the network at which it fails."""
_NO_DENIAL = (
    r"(?:(?!n't|\b(?:not|no|never|neither|nor|without|cannot|but|while|fail\w*)\b).){0,48}?"
)
_NEAR = (
    r"(?:(?!n't|\b(?:not|no|never|neither|nor|without|cannot|but|while|fail\w*)\b)[^,;.]){0,30}?"
)
_ANY = r"[^.;!?]{0,48}?"
_RAW = "~"


class Told(Struct, frozen=True, kw_only=True):
    """One thing that was told: the key of a question, and the answer."""

    key: str
    value: str


class Phrase(Struct, frozen=True, kw_only=True):
    """`is_raw`: it holds its own denial."""

    pattern: re.Pattern[str]
    is_raw: bool

    def is_said(self, sentence: str) -> bool:
        """Does the sentence say so?"""
        if self.is_raw:
            return self.pattern.search(sentence) is not None
        return any(negation.asserted(self.pattern, sentence))


def told(text: str) -> tuple[Told, ...]:
    """All that is understood, each answer once; nothing where nothing is."""
    every = [one.strip()[:MOST_LENGTH] for one in _SENTENCE_END.split(text[:MOST_TEXT])]
    sentences = [one for one in every if one and not _HEARSAY.search(one)][:MOST_SENTENCES]
    found: dict[str, list[str]] = {}
    for told_ in _told(sentences):
        values = found.setdefault(told_.key, [])
        if told_.value not in values:
            values.append(told_.value)
    return tuple(
        Told(key=key, value=value)
        for key, values in found.items()
        for value in _counted(key, values)
    )


def _counted(key: str, values: list[str]) -> list[str]:
    """Of several answers to a question that takes one, the first, or none."""
    if QUESTIONS[key].repeats or len(values) == 1:
        return values
    is_text = not QUESTIONS[key].choices
    return values[:1] if is_text or key in FIRST_COUNTS else []


def _told(sentences: list[str]) -> Iterator[Told]:
    if lights := light(sentences):
        yield Told(key="led", value=lights)
    lowered = [one.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") for one in sentences]
    for number, sentence in enumerate(lowered):
        yield from _choices(sentence)
        yield from _done(sentence, lowered[number + 1] if number + 1 < len(lowered) else "")
    for key, value in (*versions(lowered), *texts(sentences)):
        yield Told(key=key, value=value)


def _choices(sentence: str) -> Iterator[Told]:
    phrases = _shipped()
    said = {
        key: value
        for key, choices in phrases.items()
        if key not in ("actions", "changed", "program", "entered_by")
        if (value := _first(choices, beside_light(sentence) if key == _HOW else sentence))
    }
    if said.get("other_network") == "works" or said.get("hotspot") == "works":
        said = {key: value for key, value in said.items() if key not in _OF_ANOTHER_NETWORK}
    yield from (Told(key=key, value=value) for key, value in said.items())
    yield from _several("program", sentence)
    ways = [one.value for one in _several("entered_by", sentence)]
    yield from (Told(key="entered_by", value=way) for way in ways[:1])
    if len(ways) > 1 and _FAILS.search(sentence):
        yield Told(key="tried", value="other_setup_way")


def _first(choices: Mapping[str, tuple[Phrase, ...]], sentence: str) -> str:
    return next(
        (value for value, phrases in choices.items() if _any(phrases, sentence)),
        "",
    )


def _several(key: str, sentence: str) -> Iterator[Told]:
    for value, phrases in _shipped()[key].items():
        if _any(phrases, sentence):
            yield Told(key=key, value=value)


def _any(phrases: Iterable[Phrase], sentence: str) -> bool:
    return any(phrase.is_said(sentence) for phrase in phrases)


def _done(sentence: str, following: str) -> Iterator[Told]:
    """What was done, and whether it helped; else what changed before. A short sentence that follows
    says so, too.
    """
    actions = [one.value for one in _actions(sentence)]
    is_in_vain = _NO_HELP.search(sentence) or (
        len(following.split()) < _SHORT and _NO_HELP.search(following)
    )
    if is_in_vain:
        yield from (Told(key="tried", value=action) for action in actions)
        yield from _changed(sentence, actions)
        return
    helped = [action for action in actions if _helped(action, sentence)]
    yield from (Told(key="helped", value=action) for action in helped)
    yield from _changed(sentence, helped)


def _changed(sentence: str, actions: Iterable[str]) -> Iterator[Told]:
    """What changed before it failed, but what was done against it."""
    done = {_AS_CHANGE.get(action, action) for action in actions}
    yield from (one for one in _several("changed", sentence) if one.value not in done)


_AS_CHANGE = {"update": "firmware", "reflash": "program"}
_SHORT = 6


def _actions(sentence: str) -> Iterator[Told]:
    for value, phrases in _shipped()["actions"].items():
        if any(phrase.pattern.search(sentence) for phrase in phrases):
            yield Told(key="tried", value=value)


def _helped(action: str, sentence: str) -> bool:
    return any(
        _HELPS.search(sentence[found.end() :])
        for phrase in _shipped()["actions"][action]
        for found in phrase.pattern.finditer(sentence)
    )


@cache
def _shipped() -> Mapping[str, Mapping[str, tuple[Phrase, ...]]]:
    return MappingProxyType(
        {
            key: {value: tuple(map(_phrase, patterns)) for value, patterns in choices.items()}
            for key, choices in _table().items()
            if key != "words"
        }
    )


@cache
def _table() -> Mapping[str, Mapping[str, list[str]]]:
    text = files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _words() -> Mapping[str, str]:
    return {
        "any": _ANY,
        "near": _NEAR,
        "~": _NO_DENIAL,
        **{k: str(v) for k, v in _table()["words"].items()},
    }


def _phrase(text: str) -> Phrase:
    return Phrase(pattern=_pattern(text.removeprefix(_RAW)), is_raw=text.startswith(_RAW))


def _pattern(text: str) -> re.Pattern[str]:
    """The pattern, each `<NAME>` replaced by what it stands for."""
    replaced = re.sub(r"<([a-z_]+|~)>", lambda name: _words()[name[1]], text)
    return re.compile(replaced if replaced == text else _pattern(replaced).pattern)


_NO_HELP = _pattern("<nothelp>")
_FAILS = _pattern("<fails>")
_HELPS = _pattern(
    r"^(?:(?!n't|\b(?:not|no|never|but)\b)[^.;]){0,24}?(?:helps?\b|helped|fixed|solved|cured|<works>)"
)
