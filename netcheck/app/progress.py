"""What a terminal shows while something lasts: a few lines on standard error, drawn anew several
times a second, and gone when the answer comes. Nothing in a pipe.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath

import click

from netcheck import files
from netcheck.app import output
from netcheck.model import Observation, Rung, Target
from netcheck.report.layout import Style
from netcheck.text.escape import safe

Lines = Callable[[float], Sequence[str]]
"""The lines to show after so many seconds: safe, and no wider than the terminal."""

AFTER_S, EVERY_S = 0.5, 0.2
"""What is done before is not worth a line; how often the lines are drawn."""
_SMALL_BYTES = 200_000
"""Read in less than a second."""
_UP_AND_CLEAR = "\x1b[{}A\r\x1b[J"
"""Cursor up, and erase all below (ECMA-48 §8.3.22, §8.3.39)."""


class Status:
    """Lines at the end of a terminal. What is said meanwhile stands above them and stays."""

    def __init__(self, lines: Lines, after_s: float = AFTER_S) -> None:
        self._lines, self._begun, self._after_s = lines, time.monotonic(), after_s
        self._height = 0
        self._lock = threading.Lock()
        self._next = self._begun + after_s

    def update(self) -> None:
        """Draw the lines if it is time."""
        now = time.monotonic()
        with self._lock:
            if now < self._next:
                return
            self._next = now + EVERY_S
            shown = self._lines(now - self._begun)
            output.note(self._erased() + "".join(f"{line}\n" for line in shown), nl=False)
            self._height = len(shown)

    def say(self, line: str) -> None:
        """Print a line that stays."""
        with self._lock:
            erased, self._height, self._next = self._erased(), 0, 0.0
            output.note(erased, nl=False)
            output.dialogue(line)

    def clear(self) -> None:
        """Take the lines away, for good."""
        with self._lock:
            self._next = float("inf")
            if self._height:
                output.note(self._erased(), nl=False)
            self._height = 0

    def _erased(self) -> str:
        return _UP_AND_CLEAR.format(self._height) if self._height else ""


def is_shown() -> bool:
    """Is there a terminal that can draw lines anew?"""
    return output.progress() is not None and os.environ.get("TERM") != "dumb"


@contextmanager
def shown(lines: Lines, after_s: float = AFTER_S) -> Iterator[Status | None]:
    """Show these lines while the work inside goes on, by a thread; None where nothing is shown."""
    if not is_shown():
        yield None
        return
    status, over = Status(lines, after_s), threading.Event()

    def draw() -> None:
        while not over.wait(EVERY_S):
            status.update()

    thread = threading.Thread(target=draw, name="progress", daemon=True)
    thread.start()
    try:
        status.update()
        yield status
    finally:
        over.set()
        thread.join(1)
        status.clear()


def counted(what: str) -> Lines:
    """A counter of seconds for work of unknown length."""
    return lambda seconds: [fitted(f"{what}: {seconds:.0f} s")]


def fitted(line: str) -> str:
    """The line made safe, and as short as the terminal needs."""
    width = output.columns(sys.stderr) - 1
    return safe(line, 4 * width)[:width]


# ------------------------------------------------------------------------------- reading a capture


@contextmanager
def reading(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    """A bar with rate and time left while captures are read; gives the paths to read them by.

    They are opened here, and whoever reads them shares the place in the file (open(2), dup(2)).
    """
    if not is_shown() or sum(map(_size, paths)) < _SMALL_BYTES:
        yield paths
        return
    held = [path if isinstance(path, files.OpenFile) else files.held(path) for path in paths]
    try:
        with shown(ReadingBar(held).lines):
            yield held
    finally:
        for one, path in zip(held, paths, strict=True):
            if one is not path and isinstance(one, files.OpenFile) and one.error is None:
                os.close(one.descriptor)


class ReadingBar:
    """How much of these files was read."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths, self._sizes = paths, [_size(path) for path in paths]
        self._done = [0] * len(paths)
        self._whole = sum(self._sizes)
        self._bar = click.progressbar(length=self._whole, width=20, show_eta=True)

    def lines(self, seconds: float) -> list[str]:
        """The bar, as it is after so many seconds."""
        places = list(map(_place, self._paths))
        self._done = [max(pair) for pair in zip(self._done, places, strict=True)]
        now = next((n for n in reversed(range(len(places))) if self._done[n]), 0)
        done = sum(self._sizes[:now]) + self._done[now]
        self._bar.make_step(max(done - self._bar.pos, 0))
        rate = f"{done / 1e6 / seconds:.0f} MB/s" if seconds else ""
        name = PurePath(self._paths[now]).name
        bar = f"[{self._bar.format_bar()}] {self._bar.format_pct()}"
        left = self._bar.format_eta() if done < self._whole else ""
        return [fitted(f"Reading {safe(name, 24)} {bar} {rate} {left and f'{left} left'}".rstrip())]


def _size(path: str) -> int:
    """The size of a file; 0 where it has none, as a pipe."""
    try:
        if isinstance(path, files.OpenFile):
            return os.fstat(path.descriptor).st_size if path.error is None else 0
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0


def _place(path: str) -> int:
    """How far an open file was read; 0 where that cannot be told."""
    with suppress(OSError):
        if isinstance(path, files.OpenFile) and path.error is None:
            return os.lseek(path.descriptor, 0, os.SEEK_CUR)
    return 0


# ------------------------------------------------------------------------------ probing the network


class PathFilling:
    """The way to the cloud as the probes fill it, and what is asked now."""

    def __init__(self, target: Target, style: Style) -> None:
        self._target, self._style = target, style
        self._seen: list[Observation] = []
        self._question = "looking at this computer"
        self._ladder: Sequence[Rung] = ()
        self._stage = ""

    def ask(self, question: str) -> None:
        """A probe begins; `question` is its rung and what it asks."""
        self._question = question
        stage = question.partition(":")[0]
        if stage != self._stage:
            self._stage = stage
            self._climb()

    def seen(self, observations: Iterable[Observation]) -> Iterator[Observation]:
        """The observations as they come, taken note of."""
        for one in observations:
            self._seen.append(one)
            yield one

    def lines(self, seconds: float) -> list[str]:
        """The path, and the question."""
        from netcheck.report import layout

        path = layout.path_lines(self._ladder, self._style) if self._ladder else []
        return [*path, fitted(f"  {self._question} ({seconds:.0f} s)")]

    def _climb(self) -> None:
        from netcheck.correlator import diagnose

        found = diagnose(self._seen, self._target)
        self._ladder = found[0].ladder if found else ()


class QuestionLines:
    """A line for each question, on a terminal that can draw nothing anew."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.ask = say

    def seen(self, observations: Iterable[Observation]) -> Iterable[Observation]:
        """The same observations."""
        return observations


LiveProgress = PathFilling | QuestionLines
"""What is told of a live run as it goes on."""
