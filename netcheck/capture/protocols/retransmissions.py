"""Which messages belong together: runs of retransmitted questions, cut where the client paused or
had its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def runs(messages: Iterable[T], is_apart: Callable[[Sequence[T], T], bool]) -> Iterator[list[T]]:
    """The messages in runs, in their order; a new run begins where `is_apart(run so far, next)` is
    true.

    `is_apart` is called once for each message: let it look at the first and the last of the run
    alone, so that a long run stays cheap.
    """
    run: list[T] = []
    for message in messages:
        if run and is_apart(run, message):
            yield run
            run = []
        run.append(message)
    if run:
        yield run
