"""Gather messages into tables that merge: one capture, many files, or pieces cut by time, all
alike.

A table is a set of things heard, keyed as the protocol keys them. Merging is union, so order and
splitting cannot matter; only `settled()` sorts and drops what two capture points or a mirror port
saw twice. Everything that a crowd, idle or hostile, can make grow is bounded for each file, and
what was left out is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple, TypeVar

from netcheck.capture.protocols.wifi_frames import Air
from netcheck.photon.addresses import ANNOUNCE_GROUP, INTERNET_TEST
from netcheck.wire.decode import (
    ACK,
    SYN,
    Arp,
    Dhcp,
    Dns,
    Fragment,
    Icmp,
    Message,
    Tcp,
    Udp,
    transport,
)

MIRROR_NS = 5_000_000
"""Two equal packets closer than this are one packet seen twice (mirror port, `any` interface)."""

KEPT_PAYLOAD = 2048
"""Bytes of content kept for each direction of a conversation: the handshake is 424 + 290."""

SERVICE_PORTS = (5683, 53, 80)


class Heard(NamedTuple):
    """A message, where and when."""

    at_ns: int
    source: str
    number: int
    message: Message


class Segment(NamedTuple):
    """A TCP segment of a conversation; `up` is from the client."""

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

    @property
    def ref(self) -> tuple[str, int]:
        """Where it is: file and packet number."""
        return self.source, self.number


class FlowKey(NamedTuple):
    """A TCP conversation; the client is the side that asks."""

    client: str
    client_port: int
    server: str
    server_port: int


class Speaker(NamedTuple):
    """Who was seen as the source of IP packets at one capture point."""

    source: str
    mac: str | None
    ip: str


@dataclass
class Span:
    """When something was seen, first and last in its file, and how often."""

    first_ns: int
    last_ns: int
    count: int = 1
    number: int = 0
    last_number: int = 0
    ttls: Counter[int] = field(default_factory=Counter)

    def add(self, other: Span) -> None:
        """Widen by another span of the same thing."""
        self.number = self.number if self.first_ns <= other.first_ns else other.number
        self.first_ns = min(self.first_ns, other.first_ns)
        self.last_ns = max(self.last_ns, other.last_ns)
        self.count += other.count
        self.ttls.update(other.ttls)


@dataclass
class FileCoverage:
    """What one file held."""

    source: str
    first_ns: int = 0
    last_ns: int = 0
    packets: int = 0
    relevant: int = 0
    links: tuple[int, ...] = ()
    limits: tuple[str, ...] = ()


LIMITS = {
    "arp": 20_000,
    "dhcp": 20_000,
    "dns": 20_000,
    "dns to the cloud": 20_000,
    "icmp": 5_000,
    "multicast": 5_000,
    "tcp": 60_000,
    "tcp to the cloud": 400_000,
    "udp": 5_000,
}
"""At most so many of a kind are kept of one file. What a Photon says to its cloud has room of its
own, so that no crowd takes it.
"""

PER_CLIENT = 2_000
"""At most so many of a kind from one client; not of what goes to the cloud, where a Photon alone
says 20 000 a day.
"""

MAX_ADDRESSES = 20_000
"""Speakers, and MACs, remembered of one file."""

MAX_DATAGRAMS = 256
"""Datagrams of which pieces are kept at one time."""
MAX_PIECES = 64
MAX_DATAGRAM_BYTES = 8192
"""Larger ones are not put together: nothing that matters here is."""

T = TypeVar("T", Heard, Segment)


@dataclass
class Tables:
    """Everything relevant that was heard. Pickles, merges in any order."""

    cloud_name: str = "device.spark.io"
    cloud_port: int = 5683
    arp: list[Heard] = field(default_factory=list)
    dhcp: list[Heard] = field(default_factory=list)
    dns: list[Heard] = field(default_factory=list)
    icmp: list[Heard] = field(default_factory=list)
    udp: list[Heard] = field(default_factory=list)
    flows: dict[FlowKey, list[Segment]] = field(default_factory=dict)
    speakers: dict[Speaker, Span] = field(default_factory=dict)
    unicast: set[str] = field(default_factory=set)
    """MACs seen at either end of a unicast frame: whose answers these captures can show."""
    air: Air = field(default_factory=Air)
    files: list[FileCoverage] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    _kept_of: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind, client, or "" for all) → messages kept: of one file, for its limits alone."""
    _content_bytes: Counter[tuple[FlowKey, bool]] = field(default_factory=Counter)
    _pieces: dict[tuple[str, str, int, int], list[tuple[int, bool, bytes]]] = field(
        default_factory=dict
    )

    # -- adding

    def add(self, heard: Heard) -> None:
        """Take in one message."""
        message = heard.message
        body = message.body
        if message.src:
            self._speaks(heard)
        if (
            message.src_mac
            and message.dst_mac
            and not int(message.dst_mac[:2], 16) & 1
            and len(self.unicast) < MAX_ADDRESSES
        ):
            self.unicast.update((message.src_mac, message.dst_mac))
        if isinstance(body, Tcp):
            self._add_tcp(heard, body)
        elif isinstance(body, Dns):
            if (
                self._has_room("dns to the cloud")
                if self._is_cloud_name(body.name)
                else self._has_room("dns", message.src)
            ):
                self.dns.append(heard)
        elif isinstance(body, Arp):
            if self._has_room("arp", body.sender_mac):
                self.arp.append(heard)
        elif isinstance(body, Dhcp):
            if self._has_room("dhcp", body.client_mac):
                self.dhcp.append(heard)
        elif isinstance(body, Icmp):
            if body.about is not None and self._has_room("icmp", message.src):
                self.icmp.append(heard)
        elif isinstance(body, Udp):
            if self._has_room("multicast" if message.dst == ANNOUNCE_GROUP else "udp", message.src):
                self.udp.append(
                    heard._replace(
                        message=message._replace(body=body._replace(payload=body.payload[:64]))
                    )
                )
        elif isinstance(body, Fragment):
            self._add_fragment(heard, body)

    def _is_cloud_name(self, name: str) -> bool:
        return name == self.cloud_name or name.endswith((".particle.io", ".spark.io"))

    def _has_room(self, kind: str, client: str = "") -> bool:
        """Is there room for one more of a kind, from this client if one is named? Takes it, or
        counts what is turned away.
        """
        is_full = self._kept_of[kind, ""] >= LIMITS[kind] or (
            client and self._kept_of[kind, client] >= PER_CLIENT
        )
        if is_full:
            self.left_out[kind] += 1
            return False
        self._kept_of[kind, ""] += 1
        if client:
            self._kept_of[kind, client] += 1
        return True

    def _speaks(self, heard: Heard) -> None:
        message = heard.message
        speaker = Speaker(heard.source, message.src_mac, message.src)
        span = self.speakers.get(speaker)
        if span is None:
            if len(self.speakers) >= MAX_ADDRESSES:
                self.left_out["addresses"] += 1
                return
            span = self.speakers[speaker] = Span(heard.at_ns, heard.at_ns, 0, heard.number)
        span.last_ns, span.last_number = heard.at_ns, heard.number
        span.count += 1
        span.ttls[message.ttl] += 1

    def _add_tcp(self, heard: Heard, tcp: Tcp) -> None:
        key, up = self._direction(heard.message, tcp)
        is_own = key.server_port == self.cloud_port or key.server == INTERNET_TEST
        if not (
            self._has_room("tcp to the cloud") if is_own else self._has_room("tcp", key.client)
        ):
            return
        kept = self._content_bytes[key, up]
        payload = (
            tcp.payload[: max(KEPT_PAYLOAD - kept, 0)]
            if key.server_port in (self.cloud_port, 80)
            else b""
        )
        self._content_bytes[key, up] += len(payload)
        message = heard.message
        self.flows.setdefault(key, []).append(
            Segment(
                heard.at_ns,
                heard.source,
                heard.number,
                up,
                tcp.flags,
                tcp.seq,
                tcp.ack,
                tcp.length,
                message.ttl,
                tcp.window,
                message.ip_id,
                tcp.mss,
                tcp.rich_options,
                message.src_mac,
                payload,
            )
        )

    def _direction(self, message: Message, tcp: Tcp) -> tuple[FlowKey, bool]:
        """The conversation of a segment, and whether the client sent it."""
        up = FlowKey(message.src, tcp.sport, message.dst, tcp.dport)
        down = FlowKey(message.dst, tcp.dport, message.src, tcp.sport)
        services = (self.cloud_port, *SERVICE_PORTS)
        if (tcp.dport in services) != (tcp.sport in services):
            return (up, True) if tcp.dport in services else (down, False)
        if tcp.flags & SYN:
            return (down, False) if tcp.flags & ACK else (up, True)
        if up in self.flows or down in self.flows:
            return (up, True) if up in self.flows else (down, False)
        return (up, True) if tcp.dport < tcp.sport else (down, False)

    def _add_fragment(self, heard: Heard, piece: Fragment) -> None:
        """Put IPv4 fragments together (RFC 791 §3.2); a bounded number of them, whole ones are
        taken in.
        """
        message = heard.message
        key = (message.src, message.dst, message.ip_id, piece.protocol)
        if piece.offset + len(piece.payload) > MAX_DATAGRAM_BYTES:
            self.left_out["fragments"] += 1
            return
        pieces = self._pieces.setdefault(key, [])
        pieces.append((piece.offset, piece.more, piece.payload))
        whole = _joined(pieces)
        if whole is not None:
            del self._pieces[key]
            body = transport(piece.protocol, whole, len(whole))
            if body is not None:
                self.add(heard._replace(message=message._replace(body=body)))
        elif len(pieces) > MAX_PIECES:
            self._give_up(key)
        elif len(self._pieces) > MAX_DATAGRAMS:
            self._give_up(next(iter(self._pieces)))

    def _give_up(self, key: tuple[str, str, int, int]) -> None:
        """Forget the pieces of a datagram: too many of them, or the oldest of too many that never
        became whole.
        """
        self.left_out["fragments"] += len(self._pieces.pop(key))

    def put_forward(self, number: int, by_ns: int) -> None:
        """Correct the times of one file's packets from that number on: its clock had been set back
        there. Before merging.
        """
        for name in ("arp", "dhcp", "dns", "icmp", "udp"):
            things: list[Heard] = getattr(self, name)
            setattr(
                self,
                name,
                [h._replace(at_ns=h.at_ns + by_ns) if h.number >= number else h for h in things],
            )
        for key, segments in self.flows.items():
            self.flows[key] = [
                s._replace(at_ns=s.at_ns + by_ns) if s.number >= number else s for s in segments
            ]
        for span in self.speakers.values():
            span.first_ns += by_ns if span.number >= number else 0
            span.last_ns += by_ns if span.last_number >= number else 0
        self._measure()

    def _measure(self) -> None:
        """Span the file anew by what is in the tables."""
        times = [
            h.at_ns for name in ("arp", "dhcp", "dns", "icmp", "udp") for h in getattr(self, name)
        ]
        times += [s.at_ns for segments in self.flows.values() for s in segments]
        for file in self.files:
            file.first_ns, file.last_ns = (
                min(times, default=file.first_ns),
                max(times, default=file.last_ns),
            )

    def merge(self, other: Tables) -> Tables:
        """Take in another table: union, whichever came first."""
        self.arp += other.arp
        self.dhcp += other.dhcp
        self.dns += other.dns
        self.icmp += other.icmp
        self.udp += other.udp
        self.files += other.files
        self.unicast |= other.unicast
        self.air.merge(other.air)
        self.left_out.update(other.left_out)
        for key, segments in other.flows.items():
            self.flows.setdefault(key, []).extend(segments)
        for speaker, span in other.speakers.items():
            mine = self.speakers.get(speaker)
            if mine is None:
                self.speakers[speaker] = span
            else:
                mine.add(span)
        return self

    # -- handing out

    def settled(self) -> Tables:
        """Sorted by time and without what was seen twice; call it once, when nothing more comes."""
        overlapping = _overlapping(self.files)
        for name in ("arp", "dhcp", "dns", "icmp", "udp"):
            things: list[Heard] = getattr(self, name)
            setattr(self, name, list(_once(things, _heard_key, overlapping)))
        self.flows = {
            key: list(_once(self.flows[key], _segment_key, overlapping))
            for key in sorted(self.flows)
        }
        self.files.sort(key=lambda file: (file.first_ns, file.source))
        return self

    @property
    def first_ns(self) -> int:
        """When the earliest file begins."""
        return min((f.first_ns for f in self.files if f.packets), default=0)

    @property
    def last_ns(self) -> int:
        """When the latest file ends: silence means nothing after it."""
        return max((f.last_ns for f in self.files if f.packets), default=0)


