"""The causes of an answer on a terminal: each with its evidence and remedy, those ruled out, and
what to test next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netcheck.correlator.catalogue.step_costs import cost_of
from netcheck.model import Diagnosis, Evidence, Finding, Level
from netcheck.report.answer import references
from netcheck.report.layout import BULLET, NUMBER, duration, where, wrapped
from netcheck.report.view import is_shown
from netcheck.report.words import ADDRESSEES

MOST_APART = 5
"""Causes shown one by one, even where the same evidence makes many possible."""


def findings(
    causes: Sequence[Finding], titles: Mapping[str, str], leading: str = ""
) -> Iterator[str]:
    """Each cause with its evidence, and what to do about the first, the one that the headline
    names, and every other that is more than possible.

    Those that the same evidence makes possible are named together at the end, where there are many.
    """
    told: set[Evidence] = set()
    folded: list[Finding] = []
    for number, finding in enumerate(causes, 1):
        title = titles.get(finding.cause, finding.cause)
        is_look_alike = _is_look_alike(finding, told)
        if is_look_alike and number > MOST_APART:
            folded.append(finding)
            continue
        if number > 1:
            yield ""
        if is_look_alike:
            look_alike = (
                f"{title}: {finding.level.value}; nothing seen tells it from what stands above"
                f" (netcheck causes {finding.cause})"
            )
            yield from wrapped(look_alike, NUMBER.format(number))
            continue
        yield from wrapped(f"{title}: {_level(finding)}", NUMBER.format(number - len(folded)))
        yield from _support(finding, told)
        yield from _evidence("against", finding.oppose)
        is_first = finding.cause == leading or (number == 1 and finding.stops_connection)
        if is_first or finding.level in (Level.CONFIRMED, Level.LIKELY):
            yield from _remedy(finding)
        else:
            yield from wrapped(f"More: netcheck causes {finding.cause}", indent="     ")
    if folded:
        named = "; ".join(
            f"{titles.get(finding.cause, finding.cause)} ({finding.cause})" for finding in folded
        )
        yield ""
        yield from wrapped(
            f"Possible by the same signs: {named}. More: netcheck causes ID", indent="  "
        )


def _support(finding: Finding, told: set[Evidence]) -> Iterator[str]:
    """What speaks for a cause and was not `told` of one before it, and then is."""
    new = [evidence for evidence in finding.support if evidence not in told]
    told.update(new)
    yield from _evidence("for", new)
    if finding.support and not new:
        yield from wrapped("for: the same as above", indent="     ")


def _is_look_alike(finding: Finding, told: set[Evidence]) -> bool:
    """Is it no more than possible, by what was told already, with nothing against it?"""
    return (
        finding.level is Level.POSSIBLE
        and bool(finding.support)
        and not finding.oppose
        and told.issuperset(finding.support)
    )


def _level(finding: Finding) -> str:
    """How sure, and in how many tries it held; a computer's one look is no try of a device."""
    is_look = finding.out_of == 1 and any(
        o.source.startswith("probe:") for one in finding.support for o in one.seen
    )
    if finding.out_of == 0 or is_look:
        return finding.level.value.replace("_", " ")
    tries = (
        "the only try"
        if finding.out_of == 1 == finding.held_in
        else f"{finding.held_in} of {finding.out_of} tries"
    )
    return f"{finding.level.value.replace('_', ' ')}, seen in {tries}"


def _evidence(side: str, evidence: Iterable[Evidence]) -> Iterator[str]:
    for one in evidence:
        places = where(references(one.seen))
        yield from wrapped(
            f"{one.clue.says} ({one.clue.weight.value}{'; ' if places else ''}{places})",
            f"{side}: ",
            indent="     ",
        )


def _remedy(finding: Finding) -> Iterator[str]:
    if finding.remedy:
        yield "     What to do:"
        for number, step in enumerate(finding.remedy, 1):
            yield from wrapped(step, NUMBER.format(number), indent="       ")
            if (cost := cost_of(step)) is not None:
                yield from wrapped(cost.says, indent="          ")
    if finding.ask_it:
        yield (
            f"     To paste into a message to {ADDRESSEES.get(finding.owner, 'whoever can help')}:"
        )
        yield from wrapped(f'"{finding.ask_it}"', indent="       ")


def excluded(causes: Iterable[Finding], titles: Mapping[str, str]) -> Iterator[str]:
    """The causes that the evidence speaks against, each with its reason."""
    for finding in (one for one in causes if not is_shown(one)):
        reasons = "; ".join(one.clue.says for one in finding.oppose[:1])
        about = (
            f"{titles.get(finding.cause, finding.cause)}: {finding.level.value.replace('_', ' ')}"
        )
        yield from wrapped(f"{about} ({reasons})" if reasons else about, BULLET)


def next_tests(one: Diagnosis, titles: Mapping[str, str]) -> Iterator[str]:
    """What to test next, with the time it takes and the causes it tells apart."""
    for number, test in enumerate(one.next_tests, 1):
        yield from wrapped(f"{test.how} (about {duration(test.cost_s)})", NUMBER.format(number))
        if len(test.settles) > 1:
            yield from wrapped(
                "; ".join(titles.get(cause, cause) for cause in test.settles),
                "tells apart: ",
                indent="     ",
            )
