"""A cloud connection as a table of steps: directions and byte counts name the stage, and who closed
names the fault.

    step                 from    bytes   total down/up   the device's patience
    tcp.cloud            device  SYN     0/0             5 s, two or three SYNs
    handshake.nonce      cloud   40      40/0            20 s
    handshake.request    device  256     40/256          -
    handshake.key        cloud   384     424/256         20 s
    handshake.hello      device  18, 34  424/274, 290    -
    handshake.welcome    cloud   18      442/...         2 s (0.4.9-0.7.0), 4 s (0.8 and later)
    session.open         both    frames  more

Numbers and their sources: device-os@v0.6.0:communication/src/spark_protocol.cpp, handshake.cpp,
lightssl_message_channel.cpp; hal/src/photon/socket_hal.cpp. A step that was never due is left out;
one that the capture did not watch to its end is `unclear`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from netcheck.capture.protocols.cloud_keys import SIGNATURE_BYTES, fits, is_signed_by
from netcheck.capture.protocols.tcp import Connection, relative
from netcheck.capture.tables import Segment
from netcheck.model import Outcome, Scalar
from netcheck.wire.decode import ACK, FIN, RST

SECOND_NS = 10**9

NONCE, REQUEST, KEY = 40, 256, 384
HEAD = 8
"""So many bytes of a number of 128 tell which of two is larger, but for one pair in 10^19."""
HELLOS = (18, 34)
WELCOME = 18
DOWN_KEY = NONCE + KEY
DOWN_WELCOME = DOWN_KEY + WELCOME

CONNECT_S = 5.0
ANSWER_S = 20.0
REFUSAL_S = 4.0
"""A server that refuses does so at once; one that closes later ran into its own time limit (10 s or
30 s in open-source clouds).
"""
WELCOME_S = 4.0
OLD_WELCOME_S = 2.0
SILENCE_S = 8.0
"""A healthy cloud answers within a second or two; after this long an answer is overdue, even if the
device would wait on.
"""

IDLE_S = 14.0
"""The keepalive comes after 15 s without traffic
(device-os@v3.3.1:communication/src/lightssl_protocol.h).
"""
NO_PING_S = 17.0
OVERDUE_S = 15.2
"""A device that closes after so long a pause had not sent the keepalive that was due (inactivity
limit of 15 s).
"""
PING_ANSWER_S = 10.0
AT_ONCE_S = 3.0


class Step(NamedTuple):
    """What became of one step. `packets` show it."""

    fact: str
    outcome: Outcome
    reason: str
    at_ns: int
    end_ns: int
    packets: tuple[Segment, ...]
    data: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True)
class Watch:
    """Until when somebody watched this connection, and whether the device had moved on by then, or
    even started over.
    """

    until_ns: int
    moved_on: bool
    started_over: bool = False

    def waited(self, since_ns: int, patience_s: float) -> bool:
        """Was the silence since then long enough to mean something?"""
        return self.moved_on or self.until_ns - since_ns >= patience_s * SECOND_NS


def steps(connection: Connection, watch: Watch, cloud_key: bytes) -> Iterator[Step]:
    """The steps of one connection, in their order, up to the first that did not succeed."""
    if connection.is_begun_before:
        yield from _joined_late(connection, watch)
        return
    for step in (_opening, _nonce, _request, _key, _hello, _welcome):
        made = step(connection, watch)
        if made is None:
            return
        yield made
        if step is _request:
            yield from _modulus(connection, cloud_key)
        if step is _key:
            yield from _signature(connection, cloud_key)
        if made.outcome is not Outcome.OK:
            return
    yield from _session(connection, watch, _end_of_handshake(connection))


# -- opening


def _opening(connection: Connection, watch: Watch) -> Step | None:
    syns, answer = connection.syns, connection.syn_ack
    if not syns and answer is None and not connection.down.arrivals:
        return None
    data: list[tuple[str, Scalar]] = [
        ("address", connection.key.server),
        ("port", connection.key.server_port),
        ("syns", len(syns)),
    ]
    if connection.rtt_s is not None:
        data.append(("rtt_ms", round(connection.rtt_s * 1000, 3)))
    start = connection.start_ns
    if answer is not None:
        data.append(("ttl", answer.ttl))
        late = answer.at_ns - start > CONNECT_S * SECOND_NS and any(r.up for r in connection.resets)
        outcome, reason = (Outcome.FAILED, "late") if late else (Outcome.OK, "")
        return Step(
            "tcp.cloud", outcome, reason, start, answer.at_ns, (*syns[:1], answer), tuple(data)
        )
    if connection.down.arrivals:
        first = connection.down.arrivals[0][2]
        return Step(
            "tcp.cloud", Outcome.OK, "", start, first.at_ns, (*syns[:1], first), tuple(data)
        )
    reset = next((r for r in connection.resets if not r.up), None)
    if reset is not None:
        before = [s for s in syns if s.at_ns <= reset.at_ns]
        data += [
            ("ttl", reset.ttl),
            ("rtt_ms", round((reset.at_ns - before[-1].at_ns) / 1e6, 3) if before else -1.0),
        ]
        return Step(
            "tcp.cloud",
            Outcome.FAILED,
            "refused",
            start,
            reset.at_ns,
            (*syns[:1], reset),
            tuple(data),
        )
    if watch.waited(start, CONNECT_S - 1):
        end = min(watch.until_ns, start + int(CONNECT_S * SECOND_NS))
        return Step(
            "tcp.cloud", Outcome.FAILED, "timeout", start, end, tuple(syns[:4]), tuple(data)
        )
    return Step(
        "tcp.cloud", Outcome.UNCLEAR, "cut_off", start, watch.until_ns, tuple(syns[:1]), tuple(data)
    )


# -- the four answers


def _opened(connection: Connection) -> Segment:
    """The segment with which the connection stood open."""
    return connection.syn_ack or connection.down.arrivals[0][2]


def _nonce(connection: Connection, watch: Watch) -> Step | None:
    opened = _opened(connection)
    count = connection.down.length
    full = connection.down.reached(NONCE)
    first_up = connection.up.reached(1)
    before_request = sum(
        size
        for _, size, s in connection.down.arrivals
        if first_up is None or s.at_ns < first_up.at_ns
    )
    if count >= NONCE:
        done = full or _last_ack(connection)
        reason = _flaw(connection.down.content[:NONCE], before_request)
        if not reason and done.at_ns - opened.at_ns > ANSWER_S * SECOND_NS:
            reason = "late"
        outcome = Outcome.FAILED if reason else Outcome.OK
        return Step(
            "handshake.nonce",
            outcome,
            reason,
            opened.at_ns,
            done.at_ns,
            (opened, done),
            (("bytes", min(count, NONCE)),),
        )
    return _missing("handshake.nonce", connection, watch, opened, got=count, patience_s=SILENCE_S)


def _flaw(nonce: bytes, before_request: int) -> str:
    """Why these bytes are no nonce; empty if they may be one."""
    if len(nonce) < NONCE:
        return ""  # not captured (snap length): their number is all that is known
    if len(set(nonce)) < 4:
        return "not_random"
    printable = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in nonce)
    if printable >= NONCE - 1 or (before_request > NONCE and printable > NONCE * 0.8):
        return "text"
    return ""


def _request(connection: Connection, watch: Watch) -> Step | None:
    """Row 19-21 of the diagnostic table: what the device does with the nonce."""
    asked = connection.down.reached(NONCE) or _last_ack(connection)
    up = connection.up
    if up.length >= REQUEST:
        sent = up.reached(REQUEST) or _last_ack(connection)
        data: tuple[tuple[str, Scalar], ...] = (("bytes", REQUEST), ("repeats", up.repeats()))
        if (
            up.acked >= REQUEST
            or connection.down.length > NONCE
            or _was_reset(connection, sent.at_ns)
        ):
            return Step("handshake.request", Outcome.OK, "", asked.at_ns, sent.at_ns, (sent,), data)
        if watch.waited(sent.at_ns, SILENCE_S):
            tries = tuple(s for _, _, s in up.arrivals)
            return Step(
                "handshake.request",
                Outcome.FAILED,
                "unacknowledged",
                asked.at_ns,
                watch.until_ns,
                tries[:4],
                data,
            )
        return Step(
            "handshake.request",
            Outcome.UNCLEAR,
            "cut_off",
            asked.at_ns,
            watch.until_ns,
            (sent,),
            data,
        )
    if up.length and _is_text(up.content):
        return None  # somebody else speaking another protocol to this port
    closer = connection.closer
    if closer is not None and closer.up:
        reason = "device_closed" if not up.length else "short"
        return Step(
            "handshake.request",
            Outcome.FAILED,
            reason,
            asked.at_ns,
            closer.at_ns,
            (asked, closer),
            (("bytes", up.length),),
        )
    if closer is not None:
        reason = "reset" if closer.flags & RST else "closed"
        data = (("bytes", up.length), *_closing(connection, closer, asked))
        return Step(
            "handshake.request",
            Outcome.FAILED,
            reason,
            asked.at_ns,
            closer.at_ns,
            (asked, closer),
            data,
        )
    if watch.waited(asked.at_ns, SILENCE_S):
        return Step(
            "handshake.request",
            Outcome.FAILED,
            "device_silent",
            asked.at_ns,
            watch.until_ns,
            (asked,),
            (("bytes", up.length),),
        )
    return Step(
        "handshake.request", Outcome.UNCLEAR, "cut_off", asked.at_ns, watch.until_ns, (asked,), ()
    )


def _is_text(content: bytes) -> bool:
    head = content[:16]
    return len(head) >= 4 and all(32 <= byte < 127 or byte in (9, 10, 13) for byte in head)


def _key(connection: Connection, watch: Watch) -> Step | None:
    sent = connection.up.reached(REQUEST) or _last_ack(connection)
    full = connection.down.reached(DOWN_KEY)
    got = connection.down.length - NONCE
    if got >= KEY:
        done = full or _last_ack(connection)
        # After the device gave up, the answer helps nobody.
        late = done.at_ns - sent.at_ns > ANSWER_S * SECOND_NS
        outcome, reason = (Outcome.FAILED, "late") if late else (Outcome.OK, "")
        return Step(
            "handshake.key",
            outcome,
            reason,
            sent.at_ns,
            done.at_ns,
            (sent, done),
            (("bytes", KEY), *_sealed(connection)),
        )
    return _missing("handshake.key", connection, watch, sent, got=got, patience_s=SILENCE_S)


def _sealed(connection: Connection) -> tuple[tuple[str, Scalar], ...]:
    """The first bytes of what the cloud sealed for the device's key: to be compared with that,
    should the device tell it.
    """
    head = connection.down.content[NONCE : NONCE + HEAD]
    return (("sealed_head", head.hex()),) if len(head) == HEAD else ()


def _hello(connection: Connection, watch: Watch) -> Step | None:
    """Rows 24 and 25: does the device accept what it got?"""
    delivered = connection.down.reached(DOWN_KEY) or _last_ack(connection)
    extra = connection.up.length - REQUEST
    if extra >= HELLOS[0]:
        sent = connection.up.reached(REQUEST + HELLOS[0]) or _last_ack(connection)
        first = next(
            (size for offset, size, _ in connection.up.arrivals if offset == REQUEST), extra
        )
        return Step(
            "handshake.hello",
            Outcome.OK,
            "",
            delivered.at_ns,
            sent.at_ns,
            (sent,),
            (("bytes", first),),
        )
    closer = connection.closer
    if closer is not None and closer.up:
        return Step(
            "handshake.hello",
            Outcome.FAILED,
            "device_closed",
            delivered.at_ns,
            closer.at_ns,
            (delivered, closer),
        )
    if closer is not None:
        reason = "reset" if closer.flags & RST else "closed"
        data = _closing(connection, closer, delivered)
        return Step(
            "handshake.hello",
            Outcome.FAILED,
            reason,
            delivered.at_ns,
            closer.at_ns,
            (delivered, closer),
            data,
        )
    if watch.waited(delivered.at_ns, SILENCE_S):
        return Step(
            "handshake.hello",
            Outcome.FAILED,
            "device_silent",
            delivered.at_ns,
            watch.until_ns,
            (delivered,),
        )
    return Step(
        "handshake.hello", Outcome.UNCLEAR, "cut_off", delivered.at_ns, watch.until_ns, (delivered,)
    )


def _welcome(connection: Connection, watch: Watch) -> Step | None:
    hello = connection.up.reached(REQUEST + HELLOS[0]) or _last_ack(connection)
    got = connection.down.length - DOWN_KEY
    if got >= WELCOME:
        done = connection.down.reached(DOWN_WELCOME) or _last_ack(connection)
        if _gave_up(connection, hello, done):
            return Step(
                "handshake.welcome", Outcome.FAILED, "late", hello.at_ns, done.at_ns, (hello, done)
            )
        return Step("handshake.welcome", Outcome.OK, "", hello.at_ns, done.at_ns, (hello, done))
    return _missing("handshake.welcome", connection, watch, hello, got=got, patience_s=WELCOME_S)


def _gave_up(connection: Connection, hello: Segment, done: Segment) -> bool:
    """Had the device lost its patience when the answer came? It waits 2 s or 4 s, by version, and
    then closes.
    """
    closer = connection.closer
    waited_s = (done.at_ns - hello.at_ns) / SECOND_NS
    return (
        closer is not None
        and closer.up
        and waited_s > OLD_WELCOME_S - 0.1
        and closer.at_ns - done.at_ns < SECOND_NS
    )


def _missing(
    fact: str, connection: Connection, watch: Watch, since: Segment, *, got: int, patience_s: float
) -> Step:
    """The cloud's answer did not come, or not whole: how did the waiting end?"""
    closer = connection.closer
    if closer is not None and closer.at_ns < since.at_ns:
        closer = next((r for r in connection.resets if r.at_ns >= since.at_ns), closer)
    data: tuple[tuple[str, Scalar], ...] = (("bytes", got),)
    if closer is not None and not closer.up:
        reason = "reset" if closer.flags & RST else _why_closed(connection, closer, since, got)
        return Step(
            fact,
            Outcome.FAILED,
            reason,
            since.at_ns,
            closer.at_ns,
            (since, closer),
            data + _closing(connection, closer, since),
        )
    if closer is not None:
        waited_s = (closer.at_ns - since.at_ns) / SECOND_NS
        # A closed connection is no silence unless the other side had time to speak.
        if waited_s < min(patience_s, 1.8):
            return Step(
                fact,
                Outcome.UNCLEAR,
                "device_closed",
                since.at_ns,
                closer.at_ns,
                (since, closer),
                data,
            )
        return Step(
            fact,
            Outcome.FAILED,
            "short" if got else "silent",
            since.at_ns,
            closer.at_ns,
            (since, closer),
            data,
        )
    if watch.waited(since.at_ns, patience_s):
        return Step(
            fact,
            Outcome.FAILED,
            "short" if got else "silent",
            since.at_ns,
            watch.until_ns,
            (since,),
            data,
        )
    return Step(fact, Outcome.UNCLEAR, "cut_off", since.at_ns, watch.until_ns, (since,), data)


