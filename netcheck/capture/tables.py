"""Gather messages into tables that merge: one capture, many files, or pieces cut by time, all
alike.

A table is a set of captured messages, keyed as the protocol keys them. Merging is union, so order
and splitting cannot matter; `ordering.in_order` sorts and drops what was captured twice. Everything
that a crowd, idle or hostile, can make grow is bounded for each file, and what was left out is
counted.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from netcheck.capture.protocols.wifi_frames import WifiFrames
from netcheck.capture.records import (
    CapturedMessage,
    FileCoverage,
    FlowKey,
    Sender,
    SenderSpan,
    TcpSegment,
)
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
from netcheck.wire.ipv4 import is_unicast

KEPT_PAYLOAD = 2048
"""Bytes of content kept for each direction of a conversation: the handshake is 424 + 290."""

SERVICE_PORTS = (5683, 53, 80)

MESSAGE_COST, SEGMENT_COST = 700, 400
"""Bytes of memory that one takes beside what is of variable length in it, measured."""

BUDGETS = {"dns": 24 << 20, "dns to the cloud": 24 << 20, "tcp": 32 << 20}
"""At most so many bytes of a kind are kept of one file, for kinds of variable length."""

CLOUD_BYTES = 24 << 20
"""Bytes kept of the conversations with the cloud: some 60 000 segments. Beyond it the oldest go,
but for the first FIRST_CONVERSATIONS: how it began and how it is now are both kept whole.
"""
FIRST_CONVERSATIONS = 1_000
FIRST_SEGMENTS, NEWEST_SEGMENTS = 4_000, 8_000
"""Of one conversation its beginning and its end are kept: so many segments at least."""

LIMITS = {
    "arp": 20_000,
    "dhcp": 20_000,
    "dns": 20_000,
    "dns to the cloud": 20_000,
    "icmp": 5_000,
    "multicast": 5_000,
    "tcp": 60_000,
    "udp": 5_000,
}
"""At most so many of a kind are kept of one file; what goes to the cloud is bounded by its
bytes. A Photon's packets to its cloud have room of their own, so that no crowd takes it.
"""

PER_CLIENT = 2_000
"""At most so many of a kind from one client; not of what goes to the cloud, where one Photon sends
20 000 a day.
"""

MAX_ADDRESSES = 20_000
"""Senders, and MACs, remembered of one file."""

MAX_DATAGRAMS = 256
"""Datagrams of which pieces are kept at one time."""
MAX_PIECES = 64
MAX_DATAGRAM_BYTES = 8192
"""Larger ones are not put together: nothing that matters here is."""


@dataclass
class Tables:
    """Everything relevant that was captured. Pickles, merges in any order."""

    cloud_name: str = "device.spark.io"
    cloud_port: int = 5683
    arp: list[CapturedMessage] = field(default_factory=list)
    dhcp: list[CapturedMessage] = field(default_factory=list)
    dns: list[CapturedMessage] = field(default_factory=list)
    icmp: list[CapturedMessage] = field(default_factory=list)
    udp: list[CapturedMessage] = field(default_factory=list)
    conversations: dict[FlowKey, list[TcpSegment]] = field(default_factory=dict)
    senders: dict[Sender, SenderSpan] = field(default_factory=dict)
    unicast: set[tuple[str, str]] = field(default_factory=set)
    """Sender and receiver of unicast packets, by MAC and by IP address."""
    wifi: WifiFrames = field(default_factory=WifiFrames)
    files: list[FileCoverage] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    _kept_of: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind, client, or "" for all) → messages kept: of one file, for its limits alone."""
    _bytes_of: Counter[str] = field(default_factory=Counter)
    _cloud_bytes: int = 0
    _cloud_keys: deque[FlowKey] = field(default_factory=deque)
    """The conversations with the cloud after the first ones, the oldest first."""
    _cloud_conversations: int = 0
    _content_bytes: Counter[tuple[FlowKey, bool]] = field(default_factory=Counter)
    _pieces: dict[tuple[str, str, int, int], list[tuple[int, bool, bytes]]] = field(
        default_factory=dict
    )

    # -- adding

    def add(self, captured: CapturedMessage) -> None:
        """Take in one message."""
        message = captured.message
        body = message.body
        if message.src:
            self._add_sender(captured)
        if len(self.unicast) < MAX_ADDRESSES:
            self.unicast.update(_unicast_ends(message))
        if isinstance(body, Tcp):
            self._add_tcp(captured, body)
        elif isinstance(body, Dns):
            cost = MESSAGE_COST + len(body.name) + sum(map(len, body.aliases))
            cost += 60 * len(body.addresses)
            if (
                self._has_room("dns to the cloud", cost=cost)
                if self._is_cloud_name(body.name)
                else self._has_room("dns", message.src, cost)
            ):
                self.dns.append(captured)
        elif isinstance(body, Arp):
            if self._has_room("arp", body.sender_mac):
                self.arp.append(captured)
        elif isinstance(body, Dhcp):
            if self._has_room("dhcp", body.client_mac):
                self.dhcp.append(captured)
        elif isinstance(body, Icmp):
            if body.about is not None and self._has_room("icmp", message.src):
                self.icmp.append(captured)
        elif isinstance(body, Udp):
            if self._has_room("multicast" if message.dst == ANNOUNCE_GROUP else "udp", message.src):
                self.udp.append(
                    captured._replace(
                        message=message._replace(body=body._replace(payload=body.payload[:64]))
                    )
                )
        elif isinstance(body, Fragment):
            self._add_fragment(captured, body)

    def _is_cloud_name(self, name: str) -> bool:
        return name == self.cloud_name or name.endswith((".particle.io", ".spark.io"))

    def _has_room(self, kind: str, client: str = "", cost: int = 0) -> bool:
        """Is there room for one more of a kind, of `cost` bytes, from this client if one is named?
        Takes it, or counts what is turned away.
        """
        is_full = (
            self._kept_of[kind, ""] >= LIMITS[kind]
            or (client and self._kept_of[kind, client] >= PER_CLIENT)
            or (cost and self._bytes_of[kind] + cost > BUDGETS[kind])
        )
        if is_full:
            self.left_out[kind] += 1
            return False
        self._kept_of[kind, ""] += 1
        self._bytes_of[kind] += cost
        if client:
            self._kept_of[kind, client] += 1
        return True

    def _add_sender(self, captured: CapturedMessage) -> None:
        message = captured.message
        sender = Sender(captured.source, message.src_mac, message.src)
        span = self.senders.get(sender)
        if span is None:
            if len(self.senders) >= MAX_ADDRESSES:
                self.left_out["addresses"] += 1
                return
            span = self.senders[sender] = SenderSpan(
                captured.at_ns, captured.at_ns, 0, captured.number
            )
        span.last_ns, span.last_number = captured.at_ns, captured.number
        span.count += 1
        span.ttls[message.ttl] += 1

    def _add_tcp(self, captured: CapturedMessage, tcp: Tcp) -> None:
        key, up = self._direction(captured.message, tcp)
        is_own = key.server_port == self.cloud_port or key.server == INTERNET_TEST
        payload = b""
        if tcp.payload and key.server_port in (self.cloud_port, 80):
            payload = tcp.payload[: max(KEPT_PAYLOAD - self._content_bytes[key, up], 0)]
        cost = SEGMENT_COST + len(payload)
        if not (is_own or self._has_room("tcp", key.client, cost)):
            return
        if payload:
            self._content_bytes[key, up] += len(payload)
        message = captured.message
        segments = self.conversations.get(key)
        if segments is None:
            segments = self.conversations[key] = []
            if is_own:
                self._begin_cloud_conversation(key)
        segments.append(
            TcpSegment(
                captured.at_ns,
                captured.source,
                captured.number,
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
        if is_own:
            self._cloud_bytes += cost
            self._shorten(segments)
            while self._cloud_bytes > CLOUD_BYTES and self._cloud_keys:
                self._drop_conversation(self._cloud_keys.popleft())

    def _begin_cloud_conversation(self, key: FlowKey) -> None:
        self._cloud_conversations += 1
        if self._cloud_conversations > FIRST_CONVERSATIONS:
            self._cloud_keys.append(key)

    def _shorten(self, segments: list[TcpSegment]) -> None:
        """Drop the middle of a conversation that became too long."""
        if len(segments) > FIRST_SEGMENTS + 2 * NEWEST_SEGMENTS:
            dropped = segments[FIRST_SEGMENTS:-NEWEST_SEGMENTS]
            del segments[FIRST_SEGMENTS:-NEWEST_SEGMENTS]
            self._cloud_bytes -= sum(SEGMENT_COST + len(s.payload) for s in dropped)
            self.left_out["tcp to the cloud"] += len(dropped)

    def _drop_conversation(self, key: FlowKey) -> None:
        segments = self.conversations.pop(key, [])
        self._cloud_bytes -= sum(SEGMENT_COST + len(s.payload) for s in segments)
        for up in (True, False):
            del self._content_bytes[key, up]
        self.left_out["tcp to the cloud"] += len(segments)

    def _direction(self, message: Message, tcp: Tcp) -> tuple[FlowKey, bool]:
        """The conversation of a segment, and whether the client sent it."""
        up = FlowKey(message.src, tcp.sport, message.dst, tcp.dport)
        down = FlowKey(message.dst, tcp.dport, message.src, tcp.sport)
        services = (self.cloud_port, *SERVICE_PORTS)
        if (tcp.dport in services) != (tcp.sport in services):
            return (up, True) if tcp.dport in services else (down, False)
        if tcp.flags & SYN:
            return (down, False) if tcp.flags & ACK else (up, True)
        if up in self.conversations or down in self.conversations:
            return (up, True) if up in self.conversations else (down, False)
        return (up, True) if tcp.dport < tcp.sport else (down, False)

    def _add_fragment(self, captured: CapturedMessage, piece: Fragment) -> None:
        """Put IPv4 fragments together (RFC 791 §3.2); a bounded number of them, whole ones are
        taken in.
        """
        message = captured.message
        key = (message.src, message.dst, message.ip_id, piece.protocol)
        if piece.offset + len(piece.payload) > MAX_DATAGRAM_BYTES:
            self.left_out["fragments"] += 1
            return
        pieces = self._pieces.setdefault(key, [])
        pieces.append((piece.offset, piece.more, piece.payload))
        whole = joined(pieces)
        if whole is not None:
            del self._pieces[key]
            body = transport(piece.protocol, whole, len(whole))
            if body is not None:
                self.add(captured._replace(message=message._replace(body=body)))
        elif len(pieces) > MAX_PIECES:
            self._drop_pieces(key)
        elif len(self._pieces) > MAX_DATAGRAMS:
            self._drop_pieces(next(iter(self._pieces)))

    def _drop_pieces(self, key: tuple[str, str, int, int]) -> None:
        """Forget the pieces of a datagram: too many of them, or the oldest of too many that never
        became whole.
        """
        self.left_out["fragments"] += len(self._pieces.pop(key))

    def shift_forward(self, number: int, by_ns: int) -> None:
        """Correct the times of one file's packets from that number on: its clock had been set back
        there. Before merging.
        """
        for name in ("arp", "dhcp", "dns", "icmp", "udp"):
            messages: list[CapturedMessage] = getattr(self, name)
            setattr(
                self,
                name,
                [h._replace(at_ns=h.at_ns + by_ns) if h.number >= number else h for h in messages],
            )
        for key, segments in self.conversations.items():
            self.conversations[key] = [
                s._replace(at_ns=s.at_ns + by_ns) if s.number >= number else s for s in segments
            ]
        for span in self.senders.values():
            span.first_ns += by_ns if span.number >= number else 0
            span.last_ns += by_ns if span.last_number >= number else 0
        self._measure()

    def _measure(self) -> None:
        """Take first and last time of the file from what is in the tables, now corrected."""
        times = [
            h.at_ns for name in ("arp", "dhcp", "dns", "icmp", "udp") for h in getattr(self, name)
        ]
        times += [s.at_ns for segments in self.conversations.values() for s in segments]
        if times:
            first_ns, last_ns = min(times), max(times)
            self.files = [
                msgspec.structs.replace(file, first_ns=first_ns, last_ns=last_ns)
                for file in self.files
            ]

    def merge(self, other: Tables) -> Tables:
        """Take in another table: union, whichever came first."""
        self.arp += other.arp
        self.dhcp += other.dhcp
        self.dns += other.dns
        self.icmp += other.icmp
        self.udp += other.udp
        self.files += other.files
        self.unicast |= other.unicast
        self.wifi.merge(other.wifi)
        self.left_out.update(other.left_out)
        for key, segments in other.conversations.items():
            self.conversations.setdefault(key, []).extend(segments)
        for sender, span in other.senders.items():
            mine = self.senders.get(sender)
            if mine is None:
                self.senders[sender] = span
            else:
                mine.add(span)
        return self


def _unicast_ends(message: Message) -> Iterator[tuple[str, str]]:
    """Sender and receiver of a packet for one host, by MAC and by IP address."""
    if message.src_mac and message.dst_mac and not int(message.dst_mac[:2], 16) & 1:
        yield message.src_mac, message.dst_mac
    if is_unicast(message.src) and is_unicast(message.dst):
        yield message.src, message.dst


def joined(pieces: list[tuple[int, bool, bytes]]) -> bytes | None:
    """The whole datagram, or None while a piece is missing."""
    data = b""
    for offset, more, payload in sorted(set(pieces)):
        if offset > len(data):
            return None
        data = data[:offset] + payload
        if not more:
            return data
    return None
