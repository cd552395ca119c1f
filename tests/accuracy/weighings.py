"""Ways of weighing, side by side: the points that are in use, log-odds over sets of causes, and
points with the order within each level by log-odds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from netcheck.correlator.catalogue import load
from netcheck.model import Level
from tests.accuracy.figures import WITNESSES, Answered, of_witness
from tests.accuracy.odds import probabilities

MEANT = {Level.CONFIRMED: 0.99, Level.LIKELY: 0.9, Level.POSSIBLE: 0.25}
"""How probable a level says that a cause is; any other level: hardly."""
HARDLY = 0.01
WAYS = ("points", "log-odds", "points, then log-odds")


def report(answers: Sequence[Answered]) -> Iterator[str]:
    """The comparison as lines: a table of ranks, and the Brier scores."""
    found = [(one, probabilities(one.answer.findings)) for one in answers]
    by_id = {id(one): probable for one, probable in found}
    yield "| Evidence | inputs | " + " | ".join(f"{way}: 1st, 1st to 3rd" for way in WAYS) + " |"
    yield f"|{'---|' * (2 + len(WAYS))}"
    for witness in WITNESSES:
        faulty = [one for one in of_witness(answers, witness) if one.asked.is_healthy is False]
        right = Counter[tuple[str, int]]()
        for one in faulty:
            for way, order in _orders(one, by_id[id(one)]).items():
                for places in (1, 3):
                    right[way, places] += bool(one.right.intersection(order[:places]))
        cells = (
            f"{right[way, 1] / len(faulty):.1%}, {right[way, 3] / len(faulty):.1%}" for way in WAYS
        )
        yield f"| {witness} | {len(faulty)} | {' | '.join(cells)} |"
    points, odds = _brier(found)
    yield f"Brier score (less is better): points {points:.4f}, log-odds {odds:.4f}"


def _orders(one: Answered, probable: Mapping[str, float]) -> dict[str, list[str]]:
    """Way of weighing → the causes, best first."""
    stops = {name: cause.stops_connection for name, cause in load().causes.items()}
    levels = list(Level)
    combined = sorted(
        one.standing,
        key=lambda f: (
            levels.index(f.level),
            not f.stops_connection,
            -probable.get(f.cause, 0.0),
        ),
    )
    return {
        "points": [f.cause for f in one.standing],
        "log-odds": sorted(probable, key=lambda cause: (not stops[cause], -probable[cause])),
        "points, then log-odds": [f.cause for f in combined],
    }


def _brier(found: Sequence[tuple[Answered, Mapping[str, float]]]) -> tuple[float, float]:
    """The mean squared error of what each way says of every cause with evidence."""
    points, odds = [], []
    for one, probable in found:
        for f in one.answer.findings:
            is_right = f.cause in one.right
            points.append((MEANT.get(f.level, HARDLY) - is_right) ** 2)
            odds.append((probable.get(f.cause, 0.0) - is_right) ** 2)
    return mean(points), mean(odds)
