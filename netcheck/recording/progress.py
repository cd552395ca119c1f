"""What the device has come to so far, in words for somebody who watches: a line for each step that passed or failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.correlator.ladder import climb
from netcheck.model import Device, Diagnosis, Observation, Rung, Stage, State
from netcheck.recording.settled import tries_of
from netcheck.vocabulary import REASONS

_STEPS = {
    Stage.RADIO: "network on the air",
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
    """Each step of each try of each device, as far as it is known, in order; a step that turns out otherwise gets another line."""
    return [line for diagnosis in diagnoses for line in _of_device(diagnosis, observations, is_alone=len(diagnoses) == 1)]


def _of_device(diagnosis: Diagnosis, observations: Sequence[Observation], *, is_alone: bool) -> Iterator[str]:
    name = "" if is_alone else f"{_name(diagnosis.device)}, "
    for number, attempt in enumerate(tries_of(diagnosis, observations), 1):
        for rung in climb(attempt).values():
            if rung.stage in _STEPS and (word := _word(rung)):
                yield f"{name}try {number}: {_STEPS[rung.stage]}: {word}"


def _name(device: Device) -> str:
    return device.mac or device.id or device.ip or "a Photon"


def _word(rung: Rung) -> str:
    """What came of a step; empty where nothing did yet."""
    if rung.state is State.PASSED:
        return "ok"
    failed = [o for o in rung.because if o.failed]
    if rung.state not in (State.FAILED, State.MIXED) or not failed:
        return ""
    return REASONS.get(failed[-1].reason) or "failed"
