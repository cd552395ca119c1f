"""All that is said of a conclusion beside its causes: the headline, what nothing explains, and the
notes, in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from netcheck.correlator import package_facts
from netcheck.correlator.attempts import Attempt
from netcheck.correlator.catalogue import Catalogue
from netcheck.correlator.catalogue.other_boards import Board
from netcheck.correlator.judging.judge import Judged
from netcheck.correlator.notes import (
    computer_wifi,
    connection,
    contradictions,
    counterfactual,
    headline,
    known_issues,
    led_notes,
    other_boards,
    this_computer,
    usb,
    user_reports,
)
from netcheck.correlator.notes.wording import Note, note, sentence, sentences
from netcheck.model import Device, Observation, Rung, Stage, Struct, Verdict
from netcheck.vocabulary import FACTS, REASONS, is_told_by_user


class Conclusion(Struct, frozen=True, kw_only=True):
    """The conclusion. `leading`: the cause that the verdict rests on. `unexplained`: the failure
    that no cause explains. `of_packages`: failures that probes of other packages saw. `top`: the
    highest rung that the source can show. `has_ended`: a later try got through what the leading
    cause had stopped. `board`: the one that it is, where that is no Photon.
    """

    verdict: Verdict
    leading: Judged | None
    judged: Sequence[Judged]
    rungs: Sequence[Rung]
    tries: Sequence[Attempt]
    unexplained: Observation | None
    of_packages: tuple[Observation, ...]
    top: Stage
    newest: Sequence[Rung] = ()
    has_ended: bool = False
    board: Board | None = None


class Explanation(Struct, frozen=True, kw_only=True):
    """The words of a diagnosis."""

    headline: str
    unexplained: tuple[str, ...]
    notes: tuple[str, ...]


def explain(
    catalogue: Catalogue,
    concluded: Conclusion,
    everything: Sequence[Observation],
    device: Device,
    names: Collection[str],
) -> Explanation:
    """The words for a conclusion about the device that is known by these names."""
    ours = (_failure(concluded.unexplained),) if concluded.unexplained is not None else ()
    failures = (*ours, *package_facts.unexplained(concluded.of_packages, concluded.judged))
    first = _headline(catalogue, concluded, everything, failures)
    return Explanation(
        headline=sentence(first),
        unexplained=failures,
        notes=(
            *sentences(_notes(concluded, everything, device, names, first)),
            *package_facts.notes(everything, concluded.judged, concluded.of_packages),
        ),
    )


def _failure(o: Observation) -> str:
    why = REASONS.get(o.reason, o.reason) if o.reason else "no"
    return f"{o.stage.value}: {FACTS[o.fact].meaning}: {why} ({o.ref or o.source})"


def _headline(
    catalogue: Catalogue,
    concluded: Conclusion,
    everything: Sequence[Observation],
    failures: Sequence[str],
) -> Note:
    if concluded.verdict is Verdict.INSUFFICIENT:
        if concluded.leading is not None:
            return note("cause", headline=concluded.leading.cause.headline)
        why = headline.why_too_little(everything, concluded.tries, concluded.rungs, concluded.top)
        if why is not None:
            return why
    if concluded.leading is not None:
        return headline.of_cause(
            catalogue,
            concluded.verdict,
            concluded.leading,
            concluded.judged,
            has_ended=concluded.has_ended,
        )
    if concluded.verdict is Verdict.HEALTHY:
        return headline.healthy(concluded.rungs)
    if concluded.board is not None and not concluded.board.is_sure:
        return other_boards.of_board(concluded.board)
    return headline.unexplained(concluded.rungs, failures, concluded.newest)


def _notes(
    concluded: Conclusion,
    everything: Sequence[Observation],
    device: Device,
    names: Collection[str],
    first: Note,
) -> Iterator[Note]:
    tries, leading = concluded.tries, concluded.leading
    own = [o for attempt in tries for o in attempt.own]
    told = dict.fromkeys(o for attempt in tries for o in attempt.lasting if is_told_by_user(o.fact))
    if concluded.board is not None and first != other_boards.of_board(concluded.board):
        yield other_boards.of_board(concluded.board)
    if concluded.verdict is Verdict.HEALTHY:  # then the one that fails may be the other
        yield from other_boards.may_be_too(everything)
    yield from computer_wifi.notes(everything, names)
    yield from connection.notes(own)
    yield from contradictions.notes(own)
    yield from led_notes.notes([*own, *told])
    yield from usb.notes(everything, tries[-1].device if tries else (), first)
    yield from this_computer.notes(
        everything, concluded.verdict, leading.cause if leading is not None else None
    )
    yield from other_boards.notes(everything)
    if concluded.verdict is not Verdict.HEALTHY:
        yield from other_boards.may_be_too(everything)
    yield from this_computer.beside_device(everything, device, names)
    yield from user_reports.notes(everything)
    if concluded.verdict is Verdict.FAULT and leading is not None:
        yield from counterfactual.notes(leading, concluded.judged, concluded.rungs, tries)
    if concluded.verdict is not Verdict.HEALTHY and tries:
        yield from known_issues.notes(tries[-1].device, concluded.judged)
