"""`netcheck` as another user or in another network, run in a process split off from this one, which
has imported everything: emulated, that takes longer than all the rest.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
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

_PR_SET_KEEPCAPS, _CAPABILITY_VERSION_3, _CAP_DAC_READ_SEARCH = 8, 0x20080522, 2
"""From linux/prctl.h and linux/capability.h."""

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


def become(user: int, *, reads_everything: bool = False) -> None:
    """Go on as that user, without its groups and without any right; 0: as before.
    `reads_everything`: files may be read, for this machine's Python may be in a folder of root's.
    """
    if not user:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_KEEPCAPS, int(reads_everything), 0, 0, 0)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    kept = int(reads_everything) << _CAP_DAC_READ_SEARCH
    head = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if libc.capset(head, struct.pack("=6I", kept, kept, 0, 0, 0, 0)):
        raise OSError(ctypes.get_errno(), "capset")


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
