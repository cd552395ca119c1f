"""Observations ⇄ case files: JSON Lines, a header and then one self-contained observation a line.

A case file may come from anyone, so every line is checked as it is read and bounded in length; what
is broken is named by its line, and the rest is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import msgspec

from netcheck import __version__, files
from netcheck.model import Observation, Struct, ordered
from netcheck.text.escape import ascii_json, rewritten, safe
from netcheck.text.known_observations import checked
from netcheck.vocabulary import ranges

SCHEMA = "netcheck-case/1"
LINE_BYTES = 64 * 1024
"""No observation of ours comes near it; a longer line is not read as one."""
FILE_BYTES = 64 * 1024 * 1024
"""What lies beyond is not read."""
MOST_OBSERVATIONS = 60_000
"""Of one file: all of them are held in memory."""
PROBLEMS_NAMED = 10
"""So many broken lines are named one by one; the others are counted."""


_QUOTED = re.compile(r" '.*'", re.DOTALL)
"""What a message of the JSON reader repeats of the line."""
_SCHEMA = re.compile(r"netcheck(?:-case)?/[0-9]{1,4}", re.ASCII)


class CaseError(Exception):
    """Nothing of a case file could be used; the text is one sentence that names the file and what
    to do.
    """


class Header(Struct, frozen=True, kw_only=True):
    """First line of a case file."""

    schema: str
    version: str = ""


class Saved(Struct, frozen=True, kw_only=True):
    """What a case file held: its observations in the common order, and a sentence for each part not
    used. `is_partial`: the user interrupted the reading.
    """

    observations: tuple[Observation, ...]
    problems: tuple[str, ...] = ()
    is_partial: bool = False


def merge(*sets: Iterable[Observation]) -> list[Observation]:
    """The union of several runs, captures or sites, in the one order that does not depend on how
    they arrived.
    """
    return ordered(chain.from_iterable(sets))


def write(file: str | os.PathLike[str], observations: Iterable[Observation]) -> None:
    """Keep the observations, once each; the file appears whole or not at all. Raises OSError and
    OutputRefused, as `files.write` does.
    """
    files.write(file, lines(observations))


def lines(observations: Iterable[Observation]) -> Iterator[bytes]:
    """The lines of a case file, each with its line feed: what `read` reads again, and no more."""
    yield encoded(Header(schema=SCHEMA, version=__version__)) + b"\n"
    for kept in ordered(filter(None, map(_writable, observations))):
        yield encoded(kept) + b"\n"


def _writable(observation: Observation) -> Observation | None:
    """The observation as far as it has a known form; a plug-in may have put anything into it."""
    return None if ranges.fault(observation) else checked(observation)[0]


def encoded(record: Struct) -> bytes:
    """One line of JSON in ASCII; loads back equal.

    A lone surrogate, which is no character and which JSON cannot carry, becomes its visible escape.
    """
    try:
        return ascii_json(msgspec.json.encode(record))
    except UnicodeEncodeError:
        return ascii_json(msgspec.json.encode(rewritten(record, _without_surrogates)))


def _without_surrogates(text: str) -> str:
    return re.sub("[\ud800-\udfff]", lambda match: safe(match[0]), text)


def read(file: str) -> Saved:
    """What a case file says; "-" reads standard input.

    Raises CaseError where it cannot be opened, is empty, or is no case file of a version known
    here.
    """
    shown = "standard input" if file == "-" else safe(Path(file).name or file, 100)
    try:
        with _opened(file) as stream:
            _check_header(stream.readline(LINE_BYTES), shown)
            return _body(stream, shown)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CaseError(
            f"{shown}: cannot be read ({safe(why)}); check the name and your permission to read it."
        ) from error


def _opened(file: str) -> IO[bytes]:
    return open(file, "rb", opener=files.reader)


def _check_header(line: bytes, shown: str) -> None:
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, RecursionError):
        raise CaseError(
            f"{shown}: is no netcheck case file; give one written by --save, or read captures with"
            " --pcap."
        ) from None
    if header.schema != SCHEMA:
        found = header.schema if _SCHEMA.fullmatch(header.schema) else "of another kind"
        raise CaseError(
            f"{shown}: has schema {found} and this version reads {SCHEMA}; use the netcheck that"
            " wrote it."
        )


def _body(stream: IO[bytes], shown: str) -> Saved:
    """The lines after the header; a broken one becomes a sentence. Interrupted, what was read."""
    reading = _Reading(shown)
    try:
        reading.run(stream)
        return reading.saved(is_partial=False)
    except KeyboardInterrupt:
        return reading.saved(is_partial=True)


class _Reading:
    """A case file as it is read."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._observations: set[Observation] = set()
        self._problems: list[str] = []
        self._broken = 0

    def run(self, stream: IO[bytes]) -> None:
        """Read it to its end, or to a limit."""
        decoder = msgspec.json.Decoder(Observation)
        for number, line in _numbered(stream):
            fault = _added(line, decoder, self._observations)
            if fault:
                self._broken += 1
                if self._broken <= PROBLEMS_NAMED:
                    self._problems.append(f"{self._shown}: line {number}{fault}.")
            if len(self._observations) >= MOST_OBSERVATIONS:
                self._leave_out(f"line {number}")
                return
        if stream.read(1):
            self._leave_out(f"{FILE_BYTES // 1024**2} MiB")

    def _leave_out(self, end: str) -> None:
        self._problems.append(f"{self._shown}: what lies beyond {end} was not read.")

    def saved(self, *, is_partial: bool) -> Saved:
        """What was read until now."""
        unnamed = self._broken - PROBLEMS_NAMED
        more = (f"{self._shown}: {unnamed} further lines were not read.",) if unnamed > 0 else ()
        return Saved(
            observations=tuple(ordered(self._observations)),
            problems=(*self._problems, *more),
            is_partial=is_partial,
        )


def _added(
    line: bytes, decoder: msgspec.json.Decoder[Observation], observations: set[Observation]
) -> str:
    """Add the observation of a line, as far as it has a known form; what is wrong with it, or
    nothing. The text itself is never repeated.
    """
    try:
        o = decoder.decode(line)
    except msgspec.MsgspecError as error:
        return f" was not read ({_fault(line, error)})"
    except RecursionError:
        return " was not read (too deeply nested)"
    if fault := ranges.fault(o):
        return f" was not read ({fault})"
    kept, left_out = checked(o)
    fields = ", ".join(left_out)
    if kept is None:
        return f" was not read (no known form of {fields})"
    observations.add(kept)
    return f": text of no known form was left out ({fields})" if fields else ""


def _numbered(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines after the header with their numbers, up to FILE_BYTES in all; a line too long comes
    cut.
    """
    number, left = 1, FILE_BYTES
    while left > 0 and (line := stream.readline(LINE_BYTES)):
        number += 1
        left -= len(line)
        yield number, line
        while left > 0 and len(line) == LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(LINE_BYTES)
            left -= len(line)


def _fault(line: bytes, error: msgspec.MsgspecError) -> str:
    if len(line) == LINE_BYTES:
        return f"longer than {LINE_BYTES // 1024} KiB"
    return safe(_QUOTED.sub("", str(error)), 120)
