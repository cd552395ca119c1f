"""The only module that prints: the answer on standard output, all else on standard error.

A reader who has gone away (`| head`) or never was there (`>&-`) is no error. Text for standard
error is escaped here; text for standard output by what renders it (`netcheck.report`).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from typing import TextIO

import click

from netcheck.report.layout import WIDTH, Style
from netcheck.text.escape import safe

LONGEST_LINE_BYTES = 8192
"""Of what is typed in an interview; the rest of a longer line counts as the next one."""
SENTENCE_LIMIT, LINE_LIMIT = 2000, 200
NARROWEST, WIDEST = 40, 100
"""Columns to which the first screen flows."""
_FULL_S = 0.01


def show(text: str, out: TextIO | None = None) -> None:
    """Print the answer on `out`, by default standard output, in its encoding. Raises ClickException
    where it cannot be written.
    """
    out = out or sys.stdout
    if out is not None:
        encoding = out.encoding or "utf-8"
        show_bytes([f"{text.rstrip()}\n".encode(encoding, "backslashreplace")], out)


def show_bytes(pieces: Iterable[bytes], out: TextIO | None = None) -> None:
    """Print what is encoded already, as `show` does."""
    out = out or sys.stdout
    if out is None:
        return
    try:
        out.flush()
        for piece in pieces:
            _write(out, piece)
        out.buffer.flush()
    except BrokenPipeError:
        _silence(out)
    except OSError as error:
        raise click.ClickException(
            f"The answer cannot be written to standard output ({error.strerror})."
        ) from error


def _write(out: TextIO, content: bytes) -> None:
    """Write all of it, where there is a buffer into that. Raises OSError.

    Without a buffer (PYTHONUNBUFFERED) Python hands over what the system takes at once: of a full
    pipe a part, where a signal comes meanwhile (write(2)).
    """
    stream, rest = out.buffer, memoryview(content)
    while rest:
        written = stream.write(rest)
        if not written:  # a pipe that somebody set to wait for nothing
            time.sleep(_FULL_S)
        rest = rest[written or 0 :]


def show_json(value: object) -> None:
    """Print a value as one JSON document."""
    from netcheck.report import json

    show_bytes([json.written(value)])


def complain(sentence: str) -> None:
    """Print an error, in the name of the program."""
    note(f"netcheck: {safe(sentence, SENTENCE_LIMIT)}")


def note(line: str, *, nl: bool = True) -> None:
    """Print a line that is already safe on standard error; once its reader has gone away
    (`2>&1 | head`), nowhere.
    """
    try:
        click.echo(line, err=True, nl=nl)
    except OSError:
        _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """What Python flushes at exit would fail again: Python documentation, signal, "Note on
    SIGPIPE".
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def progress() -> Callable[[str], None] | None:
    """What prints on a terminal what is done now; None where there is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    return dialogue


def dialogue(line: str) -> None:
    """Print a line that is no answer, and so stays off standard output."""
    note(safe(line, LINE_LIMIT))


def typed_line(prompt: str) -> str | None:
    """The next line of standard input, whatever bytes it holds; None at its end. Another process
    that types sees the prompt as a line.
    """
    if sys.stdin is None:  # closed by the caller
        return None
    note(safe(prompt, LINE_LIMIT), nl=not sys.stdin.isatty())
    try:
        line = sys.stdin.buffer.readline(LONGEST_LINE_BYTES)
    except OSError:  # opened for writing alone, or a terminal that is gone
        return None
    return line.decode("utf-8", "replace") if line else None


def style(out: TextIO | None) -> Style:
    """Colours on a terminal that wants them; signs beyond ASCII where the terminal has them. None:
    standard output is closed.
    """
    if out is None:
        return Style(colour=False, plain=True)
    colour = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(colour=colour, plain="utf" not in (out.encoding or "").lower(), width=columns(out))


def columns(out: TextIO) -> int:
    """The columns of the terminal, within reason; WIDTH where there is none."""
    columns = shutil.get_terminal_size((WIDTH, 24)).columns if out.isatty() else WIDTH
    return min(max(columns, NARROWEST), WIDEST)
