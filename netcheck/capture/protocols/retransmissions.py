"""Which messages belong together: runs of repeated questions, cut where the asker paused or was
done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def bursts(things: Iterable[T], is_apart: Callable[[Sequence[T], T], bool]) -> Iterator[list[T]]:
    """The things in runs, in their order; a new run begins where `is_apart(run so far, next thing)`
    says so.

    `is_apart` is asked once for each thing: let it look at the first and the last of the run alone,
    so that a long run stays cheap.
    """
    run: list[T] = []
    for thing in things:
        if run and is_apart(run, thing):
            yield run
            run = []
        run.append(thing)
    if run:
        yield run
