"""Ctrl-C, the same for every command: the first one ends the gathering, or shortens the judging,
and what is known then is judged, printed and saved; the second one ends the program at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


class _CtrlC:
    """Whether there was one, and what the first one does."""

    def __init__(self) -> None:
        self.is_active = False
        self.is_seen = False
        self.is_pending = False
        """Seen where nothing could be broken off, and not yet told to anybody."""
        self.is_breakable = False

    def __call__(self, *_: object) -> None:
        if self.is_seen:
            _end_at_once()
        self.is_seen = True
        if self.is_breakable:
            raise KeyboardInterrupt
        self.is_pending = True


_ctrl_c = _CtrlC()


@contextmanager
def whole_run() -> Iterator[None]:
    """Inside, the first Ctrl-C is kept in mind and breaks off only what `break_off` does, so that
    no answer and no file is cut in two.
    """
    global _ctrl_c
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _ctrl_c = _CtrlC()
    _ctrl_c.is_active = True
    before, hook = signal.signal(signal.SIGINT, _ctrl_c), sys.unraisablehook
    sys.unraisablehook = _quiet(hook)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
        _ctrl_c = _CtrlC()


def _quiet(
    hook: Callable[[sys.UnraisableHookArgs], object],
) -> Callable[[sys.UnraisableHookArgs], None]:
    """Where a Ctrl-C came as Python cleared something away, and could break off nothing, it is as
    if it had come where nothing can be broken off.
    """

    def report(args: sys.UnraisableHookArgs) -> None:
        if isinstance(args.exc_value, KeyboardInterrupt):
            _ctrl_c.is_pending = True
        else:
            hook(args)

    return report


def is_seen() -> bool:
    """Was there a Ctrl-C in this run?"""
    return _ctrl_c.is_active and _ctrl_c.is_seen


@contextmanager
def stop_event(*more: signal.Signals) -> Iterator[threading.Event]:
    """An event that the first Ctrl-C inside sets, and does nothing else, so that no write is cut in
    two. `more`: other signals that do the same.

    Outside the main thread, where no signals arrive, no handler is changed.
    """
    stop = threading.Event()

    def interrupt(*_: object) -> None:
        if stop.is_set() or is_seen():
            _end_at_once()
        _ctrl_c.is_seen = True
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, *more)}
    try:
        if _ctrl_c.is_pending:
            stop.set()
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def break_off(work: Callable[[], None], interrupted: Callable[[], None]) -> None:
    """Do what blocks, as reading a file does: the first Ctrl-C breaks it off and calls
    `interrupted`. After one that came before, it is still done, as after any first one.

    No context manager: a Ctrl-C as one is entered or left would pass it by.
    """
    ctrl_c = _ctrl_c
    try:
        if ctrl_c.is_pending:
            ctrl_c.is_pending = False
            next_ends_at_once()
            interrupted()
        else:
            ctrl_c.is_breakable = not ctrl_c.is_seen
        work()
        ctrl_c.is_breakable = False
    except KeyboardInterrupt:
        next_ends_at_once()
        interrupted()
    finally:
        ctrl_c.is_breakable = False


def next_ends_at_once() -> None:
    """There was a Ctrl-C already: another one does not wait for the answer."""
    _ctrl_c.is_seen = True
    signal.signal(signal.SIGINT, _end_at_once)


def _end_at_once(*_: object) -> None:
    os._exit(INTERRUPTED)
