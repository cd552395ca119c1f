"""`python -m netcheck`, and what the command `netcheck` runs."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import NoReturn


def main() -> NoReturn:
    """The command line; see `netcheck.app.commands`. Ctrl-C before that is even loaded ends it
    without a traceback, by the same code.
    """
    try:
        from netcheck.app.commands import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    try:
        run()
    finally:
        _leave_threads_behind()


def _leave_threads_behind() -> None:
    """End at once where a plug-in still hangs in a thread: a pool of threads, a daemon's too, is
    waited for at Python's own end.
    """
    end = sys.exception()
    if threading.active_count() > 1 and isinstance(end, SystemExit) and isinstance(end.code, int):
        for stream in filter(None, (sys.stdout, sys.stderr)):  # None: closed by the caller
            with contextlib.suppress(OSError):  # its reader has gone away
                stream.flush()
        os._exit(end.code)


if __name__ == "__main__":
    main()
