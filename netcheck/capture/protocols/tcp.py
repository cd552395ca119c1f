"""TCP conversations: from segments to connections with byte counts, closers and answers.

A connection is what began with one SYN. Bytes are counted once, whatever was retransmitted,
reordered or lost by the capture: what the other side acknowledged was there, even if the capture
missed it (RFC 9293 §3.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from netcheck.capture.tables import FlowKey, Segment
from netcheck.wire.decode import ACK, FIN, RST, SYN

_WRAP = 1 << 32


def relative(seq: int, base: int) -> int:
    """The distance from base, small and possibly negative, whatever wrapped (RFC 9293 §3.4)."""
    return ((seq - base + (1 << 31)) % _WRAP) - (1 << 31)


@dataclass
class Stream:
    """What one side sent. Offsets count from the first byte of content."""

    base: int | None = None
    arrivals: list[tuple[int, int, Segment]] = field(
        default_factory=list
    )  # offset, length, segment
    acked: int = 0
    fin: Segment | None = None

    @property
    def length(self) -> int:
        """Bytes of content sent: the farthest seen, or acknowledged."""
        seen = max((offset + size for offset, size, _ in self.arrivals), default=0)
        return max(seen, self.acked)

    @property
    def content(self) -> bytes:
        """The first bytes, as far as they were captured without a gap."""
        data = b""
        for offset, _, segment in sorted(self.arrivals, key=lambda a: a[0]):
            if offset > len(data):
                break
            data = (
                data[:offset] + segment.payload
                if offset + len(segment.payload) > len(data)
                else data
            )
        return data

    def reached(self, count: int) -> Segment | None:
        """The segment that completed the first `count` bytes, or None."""
        far = 0
        for offset, size, segment in self.arrivals:
            far = max(far, offset + size)
            if far >= count:
                return segment
        return None

    def repeats(self) -> int:
        """How many segments carried nothing new."""
        far = count = 0
        for offset, size, _ in self.arrivals:
            count += offset + size <= far
            far = max(far, offset + size)
        return count


@dataclass
class Connection:
    """One TCP connection, opened or tried."""

    key: FlowKey
    segments: list[Segment]
    up: Stream = field(default_factory=Stream)
    down: Stream = field(default_factory=Stream)
    syns: list[Segment] = field(default_factory=list)
    syn_ack: Segment | None = None
    resets: list[Segment] = field(default_factory=list)
    is_begun_before: bool = False

    @property
    def start_ns(self) -> int:
        """When it began, or was first seen."""
        return self.segments[0].at_ns

    @property
    def last_ns(self) -> int:
        """When it was last seen."""
        return self.segments[-1].at_ns

    @property
    def is_open(self) -> bool:
        """Did it come to be established?"""
        return self.is_begun_before or self.syn_ack is not None or bool(self.down.arrivals)

    @cached_property
    def replies(self) -> list[Segment]:
        """The server's segments with content, in order of time, repetitions too."""
        return [s for s in self.segments if s.length and not s.up]

    @cached_property
    def last_down_ack_ns(self) -> int:
        """When the server last acknowledged anything; 0 if it never did."""
        return max((s.at_ns for s in self.segments if not s.up and s.flags & ACK), default=0)

    @property
    def rtt_s(self) -> float | None:
        """From the SYN that was answered to the SYN-ACK; None where it cannot be told (Karn: a
        repeated SYN is ambiguous).
        """
        if self.syn_ack is None or not self.syns:
            return None
        before = [syn for syn in self.syns if syn.at_ns <= self.syn_ack.at_ns]
        return (self.syn_ack.at_ns - before[-1].at_ns) / 1e9 if len(before) == 1 else None

    def fresh(self) -> list[Segment]:
        """The first SYN and every segment that brought new content: repetitions go on after the
        application has turned away.
        """
        found = [*self.syns[:1]]
        for stream in (self.up, self.down):
            far = 0
            for offset, size, segment in stream.arrivals:
                if offset + size > far:
                    found.append(segment)
                    far = offset + size
        return found

    @property
    def closer(self) -> Segment | None:
        """The first FIN or RST, whoever sent it."""
        ends = [s for s in (self.up.fin, self.down.fin, *self.resets[:1]) if s is not None]
        return min(ends, key=lambda s: s.at_ns) if ends else None


