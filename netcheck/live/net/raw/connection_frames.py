"""What the frames of a connection say that its socket does not: how far the packets came that
opened and that cut it.

Only raw frames show a packet's TTL; RFC 791 §3.2 (every router takes one off).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from netcheck.live.net.raw.link import EthernetLink
from netcheck.model import Scalar, Struct
from netcheck.wire.decode import ACK, RST, SYN, Tcp, decode
from netcheck.wire.links import ETHERNET

_LEFT_OVER_S = 0.05
"""Frames that came are in the socket's buffer already."""


class ReceivedSegment(Struct, frozen=True, kw_only=True):
    """A TCP segment as it came: its flags (RFC 9293 §3.1) and the TTL of its packet."""

    flags: int
    ttl: int


def ttls_of_connection(
    link: EthernetLink, ip: str, port: int, local_port: int
) -> tuple[tuple[str, Scalar], ...]:
    """What came of that connection while the link was open. Data: server_ttl of its opening, ttl of
    its reset; missing if none came.
    """
    return ttls(segments(link.received(time.monotonic() + _LEFT_OVER_S), ip, port, local_port))


def has_left(link: EthernetLink, ip: str, port: int, local_port: int) -> bool:
    """Was the packet that opens that connection put on the wire while the link was open? The link
    is one of this computer's own frames.
    """
    for frame in link.received(time.monotonic() + _LEFT_OVER_S):
        message = decode(ETHERNET, frame)
        if message is None or not isinstance(message.body, Tcp):
            continue
        if (message.dst, message.body.dport, message.body.sport) == (ip, port, local_port):
            return True
    return False


def segments(
    frames: Iterable[bytes], ip: str, port: int, local_port: int
) -> Iterator[ReceivedSegment]:
    """The segments from that end of the connection to ours."""
    for frame in frames:
        message = decode(ETHERNET, frame)
        if message is None or not isinstance(message.body, Tcp):
            continue
        if (message.src, message.body.sport, message.body.dport) == (ip, port, local_port):
            yield ReceivedSegment(flags=message.body.flags, ttl=message.ttl)


def ttls(found: Iterable[ReceivedSegment]) -> tuple[tuple[str, Scalar], ...]:
    """The TTL of the first segment that opened the connection, and of the first that reset it."""
    first: dict[str, Scalar] = {}
    for segment in found:
        if segment.flags & RST:
            first.setdefault("ttl", segment.ttl)
        elif segment.flags & (SYN | ACK) == SYN | ACK:
            first.setdefault("server_ttl", segment.ttl)
    return tuple(first.items())
