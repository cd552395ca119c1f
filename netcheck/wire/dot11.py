"""802.11 frames behind a radio header, made for recordings. Pure.

Sources: IEEE 802.11-2020 §9.2, §9.3; radiotap.org.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from netcheck.wire.links import IEEE80211, PPI, RADIOTAP

DATA = 0x20
"""Type and subtype of a data frame, as in `links.Dot11.kind`."""
TO_DS, FROM_DS, PROTECTED = 0x01, 0x02, 0x40
_CHANNEL = 8
_ADDRESSES = 3


def dot11_frame(
    link_type: int,
    kind: int,
    addresses: Sequence[bytes],
    body: bytes,
    *,
    flags: int = 0,
    frequency_mhz: int | None = None,
) -> bytes:
    """A frame of that kind (`links.Dot11.kind`) between those addresses, as many as are read.
    Duration, sequence number and what a radio said of the reception are zero.
    """
    control = bytes(((kind & 0x0F) << 4 | (kind & 0x30) >> 2, flags, 0, 0))
    header = control + b"".join(addresses).ljust(6 * _ADDRESSES, b"\0") + bytes(2)
    return _radio_header(link_type, frequency_mhz) + header + body


def _radio_header(link_type: int, frequency_mhz: int | None) -> bytes:
    if link_type == RADIOTAP and frequency_mhz is not None:
        return struct.pack("<HHIHH", 0, 12, _CHANNEL, frequency_mhz, 0)
    if link_type == RADIOTAP:
        return struct.pack("<HHI", 0, 8, 0)
    return struct.pack("<HHI", 0, 8, IEEE80211) if link_type == PPI else b""
