"""What comes out of a probe may come from anyone's package and from any peer: checked and cut
before it is kept.
"""

from __future__ import annotations

import math
import re
import traceback
from pathlib import Path

import msgspec

from netcheck.model import Scalar
from netcheck.probing.plugin import Seen
from netcheck.vocabulary import REASONS

MOST_TEXT = 500
"""Characters kept of any one text."""
_MOST_TRACEBACK = 2000
_MOST_VALUES, _MOST_NAME = 100, 80
_NAME = re.compile(r"[a-z][a-z_]{0,30}(?:\.[a-z][a-z_]{0,30}){0,2}", re.ASCII)
_PLACE = re.compile(r"`\$\.([a-z_]{1,20})")


class InvalidObservation(Exception):
    """A probe yielded something that is no observation of a fact it declared."""


def checked(item: object, settles: frozenset[str]) -> Seen:
    """What a probe yielded, if it is an observation of a fact that it declared, with texts cut to a
    sane length.

    Raises InvalidObservation, or what a value of a plug-in's own kind raises.
    """
    if not isinstance(item, Seen):
        raise InvalidObservation(f"yielded {type(item).__name__}, not Seen")
    seen = _converted(item)
    if seen.fact not in settles:
        raise InvalidObservation(
            f"yielded {_word(seen.fact, 'a fact')}, which it does not declare in settles or facts"
        )
    if seen.reason not in REASONS:
        raise InvalidObservation(
            f"yielded {_word(seen.reason, 'a reason')} as reason, which is not one of"
            " netcheck.vocabulary.REASONS"
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


def _converted(item: Seen) -> Seen:
    """The same with every field of the declared type. Raises InvalidObservation."""
    try:
        return msgspec.convert(msgspec.to_builtins(item), Seen)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        where = f" at {place[1]}" if place else ""
        raise InvalidObservation(f"yielded a Seen with a value of a wrong type{where}") from error


def _word(text: str, else_word: str) -> str:
    """The name where it has the form of one: anything else may be what a peer sent."""
    return text if _NAME.fullmatch(text) else else_word


def described(error: BaseException) -> str:
    """The error's kind and where it came from, the newest last: file names without their folders,
    which would tell who runs this. Not what it says: it may repeat what a peer sent or a user
    typed.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = "\n".join(map(_place, frames))
    return printable(f"{where[-_MOST_TRACEBACK // 2 :]}\n{_kind(error)}", _MOST_TRACEBACK)


def in_one_line(error: BaseException) -> str:
    """What went wrong, for a list: our own words, or the error's kind and where it was raised."""
    if isinstance(error, InvalidObservation):
        return printable(str(error), MOST_TEXT)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {_place(frames[-1])}" if frames else ""
    return printable(f"{_kind(error)}{where}", MOST_TEXT)


def _kind(error: BaseException) -> str:
    return type(error).__name__[:_MOST_NAME]


def _place(frame: traceback.FrameSummary) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"


def printable(text: str, most: int) -> str:
    """The text in plain ASCII, cut: it may carry anything that a peer sent."""
    return "".join(
        char if char == "\n" or (char.isascii() and char.isprintable()) else "?"
        for char in text[:most]
    )
