"""Many as few: tries that went alike, and what very many others showed.

A device that fails every ten seconds fails 8,640 times a day, and each time in one of a few ways.
What is judged of a try follows from what was seen in it, so the newest are judged one by
one, and those before that went alike once, with a count.

A device is judged beside all others of its network. Of a thousand others a few of each kind say as
much as all, and cost each device no more than ten others do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from math import frexp
from operator import attrgetter
from typing import Protocol, TypeVar

from netcheck.model import NETWORK, Observation, Stage, ordered

MOST_WHOLE = 50
"""So many tries are all kept as they are; of more only the newest."""
FIRST_WHOLE, NEWEST_WHOLE = 3, 7
MEASURED_KEPT = 3
"""Of tries that differ by measured times alone, so many are kept."""
MOST_KINDS = 200
"""Ways in which the others may differ; tries that went in yet another way are not judged."""
OVERLAP_S = 300.0
"""How far from a try another witness may be and still count as evidence in it."""
MANY = 1_000
"""Where more was observed than this, only some of what others showed is kept of each PERIOD_S."""
PERIOD_S = 300.0
SPEAKERS_KEPT, MOST_SPEAKERS = 6, 200
"""So many others are kept whoever they are, and so many at most."""
SPEAKERS_OF_EACH = 2
"""Others with one result that are kept: the first of them, for whoever differs must be heard."""
ALIKE_KEPT = 2
"""Of one of them, of what is alike but for its time and its packets."""


class Try(Protocol):
    """What is folded: `attempts.Attempt`."""

    own: list[Observation]
    lasting: list[Observation]
    others: list[Observation]
    elsewhere: list[Observation]
    count: int


T = TypeVar("T", bound=Try)


def folded(tries: list[T]) -> list[T]:
    """The tries in their order, those before the newest that went alike as one with a count."""
    if len(tries) <= MOST_WHOLE:
        return tries
    kept: list[T] = []
    kinds: dict[Hashable, dict[Hashable, T]] = {}
    for attempt in tries[:-NEWEST_WHOLE]:
        kind, measured = _kind(attempt)
        if kind not in kinds and len(kinds) == MOST_KINDS:
            continue
        alike = kinds.setdefault(kind, {})
        if measured in alike:
            alike[measured].count += 1
        elif len(alike) < MEASURED_KEPT:
            alike[measured] = attempt
            kept.append(attempt)
        else:
            next(iter(alike.values())).count += 1
    return [*kept, *tries[-NEWEST_WHOLE:]]


def _kind(attempt: Try) -> tuple[Hashable, Hashable]:
    """What was seen in it, without times and packets; and of each measured time or ratio its power
    of two.
    """
    said: list[Hashable] = [len(attempt.own)]
    measured: list[int] = []
    for o in (*attempt.own, *attempt.lasting):
        said += (_result(o), o.target)
        for pair in o.data:
            name, value = pair
            if isinstance(value, float):
                said.append(name)
                measured.append(frexp(value)[1])
            else:
                said.append(pair)
    kind = (
        tuple(said),
        frozenset(map(_result, attempt.others)),
        frozenset(map(_result, attempt.elsewhere)),
    )
    return kind, tuple(measured)


_result: Callable[[Observation], Hashable] = attrgetter("subject", "fact", "outcome", "reason")


class Surroundings:
    """All observations, indexed once: what each of many devices needs of them.

    Where few were made, that is all of them.
    """

    def __init__(self, everything: Sequence[Observation]) -> None:
        self.everything = everything
        self.is_crowded = len(everything) > MANY

    @cached_property
    def by_subject(self) -> Mapping[str, Sequence[Observation]]:
        """Subject → its observations, in their order."""
        found: dict[str, list[Observation]] = {}
        for o in self.everything:
            found.setdefault(o.subject, []).append(o)
        return found

    def of(self, names: Iterable[str]) -> Sequence[Observation]:
        """The observations of these subjects, in their order."""
        shown = [seen for name in names if (seen := self.by_subject.get(name, ()))]
        return shown[0] if len(shown) == 1 else ordered(o for seen in shown for o in seen)

    def others(self, names: Collection[str], own: Sequence[Observation]) -> Sequence[Observation]:
        """What others showed, and who everybody is. `own`: what the device of these names showed;
        in a crowd only others near its time count.
        """
        return self._beside(names)._others(names, own)

    def _beside(self, names: Collection[str]) -> Surroundings:
        """All; where most of very much is of this one device, what is not."""
        own = sum(len(self.by_subject.get(name, ())) for name in names)
        if not self.is_crowded or own <= len(self.everything) / 2:
            return self
        return Surroundings(
            [o for o in self.everything if o.subject not in names or o.fact == "device.identity"]
        )

    def _others(self, names: Collection[str], own: Sequence[Observation]) -> Sequence[Observation]:
        if not self.is_crowded:
            return [
                o for o in self.everything if o.subject not in names or o.fact == "device.identity"
            ]
        near = self._near(own[0].at, max(o.end for o in own)) if own else ()
        identities = [o for o in self.of(names) if o.fact == "device.identity"]
        namesakes = [
            other
            for one in dict.fromkeys(o.text("id") for o in identities)
            for other in self._identities.get(one, ())
            if other.subject not in names
        ]
        strangers = (o for o in near if o.subject not in names and o.fact != "device.identity")
        return [*strangers, *identities, *namesakes]

    def said(self, names: Collection[str], tries: Iterable[Try]) -> Sequence[Observation]:
        """What is said of in a note: everything; of very much what is judged of the device of these
        names, and of all others' packets one of each kind.
        """
        if not self.is_crowded:
            return self.everything
        identities = (o for o in self.of(names) if o.fact == "device.identity")
        judged = (o for attempt in tries for o in (*attempt.own, *attempt.lasting))
        return list(dict.fromkeys([*identities, *judged, *self._beside(names)._kinds]))

    def _near(self, start: float, end: float) -> Iterator[Observation]:
        """What the kept ones showed about that time, and all that was not captured."""
        times, kept = self._brief
        since, until = start - OVERLAP_S, end + OVERLAP_S
        for o in kept[bisect_left(times, since - PERIOD_S) : bisect_right(times, until)]:
            if o.end >= since:
                yield o
        for o in self._lasting:
            if not _is_captured(o) or (o.at <= until and o.end >= since):
                yield o

    @cached_property
    def _kept(self) -> Sequence[Observation]:
        return thinned(self.everything)

    @cached_property
    def _brief(self) -> tuple[Sequence[float], Sequence[Observation]]:
        """When captured observations of a period at most were made, and those, in order of time."""
        brief = sorted((o for o in self._kept if _is_brief(o)), key=lambda o: o.at)
        return [o.at for o in brief], brief

    @cached_property
    def _lasting(self) -> Sequence[Observation]:
        return [o for o in self._kept if not _is_brief(o)]

    @cached_property
    def _identities(self) -> Mapping[str, Sequence[Observation]]:
        """Device id → the observations that name who has it."""
        found: dict[str, list[Observation]] = {}
        for o in self.everything:
            if o.fact == "device.identity" and o.text("id"):
                found.setdefault(o.text("id"), []).append(o)
        return {one: named[:MOST_SPEAKERS] for one, named in found.items()}

    @cached_property
    def _kinds(self) -> Sequence[Observation]:
        """All that was not captured, and of what was captured two witnesses for each kind: one of
        them is not the device that is asked about.
        """
        told_by: dict[Hashable, set[str]] = {}
        kept = []
        for o in self.everything:
            subjects = told_by.setdefault((o.fact, o.outcome, o.reason, o.text("portal")), set())
            if not _is_captured(o) or (len(subjects) < 2 and o.subject not in subjects):
                subjects.add(o.subject)
                kept.append(o)
        return kept


def thinned(others: Iterable[Observation]) -> Sequence[Observation]:
    """What was seen of others; where that is very much, of each period some of what is alike."""
    every = list(others)
    return every if len(every) <= MANY else list(_some_of_each_period(every))


def _some_of_each_period(every: Iterable[Observation]) -> Iterator[Observation]:
    in_time = sorted(every, key=attrgetter("at"))
    for _, of_period in groupby(in_time, key=lambda o: o.at // PERIOD_S):
        period = list(of_period)
        speakers = _speakers(period)
        kept: dict[Hashable, int] = {}
        for o in period:
            if (o.subject, o.site) in speakers:
                alike = (_result(o), o.target, o.site)
                kept[alike] = number = kept.get(alike, 0) + 1
                if number <= ALIKE_KEPT:
                    yield o


def _speakers(period: Iterable[Observation]) -> Collection[tuple[str, str]]:
    """Those who are kept: the network, the computers, the first others, and whoever has a result
    that hardly anyone of them has.
    """
    results: dict[tuple[str, str], set[Hashable]] = {}
    first: dict[tuple[str, str], bool] = {}
    for o in period:
        speaker = o.subject, o.site
        if speaker not in results:
            results[speaker] = set()
            first[speaker] = o.subject == NETWORK
        results[speaker].add(_result_of_any(o))
        first[speaker] = first[speaker] or not _is_captured(o)
    kept: dict[tuple[str, str], None] = {}
    told_by: Counter[Hashable] = Counter()
    for speaker in sorted(results, key=lambda one: not first[one]):
        is_new = any(told_by[result] < SPEAKERS_OF_EACH for result in results[speaker])
        if len(kept) < (MOST_SPEAKERS if is_new else SPEAKERS_KEPT):
            kept[speaker] = None
            told_by.update(results[speaker])
    return kept


def _result_of_any(o: Observation) -> Hashable:
    """What happened, whoever it happened to; up to the gateway also where, for each network has its
    own.
    """
    return o.fact, o.outcome, o.reason, o.site, o.target if o.stage in _OF_ONE_NETWORK else ""


_OF_ONE_NETWORK = frozenset(stage for stage in Stage if stage <= Stage.GATEWAY)


def _is_brief(o: Observation) -> bool:
    return _is_captured(o) and o.end - o.at <= PERIOD_S


def _is_captured(o: Observation) -> bool:
    return o.source.startswith("capture:")
