"""A command that gets Ctrl-C at some moment, and what a run so interrupted must leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from netcheck import casefile

IS_FULL = os.environ.get("NETCHECK_INTERRUPTS") == "full"
WITHIN_S = 40
_BEGIN = (
    "import os, netcheck.__main__ as program; os.write({pipe}, b'.'); os.close({pipe});"
    " program.main()"
)
"""What the command `netcheck` does, and a sign as its own code begins: before, the signal is
Python's alone.
"""


class Ended(NamedTuple):
    """How a run ended, and after how many seconds."""

    code: int
    out: str
    err: str
    seconds: float


def run(
    arguments: Sequence[str], folder: Path, moment_s: float | None, inside: Sequence[str] = ()
) -> Ended:
    """A run in that folder, with a signal to its whole process group so long after it began, as a
    terminal sends it; None for none. `inside`: what stands before the command.

    What it waits for on its standard input never comes; without a signal there is none.
    """
    waits, tells = os.pipe()
    silent, quiet_end = os.pipe()
    command = [*inside, sys.executable, "-c", _BEGIN.format(pipe=tells), *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL if moment_s is None else silent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        pass_fds=[tells],
        start_new_session=True,
    ) as process:
        try:
            os.close(tells)
            os.read(waits, 1)
            begun = time.monotonic()
            if moment_s is not None:
                _interrupt(process, moment_s)
            out, err = process.communicate(timeout=WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            for end in (waits, silent, quiet_end):
                os.close(end)
    seconds = time.monotonic() - begun
    return Ended(process.returncode, out.decode(), err.decode(), seconds)


def _interrupt(process: subprocess.Popen[bytes], after_s: float) -> None:
    """Interrupt it then, if it has not ended."""
    time.sleep(after_s)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)


Check = Callable[[Ended, Path], None]


def check_moments(
    name: str,
    arguments: Sequence[str],
    folder: Path,
    check: Check,
    *,
    few: int,
    more_s: float = 0.0,
    inside: Sequence[str] = (),
) -> None:
    """Interrupt it at random moments of an ordinary run, and of `more_s` behind its end, for one
    that waits there; `few` of them, or 100 where NETCHECK_INTERRUPTS is `full`.

    Where it had read nothing yet it ends with 130 and leaves nothing; else `check` looks at what it
    left.
    """
    random, start_s = Random(name), _start_s()
    whole = run(arguments, _fresh(folder), None, inside)
    check(whole, folder)
    for number in range(100 if IS_FULL else few):
        moment_s = random.uniform(0, whole.seconds + more_s)
        ended = run(arguments, _fresh(folder), moment_s, inside)
        try:
            assert "Traceback" not in ended.err and "Exception" not in ended.err
            if ended.code == 130:
                assert moment_s < 3 * start_s + 0.3, "all was loaded by then"
                assert (ended.out, list(folder.iterdir())) == ("", [])
            else:
                check(ended, folder)
        except AssertionError as error:
            error.add_note(f"moment {number}, {moment_s:.3f} of {whole.seconds:.3f} s: {ended}")
            raise


@cache
def _start_s() -> float:
    """How long it takes until all is loaded."""
    return run(["--version"], Path.cwd(), None).seconds


def _fresh(folder: Path) -> Path:
    for file in folder.iterdir():
        file.unlink()
    return folder


def check_answer(ended: Ended, folder: Path) -> None:
    """One whole JSON document, a case file that holds what it holds, and no other file."""
    assert ended.code in (0, 1, 3)
    document = json.loads(ended.out)
    assert document["diagnoses"]
    assert [file.name for file in folder.iterdir()] == ["saved.jsonl"]
    saved = casefile.read(str(folder / "saved.jsonl"))
    assert saved.problems == ()
    assert len(saved.observations) == len(document["observations"])