def _why_closed(connection: Connection, closer: Segment, since: Segment, got: int) -> str:
    """What the server's FIN means: a refusal, the end of its own patience, or of bytes that were
    sent and never arrived.
    """
    base = connection.down.base
    is_ahead = base is not None and relative(closer.seq, base) > connection.down.length
    if got or is_ahead:
        return "short"
    trip_s = connection.rtt_s or 0.0
    return (
        "silent" if closer.at_ns - since.at_ns > (REFUSAL_S + 2 * trip_s) * SECOND_NS else "closed"
    )


def _closing(
    connection: Connection, closer: Segment, since: Segment
) -> tuple[tuple[str, Scalar], ...]:
    """What tells a server's own end of a connection from one made by a box in between: time, TTL,
    sequence number.
    """
    data: list[tuple[str, Scalar]] = [
        ("after_ms", round((closer.at_ns - since.at_ns) / 1e6, 3)),
        ("ttl", closer.ttl),
    ]
    own = [s.ttl for s in connection.segments if not s.up and not s.flags & RST]
    if own and closer.flags & RST:
        data.append(("server_ttl", own[0]))
    if connection.rtt_s is not None:
        data.append(("rtt_ms", round(connection.rtt_s * 1000, 3)))
    return tuple(data)


def _was_reset(connection: Connection, after_ns: int) -> bool:
    """Did the other end, or a box, answer with a reset? Then what was sent did arrive there."""
    return any(not reset.up and reset.at_ns >= after_ns for reset in connection.resets)


