"""Gather messages into tables that merge: one capture, many files, or pieces cut by time, all
alike.

A table is a set of captured messages, keyed as the protocol keys them. Merging is union, so order
and splitting cannot matter; `ordering.in_order` sorts and drops what was captured twice. Everything
that a crowd, idle or hostile, can make grow is bounded for each file, and what was left out is
counted. Clients that may be Photons have room of their own.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from netcheck.capture.files.relevant import HTTP_PORTS
from netcheck.capture.files.tally import LATEST_NS
from netcheck.capture.identification import Candidates
from netcheck.capture.protocols.wifi_frames import WifiFrames
from netcheck.capture.records import (
    CapturedMessage,
    FileCoverage,
    FlowKey,
    Room,
    Sender,
    SenderSpan,
    TcpSegment,
    unicast_ends,
)
from netcheck.photon.addresses import ANNOUNCE_GROUP
from netcheck.wire.decode import (
    ACK,
    ARP_ANSWER,
    SYN,
    Arp,
    Dhcp,
    Dns,
    Fragment,
    Icmp,
    Message,
    RouterAdvertisement,
    Tcp,
    Udp,
)
from netcheck.wire.fragments import Reassembly

KEPT_PAYLOAD = 2048
"""Bytes of content kept for each direction of a conversation: the handshake is 424 + 290."""

SERVICE_PORTS, NTP_PORT = (5683, 53, 80), 123
WELL_KNOWN = 1024
"""The ports below it are servers' (RFC 6335 §6)."""
KINDS = ("arp", "dhcp", "dns", "icmp", "multicast", "udp")
OF_PHOTONS = "of possible Photons"

MESSAGE_COST, SEGMENT_COST = 700, 400
"""Bytes of memory that one takes beside what is of variable length in it, measured."""

BUDGETS = {"dns": 24 << 20, "tcp": 32 << 20}
"""At most so many bytes of a kind are kept of one file, for kinds of variable length."""
NO_BUDGET = 1 << 40

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
    "icmp": 5_000,
    "multicast": 5_000,
    "tcp": 60_000,
    "udp": 5_000,
}
"""At most so many of a kind are kept of one file; what goes to the cloud has bytes of its own."""

PER_CLIENT = 2_000
"""At most so many of a kind from one client, the newest; but a possible Photon may look up the
cloud's name 20 000 times a day, and is bounded so in TCP alone that does not go to the cloud.
"""

MAX_ADDRESSES = 20_000
"""Senders, and ends of unicast packets, remembered of one file: as `LIMITS`."""
SPARED_EACH = 4


