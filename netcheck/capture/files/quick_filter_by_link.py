"""Quick filters for link types without the ethertype right before the network layer.

A `Skim` reads `buffer[start:end]` and returns whether the frame may be relevant; `relevant.exact`
decides. It reads no further behind the frame than `window.SLACK_BYTES`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from netcheck.capture.files.quick_filter import IPV4, IPV6, NETWORK_AT, Unpack, may_be_relevant
from netcheck.capture.files.relevant import TCP_PORTS
from netcheck.capture.files.tally import Tally
from netcheck.wire import links

Skim = Callable[[bytearray, int, int], bool]

_u16: Unpack = struct.Struct("<H").unpack_from
_radiotap: Unpack = struct.Struct("<BxHI").unpack_from
_MOST_HEADERS = 64
"""So many kinds of radiotap header are remembered; one adapter writes a handful."""
_SNAP = b"\xaa\xaa\x03\x00\x00\x00"


def skim_of(link: int, tally: Tally) -> Skim | None:
    """The quick filter for that link type; None for those that the fast loops filter themselves.

    They know the usual ports only: for a private cloud on another port every frame is kept.
    """
    if tally.cloud_port not in TCP_PORTS:
        return _all
    if link in NETWORK_AT:
        return None
    if link == links.RADIOTAP:
        return RadiotapSkim(tally)
    return _SKIMS.get(link, _all)


def _all(_buffer: bytearray, _start: int, _end: int) -> bool:
    return True


def _cooked_v2(buffer: bytearray, start: int, _end: int) -> bool:
    return may_be_relevant(buffer, start + 20, _u16(buffer, start)[0])


def _raw_ip(buffer: bytearray, start: int, _end: int) -> bool:
    version = buffer[start] >> 4
    return version in (4, 6) and may_be_relevant(buffer, start, IPV4 if version == 4 else IPV6)


def _loopback(buffer: bytearray, start: int, end: int) -> bool:
    return _raw_ip(buffer, start + 4, end)


_SKIMS: dict[int, Skim] = {
    links.COOKED_V2: _cooked_v2,
    **dict.fromkeys(links.RAW_IP, _raw_ip),
    **dict.fromkeys(links.LOOPBACK, _loopback),
}


class RadiotapSkim:
    """Skips 802.11 control frames and protected data frames of stations that are not watched,
    counts the latter, and filters plain data.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._flags_at: dict[int, int] = {}

    def __call__(self, buffer: bytearray, start: int, end: int) -> bool:
        version, length, present = _radiotap(buffer, start)
        at = start + length
        if version or length < 8 or at + 32 > end:
            return True
        control, flags = buffer[at], buffer[at + 1]
        if control & 0x0F == 0x04:
            return False
        if control & 0x0F != 0x08:
            return True
        if flags & 0x40:
            if self._tally.watched.has(buffer, at):
                return True
            return self._protected(buffer, start, length, present)
        if control & 0x40:
            return False
        snap = at + (26 if control & 0x80 else 24)
        return buffer[snap : snap + 6] != _SNAP or may_be_relevant(
            buffer, snap + 8, _u16(buffer, snap + 6)[0]
        )

    def _protected(self, buffer: bytearray, start: int, length: int, present: int) -> bool:
        """Count the frame if its check sum was good; true when the radiotap header is a rare
        one.
        """
        place = self._flags_at.get(present)
        if place is None:
            if present & 0x80000000 or len(self._flags_at) >= _MOST_HEADERS:
                return True
            place = self._flags_at[present] = (16 if present & 1 else 8) if present & 2 else 0
        if place >= length or not place or not buffer[start + place] & 0x40:
            self._tally.protected += 1
        return False