def _last_ack(connection: Connection) -> Segment:
    """Where content itself was not captured, the last segment that stands for it."""
    return next(
        (s for s in reversed(connection.segments) if s.flags & ACK), connection.segments[-1]
    )


# -- whose keys


def _modulus(connection: Connection, cloud_key: bytes) -> Iterator[Step]:
    """A request that is larger than the cloud's modulus was made with another key."""
    sent, content = connection.up.reached(REQUEST), connection.up.content[:REQUEST]
    if sent is not None and len(content) == REQUEST and not fits(cloud_key, content):
        yield Step(
            "handshake.modulus", Outcome.UNCLEAR, "other_key", sent.at_ns, sent.at_ns, (sent,)
        )


def _signature(connection: Connection, cloud_key: bytes) -> Iterator[Step]:
    """Proof that the holder of the cloud's key answered, or a note that it was another."""
    done, content = connection.down.reached(DOWN_KEY), connection.down.content
    if done is None or len(content) < DOWN_KEY:
        return
    signed = is_signed_by(cloud_key, content[DOWN_KEY - SIGNATURE_BYTES : DOWN_KEY])
    outcome, reason = (Outcome.OK, "") if signed else (Outcome.UNCLEAR, "other_key")
    yield Step("handshake.signature", outcome, reason, done.at_ns, done.at_ns, (done,))


