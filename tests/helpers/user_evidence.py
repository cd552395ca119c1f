"""What is concluded from the words of a user alone."""

from __future__ import annotations

from netcheck.correlator.diagnosis import diagnose
from netcheck.model import STANDING, Diagnosis, Target
from netcheck.user import answers as reader
from netcheck.user import led


def judged(light: str, *pairs: str) -> Diagnosis:
    """The diagnosis of a device of which only its user speaks."""
    seen = list(led.observations(led.read(light), Target(), 0.0)) if light else []
    seen += reader.observations([reader.parse(pair) for pair in pairs], Target(), 1.0)
    return diagnose(seen, Target())[0]


def standing(one: Diagnosis) -> list[str]:
    return [finding.cause for finding in one.findings if finding.level in STANDING]
