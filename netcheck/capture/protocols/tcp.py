"""TCP conversations: from segments to connections with byte counts, closers and answers.

A connection is what began with one SYN. Bytes are counted once, whatever was retransmitted,
reordered or lost by the capture: what the other side acknowledged was there, even if the capture
missed it (RFC 9293 §3.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from netcheck.capture.records import FlowKey, TcpSegment
from netcheck.wire.decode import ACK, FIN, RST, SYN

_WRAP = 1 << 32


def relative(seq: int, base: int) -> int:
    """The distance from base, small and possibly negative, whatever wrapped (RFC 9293 §3.4)."""
    return ((seq - base + (1 << 31)) % _WRAP) - (1 << 31)


@dataclass(frozen=True)
class TcpStream:
    """The bytes that one side sent. Offsets count from the first byte of content."""

    base: int | None
    """The sequence number of that first byte; None where nothing tells it."""
    arrivals: tuple[tuple[int, int, TcpSegment], ...] = ()
    """Offset, length, segment."""
    acks: tuple[tuple[int, TcpSegment], ...] = ()
    """Bytes that the other side had acknowledged, and its segment that said so; ascending."""
    fin: TcpSegment | None = None

    @property
    def acked(self) -> int:
        """Bytes that the other side acknowledged."""
        return self.acks[-1][0] if self.acks else 0

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

    def reached(self, count: int) -> TcpSegment | None:
        """The segment that completed the first `count` bytes; where it was not captured, the
        other side's that first acknowledged them. None where neither is there.
        """
        far = 0
        for offset, size, segment in self.arrivals:
            far = max(far, offset + size)
            if far >= count:
                return segment
        return next((segment for acked, segment in self.acks if acked >= count), None)

    def acks_of_missed(self) -> list[TcpSegment]:
        """The other side's segments that acknowledged content of which the end was not captured
        until then; a FIN that was missed takes one number alone.
        """
        arrivals, far, at, found = self.arrivals, 0, 0, []
        for acked, segment in self.acks:
            while at < len(arrivals) and arrivals[at][2].at_ns <= segment.at_ns:
                far = max(far, arrivals[at][0] + arrivals[at][1])
                at += 1
            if acked > far + 1:
                found.append(segment)
                far = acked
        return found

    def retransmissions(self) -> int:
        """How many segments brought no new content."""
        far = count = 0
        for offset, size, _ in self.arrivals:
            count += offset + size <= far
            far = max(far, offset + size)
        return count


@dataclass(frozen=True)
class Connection:
    """One TCP connection, opened or tried."""

    key: FlowKey
    segments: tuple[TcpSegment, ...]
    up: TcpStream
    down: TcpStream
    syns: tuple[TcpSegment, ...]
    syn_ack: TcpSegment | None
    resets: tuple[TcpSegment, ...]
    is_begun_before: bool
    """Was it there before the capture began?"""

    @property
    def id(self) -> tuple[FlowKey, int, int]:
        """Its conversation, and time and packet number of its first segment."""
        return self.key, self.segments[0].at_ns, self.segments[0].number

    @property
    def start_ns(self) -> int:
        """When it began, or was first seen."""
        return self.segments[0].at_ns

    @property
    def last_ns(self) -> int:
        """When it was last seen."""
        return self.segments[-1].at_ns

    @cached_property
    def overtaking_reset(self) -> TcpSegment | None:
        """The reset in the server's name that refused the SYN before the server's own SYN-ACK came:
        something on the path made it. The client had given up by then, and says so by a reset or
        by nothing (RFC 9293 §3.10.7.1, §3.10.7.3).
        """
        reset, answer = self.server_reset, self.syn_ack
        if reset is None or answer is None or not self.syns or reset.at_ns >= answer.at_ns:
            return None
        went_on = any(s.up and s.flags & (ACK | RST) == ACK for s in self.segments)
        is_again = any(reset.at_ns < syn.at_ns < answer.at_ns for syn in self.syns)
        return None if went_on or is_again or self.down.arrivals else reset

    @cached_property
    def opened(self) -> TcpSegment | None:
        """The segment that established it: the SYN-ACK, or else the first that only follows one,
        such as the client's acknowledgement of it. None where a reset was there before the SYN-ACK.
        """
        if self.overtaking_reset is not None:
            return None
        later = (s for s in self.segments if s.flags & (ACK | SYN | RST) == ACK)
        if self.syn_ack is not None or not (self.syns or self.down.arrivals):
            return self.syn_ack
        return self.down.arrivals[0][2] if self.down.arrivals else next(later, None)

    @property
    def is_open(self) -> bool:
        """Did it come to be established?"""
        return self.is_begun_before or self.opened is not None

    @cached_property
    def client_speaks_first(self) -> bool:
        """Did the client send content before it had received any, as its own acknowledgement says,
        whatever was captured? In the cloud's protocol the server speaks first.
        """
        if self.syn_ack is None or not self.up.arrivals:
            return False
        offset, _, first = self.up.arrivals[0]
        return offset == 0 and relative(first.ack, self.syn_ack.seq + 1) <= 0

    @cached_property
    def lacks_client(self) -> bool:
        """Was nothing captured of what the client sent?"""
        return not any(s.up for s in self.segments)

    @cached_property
    def lacks_server(self) -> bool:
        """Was nothing captured of what the server sent, though the client shows its answers?"""
        return self.is_open and all(s.up for s in self.segments)

    @cached_property
    def replies(self) -> list[TcpSegment]:
        """The server's segments with content, in order of time, retransmissions too; where one was
        not captured, the client's that acknowledged it.
        """
        if self.lacks_server:
            return [segment for _, segment in self.down.acks]
        seen = [s for s in self.segments if s.length and not s.up]
        missed = self.down.acks_of_missed()
        return sorted((*seen, *missed), key=lambda s: s.at_ns) if missed else seen

    @cached_property
    def last_down_ack_ns(self) -> int:
        """When the server last acknowledged anything; 0 if it never did."""
        return max((s.at_ns for s in self.segments if not s.up and s.flags & ACK), default=0)

    @property
    def server_reset(self) -> TcpSegment | None:
        """The server's first reset, or one in its name."""
        return next((s for s in self.resets if not s.up), None)

    @property
    def rtt_s(self) -> float | None:
        """From the SYN that was answered to the SYN-ACK; None where it cannot be told (Karn: a
        repeated SYN is ambiguous).
        """
        answer = self.opened if self.lacks_server else self.syn_ack
        if answer is None or not self.syns or self.overtaking_reset is not None:
            return None
        before = [syn for syn in self.syns if syn.at_ns <= answer.at_ns]
        return (answer.at_ns - before[-1].at_ns) / 1e9 if len(before) == 1 else None

    def fresh(self) -> list[TcpSegment]:
        """The first SYN and every segment that brought new content: retransmissions go on after the
        application has given up.
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
    def closer(self) -> TcpSegment | None:
        """The first FIN or RST, whoever sent it."""
        return self.ends[0] if self.ends else None

    @property
    def ends(self) -> list[TcpSegment]:
        """Each FIN and RST, in order of time. A FIN of a side of which nothing was captured stands
        where the other side acknowledged it.
        """
        fins = (s for s in (self.up.fin, self.down.fin) if s is not None)
        return sorted((*fins, *self.resets), key=lambda s: s.at_ns)


def connections(key: FlowKey, segments: Sequence[TcpSegment]) -> Iterator[Connection]:
    """The connections of one conversation, in order of time; a new SYN number begins a new one."""
    for own in _split(segments):
        yield _assembled(key, own)


def until(connection: Connection, at_ns: int) -> Connection:
    """The same connection as it was at that time."""
    return _assembled(connection.key, [s for s in connection.segments if s.at_ns <= at_ns])


def _split(segments: Sequence[TcpSegment]) -> Iterator[list[TcpSegment]]:
    own: list[TcpSegment] = []
    number: int | None = None
    for segment in segments:
        opens = segment.up and segment.flags & (SYN | ACK) == SYN
        if opens and own and segment.seq != number:
            # reordering can put the SYN behind its own answer
            if number is None and _answers(own, segment):
                number = segment.seq
            else:
                yield own
                own, number = [], segment.seq
        elif opens:
            number = segment.seq
        own.append(segment)
    if own:
        yield own


def _answers(own: Iterable[TcpSegment], syn: TcpSegment) -> bool:
    """Do these segments belong to that SYN, captured out of order?"""
    return all(
        0 < relative(s.ack, syn.seq) < 1 << 20
        if not s.up
        else 0 <= relative(s.seq, syn.seq) < 1 << 20
        for s in own
        if not s.up or s.length
    ) and all(syn.at_ns - s.at_ns < 50_000_000 for s in own)


def _assembled(key: FlowKey, segments: Sequence[TcpSegment]) -> Connection:
    resets = tuple(s for s in segments if s.flags & RST)
    opening = [s for s in segments if s.flags & (RST | SYN) == SYN]
    syns = tuple(s for s in opening if s.up and not s.flags & ACK)
    syn_ack = next((s for s in opening if not s.up), None)
    up_base, down_base = _bases(segments, syns, syn_ack)
    fins = [s for s in segments if s.flags & (RST | FIN) == FIN]
    return Connection(
        key=key,
        segments=tuple(segments),
        up=_stream(segments, up_base, fins, up=True),
        down=_stream(segments, down_base, fins, up=False),
        syns=syns,
        syn_ack=syn_ack,
        resets=resets,
        is_begun_before=not syns
        and syn_ack is None
        and any(s.length or not s.flags & RST for s in segments),
    )


def _bases(
    segments: Sequence[TcpSegment], syns: Sequence[TcpSegment], syn_ack: TcpSegment | None
) -> tuple[int | None, int | None]:
    """The sequence number of each side's first byte of content: the client's, the server's."""
    up, down = None, None
    if syn_ack is not None:
        up, down = syn_ack.ack, syn_ack.seq + 1
    if syns:
        up = syns[0].seq + 1
    return (
        _lowest(segments, up=True) if up is None else up,
        _lowest(segments, up=False) if down is None else down,
    )


