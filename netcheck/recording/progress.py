"""How far the device came until now, in words for the user who watches: a line for each try that
differs from those before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator.attempts import tries_of
from netcheck.correlator.ladder import climb
from netcheck.model import Diagnosis, Observation, Rung, Stage, State
from netcheck.recording.settled import name_of
from netcheck.vocabulary import REASONS

_STEPS = {
    Stage.RADIO: "Wi-Fi network",
    Stage.JOIN: "join",
    Stage.ADDRESS: "address",
    Stage.GATEWAY: "gateway",
    Stage.DNS: "the cloud's name",
    Stage.INTERNET: "Internet",
    Stage.TCP: "the cloud's port",
    Stage.HANDSHAKE: "handshake",
    Stage.SESSION: "session",
}


def lines(observations: Sequence[Observation], diagnoses: Sequence[Diagnosis]) -> list[str]:
    """How far each try of each device came, in order; tries like one before are left out."""
    return [
        line
        for diagnosis in diagnoses
        for line in _of_device(diagnosis, observations, is_alone=len(diagnoses) == 1)
    ]


def _of_device(
    diagnosis: Diagnosis, observations: Sequence[Observation], *, is_alone: bool
) -> Iterator[str]:
    name = "" if is_alone else f"{name_of(diagnosis.device)}, "
    shown = set()
    for number, attempt in enumerate(tries_of(diagnosis.device, observations), 1):
        course = _course(climb(attempt).values())
        if course and course not in shown:
            shown.add(course)
            yield f"{name}try {number}: {course}"


def _course(rungs: Iterable[Rung]) -> str:
    """The steps that worked, together, and each that did not with its reason."""
    known = [rung for rung in rungs if rung.stage in _STEPS]
    worked = [_STEPS[rung.stage] for rung in known if rung.state is State.PASSED]
    failed = [f"{_STEPS[rung.stage]}: {reason}" for rung in known if (reason := _reason(rung))]
    return "; ".join([*([f"{', '.join(worked)} ok"] if worked else []), *failed])


def _reason(rung: Rung) -> str:
    """Why a step failed; empty where it did not."""
    failed = [o for o in rung.because if o.failed]
    if rung.state not in (State.FAILED, State.MIXED) or not failed:
        return ""
    return REASONS.get(failed[-1].reason) or "failed"
