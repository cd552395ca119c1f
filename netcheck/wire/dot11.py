"""What a monitor says of the reception of an 802.11 frame; and such frames behind a radio header,
made for recordings. Pure; any bytes are accepted.

Sources: IEEE 802.11-2020 §9.2, §9.3; radiotap.org: a header of version, length and presence words,
then the fields in the order of their bits, each aligned to its own size.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from netcheck.wire.links import IEEE80211, PPI, RADIOTAP

DATA = 0x20
"""Type and subtype of a data frame, as in `links.Dot11.kind`."""
TO_DS, FROM_DS, PROTECTED = 0x01, 0x02, 0x40
_ADDRESSES = 3

CHANNEL, SIGNAL = 3, 5
_FIELDS = ((8, 8), (1, 1), (1, 1), (4, 2), (2, 1), (1, 1))
"""Size and alignment of TSFT, flags, rate, channel, FHSS and antenna signal, by their bits."""
_MORE = 0x80000000


class Reception(NamedTuple):
    """`frequency_mhz` and `signal_dbm` are None where the header does not say them."""

    frequency_mhz: int | None = None
    signal_dbm: int | None = None


NOTHING = Reception()


def reception(link: int, frame: bytes) -> Reception:
    """What the radiotap header before the frame says; nothing for other links."""
    if link != RADIOTAP or len(frame) < 8:
        return NOTHING
    places = _places(frame)
    channel, signal = places.get(CHANNEL), places.get(SIGNAL)
    mhz = int.from_bytes(frame[channel : channel + 2], "little") if channel is not None else 0
    strength = frame[signal] if signal is not None else 0
    return Reception(mhz or None, strength - 256 if strength > 127 else None)


def _places(frame: bytes) -> dict[int, int]:
    """Bit of a field that is there → where it begins, for those that end within the frame."""
    present = int.from_bytes(frame[4:8], "little")
    at = 8
    while at + 4 <= len(frame) and int.from_bytes(frame[at - 4 : at], "little") & _MORE:
        at += 4
    places: dict[int, int] = {}
    for bit, (size, alignment) in enumerate(_FIELDS):
        if present >> bit & 1:
            at = (at + alignment - 1) // alignment * alignment
            if at + min(size, 2) > len(frame):
                break
            places[bit] = at
            at += size
    return places


def dot11_frame(
    link_type: int,
    kind: int,
    addresses: Sequence[bytes],
    body: bytes,
    *,
    flags: int = 0,
    received: Reception = NOTHING,
) -> bytes:
    """A frame of that kind (`links.Dot11.kind`) between those addresses, as many as are read.
    Duration and sequence number are zero.
    """
    control = bytes(((kind & 0x0F) << 4 | (kind & 0x30) >> 2, flags, 0, 0))
    header = control + b"".join(addresses).ljust(6 * _ADDRESSES, b"\0") + bytes(2)
    return _radio_header(link_type, received) + header + body


def _radio_header(link_type: int, received: Reception) -> bytes:
    if link_type == RADIOTAP:
        mhz, dbm = received
        channel = struct.pack("<HH", mhz, 0) if mhz is not None else b""
        signal = struct.pack("b", dbm) if dbm is not None else b""
        present = bool(channel) << CHANNEL | bool(signal) << SIGNAL
        fields = channel + signal
        return struct.pack("<HHI", 0, 8 + len(fields), present) + fields
    return struct.pack("<HHI", 0, 8, IEEE80211) if link_type == PPI else b""
