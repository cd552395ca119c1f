"""Notes on the user's answers: their Photon fails where nothing here does, or an answer could not
be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


def notes(everything: Sequence[Observation]) -> Iterator[Note]:
    """A note for each user's answer that could not be used, and on whose leave an answer names."""
    if _is_key_denied(everything):
        yield note("key_needs_owner")
    if any(o.subject == NAMELESS for o in everything) and any(
        o.fact == "device.identity" for o in everything
    ):
        yield note("report_not_used")


def _is_key_denied(everything: Sequence[Observation]) -> bool:
    """Was a new key made, and denied by the cloud as that of a device of somebody else?"""
    is_unsent = any(
        o.fact == "told.keys_new" and o.text("value") == "send_failed" for o in everything
    )
    return is_unsent and any(
        o.fact in ("told.cli_error", "told.setup_error") and "permission denied" in o.text("text")
        for o in everything
    )
