"""Cases side by side: home and hotspot, a good Photon and a bad one, before and after. Where they
part first, and what that says of the causes in the one that fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from netcheck.correlator.diagnosis import diagnose
from netcheck.correlator.sites import have_other_gateways, is_known_as_other, is_known_as_same
from netcheck.model import (
    STANDING,
    Device,
    Diagnosis,
    Finding,
    Observation,
    Owner,
    Stage,
    State,
    Struct,
    Target,
    Verdict,
)

SAME_TIME_S = 900.0
"""An outage of the line or of the cloud is not over so soon, and seldom unnoticed."""
WORKS = (State.PASSED, State.IMPLIED)
FAILS = (State.FAILED, State.MIXED)
_WORST_FIRST = (Verdict.FAULT, Verdict.SUSPECTED, Verdict.INSUFFICIENT, Verdict.HEALTHY)


class Changed(StrEnum):
    """What is another from one case to the next."""

    NETWORK = "network"
    """The same device, or the same kind of look, on another network."""
    DEVICE = "device"
    """Another device on the same network."""
    TIME = "time"
    """The same device on the same network: before and after."""
    UNKNOWN = "unknown"


class ComparedCase(Struct, frozen=True, kw_only=True):
    """One of the cases, and what it says by itself."""

    name: str
    diagnosis: Diagnosis

    @property
    def fails_at(self) -> Stage | None:
        """The lowest rung that fails."""
        return next((rung.stage for rung in self.diagnosis.ladder if rung.state in FAILS), None)

    def state(self, stage: Stage) -> State:
        """How far that rung was passed."""
        return next(
            (rung.state for rung in self.diagnosis.ladder if rung.stage == stage), State.UNTESTED
        )


class ComparedCause(Struct, frozen=True, kw_only=True):
    """A cause that stands in the case that fails, and whether the other case speaks against it."""

    finding: Finding
    is_refuted: bool


def _is_out(cause: ComparedCause) -> bool:
    return cause.is_refuted


class CaseComparison(Struct, frozen=True, kw_only=True):
    """The cases in the order given, and the pair that part first: `failing` and `working` are their
    places among them, and None where no two are known to part.
    """

    cases: tuple[ComparedCase, ...]
    differs_at: Stage | None = None
    failing: int | None = None
    working: int | None = None
    changed: Changed = Changed.UNKNOWN
    causes: tuple[ComparedCause, ...] = ()

    @property
    def is_same(self) -> bool:
        """Do all say the same, rung by rung and cause by cause?"""
        first, *others = (_gist(case.diagnosis) for case in self.cases)
        return all(other == first for other in others)

    @property
    def cause(self) -> Finding | None:
        """The best cause that the comparison leaves standing; if none is left, the best."""
        return next((one.finding for one in sorted(self.causes, key=_is_out)), None)


def compare(cases: Mapping[str, Sequence[Observation]], target: Target) -> CaseComparison:
    """Two cases or more, by their names, each judged by itself and then beside the others."""
    diagnosed = {name: diagnose(seen, target) for name, seen in cases.items()}
    shared = _shared_devices(list(diagnosed.values()))
    compared = tuple(
        ComparedCase(name=name, diagnosis=_chosen(found, shared))
        for name, found in diagnosed.items()
    )
    parted = _parted(compared)
    if parted is None:
        return CaseComparison(cases=compared)
    stage, failing, working = parted
    seen = list(cases.values())
    changed = _changed(
        compared[failing].diagnosis.device,
        compared[working].diagnosis.device,
        is_other_subnet=have_other_gateways(seen[failing], seen[working]),
    )
    times = [_span(one) for one in seen]
    is_at_once = _gap_s(times[failing], times[working]) <= SAME_TIME_S
    return CaseComparison(
        cases=compared,
        differs_at=stage,
        failing=failing,
        working=working,
        changed=changed,
        causes=tuple(
            ComparedCause(
                finding=one,
                is_refuted=_is_refuted(one, changed, compared[working], is_at_once=is_at_once),
            )
            for one in compared[failing].diagnosis.findings
            if one.level in STANDING
        ),
    )


def names_of(device: Device) -> set[str]:
    """Its MAC and id, as far as they are known."""
    return {name for name in (device.mac, device.id) if name}


def _shared_devices(found: Sequence[Sequence[Diagnosis]]) -> set[str]:
    """The names of devices that are in every case."""
    each = [set().union(*(names_of(one.device) for one in diagnoses)) for diagnoses in found]
    return set.intersection(*each)


def _chosen(found: Sequence[Diagnosis], shared: set[str]) -> Diagnosis:
    """The diagnosis to compare: of a device that is in every case, else the worst."""
    mine = [one for one in found if names_of(one.device) & shared] or found
    return worst_of(mine)


def worst_of(found: Sequence[Diagnosis]) -> Diagnosis:
    """Of several diagnoses the worst, of equal ones the first."""
    return min(found, key=lambda one: _WORST_FIRST.index(one.verdict))


def _parted(cases: Sequence[ComparedCase]) -> tuple[Stage, int, int] | None:
    """The lowest rung that fails in one and works in another, and which: of several the first."""
    for stage in Stage:
        failing = [n for n, case in enumerate(cases) if case.fails_at == stage]
        working = [n for n, case in enumerate(cases) if case.state(stage) in WORKS]
        if failing and working:
            return stage, failing[0], working[0]
    return None


def _changed(failing: Device, working: Device, *, is_other_subnet: bool) -> Changed:
    here, there = names_of(failing), names_of(working)
    same_device = bool(here & there) or not (here or there)
    other_device = bool(here and there) and not here & there
    site, other = failing.site or "", working.site or ""
    if same_device and (is_known_as_other(site, other) or is_other_subnet):
        return Changed.NETWORK
    if is_known_as_same(site, other) and not is_other_subnet:
        return Changed.DEVICE if other_device else Changed.TIME if same_device else Changed.UNKNOWN
    return Changed.UNKNOWN


def _is_refuted(
    cause: Finding, changed: Changed, working: ComparedCase, *, is_at_once: bool
) -> bool:
    """Would the cause have stopped the other case as well? What is the device's goes with it to any
    network; what lies beyond the router meets every device behind it, at the same time.
    """
    if not cause.stops_connection or working.state(cause.stage) not in WORKS:
        return False
    if changed is Changed.NETWORK:
        return goes_with_device(cause) or (_is_of_cloud(cause) and is_at_once)
    is_beyond = _is_of_cloud(cause) or cause.owner is Owner.ISP
    return changed is Changed.DEVICE and is_beyond and is_at_once


def goes_with_device(cause: Finding) -> bool:
    """Does the device take it along to any network: a fault of its own, or of its keys?"""
    is_of_its_keys = cause.owner is Owner.YOU and cause.stage >= Stage.HANDSHAKE
    return is_of_its_keys or cause.owner is Owner.DEVICE


def _is_of_cloud(cause: Finding) -> bool:
    return cause.owner is Owner.CLOUD


def _span(seen: Sequence[Observation]) -> tuple[float, float]:
    """First and last time, UTC seconds since 1970."""
    return min(o.at for o in seen), max(o.end for o in seen)


def _gap_s(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The time between the two; 0 or less where they overlap."""
    return max(one[0], other[0]) - min(one[1], other[1])


def _gist(one: Diagnosis) -> object:
    return (
        one.verdict,
        [(rung.stage, rung.state) for rung in one.ladder],
        [(f.cause, f.level) for f in one.findings if f.level in STANDING],
    )
