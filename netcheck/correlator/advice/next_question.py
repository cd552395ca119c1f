"""How well a question tells the causes apart: what each of its answers would do to the belief in
them.

Belief is a catalogue cause's prior, doubled by each point that speaks for it and halved by each
that speaks against it (`weigh.POINTS`). An answer is as probable under a cause as it makes that
cause believed: so any clue counts, in the table or by a rule, without being named here. Orders
questions and is no evidence: levels and verdict come from `weigh` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from math import log2

import msgspec

from netcheck.correlator.catalogue import Catalogue, load
from netcheck.correlator.diagnosis import judged_causes
from netcheck.correlator.judging.judge import SURE, Judged
from netcheck.correlator.judging.weigh import POINTS
from netcheck.model import Evidence, Observation, Struct, Target, Weight

MOST_POINTS = 10
"""One decisive clue; more on one side makes nothing surer."""
AGAINST_NOTHING = 0.5
"""What a cause counts that nothing speaks for, once another stands."""


class Belief(Struct, frozen=True, kw_only=True):
    """What a diagnosis makes of the causes. `points`: of each that anything bears on; `first`: the
    one named first, or empty.
    """

    points: Mapping[str, int]
    standing: frozenset[str]
    first: str = ""
    is_sure: bool = False


class Worth(Struct, frozen=True, kw_only=True):
    """What asking is worth, as expected over its answers.

    `surer`: by how much the share of the likeliest cause grows; `bits`: by how much the causes are
    narrowed; `change`: how likely it is that another cause is named first.
    """

    surer: float = 0.0
    bits: float = 0.0
    change: float = 0.0


def believed(observations: Iterable[Observation], target: Target) -> Belief:
    """The belief in the causes of the best identified device."""
    return _belief(judged_causes(observations, target))


def believed_after(
    now: Belief, observations: Iterable[Observation], target: Target, causes: Collection[str]
) -> Belief:
    """The belief once more is observed that bears on these causes alone; beside them those that
    stand now are judged anew, and all others stay as they are.
    """
    anew = {*causes, *now.standing}
    after = _belief(judged_causes(observations, target, anew))
    others = {cause: points for cause, points in now.points.items() if cause not in anew}
    return msgspec.structs.replace(after, points={**others, **after.points})


def _belief(judged: Sequence[Judged]) -> Belief:
    best = next((j for j in judged if j.stands), None)
    return Belief(
        points={j.cause.id: _points(j.support) - _points(j.oppose) for j in judged},
        standing=frozenset(j.cause.id for j in judged if j.stands),
        first=best.cause.id if best is not None else "",
        is_sure=best is not None and best.cause.stops_connection and best.level in SURE,
    )


def _points(evidence: Iterable[Evidence]) -> int:
    return sum(POINTS[e.clue.weight] for e in evidence)


def bearing(now: Belief) -> Callable[[str, str], frozenset[str]]:
    """The causes on which the answer of that fact and value bears; none where it can change nothing
    that is believed: no clue of a cause that stands asks for it, and no strong one of another.

    What only code reads counts as bearing where the fact takes any value.
    """
    by_clue, by_strong_clue = asking()

    def causes(fact: str, value: str) -> frozenset[str]:
        bears = by_clue.get((fact, value), frozenset()) | by_clue.get((fact, ""), frozenset())
        if not now.standing or not bears.isdisjoint(now.standing):
            return bears
        is_strong = (fact, value) in by_strong_clue or (fact, "") in by_strong_clue
        return bears if is_strong else frozenset()

    return causes


Asking = Mapping[tuple[str, str], frozenset[str]]


@cache
def asking() -> tuple[Asking, Asking]:
    """Fact and value → the causes with a clue for or against them that asks for it, by itself or by
    a rule; and those of which such a clue for them is strong.
    """
    catalogue = load()
    rules = _rule_conditions(catalogue)
    by_clue: dict[tuple[str, str], frozenset[str]] = {}
    by_strong_clue: dict[tuple[str, str], frozenset[str]] = {}
    for cause in catalogue.causes.values():
        for clue in cause.clues:
            is_strong = clue.weight is not Weight.WEAK and clue in cause.clues_for
            for asked in rules.get(clue.rule, frozenset()) | _asked(clue.fact, clue.value):
                for table in (by_clue, by_strong_clue)[: 1 + is_strong]:
                    table[asked] = table.get(asked, frozenset()) | {cause.id}
    return by_clue, by_strong_clue


def _rule_conditions(catalogue: Catalogue) -> Mapping[str, frozenset[tuple[str, str]]]:
    """Rule → the facts and values that it asks for, by itself and by the rules it names; an empty
    value is any.
    """
    found: dict[str, frozenset[tuple[str, str]]] = {}

    def conditions(rule: str) -> frozenset[tuple[str, str]]:
        if rule not in found:
            pattern = catalogue.patterns.get(rule)
            found[rule] = frozenset[tuple[str, str]]().union(
                *(
                    _asked(one.fact, one.value) | conditions(one.rule)
                    for one in (pattern.conditions if pattern is not None else ())
                )
            )
        return found[rule]

    for rule in catalogue.patterns:
        conditions(rule)
    return found


def _asked(fact: str, values: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((fact, value) for value in values or ("",)) if fact else frozenset()


def worth(
    now: Belief,
    after: Sequence[Belief],
    priors: Mapping[str, int] | None = None,
    odds: Sequence[float] | None = None,
) -> Worth:
    """What a question is worth whose answers would lead to these beliefs; nothing where no answer
    changes any. `odds`: how often each answer is given beside the others; alike where not said.
    """
    weights = weighted(now, priors)
    if all(belief.points == now.points for belief in after):
        return Worth()
    answers = [
        {cause: share * _likelihood(now, belief, cause) for cause in weights}
        for belief, share in zip(after, odds or [1.0] * len(after), strict=True)
    ]
    totals = {cause: sum(answer[cause] for answer in answers) for cause in weights}
    joint = [
        {cause: weights[cause] * answer[cause] / totals[cause] for cause in weights}
        for answer in answers
    ]
    bits = _uncertainty(weights) - sum(sum(share.values()) * _uncertainty(share) for share in joint)
    change = sum(
        sum(share.values())
        for share, belief in zip(joint, after, strict=True)
        if belief.first != now.first
    )
    surer = sum(max(share.values()) for share in joint) - max(weights.values())
    return Worth(surer=max(surer, 0.0), bits=max(bits, 0.0), change=change)


def weighted(now: Belief, priors: Mapping[str, int] | None = None) -> dict[str, float]:
    """Each cause's share of the belief; the shares sum to 1."""
    if priors is None:
        priors = {cause.id: cause.prior for cause in load().causes.values()}
    idle = AGAINST_NOTHING if now.standing else 1.0
    raw = {
        cause: prior * (_doubled(now.points[cause]) if cause in now.points else idle)
        for cause, prior in priors.items()
    }
    total = sum(raw.values())
    return {cause: weight / total for cause, weight in raw.items()}


def _likelihood(now: Belief, after: Belief, cause: str) -> float:
    return _doubled(after.points.get(cause, 0) - now.points.get(cause, 0))


def _doubled(points: int) -> float:
    return float(2 ** max(-MOST_POINTS, min(points, MOST_POINTS)))


def _uncertainty(weights: Mapping[str, float]) -> float:
    """The entropy of these weights, made to sum to 1, in bits."""
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    return -sum(weight / total * log2(weight / total) for weight in weights.values() if weight > 0)