# -- the session


def _end_of_handshake(connection: Connection) -> Segment:
    return connection.down.reached(DOWN_WELCOME) or _last_ack(connection)


def _joined_late(connection: Connection, watch: Watch) -> Iterator[Step]:
    """A connection that was there before the capture: only its session can be judged."""
    if any(
        s.length % 16 != 2 for s in connection.segments if s.length and s.length < 100
    ) or not any(s.length for s in connection.segments):
        return
    yield from _session(connection, watch, connection.segments[0])


def _session(connection: Connection, watch: Watch, since: Segment) -> Iterator[Step]:
    """How the session went: traffic, keepalives, and its end."""
    later = [
        s
        for s in connection.segments
        if s.at_ns >= since.at_ns and (s.length or s.flags & (FIN | RST))
    ]
    end = next((s for s in later if s.flags & (FIN | RST)), None)
    lasted_s = (
        (end.at_ns if end else min(watch.until_ns, _still(connection, watch))) - since.at_ns
    ) / SECOND_NS
    pings = list(_pings(connection, since.at_ns))
    yield from (_ping_step(connection, watch, idle_s, ping) for idle_s, ping in pings)
    if end is not None and not end.up and lasted_s < AT_ONCE_S and not connection.is_begun_before:
        reason = "reset" if end.flags & RST else "closed"
        yield Step(
            "session.open",
            Outcome.FAILED,
            reason,
            since.at_ns,
            end.at_ns,
            (since, end),
            (("lasted_s", round(lasted_s, 3)),),
        )
        return
    content = [s for s in later if s.length and s is not since]
    if content or lasted_s >= AT_ONCE_S:
        yield Step(
            "session.open",
            Outcome.OK,
            "",
            since.at_ns,
            (content or [since])[0].at_ns,
            (since, *content[:1]),
        )
    yield from _end(
        connection,
        watch,
        since,
        end,
        lasted_s,
        any(not _is_answered(connection, ping) for _, ping in pings),
    )


