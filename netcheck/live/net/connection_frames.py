"""What the frames of a connection say that its socket does not: how far the packets came that
opened and that cut it.

Only raw frames show a packet's TTL; RFC 791 §3.2 (every router takes one off).
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable, Iterator

from netcheck.live.net import raw
from netcheck.live.net.raw import Link
from netcheck.model import Scalar, Struct

_SYN_ACK, _RST = 0x12, 0x04
_LEFT_OVER_S = 0.05
"""Frames that came are in the socket's buffer already."""


class Segment(Struct, frozen=True, kw_only=True):
    """A TCP segment as it came: its flags (RFC 9293 §3.1) and the TTL of its packet."""

    flags: int
    ttl: int


def heard(link: Link, ip: str, port: int, local_port: int) -> tuple[tuple[str, Scalar], ...]:
    """What came of that connection while the link was open. Data: server_ttl of its opening, ttl of
    its reset; missing if none came.
    """
    return ttls(segments(link.received(time.monotonic() + _LEFT_OVER_S), ip, port, local_port))


def segments(frames: Iterable[bytes], ip: str, port: int, local_port: int) -> Iterator[Segment]:
    """The segments from that end of the connection to ours."""
    for frame in frames:
        packet = raw.parse_ipv4(frame)
        if (
            packet is None
            or packet.protocol != raw.TCP
            or packet.source != ip
            or len(packet.payload) < 20
        ):
            continue
        source_port, target_port = struct.unpack_from("!HH", packet.payload)
        if (source_port, target_port) == (port, local_port):
            yield Segment(flags=packet.payload[13], ttl=packet.ttl)


def ttls(found: Iterable[Segment]) -> tuple[tuple[str, Scalar], ...]:
    """The TTL of the first segment that opened the connection, and of the first that reset it."""
    told: dict[str, Scalar] = {}
    for segment in found:
        if segment.flags & _RST:
            told.setdefault("ttl", segment.ttl)
        elif segment.flags & _SYN_ACK == _SYN_ACK:
            told.setdefault("server_ttl", segment.ttl)
    return tuple(told.items())
