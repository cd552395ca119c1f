"""Notes on the user's answers: their Photon fails where nothing here does, or an answer could not
be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator import led_evidence, user_reports
from netcheck.correlator.attempts import Attempt
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import NAMELESS, Observation, Rung, Stage, State


def headline(tries: Sequence[Attempt], rungs: Sequence[Rung]) -> Note | None:
    """The headline where this network would let a Photon through, or the light shows it online, and
    the user's fails all the same; else None.
    """
    has_passed = any(rung.stage is Stage.HANDSHAKE and rung.state is State.PASSED for rung in rungs)
    if not has_passed or not tries or not user_reports.tells_of_symptom(tries[-1].device):
        return None
    by_light = led_evidence.is_online_by_light_alone(rungs)
    return note("online_by_light_yet_fails" if by_light else "fails_elsewhere")


def notes(everything: Iterable[Observation]) -> Iterator[Note]:
    """A note for each user's answer that could not be used."""
    if any(o.subject == NAMELESS for o in everything) and any(
        o.fact == "device.identity" for o in everything
    ):
        yield note("report_not_used")