def _joined(pieces: list[tuple[int, bool, bytes]]) -> bytes | None:
    """The whole datagram, or None while a piece is missing."""
    data = b""
    for offset, more, payload in sorted(set(pieces)):
        if offset > len(data):
            return None
        data = data[:offset] + payload
        if not more:
            return data
    return None


def _heard_key(heard: Heard) -> Hashable:
    message = heard.message
    return message.src, message.dst, message.ip_id, message.body


def _segment_key(segment: Segment) -> Hashable:
    return segment.up, segment.flags, segment.seq, segment.ack, segment.length, segment.ip_id


def _overlapping(files: Iterable[FileCoverage]) -> bool:
    """Did two capture points look at the same time? Pieces of one capture cut by time do not (a
    second of slack).
    """
    spans = sorted((f.first_ns, f.last_ns) for f in files if f.packets)
    ends = accumulate((last for _, last in spans), max)
    return any(first < end - 10**9 for (first, _), end in zip(spans[1:], ends, strict=False))


def _once(things: list[T], key: Callable[[T], Hashable], overlapping: bool) -> Iterator[T]:
    """The things in order of time, each once.

    Within one file equal packets are one if they are closer than MIRROR_NS: later ones are
    repetitions and count. Between files that look at the same time, the n-th of one file is the
    n-th of the other, however their clocks differ.
    """
    things = sorted(things, key=_place)
    last: dict[tuple[str, Hashable], int] = {}
    heard: Counter[tuple[str, Hashable]] = Counter()
    given: Counter[Hashable] = Counter()
    for thing in things:
        what = key(thing)
        here = (thing.source, what)
        before = last.get(here)
        last[here] = thing.at_ns
        if before is not None and thing.at_ns - before <= MIRROR_NS:
            continue
        heard[here] += 1
        if overlapping and heard[here] <= given[what]:
            continue
        given[what] += 1
        yield thing


def _place(thing: Heard | Segment) -> tuple[int, str, int]:
    return thing.at_ns, thing.source, thing.number
