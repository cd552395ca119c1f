"""Several devices, or networks where no device was seen, at a glance: one row each, worst first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netcheck.correlator.notes.wording import earlier, note, sentence
from netcheck.model import (
    NAMELESS,
    STANDING,
    Device,
    Diagnosis,
    Finding,
    Level,
    Rung,
    Stage,
    State,
    Verdict,
)
from netcheck.report.words import FAILS_AT

_BEGINS = re.compile(r"(?:The|This|A|An|Another|Other|Nothing|Large|Your|Two|What)\b")
"""Words that begin a headline and are no name, which keeps its capital."""
SUSPECTS = 3
"""From so many causes on that are no more than possible, none is named in the headline."""
_WORST_FIRST = (Verdict.FAULT, Verdict.SUSPECTED, Verdict.INSUFFICIENT, Verdict.HEALTHY)


def severity(one: Diagnosis) -> tuple[int, int, int]:
    """What diagnoses are sorted by, the worst first: verdict, how sure the cause is, and the rung
    that fails, lowest first.
    """
    first = leading(one)
    failed = _failed(one.ladder)
    return (
        _WORST_FIRST.index(one.verdict),
        list(Level).index(first.level) if first is not None else len(Level),
        first.stage.height
        if first is not None
        else failed.stage.height
        if failed is not None
        else len(one.ladder),
    )


def about(one: Diagnosis, titles: Mapping[str, str]) -> str:
    """The cause; where there is none, the rung that fails, or how far it came."""
    first = leading(one)
    if first is not None:
        title = titles.get(first.cause, first.cause)
        return f"{title} ({first.level.value})"
    failed = _failed(one.ladder)
    if failed is not None and one.verdict is not Verdict.HEALTHY:
        return f"fails at {failed.stage.value}, cause unknown"
    passed = [rung.stage.value for rung in one.ladder if rung.state is State.PASSED]
    return f"seen up to {passed[-1]}" if passed else "nothing seen that decides"


def leading(one: Diagnosis) -> Finding | None:
    """The cause that a verdict other than healthy rests on."""
    if one.verdict not in (Verdict.FAULT, Verdict.SUSPECTED):
        return None
    standing = [f for f in one.findings if f.level in (*STANDING, Level.CONTESTED)]
    first = standing[0] if standing else None
    return next((f for f in standing if f.cause == one.leading), first)


def _failed(ladder: Iterable[Rung]) -> Rung | None:
    return next((rung for rung in ladder if rung.state is State.FAILED), None)


def short_headline(one: Diagnosis, stopping: Sequence[Finding]) -> str:
    """The diagnosis' own; where many causes are no more than possible, how far it came."""
    doubtful = [finding for finding in stopping if finding.level is Level.POSSIBLE]
    failed = next((rung for rung in one.ladder if rung.state is State.FAILED), None)
    if one.verdict is Verdict.SUSPECTED and failed is not None and len(doubtful) >= SUSPECTS:
        below = {rung.state for rung in one.ladder if Stage.POWER < rung.stage < failed.stage}
        at = "at or before" if State.UNTESTED in below else "at"
        return f"The Photon fails {at} {FAILS_AT[failed.stage]}. {len(doubtful)} causes fit."
    first = leading(one)
    if first is None:
        return one.headline
    doubted = sentence(note("cause_not_proven", sentence=""))
    # `sureness` stands beside it
    bare = one.headline.removeprefix(_counted(one, "cause_in_some_tries"))
    bare = bare.removeprefix(_counted(one, "cause_that_ended"))
    if bare.startswith(doubted):
        said = bare.removeprefix(doubted)
        is_word = _BEGINS.match(said)
        bare = f"Perhaps {said[:1].lower()}{said[1:]}" if is_word else f"Perhaps: {said}"
    return earlier(bare) if works_again(one) else bare


def _counted(one: Diagnosis, name: str) -> str:
    """What stands before the headline of a cause that did not hold in all tries."""
    first = leading(one)
    held_in, out_of = (first.held_in, first.out_of) if first is not None else (0, 0)
    return sentence(note(name, held_in=str(held_in), out_of=str(out_of), sentence=""))


def works_again(one: Diagnosis) -> bool:
    """Did what stopped the connection end, by the headline?"""
    return one.headline.startswith(_counted(one, "cause_that_ended"))


def device_name(one: Diagnosis) -> str:
    """The device by its best known name; where it has none, the one that the user
    speaks of, or any.
    """
    if is_known(one.device):
        return f"Photon {one.device.mac or one.device.id or one.device.ip}"
    seen = (o for rung in one.ladder for o in rung.because)
    named = (o for finding in one.findings for e in finding.support for o in e.seen)
    return (
        "your Photon"
        if any(o.subject == NAMELESS for o in (*seen, *named))
        else "any Photon on this network"
    )


def is_known(device: Device) -> bool:
    """Has it a name?"""
    return bool(device.mac or device.id or device.ip)
