"""Another way of weighing, for comparison: log-odds over sets of one to three causes.

Each set has the odds of its causes' priors. A piece of evidence multiplies them once, by the word
of its clue, however many causes of the set it speaks for: what one cause explains is no evidence
for another (explaining-away). What speaks against a cause divides likewise. How probable a cause is
comes from all sets that hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import exp, log

from netcheck.correlator.catalogue import load
from netcheck.model import Evidence, Finding, Observation, Weight

RATIO: Mapping[Weight, float] = {Weight.WEAK: 2.5, Weight.STRONG: 20.0, Weight.DECISIVE: 2000.0}
"""How many times as likely the evidence is where the cause is true."""
RAREST = 0.002
"""The prior of a cause whose prior is 1 of 9."""
MOST_CAUSES, MOST_IN_SET = 12, 3

Seen = frozenset[Observation]


def probabilities(findings: Sequence[Finding]) -> dict[str, float]:
    """Cause → how probable it is by the evidence of these findings, of the likeliest dozen."""
    priors = {name: cause.prior for name, cause in load().causes.items()}
    odds = {one.cause: log(RAREST * priors[one.cause]) for one in findings}
    support = {one.cause: _by_seen(one.support) for one in findings}
    against = {one.cause: sum(_by_seen(one.oppose).values()) for one in findings}
    alone = {cause: odds[cause] + sum(support[cause].values()) - against[cause] for cause in odds}
    likeliest = sorted(alone, key=lambda cause: -alone[cause])[:MOST_CAUSES]
    weights: dict[tuple[str, ...], float] = {(): 0.0}
    for size in range(1, MOST_IN_SET + 1):
        for causes in combinations(likeliest, size):
            explained = _together(support[cause] for cause in causes)
            weights[causes] = explained + sum(odds[cause] - against[cause] for cause in causes)
    greatest = max(weights.values())
    mass = {causes: exp(weight - greatest) for causes, weight in weights.items()}
    whole = sum(mass.values())
    return {
        cause: sum(part for causes, part in mass.items() if cause in causes) / whole
        for cause in likeliest
    }


def _by_seen(evidence: Iterable[Evidence]) -> dict[Seen, float]:
    """What was seen → its log ratio: of several clues about the same the weightiest counts."""
    found: dict[Seen, float] = {}
    for e in evidence:
        seen = frozenset(e.seen)
        found[seen] = max(found.get(seen, 0.0), log(RATIO[e.clue.weight]))
    return found


def _together(several: Iterable[Mapping[Seen, float]]) -> float:
    """The log ratio of all that these causes explain, each thing seen once."""
    best: dict[Seen, float] = {}
    for one in several:
        for seen, ratio in one.items():
            best[seen] = max(best.get(seen, 0.0), ratio)
    return sum(best.values())
