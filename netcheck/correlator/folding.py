"""Many tries as few: the first and the newest whole, and one with a count for each way that the
others went.

A device that fails every ten seconds fails 8,640 times a day, and each time in one of a few ways.
What is judged of a try follows from what was seen in it, so those that went alike are judged once
and counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import groupby
from math import frexp
from typing import Protocol, TypeVar

from netcheck.model import Observation, Scalar

FIRST_WHOLE, NEWEST_WHOLE = 50, 200
"""So many tries are kept as they are."""
MOST_KINDS = 200
"""Ways in which the others may differ; tries that went in yet another way are not judged."""
MANY_WITNESSES = 5_000
"""Where more was seen of others than this, only some of what is alike is kept of each PERIOD_S."""
PERIOD_S = 300.0
ALIKE_KEPT, SPEAKERS_KEPT = 4, 64


class Try(Protocol):
    """What is folded: `attempts.Attempt`."""

    own: list[Observation]
    lasting: list[Observation]
    others: list[Observation]
    elsewhere: list[Observation]
    count: int


T = TypeVar("T", bound=Try)


def folded(tries: list[T]) -> list[T]:
    """The tries in their order, alike ones between the first and the newest as one with a count."""
    if len(tries) <= FIRST_WHOLE + NEWEST_WHOLE:
        return tries
    kinds: dict[Hashable, T] = {}
    for attempt in tries[FIRST_WHOLE:-NEWEST_WHOLE]:
        kind = _kind(attempt)
        if kind in kinds:
            kinds[kind].count += 1
        elif len(kinds) < MOST_KINDS:
            kinds[kind] = attempt
    return [*tries[:FIRST_WHOLE], *kinds.values(), *tries[-NEWEST_WHOLE:]]


def _kind(attempt: Try) -> Hashable:
    """What was seen in it, without times and packets."""
    return (
        tuple(_content(o) for o in attempt.own),
        tuple(_content(o) for o in attempt.lasting),
        frozenset(_result(o) for o in attempt.others),
        frozenset(_result(o) for o in attempt.elsewhere),
    )


def _result(o: Observation) -> Hashable:
    return o.subject, o.fact, o.outcome, o.reason


def _content(o: Observation) -> Hashable:
    return _result(o), o.target, tuple((name, _rough(value)) for name, value in o.data)


def _rough(value: Scalar) -> Hashable:
    """The value; of a measured time or ratio its power of two."""
    return frexp(value)[1] if isinstance(value, float) else value


def left_out(own_tries: int, tries: Iterable[Try]) -> int:
    """How many of so many tries are in none of the counts."""
    return own_tries - sum(attempt.count for attempt in tries)


def thinned(others: Iterable[Observation]) -> Sequence[Observation]:
    """What was seen of others; where that is very much, of each period some of what is alike."""
    every = list(others)
    return every if len(every) <= MANY_WITNESSES else list(_some_of_each_period(every))


def _some_of_each_period(every: Iterable[Observation]) -> Iterator[Observation]:
    in_time = sorted(every, key=lambda o: o.at)
    for _, period in groupby(in_time, key=lambda o: o.at // PERIOD_S):
        kept: dict[Hashable, int] = {}
        speakers: set[tuple[str, str]] = set()
        for o in period:
            alike = (_result(o), o.target, o.site)
            kept[alike] = kept.get(alike, 0) + 1
            if kept[alike] > ALIKE_KEPT:
                continue
            speaker = o.subject, o.site
            if speaker in speakers or len(speakers) < SPEAKERS_KEPT:
                speakers.add(speaker)
                yield o
