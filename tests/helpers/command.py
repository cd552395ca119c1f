"""Stand-ins for sources and correlator behind the command line, and how a run of it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netcheck.model import Diagnosis, Observation, Target, Verdict
from tests.helpers.answers import OBSERVATIONS, diagnosis

Run = Callable[..., "Ended"]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Reading(NamedTuple):
    observations: list[Observation]
    unread: tuple[str, ...] = ()
    is_partial: bool = False
    not_decrypted: tuple[str, ...] = ()


class CaptureError(Exception):
    pass


class World:
    """What the stand-ins say, and what they were asked."""

    def __init__(self) -> None:
        self.verdicts = [Verdict.FAULT]
        self.unread: tuple[str, ...] = ()
        self.observations = list(OBSERVATIONS)
        self.target = Target()
        self.judged: list[Observation] = []
        self.paths: tuple[str, ...] = ()

    def observe(self, paths: tuple[str, ...], target: Target, passphrase: object = None) -> Reading:
        self.paths, self.target = tuple(paths), target
        return Reading(self.observations, self.unread)

    def diagnose(
        self, observations: list[Observation], target: Target, *_: object
    ) -> list[Diagnosis]:
        self.judged, self.target = observations, target
        return [diagnosis(verdict=verdict) for verdict in self.verdicts]
