"""`netcheck` as another user or in another network, run in a process split off from this one, which
has imported everything: emulated, that takes longer than all the rest.
"""

from __future__ import annotations

import json
import os
import tempfile
import traceback
from collections.abc import Callable, Sequence
from typing import IO, Any

from netcheck import correlator
from netcheck.app import commands
from netcheck.correlator import catalogue
from netcheck.report import json as json_report

PRELOADED = (correlator, json_report)
"""What the command imports when it needs it, imported here once."""
NOBODY = 65534

Said = dict[str, Any]


def preload() -> None:
    """Read the catalogue, whose files another user may not read; before the first `run`."""
    catalogue.load()


def run(arguments: Sequence[str], prepare: Callable[[], None] = lambda: None) -> Said:
    """Exit code, JSON and complaints of `netcheck` with these arguments, after `prepare` in the
    process split off.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            os._exit(_exit_code(arguments, prepare))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said, complaints = (_read(file) for file in (output, errors))
    return {"code": code, "document": json.loads(said or "null"), "errors": complaints}


def become(user: int) -> None:
    """Go on as that user, without its groups; 0: as before."""
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def _exit_code(arguments: Sequence[str], prepare: Callable[[], None]) -> int:
    try:
        prepare()
        commands.main(list(arguments))
    except SystemExit as ended:
        return int(ended.code or 0)
    except Exception:
        traceback.print_exc()
        return 4
    return 0


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