def _still(connection: Connection, watch: Watch) -> int:
    """Until when a session without an end is known to have lasted."""
    return connection.last_ns if watch.moved_on else watch.until_ns


def _pings(connection: Connection, since_ns: int) -> Iterator[tuple[float, Segment]]:
    """Each keepalive of the device: how long the line was idle before (seconds), and the first
    segment that carries it.
    """
    before = since_ns
    far = 0
    for segment in connection.segments:
        if not segment.length or segment.at_ns <= since_ns:
            continue
        idle_s = (segment.at_ns - before) / SECOND_NS
        new = not segment.up or connection.up.base is None or segment.seq != far
        if segment.up and new and segment.length == WELCOME and idle_s >= IDLE_S - 6:
            yield idle_s, segment
        far = segment.seq if segment.up else far
        before = segment.at_ns


def _first_reply(connection: Connection, ping: Segment) -> Segment | None:
    """The cloud's next content after that keepalive."""
    replies = connection.replies
    index = bisect_right(replies, ping.at_ns, key=lambda s: s.at_ns)
    return replies[index] if index < len(replies) else None


def _is_answered(connection: Connection, ping: Segment) -> bool:
    reply = _first_reply(connection, ping)
    return reply is not None and reply.at_ns <= ping.at_ns + (PING_ANSWER_S + 1) * SECOND_NS


