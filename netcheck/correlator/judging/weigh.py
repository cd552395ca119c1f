"""Weigh the clues of one cause within one try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from netcheck.correlator import led_evidence
from netcheck.correlator.catalogue import Cause
from netcheck.correlator.judging.clues import Rule, matching
from netcheck.correlator.judging.view import View
from netcheck.model import Clue, Evidence, Level, Observation, Outcome, Stage, Weight

POINTS = {Weight.WEAK: 1, Weight.STRONG: 3, Weight.DECISIVE: 10}
LIKELY_POINTS = POINTS[Weight.STRONG]


@dataclass
class Weighed:
    """One cause in one try: the evidence for it and against it, which is not changed any more."""

    support: list[Evidence] = field(default_factory=list)
    oppose: list[Evidence] = field(default_factory=list)

    @cached_property
    def balance(self) -> int:
        """Points for it less points against it."""
        return points(self.support) - points(self.oppose)

    @property
    def weak_context_points(self) -> int:
        """Points of weak clues that fit many causes: they put causes in order and make none
        likely.
        """
        return sum(
            POINTS[e.clue.weight]
            for e in self.support
            if e.clue.context and e.clue.weight is Weight.WEAK
        )

    @cached_property
    def level(self) -> Level | None:
        """How sure this try makes us; None if there is no evidence for or against the cause."""
        decisive_for = any(e.clue.weight is Weight.DECISIVE for e in self.support)
        decisive_against = any(e.clue.weight is Weight.DECISIVE for e in self.oppose)
        if decisive_for:
            return Level.CONTESTED if decisive_against else Level.CONFIRMED
        if decisive_against:
            return Level.RULED_OUT
        if not self.support:
            return Level.UNLIKELY if self.oppose else None
        if self.balance - self.weak_context_points >= LIKELY_POINTS:
            return Level.LIKELY
        return Level.POSSIBLE if self.balance > 0 else Level.UNLIKELY


def points(evidence: Iterable[Evidence]) -> int:
    """The points of this evidence. Several reasons for which one step failed are one fact, of which
    the strongest counts: a router's refusals, and the silence where one of them got lost.
    """
    strongest: dict[object, int] = {}
    for place, e in enumerate(evidence):
        is_failure = bool(e.clue.fact and e.clue.reason) and e.clue.outcome is Outcome.FAILED
        key = (e.clue.of, e.clue.fact) if is_failure else place
        strongest[key] = max(strongest.get(key, 0), POINTS[e.clue.weight])
    return sum(strongest.values())


def weigh(cause: Cause, view: View, rules: Mapping[str, Rule]) -> Weighed:
    """The evidence for and against that cause in this try, without what means nothing there."""
    support = [
        e
        for e in _evidence(cause, cause.clues_for, view, rules, speaks_for=True)
        if not any(_means_nothing(o, cause, view) for o in e.seen)
    ]
    if all(e.clue.context for e in support):
        support.clear()
    oppose = _evidence(cause, cause.clues_against, view, rules, speaks_for=False)
    return Weighed(support, oppose)


def _evidence(
    cause: Cause,
    clues: tuple[Clue, ...],
    view: View,
    rules: Mapping[str, Rule],
    *,
    speaks_for: bool,
) -> list[Evidence]:
    return [
        Evidence(clue=clue, seen=tuple(seen))
        for clue, seen in matching(clues, view, rules)
        if not led_evidence.is_outweighed(
            seen, cause.stage, view.instruments, speaks_for=speaks_for
        )
    ]


def _means_nothing(o: Observation, cause: Cause, view: View) -> bool:
    return view.is_meaningless(o) or (cause.stage > Stage.INTERNET and view.is_held_before_login(o))