def connections(key: FlowKey, segments: Sequence[Segment]) -> Iterator[Connection]:
    """The connections of one conversation, in order of time; a new SYN number begins a new one."""
    for part in _parts(segments):
        yield _assembled(key, part)


def until(connection: Connection, at_ns: int) -> Connection:
    """The same connection as it stood at that time."""
    return _assembled(connection.key, [s for s in connection.segments if s.at_ns <= at_ns])


def _parts(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    part: list[Segment] = []
    number: int | None = None
    for segment in segments:
        opens = segment.up and segment.flags & (SYN | ACK) == SYN
        if opens and part and segment.seq != number:
            # reordering can put the SYN behind its own answer
            if number is None and _answers(part, segment):
                number = segment.seq
            else:
                yield part
                part, number = [], segment.seq
        elif opens:
            number = segment.seq
        part.append(segment)
    if part:
        yield part


def _answers(part: Iterable[Segment], syn: Segment) -> bool:
    """Do these segments belong to that SYN, captured out of order?"""
    return all(
        0 < relative(s.ack, syn.seq) < 1 << 20
        if not s.up
        else 0 <= relative(s.seq, syn.seq) < 1 << 20
        for s in part
        if not s.up or s.length
    ) and all(syn.at_ns - s.at_ns < 50_000_000 for s in part)


def _assembled(key: FlowKey, segments: list[Segment]) -> Connection:
    connection = Connection(key, segments)
    for segment in segments:
        _note_control(connection, segment)
    connection.is_begun_before = (
        not connection.syns
        and connection.syn_ack is None
        and any(s.length or not s.flags & RST for s in segments)
    )
    _find_bases(connection)
    for segment in segments:
        _note_content(connection, segment)
    return connection


def _note_control(connection: Connection, segment: Segment) -> None:
    if segment.flags & RST:
        connection.resets.append(segment)
    elif segment.flags & SYN and segment.up and not segment.flags & ACK:
        connection.syns.append(segment)
    elif segment.flags & SYN and not segment.up:
        connection.syn_ack = connection.syn_ack or segment
    stream = connection.up if segment.up else connection.down
    if segment.flags & FIN and not segment.flags & RST and stream.fin is None:
        stream.fin = segment


def _find_bases(connection: Connection) -> None:
    """The sequence number of each side's first byte of content."""
    up, down = connection.up, connection.down
    if connection.syns:
        up.base = connection.syns[0].seq + 1
    if connection.syn_ack:
        down.base = connection.syn_ack.seq + 1
        up.base = connection.syn_ack.ack if up.base is None else up.base
    for stream, side in ((up, True), (down, False)):
        if stream.base is None:
            own = [s.seq for s in connection.segments if s.up is side and not s.flags & RST]
            other = [
                s.ack
                for s in connection.segments
                if s.up is not side and s.flags & ACK and not s.flags & SYN
            ]
            if own:
                stream.base = min(own, key=lambda seq: relative(seq, own[0]))
            elif other:
                stream.base = min(other, key=lambda seq: relative(seq, other[0]))


def _note_content(connection: Connection, segment: Segment) -> None:
    own, other = (
        (connection.up, connection.down) if segment.up else (connection.down, connection.up)
    )
    if segment.length and own.base is not None and not segment.flags & SYN:
        offset = relative(segment.seq, own.base)
        # A byte before the base is a keep-alive (RFC 9293 §3.8.4), far outside the window is
        # foreign.
        if 0 <= offset < 1 << 24:
            own.arrivals.append((offset, segment.length, segment))
    if segment.flags & ACK and not segment.flags & RST and other.base is not None:
        acked = relative(segment.ack, other.base) - _counts_fin(other, segment)
        if other.acked < acked < 1 << 24:
            other.acked = acked


def _counts_fin(stream: Stream, segment: Segment) -> int:
    """1 if that acknowledgement includes the other side's FIN, which takes a sequence number."""
    fin = stream.fin
    if fin is None or segment.at_ns < fin.at_ns:
        return 0
    return int(relative(segment.ack, fin.seq + fin.length) >= 1)