def _ping_step(connection: Connection, watch: Watch, idle_s: float, ping: Segment) -> Step:
    data: tuple[tuple[str, Scalar], ...] = (("idle_s", round(idle_s, 1)),)
    answer = _first_reply(connection, ping)
    reset = next((s for s in connection.resets if s.at_ns >= ping.at_ns and not s.up), None)
    if answer is not None and (reset is None or answer.at_ns <= reset.at_ns):
        took_s = (answer.at_ns - ping.at_ns) / SECOND_NS
        if took_s <= PING_ANSWER_S:
            return Step(
                "session.keepalive", Outcome.OK, "", ping.at_ns, answer.at_ns, (ping, answer), data
            )
        return Step(
            "session.keepalive",
            Outcome.FAILED,
            "late",
            ping.at_ns,
            answer.at_ns,
            (ping, answer),
            data,
        )
    if reset is not None:
        return Step(
            "session.keepalive",
            Outcome.FAILED,
            "reset",
            ping.at_ns,
            reset.at_ns,
            (ping, reset),
            data + _closing(connection, reset, ping),
        )
    if watch.waited(ping.at_ns, PING_ANSWER_S - 1):
        # Acknowledged by the other end's TCP, but not answered: the way is open, and the cloud
        # itself is silent.
        is_acked = connection.last_down_ack_ns > ping.at_ns
        end_ns = min(watch.until_ns, ping.at_ns + int(PING_ANSWER_S * SECOND_NS))
        return Step(
            "session.keepalive",
            Outcome.FAILED,
            "silent" if is_acked else "timeout",
            ping.at_ns,
            end_ns,
            (ping,),
            data,
        )
    return Step(
        "session.keepalive", Outcome.UNCLEAR, "cut_off", ping.at_ns, watch.until_ns, (ping,), data
    )


def _end(
    connection: Connection,
    watch: Watch,
    since: Segment,
    end: Segment | None,
    lasted_s: float,
    ping_lost: bool,
) -> Iterator[Step]:
    """How the session ended; nothing if it was up when the capture ended, or if a lost keepalive
    already says it.
    """
    if ping_lost:
        return
    content = [s for s in connection.segments if s.length and s.at_ns >= since.at_ns]
    last = content[-1] if content else since
    over_ns = end.at_ns if end is not None else watch.until_ns
    idle_s = (over_ns - last.at_ns) / SECOND_NS
    data: tuple[tuple[str, Scalar], ...] = (
        ("lasted_s", round(lasted_s, 1)),
        ("idle_s", round(idle_s, 1)),
    )
    if end is None:
        if watch.moved_on:
            data += (("restarted", True),)
            yield _left(
                since, over_ns, (last,), data, idle_s >= NO_PING_S and not watch.started_over
            )
        return
    if end.up:
        data += (("restarted", watch.started_over),)
        yield _left(since, end.at_ns, (last, end), data, idle_s >= OVERDUE_S)
        return
    reason = "reset" if end.flags & RST else "closed"
    yield Step(
        "session.end",
        Outcome.FAILED,
        reason,
        since.at_ns,
        end.at_ns,
        (last, end),
        data + _closing(connection, end, last),
    )


def _left(
    since: Segment,
    end_ns: int,
    packets: tuple[Segment, ...],
    data: tuple[tuple[str, Scalar], ...],
    is_overdue: bool,
) -> Step:
    """The device left by itself. That is its own affair (sleep, update, restart), unless its
    keepalive was overdue by then.
    """
    outcome, reason = (
        (Outcome.FAILED, "no_ping") if is_overdue else (Outcome.UNCLEAR, "device_closed")
    )
    return Step("session.end", outcome, reason, since.at_ns, end_ns, packets, data)
