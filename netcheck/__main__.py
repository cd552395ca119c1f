"""`python -m netcheck`, and what the command `netcheck` runs."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import NoReturn

_INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


def main() -> NoReturn:
    """The command line; see `netcheck.app.commands`. Ctrl-C before that is loaded, when nothing was
    read yet, ends it with 130 and no word; one after all is done changes nothing.
    """
    _end_on_ctrl_c(_INTERRUPTED)
    from netcheck.app.commands import main as run

    try:
        run()
    finally:
        _leave_threads_behind()


def _end_on_ctrl_c(code: int) -> None:
    """No exception: Python would show one that cannot be caught, as it imports or ends."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, lambda *_: os._exit(code))


def _leave_threads_behind() -> None:
    """End at once where a plug-in still hangs in a thread: a pool of threads, a daemon's too, is
    waited for at Python's own end.
    """
    end = sys.exception()
    if not isinstance(end, SystemExit) or not isinstance(end.code, int):
        return
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None: closed by the caller
        with contextlib.suppress(OSError):  # its reader has gone away
            stream.flush()
    _end_on_ctrl_c(end.code)
    if threading.active_count() > 1:
        os._exit(end.code)


if __name__ == "__main__":
    main()
