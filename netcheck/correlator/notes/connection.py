"""Notes on the device's own tries that are not faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil

from netcheck.correlator.judging.overcome import MOMENT_S
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation, Stage
from netcheck.vocabulary import decides_rung


def notes(own: Sequence[Observation]) -> Iterator[Note]:
    """Notes on the keys and the address that were in use, and on moments without the cloud."""
    signatures = [o for o in own if o.fact == "handshake.signature"]
    if signatures:
        has_matched = any(o.ok for o in signatures)
        yield note("signature_matches" if has_matched else "signature_differs")
    if any(o.fact == "handshake.modulus" for o in own):
        yield note("other_modulus")
    if any(o.fact == "tcp.address" and o.value("fallback") for o in own):
        yield note("built_in_address")
    away_s = max(_moments(own), default=0.0)
    if away_s:
        yield note("cloud_was_away", seconds=str(ceil(away_s)))


def _moments(own: Sequence[Observation]) -> Iterator[float]:
    """For how many seconds each time the cloud could not be reached between two sessions, where
    these were few.
    """
    steps = (Stage.TCP, Stage.HANDSHAKE)
    ordered = sorted(own, key=lambda o: o.at)
    sessions = [o.at for o in ordered if o.fact == "session.open" and o.ok]
    failures = [o.at for o in ordered if o.failed and o.stage in steps and decides_rung(o.fact)]
    for before, after in pairwise(sessions):
        first = next((at for at in failures if before < at < after), after)
        if 0 < after - first <= MOMENT_S:
            yield after - first
