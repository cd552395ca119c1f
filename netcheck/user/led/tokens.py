"""What a person wrote about the light, word by word: which of the words speak of it, and what each
does.

The words themselves are data, in `words.toml`. What is written in figures (times, rates, versions,
"3x", "2 of 5 photons") is known here by its form, so that no time is taken for a count of flashes.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files

from netcheck.model import Struct

MOST_TEXT = 2000
"""Characters that are read; no description of a light needs more."""
FASTEST_SLOW_HZ = 7
"""Slow green and cyan blink 5 times a second, fast ones 10 times
(device-os@v0.6.1:system/src/system_led_signal.cpp).
"""
LONGEST_FAST_MS = 150
FAST_WORDS = {"eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20}
MOST_COUNTED = 50
MIN_LENGTH_TO_CORRECT = 5


class TokenKind(StrEnum):
    """What a word does. Those that the table of words does not have are known by their form."""

    COLOUR = "colour"
    SHADE = "shade"  # "greenish": a colour, or a tint of the one that follows
    OTHER = "other"  # "another colour"
    PATTERN = "pattern"
    NOUN = "noun"  # one flash or many
    SPEED = "speed"
    COUNT = "count"  # counts what follows
    TIMES = "times"  # counts what stands before
    ARTICLE = "article"
    SOS = "sos"
    MODE = "mode"  # a state by its name
    THEN = "then"  # order: what follows came later; motion: the same, said by a verb
    STOP = "stop"  # a new sentence or an objection
    COMMA = "comma"
    AND = "and"
    OR = "or"
    SLASH = "slash"
    AFTER = "after"
    BEFORE = "before"
    NOT = "not"
    PAST = "past"  # "never gets past green" is green
    NOT_STAYING = "stay"  # "does not stay cyan" was cyan
    UNREAL = "unreal"  # "should", "used to": not what is seen now
    ELSEWHERE = "elsewhere"  # another device, network or light
    HOLD = "hold"  # a button is held ...
    UNTIL = "until"  # ... until the light shows what it shows then
    SOMETIMES = "sometimes"
    REMAINS = "stays"
    LIGHT = "light"  # names a light and says no more
    FILL = "fill"
    UNKNOWN = "unknown"


class Token(Struct, frozen=True, kw_only=True):
    """A word, phrase or sign, and what it does. `value`: the colour, the pattern, the count …"""

    kind: TokenKind
    value: str = ""
    text: str = ""


def tokens(text: str) -> list[Token]:
    """The words of the text in their order; what lies beyond MOST_TEXT characters is not read."""
    return list(_phrased(_scanned(_plain(text))))


# ---------------------------------------------------------------------------------------- the table


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """The table of words as it stands in its file: what a word does → value → phrases, between
    commas.
    """
    words: dict[str, dict[str, str]] = tomllib.loads(
        files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    )
    return words


@cache
def lexicon() -> Mapping[tuple[str, ...], tuple[TokenKind, str]]:
    """Every phrase of the table, as a tuple of words: what it does, and its value."""
    return {
        words: (TokenKind(kind), value)
        for kind, values in table().items()
        for value, phrases in values.items()
        for phrase in phrases.split(",")
        if (words := tuple(phrase.split()))
    }


@cache
def _longest() -> int:
    return max(map(len, lexicon()))


@cache
def _corrections() -> Mapping[str, tuple[str, ...]]:
    """Each word about the light with any one letter left out → that word: two words that share such
    a form differ by one slip.
    """
    telling = (TokenKind.COLOUR, TokenKind.PATTERN, TokenKind.SPEED)
    words = [
        words[0] for words, (kind, _) in lexicon().items() if len(words) == 1 and kind in telling
    ]
    return {
        form: (word,)
        for word in reversed(words)
        if len(word) >= MIN_LENGTH_TO_CORRECT
        for form in _forms(word)
    }


def _forms(word: str) -> Iterator[str]:
    yield word
    yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


# ------------------------------------------------------------------------------- from text to words

_SIGNS = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "_": " ",
        "🟢": " green ",
        "🔵": " blue ",
        "🔴": " red ",
        "🟠": " orange ",
        "🟡": " yellow ",
    }
    | {
        "🟣": " magenta ",
        "⚪": " white ",
        "⚫": " off ",
        "🆘": " sos ",
        "→": " > ",
        "➜": " > ",
        "➡": " > ",
        "⇒": " > ",
        "»": " > ",
    }
)
_SHORT, _LONG = (rf"(?:three|3) {length}(?: \w{{1,12}}){{0,2}}" for length in ("short", "long"))
_MORSE = re.compile(
    rf"[.·•]{{3}}\s?[-–—]{{1,3}}\s?[.·•]{{3}}|\bs\.\s?o\.\s?s\b\.?|\b{_SHORT}[\s,]+(?:and"
    rf" )?{_LONG}[\s,]+(?:and )?(?:three|3) short\b"
)
_RESPELT = (
    (_MORSE, " sos "),
    (re.compile(r"\bw/"), "with "),
    (re.compile(r"\brgb\s?\.\s?(?:control|colou?r|mirrorto|brightness)\b"), "rgbcontrol"),
    (re.compile(r"\blight[\s-]+blue\b"), "lightblue"),  # "no light blue" is not "no light"
    (
        # What one light does excepts none of another: "no light at all, only D7 glows".
        re.compile(
            r"(?<!,)\s(?=(?:only|except|besides|apart from|other than|but)\b[^,.;]{0,12}\bd7\b)"
        ),
        ", ",
    ),
    (re.compile(r"\b(?:every )?once in a while\b"), "occasionally"),  # "a while" alone is a time
)
"""What is respelt before words are told apart."""
_ITEM = re.compile(r"(?:^|(?<=\s))\(?(\d{1,2})[.)](?=\s)")


def _plain(text: str) -> str:
    """The text in small letters and one spelling of each sign; a numbered list as one with a line
    break before each item.
    """
    plain = unicodedata.normalize("NFKC", text[:MOST_TEXT].translate(_SIGNS)).casefold()
    for form, words in _RESPELT:
        plain = form.sub(words, plain)
    numbers = [int(item) for item in _ITEM.findall(plain)]
    is_list = len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))
    return _ITEM.sub("\n>", plain) if is_list else plain


_N = (
    r"(?:\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|half"
    r" an?|single|few|couple(?: of)?"
    r"|several|some|ein|eine|zwei|drei|une?|deux)"
)
_UNIT = (
    r"(?:sec|secs|seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?|months?|years?"
    r"|sekunden?|minuten?|secondes?|segundos?|minutos?)"
)
_DEVICE = r"(?:photons?|devices?|boards?|units?|cores?|particles?|kits?)"
_FORMS = {
    "version": r"\bv?\d+(?:\.\d+)+(?:-?rc\.?\d+)?(?:\s*ghz)?\b|\d+\s*ghz\b",
    "hertz": (
        rf"\b\d+\s*hz\b|\b(?:once|twice|{_N})\s*(?:times|x|blinks|flashes|pulses)?\s*(?:per|a|each|every|/)\s*(?:second|sec|s)\b"
    ),
    "period": r"\b\d+\s*(?:ms|milliseconds?)\b",
    "duration": (
        rf"\b{_N}\s*(?:(?:-|–|to|or)\s*\d+\s*)?(?:more |full |whole )?{_UNIT}\b(?!\s+colou?r)"
        r"|\b\d+\s*(?:s|m|h)\b|\ba (?:while|moment|bit|minute|time|long time)\b"
    ),
    "devices": (
        rf"\b{_N}\s+(?:single\s+)?(?:of my |of the )?{_DEVICE}\b|\b{_N} of"
        rf" (?:my|the|these|our|them|{_N})\b(?:\s+{_N}\b)?"
        rf"|\b(?:of|all|both) (?:my|the|our|these)\s+{_N}\b|\ball {_N}(?="
        r" (?:are|is|have|show|blink|flash|breathe|start|stay|go|do))"
    ),
    "numbered": r"(?:#|no\.|number|step|stage|phase|point|item)\s*\d+\b",
    "times": r"\b\d{1,2}\s*x(?!\w)|\bx\s*\d{1,2}\b|\d{1,2}\s*×|×\s*\d{1,2}\b",
    "range": rf"\b{_N}\s*(?:-|–|to|or)\s*{_N}(?=\s)",
    "order": r"[-=]*>+|\.\.+",
    "stop": r"[.;!?\n]",
    "comma": r"[,:()\[\]{}=|]|(?<=\s)[-–—]+\s",
    "and": r"[&+]",
    "slash": r"/",
    "number": r"\d+",
    "word": r"[^\W\d_]+(?:'[^\W\d_]+)*",
}
_SCAN = re.compile("|".join(rf"(?P<{name}>{form})" for name, form in _FORMS.items()))

Raw = tuple[str, str]
"""Name of the form, text."""


def _scanned(plain: str) -> Iterator[Raw]:
    return ((match.lastgroup or "", match[0]) for match in _SCAN.finditer(plain))


_MEANINGS = {
    "duration": (TokenKind.FILL, "duration"),
    "order": (TokenKind.THEN, "order"),
    "stop": (TokenKind.STOP, ""),
    "comma": (TokenKind.COMMA, ""),
    "and": (TokenKind.AND, ""),
    "slash": (TokenKind.SLASH, ""),
    "range": (TokenKind.COUNT, "0"),
}


def _phrased(raw: Iterator[Raw]) -> Iterator[Token]:
    """The words joined to the longest phrases of the table."""
    parts = list(raw)
    at = 0
    while at < len(parts):
        words = _words_from(parts, at)
        length = next((size for size in range(len(words), 0, -1) if words[:size] in lexicon()), 0)
        if length:
            kind, value = lexicon()[words[:length]]
            yield Token(kind=kind, value=value, text=" ".join(words[:length]))
        else:
            yield _single(*parts[at])
        at += length or 1


def _words_from(parts: list[Raw], at: int) -> tuple[str, ...]:
    """The words and numbers that stand there, up to the next sign and no more than the longest
    phrase has.
    """
    words = []
    for form, text in parts[at : at + _longest()]:
        if form not in ("word", "number"):
            break
        words.append(text)
    return tuple(words)


def _single(form: str, text: str) -> Token:
    """What one part does that is in no phrase."""
    if form == "word":
        return _guessed(text)
    if form == "number":
        return (
            Token(kind=TokenKind.COUNT, value=text, text=text)
            if int(text) <= MOST_COUNTED
            else Token(kind=TokenKind.FILL, text=text)
        )
    if form == "times":
        return Token(kind=TokenKind.TIMES, value=re.sub(r"\D", "", text), text=text)
    if form in ("hertz", "period"):
        return Token(kind=TokenKind.SPEED, value=_speed(form, text), text=text)
    kind, value = _MEANINGS.get(form, (TokenKind.FILL, ""))
    return Token(
        kind=kind, value=value, text=text
    )  # of the commas, an opening bracket is known by its text


def _speed(form: str, text: str) -> str:
    digits = re.match(r"\d+", text)
    number = int(digits[0]) if digits else FAST_WORDS.get(text.split()[0], 1)
    return (
        "fast"
        if (number > FASTEST_SLOW_HZ if form == "hertz" else number <= LONGEST_FAST_MS)
        else "slow"
    )


def _guessed(word: str) -> Token:
    """A word that is not in the table: a negation, a possessive, or a slip of one letter in a word
    that is.
    """
    if word.endswith("n't"):
        return Token(kind=TokenKind.NOT, text=word)
    stem = word.removesuffix("'s")
    if lexicon().get((stem.removesuffix("s"),), (TokenKind.UNKNOWN,))[0] is TokenKind.COLOUR:
        stem = stem.removesuffix("s")
    elif len(stem) >= MIN_LENGTH_TO_CORRECT and (stem,) not in lexicon():
        stem = next(
            (_corrections()[form][0] for form in _forms(stem) if form in _corrections()), stem
        )
    kind, value = lexicon().get((stem,), (TokenKind.UNKNOWN, ""))
    return Token(kind=kind, value=value, text=word)
