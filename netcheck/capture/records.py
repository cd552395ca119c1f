"""The relevant content of captures: decoded packets, senders and files as values, bounded room for
them, and all of them as one frozen record.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, NamedTuple, TypeVar

import msgspec

from netcheck.capture.protocols.wifi_frames import DataFrame, JoinFrame, SeenBss
from netcheck.wire.addresses import is_unicast
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

    def moved(self, later: Callable[[int, int], int]) -> SenderSpan:
        """The same at corrected times: `later` gives one for a time and its packet's number."""
        return replace(
            self,
            first_ns=later(self.first_ns, self.number),
            last_ns=later(self.last_ns, self.last_number),
        )


T = TypeVar("T")


@dataclass
class Room(Generic[T]):
    """Bounded room for what was captured of one kind, by the client that it is about.

    Whoever is in `reserved` has room before all others, up to three quarters, and a fair share of
    it: no crowd takes it. Of the others the client not heard for longest goes where it is full. Of
    one client the newest is kept. Question and answer stand under one client: what is left misses
    no answer.
    """

    reserved: set[str]
    most: int
    """Things kept at most."""
    most_of_one: int
    """Of each client that is not reserved."""
    most_bytes: int
    most_of_reserved: int
    _own: dict[str, list[tuple[int, T]]] = field(default_factory=dict)
    """Reserved client → its things with their bytes, in the order in which they came."""
    _own_bytes: Counter[str] = field(default_factory=Counter)
    _own_count: int = 0
    _all_own_bytes: int = 0
    _over_share: str = ""
    """The reserved client that was last found to have more than its share."""
    _strangers: OrderedDict[str, list[tuple[int, T]]] = field(default_factory=OrderedDict)
    """The same of the others; the client not heard for longest comes first."""
    _count: int = 0
    _bytes: int = 0

    def add(self, client: str, thing: T, cost: int = 0) -> list[tuple[str, T]]:
        """Take it in; what was dropped for it, each with its client."""
        if client in self.reserved:
            return self._add_own(client, thing, cost) + self._make_room()
        mine = self._strangers.pop(client, [])
        self._strangers[client] = mine
        mine.append((cost, thing))
        self._count += 1
        self._bytes += cost
        dropped = [self._dropped(client, mine)] if len(mine) > self.most_of_one else []
        return dropped + self._make_room()

    def _dropped(self, client: str, mine: list[tuple[int, T]]) -> tuple[str, T]:
        cost, thing = mine.pop(0)
        self._count -= 1
        self._bytes -= cost
        return client, thing

    def _make_room(self) -> list[tuple[str, T]]:
        """What is dropped of those who are not reserved, while there is too much."""
        dropped: list[tuple[str, T]] = []
        while self._strangers and (
            self._count + self._own_count > self.most
            or self._bytes + self._all_own_bytes > self.most_bytes
        ):
            dropped += self._without_oldest()
        return dropped

    def _without_oldest(self) -> list[tuple[str, T]]:
        """Drop the client not heard for longest, or of the only one the oldest thing."""
        client, mine = next(iter(self._strangers.items()))
        if client in self.reserved:
            return self._promoted(client)
        count = len(mine) if len(self._strangers) > 1 else 1
        dropped = [self._dropped(client, mine) for _ in range(count)]
        if not mine:
            del self._strangers[client]
        return dropped

    def _promoted(self, client: str) -> list[tuple[str, T]]:
        """Move what was kept of a client before it was reserved; what was dropped for it."""
        before = self._strangers.pop(client, [])
        self._count -= len(before)
        self._bytes -= sum(cost for cost, _ in before)
        return [one for cost, thing in before for one in self._add_own(client, thing, cost)]

    def _add_own(self, client: str, thing: T, cost: int) -> list[tuple[str, T]]:
        dropped = self._promoted(client) if client in self._strangers else []
        self._own.setdefault(client, []).append((cost, thing))
        self._own_bytes[client] += cost
        self._own_count += 1
        self._all_own_bytes += cost
        for whose in (client, self._over_share):
            dropped += self._trimmed(whose)
        if self._is_over():
            for whose in self._own:
                if trimmed := self._trimmed(whose):
                    self._over_share = whose
                    dropped += trimmed
        return dropped

    def _is_over(self) -> bool:
        most, most_bytes = self.most * 3 // 4, self.most_bytes * 3 // 4
        return self._own_count > most or self._all_own_bytes > most_bytes

    def _trimmed(self, client: str) -> list[tuple[str, T]]:
        """What is dropped of a reserved client while there is too much of all and it has more than
        its share: its oldest.
        """
        mine: list[tuple[int, T]] = self._own.get(client, [])
        dropped: list[tuple[str, T]] = []
        share = self.most * 3 // 4 // len(self._own)
        share_bytes = self.most_bytes * 3 // 4 // len(self._own)
        while len(mine) > self.most_of_reserved or (
            self._is_over() and (len(mine) > share or self._own_bytes[client] > share_bytes)
        ):
            cost, thing = mine.pop(0)
            self._own_bytes[client] -= cost
            self._own_count -= 1
            self._all_own_bytes -= cost
            dropped.append((client, thing))
        return dropped

    def __iter__(self) -> Iterator[T]:
        for by_client in (self._own, self._strangers):
            for things in by_client.values():
                for _, thing in things:
                    yield thing


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
    farewells: tuple[JoinFrame, ...]
    """Deauthentications and disassociations to everybody, in order of time."""
    wifi_data: Mapping[str, tuple[DataFrame, ...]]
    """Station MAC → its encrypted data frames, thinned, in order of time."""
    files: tuple[FileCoverage, ...]
    left_out: Mapping[str, int]
    """Kind → messages counted but not kept, for want of room."""
    cut_ns: Mapping[str, int]
    """MAC or IP → until when messages of that client are missing for want of room; "" for all that
    may not be Photons.
    """

    @property
    def first_ns(self) -> int:
        """When the earliest file begins."""
        return min((f.first_ns for f in self.files if f.packets), default=0)

    @property
    def last_ns(self) -> int:
        """When the latest file ends: silence means nothing after it."""
        return max((f.last_ns for f in self.files if f.packets), default=0)


def unicast_ends(message: Message) -> Iterator[tuple[str, str]]:
    """Sender and receiver of a packet for one host, by MAC and by IP address."""
    if message.src_mac and message.dst_mac and not int(message.dst_mac[:2], 16) & 1:
        yield message.src_mac, message.dst_mac
    if is_unicast(message.src) and is_unicast(message.dst):
        yield message.src, message.dst
