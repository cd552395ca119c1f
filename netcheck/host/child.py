"""Work in a process of its own, so that it can be ended: it delays nothing here, and a deadline
holds whatever it does.

By fork, for what the work needs is here already; so for systems that have it, Linux above all, and
for programs without threads.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Pending(Protocol[T_co]):
    """Work that was begun."""

    @property
    def is_running(self) -> bool:
        """Does it go on? Where not, `result` gives what came of it or never will."""

    def result(self, wait_s: float = 0.0) -> T_co | None:
        """What came of it; None as long as it goes on, and where it failed or was ended."""

    def end(self) -> None:
        """End it, finished or not."""


class Child(Generic[T]):
    """A process that does the work; its result is pickled. See `Pending`."""

    def __init__(self, work: Callable[[], T], most_s: float) -> None:
        """`most_s`: after so long the process ends, also where nobody is left to end it."""
        context = get_context("fork")
        self._results, sender = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_work, args=(work, sender, math.ceil(most_s) + 1), daemon=True
        )
        self._process.start()
        sender.close()

    def result(self, wait_s: float = 0.0) -> T | None:
        """See `Pending`."""
        try:
            if not self._results.poll(wait_s):
                return None
            done: T = self._results.recv()
        except (EOFError, OSError):
            return None
        return done

    @property
    def has_failed(self) -> bool:
        """Did the work raise an exception? Doing it again here shows which."""
        return self._process.exitcode == 1

    def interrupt(self) -> None:
        """Pass on a Ctrl-C."""
        with contextlib.suppress(OSError):
            os.kill(self._process.pid or 0, signal.SIGINT)

    @property
    def is_running(self) -> bool:
        """See `Pending`."""
        return self._process.is_alive()

    def end(self) -> None:
        """See `Pending`."""
        self._process.kill()
        self._process.join()
        self._results.close()


def _work(work: Callable[[], T], sender: Connection, most_s: int) -> None:
    """In the child: apart from the terminal's Ctrl-C, mortal, and without a traceback on the
    screen: whoever needs the result does the work again, and fails as usual.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(most_s)
    sys.stderr = io.StringIO()
    sender.send(work())
