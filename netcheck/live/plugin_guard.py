"""What comes out of a probe may come from anyone's package and from any peer: checked and cut
before it is kept.
"""

from __future__ import annotations

import math
import traceback
from pathlib import Path

import msgspec

from netcheck.model import Scalar
from netcheck.probing.plugin import Seen
from netcheck.vocabulary import REASONS

MOST_TEXT = 500
"""Characters kept of any one text."""
_MOST_TRACEBACK = 2000
_MOST_VALUES = 100


class InvalidObservation(Exception):
    """A probe yielded something that is no observation of a fact it declared."""


def checked(item: object, settles: frozenset[str]) -> Seen:
    """What a probe yielded, if it is an observation of a fact that it declared, with texts cut to a
    sane length.

    Raises InvalidObservation, or what msgspec raises for values of a wrong type.
    """
    if not isinstance(item, Seen):
        raise InvalidObservation(f"yielded {type(item).__name__}, not Seen")
    seen = msgspec.convert(msgspec.to_builtins(item), Seen)
    if seen.fact not in settles:
        raise InvalidObservation(
            f"yielded {seen.fact}, which it does not declare in settles or facts"
        )
    if seen.reason not in REASONS:
        raise InvalidObservation(
            f"yielded the reason {seen.reason}, which is not one of netcheck.vocabulary.REASONS"
        )
    numbers = [seen.took_s, seen.at, *(value for _, value in seen.data)]
    if not all(math.isfinite(number) for number in numbers if isinstance(number, float)):
        raise InvalidObservation(f"yielded {seen.fact} with a number that is NaN or infinite")
    data = tuple(_short(pair) for pair in seen.data[:_MOST_VALUES])
    return msgspec.structs.replace(
        seen,
        target=seen.target[:MOST_TEXT],
        subject=seen.subject[:MOST_TEXT],
        ref=seen.ref[:MOST_TEXT],
        data=data,
    )


def _short(pair: tuple[str, Scalar]) -> tuple[str, Scalar]:
    name, value = pair
    return name[:MOST_TEXT], value[:MOST_TEXT] if isinstance(value, str) else value


def described(error: BaseException) -> str:
    """The error and where it came from: file names without their folders, which would tell who runs
    this.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = "\n".join(
        f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames
    )
    what = f"{type(error).__name__}: {_words(error)}"
    return printable(f"{where[-_MOST_TRACEBACK // 2 :]}\n{what}", _MOST_TRACEBACK)


def in_one_line(error: BaseException) -> str:
    """What went wrong, for a list: the error's kind and its own words, without where."""
    words = _words(error)
    if not isinstance(error, InvalidObservation):
        words = f"{type(error).__name__}: {words}".removesuffix(": ")
    return printable(" ".join(words.split()), MOST_TEXT)


def _words(error: BaseException) -> str:
    """What the error says of itself; nothing where even that fails."""
    try:
        return str(error)
    except Exception:
        return ""


def printable(text: str, most: int) -> str:
    """The text in plain ASCII, cut: it may carry anything that a peer sent."""
    return "".join(
        char if char == "\n" or (char.isascii() and char.isprintable()) else "?"
        for char in text[:most]
    )
