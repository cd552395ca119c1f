"""Runs inputs in a process of their own, and says which of them broke a bound."""

from __future__ import annotations

import json
import os
import re
import resource
import select
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import NamedTuple, NoReturn
from unicodedata import category

from tests.fuzz.doors import ALL, DOCUMENT, DOORS
from tests.fuzz.inputs import made

MOST_S, MOST_WALL_S, MOST_MIB = 20, 180, 256
"""Of the processor, of the clock (a process that is stopped by neither is killed), and of memory
that one input may add.
"""
_ACTIVE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_BLANK = re.compile("[\u034f\u115f\u1160\u2800\u3164\uffa0]")
_IN_EMOJI = "\u200d\ufe0f"


class Fault(NamedTuple):
    """An input that broke a bound."""

    kind: str
    number: int
    what: str


class TooLong(BaseException):
    """More than MOST_S went by."""


def tried(
    kind: str, seed: int, first: int, seconds: float, folder: Path
) -> tuple[int, list[Fault]]:
    """Inputs of that kind from that number on, for so many seconds: how many, and which broke a
    bound.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(kind, seed, first, seconds, folder, writing)
    os.close(writing)
    tries, faults, is_whole = _heard(kind, first, reading, child)
    _, status = os.waitpid(child, 0)
    if not is_whole:
        faults.append(Fault(kind, first + tries, f"the process ended: {status}"))
        tries += 1
    return tries, faults


def _heard(kind: str, first: int, reading: int, child: int) -> tuple[int, list[Fault], bool]:
    """What the child said: a line for each input. Whole is what ends with an empty one."""
    faults: list[Fault] = []
    tries, rest = 0, b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            if not select.select([pipe], [], [], MOST_WALL_S)[0]:
                os.kill(child, signal.SIGKILL)
            part = pipe.read(65536)
            if not part:
                return tries, faults, False
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                if not line:
                    return tries, faults, True
                if what := json.loads(line):
                    faults.append(Fault(kind, first + tries, what))
                tries += 1


def _child(
    kind: str, seed: int, first: int, seconds: float, folder: Path, writing: int
) -> NoReturn:
    end = time.process_time() + seconds
    number = first
    while time.process_time() < end:
        os.write(
            writing, json.dumps(broken(kind, made(kind, seed, number), folder)).encode() + b"\n"
        )
        number += 1
    os.write(writing, b"\n")
    os._exit(0)


def broken(kind: str, content: bytes, folder: Path) -> str:
    """Which bound the input breaks; empty for none."""
    form = DOCUMENT if len(content) % 4 == 0 else ALL
    before_mib = _peak_mib()
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, MOST_S)
    try:
        shown = DOORS[kind](content, folder, form)
    except TooLong:
        return f"more than {MOST_S} s: {_where()}"
    except Exception:
        return f"crash: {_where()}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown_mib = _peak_mib() - before_mib
    if grown_mib > MOST_MIB:
        return f"{grown_mib:.0f} MiB more"
    return _unescaped(shown)


def _where() -> str:
    return traceback.format_exc()[-3000:]


def _too_long(_: int, __: FrameType | None) -> NoReturn:
    raise TooLong


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _unescaped(shown: str) -> str:
    """The first character that acts on a terminal or shows nothing."""
    for character in sorted(set(shown) - set(_IN_EMOJI) - {"\n"}):
        if category(character) in _ACTIVE or _BLANK.match(character):
            at = shown.index(character)
            return f"not escaped: {shown[max(0, at - 40) : at + 40]!r}"
    return ""


if sys.platform == "win32":
    raise SystemExit("This needs fork().")
