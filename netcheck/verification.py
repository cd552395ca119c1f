"""Did a fix help? A case from before it, beside what was seen after it: the step that failed, and
the cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from netcheck.comparison import FAILS, WORKS, goes_with_device, names_of, worst_of
from netcheck.correlator.catalogue import Cause
from netcheck.correlator.sites import is_known_as_other
from netcheck.model import (
    STANDING,
    Diagnosis,
    Finding,
    Level,
    Stage,
    State,
    Struct,
    Verdict,
)

FROM_HERE = frozenset({"computer.vantage", "computer.vpn", "computer.proxy", "computer.sends"})
"""Facts without which no probe of this computer means anything."""


class FixResult(StrEnum):
    """What became of the fault."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    SOMETHING_ELSE = "something_else"
    NOT_TESTED = "not_tested"


class WhyNotTested(StrEnum):
    """Why the new evidence does not say."""

    NOT_SEEN = "not_seen"
    """It does not show the step that failed."""
    OTHER_NETWORK = "other_network"
    OTHER_DEVICE = "other_device"
    DEVICE_ALONE = "device_alone"
    """Seen was this computer, and the fault may be one that the Photon alone meets."""
    NOT_LONG_ENOUGH = "not_long_enough"
    """The step works again, but a fault that comes and goes may be there still."""


class Verification(Struct, frozen=True, kw_only=True):
    """The case from before, what is seen now, and what that means. `stage`: the step that failed,
    `cause`: why, where that was known; `why` goes with NOT_TESTED alone.
    """

    before: Diagnosis
    now: Diagnosis
    stage: Stage
    cause: Finding | None
    result: FixResult
    why: WhyNotTested | None = None


def broken(found: Sequence[Diagnosis]) -> Diagnosis | None:
    """The worst of the diagnoses of a case; None where nothing in it failed."""
    worst = worst_of(found)
    has_failed = worst.verdict in (Verdict.FAULT, Verdict.SUSPECTED)
    return worst if has_failed and failed_stage(worst) is not None else None


def facts_to_ask(before: Diagnosis, causes: Iterable[Cause]) -> frozenset[str]:
    """The facts that a fix may have changed: those that speak for or against the causes that stood,
    and those that were seen.
    """
    fixable = [one for one in before.findings if one.level in STANDING]
    names = {one.cause for one in fixable}
    known = {clue.fact for cause in causes if cause.id in names for clue in cause.clues}
    seen = {o.fact for one in fixable for e in (*one.support, *one.oppose) for o in e.seen}
    return FROM_HERE | (known | seen) - {""}


def verify(before: Diagnosis, found: Sequence[Diagnosis]) -> Verification:
    """What became of the fault of `before`, by the diagnoses of what was seen since. Raises
    ValueError where `before` shows no fault.
    """
    stage = failed_stage(before)
    if stage is None:
        raise ValueError("the case from before shows no fault")
    mine = [one for one in found if names_of(one.device) & names_of(before.device)]
    now = worst_of(mine or found)
    result, why = _result(before, now, stage)
    return Verification(
        before=before, now=now, stage=stage, cause=cause_of(before), result=result, why=why
    )


def cause_of(one: Diagnosis) -> Finding | None:
    """The best cause that stops the connection; None where none stands."""
    standing = (one for one in one.findings if one.level in STANDING and one.stops_connection)
    return next(standing, None)


def failed_stage(one: Diagnosis) -> Stage | None:
    """The lowest step that fails; else the one on which the cause lies, None without one."""
    failed = next((rung.stage for rung in one.ladder if rung.state in FAILS), None)
    cause = cause_of(one)
    return failed or (cause.stage if cause is not None else None)


def _state(one: Diagnosis, stage: Stage) -> State:
    return next((rung.state for rung in one.ladder if rung.stage == stage), State.UNTESTED)


def _result(
    before: Diagnosis, now: Diagnosis, stage: Stage
) -> tuple[FixResult, WhyNotTested | None]:
    why = _other(before, now)
    if why is not None:
        return FixResult.NOT_TESTED, why
    new, state = cause_of(now), _state(now, stage)
    if now.verdict is Verdict.FAULT and new is not None:
        stood = {one.cause for one in before.findings if one.level in STANDING}
        return (FixResult.NOT_FIXED if new.cause in stood else FixResult.SOMETHING_ELSE), None
    if state in FAILS:
        return FixResult.NOT_FIXED, None
    if state is State.UNREACHED or any(rung.state in FAILS for rung in now.ladder):
        return FixResult.SOMETHING_ELSE, None
    why = WhyNotTested.NOT_SEEN if state not in WORKS else _doubt(before, now, stage)
    return (FixResult.FIXED, None) if why is None else (FixResult.NOT_TESTED, why)


def _other(before: Diagnosis, now: Diagnosis) -> WhyNotTested | None:
    """Was another device seen, or another network where that matters?"""
    was, seen = names_of(before.device), names_of(now.device)
    if was and seen and not was & seen:
        return WhyNotTested.OTHER_DEVICE
    cause = cause_of(before)
    is_elsewhere = is_known_as_other(before.device.site or "", now.device.site or "")
    if is_elsewhere and not (cause is not None and goes_with_device(cause)):
        return WhyNotTested.OTHER_NETWORK
    return None


def _doubt(before: Diagnosis, now: Diagnosis, stage: Stage) -> WhyNotTested | None:
    """Why a step that works now may fail yet; None where nothing speaks for that."""
    cause = cause_of(before)
    out = (Level.UNLIKELY, Level.RULED_OUT)
    if cause is not None and any(
        one.cause == cause.cause and one.level in out for one in now.findings
    ):
        return None
    if names_of(before.device) and not names_of(now.device):
        return WhyNotTested.DEVICE_ALONE
    if _state(before, stage) is State.MIXED or stage is Stage.SESSION:
        return WhyNotTested.NOT_LONG_ENOUGH
    return None