@dataclass
class Tables:
    """Everything relevant that was captured. Pickles, merges in any order."""

    cloud_name: str = "device.spark.io"
    cloud_port: int = 5683
    reserved: set[str] = field(default_factory=set)
    """MACs and IP addresses of clients that may be Photons, or that are asked about."""
    conversations: dict[FlowKey, list[TcpSegment]] = field(default_factory=dict)
    _spared: int = 0
    """Times that a sender went to the end of `senders`, less those that are long ago."""
    senders: OrderedDict[Sender, SenderSpan] = field(default_factory=OrderedDict)
    unicast: set[tuple[str, str]] = field(default_factory=set)
    """Sender and receiver of unicast packets, by MAC and by IP address."""
    wifi: WifiFrames = field(default_factory=WifiFrames)
    files: list[FileCoverage] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    cut_ns: dict[str, int] = field(default_factory=dict)
    """As in `CaptureRecord`."""
    _rooms: dict[str, Room[CapturedMessage]] = field(default_factory=dict)
    _tcp_room: Room[FlowKey] | None = None
    """One flow key for each segment kept that does not go to the cloud."""
    _merged: dict[str, list[CapturedMessage]] = field(default_factory=lambda: defaultdict(list))
    """Kind → messages of other files, or whose times were corrected."""
    _cloud_bytes: int = 0
    _cloud_keys: deque[FlowKey] = field(default_factory=deque)
    """The conversations with the cloud after the first ones, the oldest first."""
    _cloud_conversations: int = 0
    _content_bytes: Counter[tuple[FlowKey, bool]] = field(default_factory=Counter)
    _fragments: Reassembly = field(default_factory=Reassembly)
    _candidates: Candidates = field(init=False)

    def __post_init__(self) -> None:
        self._candidates = Candidates(self.cloud_name, self.cloud_port, self.reserved)

    def messages(self, *kinds: str) -> list[CapturedMessage]:
        """Those of these kinds, in no order."""
        return [
            captured
            for kind in kinds
            for part in (self._rooms.get(kind, ()), self._merged.get(kind, ()))
            for captured in part
        ]

    @property
    def arp(self) -> list[CapturedMessage]:
        return self.messages("arp")

    @property
    def dhcp(self) -> list[CapturedMessage]:
        return self.messages("dhcp")

    @property
    def dns(self) -> list[CapturedMessage]:
        return self.messages("dns")

    @property
    def icmp(self) -> list[CapturedMessage]:
        return self.messages("icmp")

    @property
    def udp(self) -> list[CapturedMessage]:
        return self.messages("udp", "multicast")

    # -- adding

    def add(self, captured: CapturedMessage) -> None:
        """Take in one message."""
        message = captured.message
        body = message.body
        if isinstance(body, Fragment):
            whole = self._fragments.whole(message, body)
            if self._fragments.left_out:
                self.left_out["fragments"] = self._fragments.left_out
            if whole is not None:
                self.add(captured._replace(message=whole))
            return
        self._candidates.note(message)
        if self._candidates.left_out:
            self.left_out["photons"] = self._candidates.left_out
        if message.src:
            self._add_sender(captured)
        for pair in unicast_ends(message):
            if pair not in self.unicast and self._has_room_for(pair):
                self.unicast.add(pair)
        if isinstance(body, Tcp):
            self._add_tcp(captured, body)
        elif isinstance(body, Dns):
            cost = MESSAGE_COST + len(body.name) + sum(map(len, body.aliases))
            cost += 60 * len(body.addresses)
            self._keep("dns", message.dst if body.is_answer else message.src, captured, cost)
        elif isinstance(body, Arp):
            self._keep("arp", self._asker(message, body), captured)
        elif isinstance(body, Dhcp):
            self._keep("dhcp", body.client_mac, captured)
        elif isinstance(body, RouterAdvertisement) or (isinstance(body, Icmp) and body.about):
            self._keep("icmp", message.dst, captured)
        elif isinstance(body, Udp):
            kind = "multicast" if message.dst == ANNOUNCE_GROUP else "udp"
            is_answer = body.sport == NTP_PORT and message.dst in self.reserved
            short = message._replace(body=body._replace(payload=body.payload[:64]))
            self._keep(
                kind, message.dst if is_answer else message.src, captured._replace(message=short)
            )

    # -- room

    def _asker(self, message: Message, arp: Arp) -> str:
        """The client that an ARP message is about: who asked, or whose address it claims."""
        if arp.sender_ip in self.reserved and arp.sender_mac not in self.reserved:
            return arp.sender_ip
        if arp.operation == ARP_ANSWER and not int((message.dst_mac or "01")[:2], 16) & 1:
            return message.dst_mac or arp.sender_mac
        return arp.sender_mac

    def _keep(self, kind: str, client: str, captured: CapturedMessage, cost: int = 0) -> None:
        room = self._rooms.get(kind)
        if room is None:
            most = LIMITS[kind]
            budget = BUDGETS.get(kind, NO_BUDGET)
            room = self._rooms[kind] = Room(self.reserved, most, PER_CLIENT, budget, most)
        for whose, dropped in room.add(client, captured, cost):
            self._note_dropped(kind, whose, dropped.at_ns)

    def _note_dropped(self, kind: str, client: str, at_ns: int) -> None:
        is_reserved = client in self.reserved
        self.left_out[f"{kind} {OF_PHOTONS}" if is_reserved else kind] += 1
        name = client if is_reserved else ""
        self.cut_ns[name] = max(self.cut_ns.get(name, 0), at_ns)

    def _has_room_for(self, names: Iterable[str | None]) -> bool:
        """Is there room for one more sender, or pair of ends, of these names?"""
        most = MAX_ADDRESSES if self.reserved.isdisjoint(names) else 2 * MAX_ADDRESSES
        return len(self.unicast) < most

    def _add_sender(self, captured: CapturedMessage) -> None:
        message = captured.message
        sender = Sender(captured.source, message.src_mac, message.src)
        span = self.senders.get(sender)
        if span is None:
            if len(self.senders) >= MAX_ADDRESSES:
                self._forget_a_sender()
            span = self.senders[sender] = SenderSpan(
                captured.at_ns, captured.at_ns, 0, captured.number
            )
        span.last_ns, span.last_number = captured.at_ns, captured.number
        span.count += 1
        span.ttls[message.ttl] += 1

    def _forget_a_sender(self) -> None:
        """Drop the one seen first; who may be a Photon goes to the end, unless nearly all may."""
        self._spared = max(self._spared - SPARED_EACH, 0)
        while True:
            sender, span = self.senders.popitem(last=False)
            is_reserved = sender.ip in self.reserved or sender.mac in self.reserved
            if not is_reserved or self._spared > MAX_ADDRESSES:
                break
            self.senders[sender] = span
            self._spared += 1
        self.left_out["addresses"] += 1

    def _add_tcp(self, captured: CapturedMessage, tcp: Tcp) -> None:
        key, up = self._direction(captured.message, tcp)
        is_own = key.server_port == self.cloud_port
        payload = b""
        if tcp.payload and key.server_port in (self.cloud_port, *HTTP_PORTS):
            payload = tcp.payload[: max(KEPT_PAYLOAD - self._content_bytes[key, up], 0)]
        cost = SEGMENT_COST + len(payload)
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
            return
        if self._tcp_room is None:
            self._tcp_room = Room(
                self.reserved, LIMITS["tcp"], PER_CLIENT, BUDGETS["tcp"], PER_CLIENT
            )
        for client, dropped in self._tcp_room.add(key.client, key, cost):
            self._drop_oldest_segment(client, dropped)

    def _drop_oldest_segment(self, client: str, key: FlowKey) -> None:
        segments = self.conversations[key]
        self._note_dropped("tcp", client, segments.pop(0).at_ns)
        if not segments:
            del self.conversations[key]
            for up in (True, False):
                self._content_bytes.pop((key, up), None)

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
        is_to, is_from = tcp.dport in services, tcp.sport in services
        # Anyone may have the cloud's port as its own; toward 443 that is no sign of the cloud.
        if is_to != is_from and (tcp.sport if is_to else tcp.dport) >= WELL_KNOWN:
            return (up, True) if is_to else (down, False)
        if tcp.flags & SYN:
            return (down, False) if tcp.flags & ACK else (up, True)
        if up in self.conversations or down in self.conversations:
            return (up, True) if up in self.conversations else (down, False)
        return (up, True) if tcp.dport < tcp.sport else (down, False)

    def shift_forward(self, number: int, by_ns: int) -> None:
        """Correct the times of one file's packets from that number on: its clock had been set back
        there. Before merging. All at once: a Ctrl-C leaves all of it done, or nothing.
        """

        def later(at_ns: int, its_number: int) -> int:
            return min(at_ns + by_ns, LATEST_NS) if its_number >= number else at_ns

        moved: dict[str, object] = {
            "_merged": {
                kind: [h._replace(at_ns=later(h.at_ns, h.number)) for h in self.messages(kind)]
                for kind in KINDS
            },
            "_rooms": {},
        }
        moved["conversations"] = {
            key: [s._replace(at_ns=later(s.at_ns, s.number)) for s in segments]
            for key, segments in self.conversations.items()
        }
        moved["senders"] = OrderedDict(
            (sender, span.moved(later)) for sender, span in self.senders.items()
        )
        vars(self).update(moved)
        self._measure()

    def _measure(self) -> None:
        """Take first and last time of the file from what is in the tables, now corrected."""
        times = [captured.at_ns for captured in self.messages(*KINDS)]
        times += [s.at_ns for segments in self.conversations.values() for s in segments]
        if times:
            first_ns, last_ns = min(times), max(times)
            self.files = [
                msgspec.structs.replace(file, first_ns=first_ns, last_ns=last_ns)
                for file in self.files
            ]

    def merge(self, other: Tables) -> Tables:
        """Take in another table: union, whichever came first."""
        for kind in KINDS:
            self._merged[kind] += other.messages(kind)
        self.reserved |= other.reserved
        for client, at_ns in other.cut_ns.items():
            self.cut_ns[client] = max(self.cut_ns.get(client, 0), at_ns)
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
