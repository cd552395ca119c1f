"""The session after the handshake: traffic, keepalives, and its end. Frames of 2 + 16·n bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from netcheck.capture.observations import SECOND_NS
from netcheck.capture.protocols.cloud_steps import (
    WELCOME,
    CloudStep,
    ConnectionWatch,
    Data,
    between,
    closed_by_server,
    unanswered,
)
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import TcpSegment
from netcheck.model import Outcome
from netcheck.wire.decode import RST

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


def read_joined_late(connection: Connection, watch: ConnectionWatch) -> Iterator[CloudStep]:
    """A connection that was there before the capture: only its session can be judged."""
    if any(
        s.length % 16 != 2 for s in connection.segments if s.length and s.length < 100
    ) or not any(s.length for s in connection.segments):
        return
    yield from read_session(connection, watch, connection.segments[0])


def read_session(
    connection: Connection, watch: ConnectionWatch, since: TcpSegment
) -> Iterator[CloudStep]:
    """How the session went: traffic, keepalives, and its end."""
    if connection.lacks_client:
        yield from _answered_keepalive(connection, since)
        return
    end = next((s for s in connection.ends if s.at_ns >= since.at_ns), None)
    lasted_s = (
        (end.at_ns if end else min(watch.until_ns, _last_known_ns(connection, watch))) - since.at_ns
    ) / SECOND_NS
    pings = list(_pings(connection, since.at_ns))
    yield from (_ping_step(connection, watch, idle_s, ping) for idle_s, ping in pings)
    if end is not None and not end.up and lasted_s < AT_ONCE_S and not connection.is_begun_before:
        reason = "reset" if end.flags & RST else "closed"
        yield between("session.open", reason, since, end, (("lasted_s", round(lasted_s, 3)),))
        return
    content = [s for s in _content(connection) if s.at_ns >= since.at_ns and s is not since]
    if content or lasted_s >= AT_ONCE_S:
        yield CloudStep(
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


def _answered_keepalive(connection: Connection, since: TcpSegment) -> Iterator[CloudStep]:
    """Where nothing of the device was captured, a pause that the cloud ends right after it
    acknowledged more shows a session: it answers a keepalive. Nothing shows how one ends.
    """
    before = since
    for reply in connection.replies:
        if reply.at_ns <= since.at_ns:
            continue
        idle_s = (reply.at_ns - before.at_ns) / SECOND_NS
        is_ack = any(segment is reply for _, segment in connection.up.acks)
        if idle_s >= IDLE_S - 1 and is_ack and reply.length == WELCOME:
            yield between("session.open", "", since, reply)
            return
        before = reply


def _content(connection: Connection) -> list[TcpSegment]:
    """The segments with content; where nothing of the server was captured, also those of the device
    that acknowledged some.
    """
    acking = {id(s) for s in connection.replies} if connection.lacks_server else set()
    return [s for s in connection.segments if s.length or id(s) in acking]


def _last_known_ns(connection: Connection, watch: ConnectionWatch) -> int:
    """Until when a session without an end is known to have lasted."""
    return connection.last_ns if watch.moved_on else watch.until_ns


def _pings(connection: Connection, since_ns: int) -> Iterator[tuple[float, TcpSegment]]:
    """Each keepalive of the device: seconds for which the connection was idle before, and the first
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


def _first_reply(connection: Connection, ping: TcpSegment) -> TcpSegment | None:
    """The cloud's next content after that keepalive."""
    replies = connection.replies
    index = bisect_right(replies, ping.at_ns, key=lambda s: s.at_ns)
    return replies[index] if index < len(replies) else None


def _is_answered(connection: Connection, ping: TcpSegment) -> bool:
    reply = _first_reply(connection, ping)
    return reply is not None and reply.at_ns <= ping.at_ns + (PING_ANSWER_S + 1) * SECOND_NS


