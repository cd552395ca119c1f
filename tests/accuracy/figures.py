"""How often the answers are right: counts for each kind of input, each level, and each rung."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.model import STANDING, Diagnosis, Finding, Level, Stage, Verdict
from tests.accuracy.labelled import Labelled

SURE = (Level.CONFIRMED, Level.LIKELY)
NOTHING, HEALTHY = "nothing", "healthy"
WITNESSES: Mapping[str, Callable[[str], bool]] = {
    "captures": lambda kind: kind.startswith(("recorded", "captures")) and "half" not in kind,
    "logs": lambda kind: kind == "logs",
    "half of the evidence": lambda kind: "half" in kind,
    "what people tell": lambda kind: kind.startswith(("support", "told", "typical")),
}
"""Who saw what the inputs of a kind hold."""


class Answered(NamedTuple):
    """An input and its answer."""

    asked: Labelled
    answer: Diagnosis

    @property
    def right(self) -> frozenset[str]:
        """Every cause that is true of it."""
        return self.asked.accepted | self.asked.besides

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The causes that stand, best first."""
        return tuple(one for one in self.answer.findings if one.level in STANDING)

    def is_right_within(self, places: int) -> bool:
        """Is a true cause among the first so many that stand?"""
        return any(one.cause in self.right for one in self.standing[:places])


class KindFigures(NamedTuple):
    """Counts for one kind of input; `of` those with a fault, `well` those without."""

    kind: str
    of: int
    first: int
    third: int
    well: int
    false_alarms: int


class LevelFigures(NamedTuple):
    """How many findings of a level there were, and how many were right."""

    level: Level
    named: int
    right: int

    @property
    def share(self) -> float:
        """The share that was right; 1 where none was named."""
        return self.right / self.named if self.named else 1.0


def answered(inputs: Iterable[Labelled]) -> list[Answered]:
    """Every input with its answer."""
    return [Answered(one, diagnose(one.observations, one.target)[0]) for one in inputs]


def by_kind(answers: Iterable[Answered]) -> list[KindFigures]:
    """The counts of each kind, in the order in which the kinds come."""
    kinds: dict[str, list[Answered]] = {}
    for one in answers:
        kinds.setdefault(one.asked.kind, []).append(one)
    return [_of_kind(kind, several) for kind, several in kinds.items()]


def _of_kind(kind: str, answers: Sequence[Answered]) -> KindFigures:
    faulty = [one for one in answers if one.asked.is_healthy is False]
    well = [one for one in answers if one.asked.is_healthy]
    alarms = (Verdict.FAULT, Verdict.SUSPECTED)
    return KindFigures(
        kind,
        len(faulty),
        sum(one.is_right_within(1) for one in faulty),
        sum(one.is_right_within(3) for one in faulty),
        len(well),
        sum(one.answer.verdict in alarms for one in well),
    )


def by_level(answers: Iterable[Answered]) -> list[LevelFigures]:
    """For each level that stands how many causes were called so, and how many were true."""
    named: Counter[Level] = Counter()
    right: Counter[Level] = Counter()
    for one in answers:
        for finding in one.standing:
            named[finding.level] += 1
            right[finding.level] += finding.cause in one.right
    return [LevelFigures(level, named[level], right[level]) for level in STANDING]


def of_witness(answers: Iterable[Answered], witness: str) -> list[Answered]:
    """The answers whose evidence is of that witness."""
    return [one for one in answers if WITNESSES[witness](one.asked.kind)]


def confusion(answers: Iterable[Answered]) -> Counter[tuple[str, str]]:
    """Rung of the true cause, rung of the first cause named → how often. An input with several true
    causes counts for the one that is named, else for the lowest.
    """
    stages = {name: cause.stage for name, cause in load().causes.items()}
    cells: Counter[tuple[str, str]] = Counter()
    for one in answers:
        if one.asked.is_healthy is None:
            continue
        first = one.standing[0].cause if one.standing else ""
        called = HEALTHY if one.answer.verdict is Verdict.HEALTHY else NOTHING
        if first and not (called == HEALTHY and one.asked.is_healthy):
            called = stages[first].value
        if one.asked.is_healthy:
            cells[HEALTHY, called] += 1
            continue
        true = {stages[cause] for cause in one.right}
        is_right = first in one.right
        cells[(called if is_right else min(true).value), called] += 1
    return cells


def mistaken(answers: Iterable[Answered]) -> Counter[tuple[str, str]]:
    """Causes that are true, a cause called confirmed or likely that is not → how often."""
    return Counter(
        (", ".join(sorted(one.right)) or HEALTHY, finding.cause)
        for one in answers
        for finding in one.standing
        if finding.level in SURE and finding.cause not in one.right
    )


def rungs(cells: Iterable[tuple[str, str]]) -> list[str]:
    """The rungs that occur in a confusion matrix, from the bottom up."""
    used = {name for cell in cells for name in cell}
    return [stage.value for stage in Stage if stage.value in used]
