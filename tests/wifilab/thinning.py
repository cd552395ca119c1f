"""Recorded frames without what says nothing new, so that a capture stays small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netcheck.wire.links import dot11

RADIOTAP = 127
BEACON_EVERY_NS = 800_000_000
_BEACON = 0x80


def thinned(frames: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """All frames, but of each access point's beacons about one a second."""
    last_ns: dict[bytes, int] = {}
    for at_ns, frame in frames:
        radio = dot11(RADIOTAP, frame)
        if radio is not None and frame[radio.offset] == _BEACON:
            bssid = frame[radio.offset + 16 : radio.offset + 22]
            if at_ns - last_ns.get(bssid, 0) < BEACON_EVERY_NS:
                continue
            last_ns[bssid] = at_ns
        yield at_ns, frame
