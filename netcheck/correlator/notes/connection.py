"""Notes on the device's own tries that are not faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation


def notes(own: Sequence[Observation]) -> Iterator[Note]:
    """Notes on the keys and the address that were in use."""
    signatures = [o for o in own if o.fact == "handshake.signature"]
    if signatures:
        has_matched = any(o.ok for o in signatures)
        yield note("signature_matches" if has_matched else "signature_differs")
    if any(o.fact == "handshake.modulus" for o in own):
        yield note("other_modulus")
    if any(o.fact == "tcp.address" and o.value("fallback") for o in own):
        yield note("built_in_address")