def _lowest(segments: Sequence[TcpSegment], *, up: bool) -> int | None:
    """The lowest sequence number that this side sent, or else that the other acknowledged."""
    own = [s.seq for s in segments if s.up is up and not s.flags & RST]
    other = [s.ack for s in segments if s.up is not up and s.flags & ACK and not s.flags & SYN]
    numbers = own or other
    return min(numbers, key=lambda seq: relative(seq, numbers[0])) if numbers else None


def _stream(
    segments: Sequence[TcpSegment], base: int | None, fins: Iterable[TcpSegment], *, up: bool
) -> TcpStream:
    fin = next((s for s in fins if s.up is up), None)
    if base is None:
        return TcpStream(None, fin=fin)
    arrivals: list[tuple[int, int, TcpSegment]] = []
    acks: list[tuple[int, TcpSegment]] = []
    for segment in segments:
        if segment.up is up:
            if segment.length and not segment.flags & SYN:
                offset = relative(segment.seq, base)
                # A byte before the base is a keep-alive (RFC 9293 §3.8.4), far outside the window
                # is foreign.
                if 0 <= offset < 1 << 24:
                    arrivals.append((offset, segment.length, segment))
        elif segment.flags & ACK and not segment.flags & RST:
            count = relative(segment.ack, base) - _counts_fin(fin, segment)
            if (acks[-1][0] if acks else 0) < count < 1 << 24:
                acks.append((count, segment))
    if acks and not any(s.up is up for s in segments):
        fin = _fin_acknowledged(acks, base)
        if fin is not None:
            acks.pop()
    return TcpStream(base, tuple(arrivals), tuple(acks), fin)


def _counts_fin(fin: TcpSegment | None, segment: TcpSegment) -> int:
    """1 if that acknowledgement includes the other side's FIN, which takes a sequence number."""
    if fin is None or segment.at_ns < fin.at_ns:
        return 0
    return int(relative(segment.ack, fin.seq + fin.length) >= 1)


def _fin_acknowledged(acks: Sequence[tuple[int, TcpSegment]], base: int) -> TcpSegment | None:
    """The FIN of a side of which nothing was captured, as the other side's last acknowledgement
    shows it: by one more than there was content. None where that is larger.
    """
    before = acks[-2][0] if len(acks) > 1 else 0
    count, segment = acks[-1]
    if count != before + 1:
        return None
    return segment._replace(up=not segment.up, flags=FIN | ACK, seq=base + before, length=0)