def _ping_step(
    connection: Connection, watch: ConnectionWatch, idle_s: float, ping: TcpSegment
) -> CloudStep:
    fact = "session.keepalive"
    repeats = sum(
        s.up and s.seq == ping.seq and s.length > 0 and s.at_ns > ping.at_ns
        for s in connection.segments
    )
    data: Data = (("idle_s", round(idle_s, 1)),)
    answer = _first_reply(connection, ping)
    reset = next((s for s in connection.resets if s.at_ns >= ping.at_ns and not s.up), None)
    if answer is not None and (reset is None or answer.at_ns <= reset.at_ns):
        is_late = (answer.at_ns - ping.at_ns) / SECOND_NS > PING_ANSWER_S
        return between(fact, "late" if is_late else "", ping, answer, data)
    if reset is not None:
        return closed_by_server(fact, connection, reset, ping, data)
    # Acknowledged by the server, but not answered: the network is open, and the cloud itself
    # gives no answer.
    is_acked = connection.last_down_ack_ns > ping.at_ns
    if connection.lacks_server:
        # Its own acknowledgements show that nothing came. It sends again what is not acknowledged,
        # and waits to its end only for what is.
        has_waited = connection.last_ns - ping.at_ns >= (PING_ANSWER_S - 1) * SECOND_NS
        is_acked = has_waited and not repeats
        watch = replace(watch, is_one_way=False)
    reason = "silent" if is_acked else "timeout"
    data += (("repeats", repeats),) if repeats else ()
    step = unanswered(fact, reason, watch, ping, PING_ANSWER_S - 1, data)
    if step.outcome is Outcome.UNCLEAR:
        return step
    return step._replace(end_ns=min(watch.until_ns, ping.at_ns + int(PING_ANSWER_S * SECOND_NS)))


def _end(
    connection: Connection,
    watch: ConnectionWatch,
    since: TcpSegment,
    end: TcpSegment | None,
    lasted_s: float,
    ping_lost: bool,
) -> Iterator[CloudStep]:
    """How the session ended; nothing if it was up when the capture ended, or if a lost keepalive
    already says it.
    """
    if ping_lost:
        return
    content = [s for s in _content(connection) if s.at_ns >= since.at_ns]
    last = content[-1] if content else since
    over_ns = end.at_ns if end is not None else watch.until_ns
    idle_s = (over_ns - last.at_ns) / SECOND_NS
    data: Data = (
        ("lasted_s", round(lasted_s, 1)),
        ("idle_s", round(idle_s, 1)),
    )
    if end is None:
        if watch.moved_on and connection.lacks_server and not watch.started_over:
            # It opened another connection without closing this one: only a reset makes it do so.
            yield between("session.end", "reset", since, last, data)
        elif watch.kept_running:
            data += (("restarted", False),)
            step = _left(since, over_ns, (last,), data, is_overdue=False)
            yield step._replace(reason="link_lost")
        elif watch.moved_on:
            data += (("restarted", True),)
            yield _left(
                since,
                over_ns,
                (last,),
                data,
                is_overdue=idle_s >= NO_PING_S and not watch.started_over,
            )
        return
    if end.up:
        data += (("restarted", watch.started_over and not watch.kept_running),)
        yield _left(since, end.at_ns, (last, end), data, is_overdue=idle_s >= OVERDUE_S)
        return
    step = closed_by_server("session.end", connection, end, last, data)
    yield step._replace(at_ns=since.at_ns)


def _left(
    since: TcpSegment,
    end_ns: int,
    packets: tuple[TcpSegment, ...],
    data: Data,
    *,
    is_overdue: bool,
) -> CloudStep:
    """The device ended it by itself: normal (sleep, update, restart), unless its keepalive was
    overdue by then.
    """
    outcome, reason = (
        (Outcome.FAILED, "no_ping") if is_overdue else (Outcome.UNCLEAR, "device_closed")
    )
    return CloudStep("session.end", outcome, reason, since.at_ns, end_ns, packets, data)
