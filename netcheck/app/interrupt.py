"""Ctrl-C, the same for every command: the first one ends the gathering, and what was seen until
then is judged; the second one ends the program at once.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


@contextmanager
def stop_event(*more: signal.Signals) -> Iterator[threading.Event]:
    """An event that the first Ctrl-C inside sets, and does nothing else, so that no write is cut in
    two. `more`: other signals that do the same.

    Outside the main thread, where no signals arrive, no handler is changed.
    """
    stop = threading.Event()

    def interrupt(*_: object) -> None:
        if stop.is_set():
            _end_at_once()
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, *more)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def breaks_off(interrupted: Callable[[], None]) -> Iterator[None]:
    """For what blocks, as reading a file does: the first Ctrl-C breaks off what is inside and calls
    `interrupted`.
    """
    try:
        yield
    except KeyboardInterrupt:
        next_ends_at_once()
        interrupted()


def next_ends_at_once() -> None:
    """There was a Ctrl-C already: another one does not wait for the answer."""
    signal.signal(signal.SIGINT, _end_at_once)


def _end_at_once(*_: object) -> None:
    os._exit(INTERRUPTED)
