"""`python -m netcheck`, and what the command `netcheck` runs."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from typing import NoReturn

_INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""
_GARBAGE_THRESHOLDS = 50_000, 20, 50
"""Python looks for unreachable cycles this seldom: our records make none, and to go through those
of a thousand devices again and again took an eighth of the time.
"""


def main() -> NoReturn:
    """The command line; see `netcheck.app.commands`. Ctrl-C before that is loaded, when nothing was
    read yet, ends it with 130 and no word; one after all is done changes nothing.
    """
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    is_main_thread = threading.current_thread() is threading.main_thread()
    if is_main_thread:  # no exception: Python shows one that comes as it imports, or ends
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from netcheck.app.commands import main as run

    try:
        run()
    finally:
        if is_main_thread:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
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
