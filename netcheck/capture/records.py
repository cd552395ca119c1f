"""The relevant content of captures, as values: decoded packets, senders, files, and all of
them as one frozen record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from netcheck.capture.protocols.wifi_frames import JoinFrame, SeenBss
from netcheck.wire.decode import Message


class CapturedMessage(NamedTuple):
    """A message, where and when: `at_ns` is UTC in ns since 1970, `number` as Wireshark counts."""

    at_ns: int
    source: str
    number: int
    message: Message


class TcpSegment(NamedTuple):
    """A TCP segment of a conversation; `up` is from the client, `rich` offers options that a
    Photon's stack does not.
    """

    at_ns: int
    source: str
    number: int
    up: bool
    flags: int
    seq: int
    ack: int
    length: int
    ttl: int
    window: int
    ip_id: int
    mss: int | None
    rich: bool
    mac: str | None
    payload: bytes


class FlowKey(NamedTuple):
    """A TCP conversation; the client is the side that opens it."""

    client: str
    client_port: int
    server: str
    server_port: int


class Sender(NamedTuple):
    """A source of IP packets at one capture point."""

    source: str
    mac: str | None
    ip: str


@dataclass
class SenderSpan:
    """When a sender was seen, first and last in its file, how often, and with which TTLs."""

    first_ns: int
    last_ns: int
    count: int = 1
    number: int = 0
    last_number: int = 0
    ttls: Counter[int] = field(default_factory=Counter)

    def add(self, other: SenderSpan) -> None:
        """Widen by another span of the same sender."""
        self.number = self.number if self.first_ns <= other.first_ns else other.number
        self.first_ns = min(self.first_ns, other.first_ns)
        self.last_ns = max(self.last_ns, other.last_ns)
        self.count += other.count
        self.ttls.update(other.ttls)


class FileCoverage(msgspec.Struct, frozen=True):
    """The time and packets of one file. Times in ns, 0 if the file has none; `limits` are
    sentences.
    """

    source: str
    first_ns: int = 0
    last_ns: int = 0
    packets: int = 0
    relevant: int = 0
    links: tuple[int, ...] = ()
    limits: tuple[str, ...] = ()


class CaptureRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything relevant of all files, in order of time, each packet once. Every stage of reading
    gets this and changes nothing of it.
    """

    cloud_name: str
    cloud_port: int
    arp: tuple[CapturedMessage, ...]
    dhcp: tuple[CapturedMessage, ...]
    dns: tuple[CapturedMessage, ...]
    icmp: tuple[CapturedMessage, ...]
    udp: tuple[CapturedMessage, ...]
    conversations: Mapping[FlowKey, tuple[TcpSegment, ...]]
    senders: Mapping[Sender, SenderSpan]
    unicast: frozenset[tuple[str, str]]
    """Sender and receiver of unicast packets, by MAC and by IP address."""
    networks: tuple[SeenBss, ...]
    join_frames: Mapping[str, tuple[JoinFrame, ...]]
    """Station MAC → its frames, in order of time."""
    files: tuple[FileCoverage, ...]
    left_out: Mapping[str, int]
    """Kind → messages counted but not kept, for want of room."""

    @property
    def first_ns(self) -> int:
        """When the earliest file begins."""
        return min((f.first_ns for f in self.files if f.packets), default=0)

    @property
    def last_ns(self) -> int:
        """When the latest file ends: silence means nothing after it."""
        return max((f.last_ns for f in self.files if f.packets), default=0)
