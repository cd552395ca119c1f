"""The causes of an answer on a terminal: each with its evidence and remedy, those ruled out, and
what to test next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator.catalogue.step_costs import cost_of
from netcheck.model import Level
from netcheck.report.answer import EvidenceEntry
from netcheck.report.layout import BULLET, NUMBER, duration, where, wrapped
from netcheck.report.view import CauseView, TestView
from netcheck.report.words import ADDRESSEES

MOST_APART = 5
"""Causes shown one by one, even where the same evidence makes many possible."""


def findings(
    causes: Sequence[CauseView], alike: Sequence[CauseView], *, stop: bool
) -> Iterator[str]:
    """Each cause with its evidence, and what to do about the first, if they `stop` the connection,
    and about every other that is more than possible.

    Those of which nothing is new (`alike`) are named together at the end, where there are many.
    """
    told: set[EvidenceEntry] = set()
    folded: list[CauseView] = []
    for number, cause in enumerate(causes, 1):
        if cause in alike and number > MOST_APART:
            folded.append(cause)
            continue
        if number > 1:
            yield ""
        if cause in alike:
            look_alike = (
                f"{cause.title}: {cause.level.value}; nothing seen tells it from what stands above"
                f" (netcheck causes {cause.id})"
            )
            yield from wrapped(look_alike, NUMBER.format(number))
            continue
        yield from wrapped(f"{cause.title}: {cause.sureness}", NUMBER.format(number - len(folded)))
        yield from _support(cause, told)
        yield from _evidence("against", cause.oppose)
        if cause.level in (Level.CONFIRMED, Level.LIKELY) or (number == 1 and stop):
            yield from _remedy(cause)
        else:
            yield from wrapped(f"More: netcheck causes {cause.id}", indent="     ")
    if folded:
        named = "; ".join(f"{cause.title} ({cause.id})" for cause in folded)
        yield ""
        yield from wrapped(
            f"Possible by the same signs: {named}. More: netcheck causes ID", indent="  "
        )


def _support(cause: CauseView, told: set[EvidenceEntry]) -> Iterator[str]:
    """What speaks for a cause and was not `told` of one before it, and then is."""
    new = [entry for entry in cause.support if entry not in told]
    told.update(new)
    yield from _evidence("for", new)
    if cause.support and not new:
        yield from wrapped("for: the same as above", indent="     ")


def _evidence(side: str, evidence: Iterable[EvidenceEntry]) -> Iterator[str]:
    for one in evidence:
        places = where(one.refs)
        yield from wrapped(
            f"{one.says} ({one.weight.value}{'; ' if places else ''}{places})",
            f"{side}: ",
            indent="     ",
        )


def _remedy(cause: CauseView) -> Iterator[str]:
    if cause.steps:
        yield "     What to do:"
        for number, step in enumerate(cause.steps, 1):
            yield from wrapped(step, NUMBER.format(number), indent="       ")
            if (cost := cost_of(step)) is not None:
                yield from wrapped(cost.says, indent="          ")
    if cause.ask_it:
        yield f"     To paste into a message to {ADDRESSEES.get(cause.owner, 'whoever can help')}:"
        yield from wrapped(f'"{cause.ask_it}"', indent="       ")


def excluded(causes: Iterable[CauseView]) -> Iterator[str]:
    """The causes that the evidence speaks against, each with its reason."""
    for cause in causes:
        reasons = "; ".join(one.says for one in cause.oppose[:1])
        about = f"{cause.title}: {cause.level.value.replace('_', ' ')}"
        yield from wrapped(f"{about} ({reasons})" if reasons else about, BULLET)


def next_tests(tests: Iterable[TestView]) -> Iterator[str]:
    """What to test next, with the time it takes and the causes it tells apart."""
    for number, test in enumerate(tests, 1):
        yield from wrapped(f"{test.how} (about {duration(test.cost_s)})", NUMBER.format(number))
        if len(test.tells_apart) > 1:
            yield from wrapped("; ".join(test.tells_apart), "tells apart: ", indent="     ")
