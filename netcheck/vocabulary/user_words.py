"""What is kept of a text that a user wrote freely: the words that somebody may need, and of the
others only that they were there.

A password may stand anywhere in such a text and look like anything. So words are kept because they
are known (`user_words.txt`), and not left out because they look dangerous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby

UNKNOWN = "…"
"""Stands for words that are not known, however many."""
STOP = ","
"""Stands between two clauses."""

_PIECE = re.compile(r"[\s\"(),;=]+")
"""Stands between two pieces of a text; a piece is kept whole or not at all."""
_STOPS = re.compile(r"[),;]")
"""Signs that end a clause; a comma stands for any of them. What a bracket opens with says more of
what stands before it.
"""
_WORD = re.compile(r"802\.1\w{1,3}|\d+(?:\.\d+)+(?:ghz)?|[^\W_]+(?:'[^\W_]+)?")
_SIGNS = re.compile(r"[-_/+.:!?&'<>*\[\]]*")
"""What may stand before, between and after the words of a piece."""
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}", re.ASCII)
_OWN_NETWORK = re.compile(r"photon-[0-9a-z]{4}", re.ASCII)
_SUFFIXES = ("'s", "s", "es", "ed", "d", "ing", "ly", "er", "ion", "y", "ies", "able", "ment")


@cache
def words() -> frozenset[str]:
    """The words known, in lower case."""
    text = files(__package__).joinpath("user_words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def understood(text: str) -> str:
    """The known words of the text in lower case and in their order, UNKNOWN for all between
    them; empty where none is known.
    """
    kept = list(_kept(text.casefold().replace("’", "'")))
    found = [piece for piece, _ in groupby(kept)]
    if all(piece in (UNKNOWN, STOP) for piece in found):
        return ""
    return " ".join(found).replace(f" {STOP}", STOP).strip(f"{STOP} ")


def _kept(text: str) -> Iterator[str]:
    for piece in _pieces(text):
        if piece == STOP:
            yield STOP
        elif _OWN_NETWORK.fullmatch(piece):
            yield "photon-xxxx"
        elif piece and not _SIGNS.fullmatch(piece):
            yield piece if _is_known(piece) else UNKNOWN
        elif piece in ("/", "+", "-", "&"):
            yield piece


def _pieces(text: str) -> Iterator[str]:
    """The pieces, and STOP where a clause ends."""
    start = 0
    for between in _PIECE.finditer(text):
        yield text[start : between.start()]
        if _STOPS.search(between[0]):
            yield STOP
        start = between.end()
    yield text[start:]


def _is_known(piece: str) -> bool:
    rest = _WORD.sub("", piece)
    return bool(_SIGNS.fullmatch(rest)) and all(map(is_known, _WORD.findall(piece)))


def is_known(word: str) -> bool:
    """Is it a word of the list, one of its inflected forms, or a version? `word` in lower case."""
    if word in words() or _VERSION.fullmatch(word):
        return True
    stems = (word.removesuffix(end) for end in _SUFFIXES if word.endswith(end))
    return any(stem in words() or f"{stem}e" in words() for stem in stems if len(stem) > 2)
