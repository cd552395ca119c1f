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
lightssl_message_channel.cpp; hal/src/photon/socket_hal.cpp. As constants they stand in
`cloud_steps`. A step that was never due is left out;
one that the capture did not watch to its end is `unclear`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.capture.observations import SECOND_NS
from netcheck.capture.protocols.cloud_keys import SIGNATURE_BYTES, fits, is_signed_by
from netcheck.capture.protocols.cloud_steps import (
    ANSWER_S,
    CONNECT_S,
    DOWN_KEY,
    DOWN_WELCOME,
    HEAD,
    HELLOS,
    KEY,
    NONCE,
    OLD_WELCOME_S,
    REFUSAL_S,
    REQUEST,
    SILENCE_S,
    WELCOME,
    WELCOME_S,
    CloudStep,
    ConnectionWatch,
    Data,
    between,
    closed_by_server,
    how_closed,
    last_ack,
    unanswered,
)
from netcheck.capture.protocols.session import read_joined_late, read_session
from netcheck.capture.protocols.tcp import Connection, relative
from netcheck.capture.records import TcpSegment
from netcheck.model import Outcome, Scalar
from netcheck.wire.decode import RST

GREETING, SHORTEST_GREETING = 12, 6
"""So many characters begin a readable stream, "220 mail.exa", or are all of a short one."""


def read_handshake(
    connection: Connection, watch: ConnectionWatch, cloud_key: bytes
) -> Iterator[CloudStep]:
    """The steps of one connection, in their order, up to the first that did not succeed."""
    if connection.is_begun_before:
        yield from read_joined_late(connection, watch)
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
    yield from read_session(connection, watch, _end_of_handshake(connection))


# -- the connection


def _opening(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    syns, overtaken = connection.syns, connection.overtaking_reset
    answer = connection.syn_ack if overtaken is None else None
    if not syns and connection.opened is None:
        return None
    data: list[tuple[str, Scalar]] = [
        ("address", connection.key.server),
        ("port", connection.key.server_port),
        ("syns", len(syns)),
    ]
    if connection.rtt_s is not None:
        data.append(("rtt_ms", round(connection.rtt_s * 1000, 3)))
    start_ns = connection.start_ns

    def step(
        outcome: Outcome, reason: str, end_ns: int, packets: tuple[TcpSegment, ...]
    ) -> CloudStep:
        return CloudStep("tcp.cloud", outcome, reason, start_ns, end_ns, packets, tuple(data))

    if answer is not None:
        data.append(("ttl", answer.ttl))
        was_reset = any(r.up for r in connection.resets)
        is_late = answer.at_ns - start_ns > CONNECT_S * SECOND_NS and was_reset
        outcome, reason = (Outcome.FAILED, "late") if is_late else (Outcome.OK, "")
        return step(outcome, reason, answer.at_ns, (*syns[:1], answer))
    if connection.opened is not None:
        return step(Outcome.OK, "", connection.opened.at_ns, (*syns[:1], connection.opened))
    reset = connection.server_reset
    if reset is not None:
        before = [s for s in syns if s.at_ns <= reset.at_ns]
        data += [
            ("ttl", reset.ttl),
            ("rtt_ms", round((reset.at_ns - before[-1].at_ns) / 1e6, 3) if before else -1.0),
        ]
        late = [connection.syn_ack] if overtaken is not None and connection.syn_ack else []
        data += [("server_ttl", syn_ack.ttl) for syn_ack in late]
        return step(Outcome.FAILED, "refused", reset.at_ns, (*syns[:1], reset, *late))
    if watch.is_one_way and not (len(syns) >= 2 and watch.others_open):
        return step(Outcome.UNCLEAR, "one_direction", watch.until_ns, syns[:1])
    if watch.waited(start_ns, CONNECT_S - 1):
        end_ns = min(watch.until_ns, start_ns + int(CONNECT_S * SECOND_NS))
        return step(Outcome.FAILED, "timeout", end_ns, syns[:4])
    return step(Outcome.UNCLEAR, "cut_off", watch.until_ns, syns[:1])


# -- the four answers


def _opened(connection: Connection) -> TcpSegment:
    """The segment that established the connection."""
    return connection.opened or connection.segments[0]


def _nonce(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    opened = _opened(connection)
    count = connection.down.length
    if count < NONCE:
        step = _missing("handshake.nonce", connection, watch, opened, got=count)
        is_text = step.outcome is Outcome.FAILED and _begins_with_text(connection.down.content)
        return step._replace(reason="text") if is_text else step
    first_up = connection.up.reached(1)
    before_request = sum(
        size
        for _, size, s in connection.down.arrivals
        if first_up is None or s.at_ns < first_up.at_ns
    )
    if connection.lacks_server and _acknowledged_by(first_up, connection) > NONCE:
        # More than a nonce came before the device spoke: whose bytes they were cannot be seen.
        return CloudStep(
            "handshake.nonce", Outcome.UNCLEAR, "one_direction", opened.at_ns, watch.until_ns, ()
        )
    done = connection.down.reached(NONCE) or last_ack(connection)
    reason = _flaw(connection.down.content[:NONCE], before_request)
    if not reason and done.at_ns - opened.at_ns > ANSWER_S * SECOND_NS:
        reason = "late"
    return between("handshake.nonce", reason, opened, done, (("bytes", NONCE),))


def _acknowledged_by(segment: TcpSegment | None, connection: Connection) -> int:
    """Bytes of the server that the device had acknowledged with that segment; 0 without one."""
    if segment is None:
        return 0
    return max((n for n, s in connection.down.acks if s.at_ns <= segment.at_ns), default=0)


def _flaw(nonce: bytes, before_request: int) -> str:
    """Why these bytes are not a nonce; empty if they may be one."""
    if len(nonce) < NONCE:
        return ""  # not captured (snap length): their number is all that is known
    if len(set(nonce)) < 4:
        return "not_random"
    if _begins_with_text(nonce):
        return "text"
    printable = sum(_is_printable(byte) for byte in nonce)
    if printable >= NONCE - 1 or (before_request > NONCE and printable > NONCE * 0.8):
        return "text"
    return ""


SURELY_TEXT = 32
"""No bytes without a pattern are so many printable ones."""


def _begins_with_text(content: bytes) -> bool:
    """Does it begin as a greeting does, whatever follows? Of 100 000 nonces one does so, too."""
    head = content[:GREETING]
    return len(head) >= SHORTEST_GREETING and all(_is_printable(byte) for byte in head)


def _is_printable(byte: int) -> bool:
    return 32 <= byte < 127 or byte in (9, 10, 13)


def _request(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    """Row 19-21 of the diagnostic table: what the device does with the nonce."""
    fact, up = "handshake.request", connection.up
    asked = connection.down.reached(NONCE) or last_ack(connection)
    if up.length >= REQUEST:
        return _request_sent(connection, watch, asked)
    if up.length and _is_text(up.content):
        return None  # another protocol to this port, from something else
    data: Data = (("bytes", up.length),)
    closer = connection.closer
    if closer is not None and closer.up:
        return between(fact, "short" if up.length else "device_closed", asked, closer, data)
    if closer is not None:
        return closed_by_server(fact, connection, closer, asked, data)
    step = unanswered(fact, "device_silent", watch, asked, SILENCE_S, data)
    return step if step.outcome is Outcome.FAILED else step._replace(data=())


def _request_sent(connection: Connection, watch: ConnectionWatch, asked: TcpSegment) -> CloudStep:
    """Did the request arrive? An acknowledgement, an answer or a reset says so."""
    fact, up = "handshake.request", connection.up
    sent = up.reached(REQUEST) or last_ack(connection)
    data: Data = (("bytes", REQUEST), ("repeats", up.retransmissions()))
    is_answered = up.acked >= REQUEST or connection.down.length > NONCE
    # Who gets no acknowledgement sends again, which shows even where none could be captured.
    is_answered |= connection.lacks_server and not up.retransmissions()
    if is_answered or _was_reset(connection, sent.at_ns):
        return CloudStep(fact, Outcome.OK, "", asked.at_ns, sent.at_ns, (sent,), data)
    outcome, reason = Outcome.UNCLEAR, "cut_off"
    packets: tuple[TcpSegment, ...] = (sent,)
    if watch.waited(sent.at_ns, SILENCE_S):
        outcome, reason = Outcome.FAILED, "unacknowledged"
        packets = tuple(s for _, _, s in up.arrivals)[:4]
    return CloudStep(fact, outcome, reason, asked.at_ns, watch.until_ns, packets, data)


def _is_text(content: bytes) -> bool:
    head = content[:16]
    return len(head) >= 4 and all(_is_printable(byte) for byte in head)


def _key(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    sent = connection.up.reached(REQUEST) or last_ack(connection)
    got = connection.down.length - NONCE
    if got < KEY:
        return _missing("handshake.key", connection, watch, sent, got=got)
    done = connection.down.reached(DOWN_KEY) or last_ack(connection)
    # The device has given up by then.
    is_late = done.at_ns - sent.at_ns > ANSWER_S * SECOND_NS
    data: Data = (("bytes", KEY), *_sealed(connection))
    return between("handshake.key", "late" if is_late else "", sent, done, data)


def _sealed(connection: Connection) -> Data:
    """The first bytes of what the cloud encrypted for the device's key: to be compared with that,
    should the device tell it. Nothing of a text, which is no key.
    """
    block = connection.down.content[NONCE : NONCE + SURELY_TEXT]
    if len(block) < HEAD or all(map(_is_printable, block)):
        return ()
    return (("sealed_head", block[:HEAD].hex()),)


def _hello(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    """Rows 24 and 25: does the device accept what it got?"""
    fact, up = "handshake.hello", connection.up
    delivered = connection.down.reached(DOWN_KEY) or last_ack(connection)
    extra = up.length - REQUEST
    if extra >= HELLOS[0]:
        sent = up.reached(REQUEST + HELLOS[0]) or last_ack(connection)
        first = next((size for offset, size, _ in up.arrivals if offset == REQUEST), extra)
        step = between(fact, "", delivered, sent, (("bytes", first),))
        return step._replace(packets=(sent,))
    closer = connection.closer
    if closer is not None and closer.up:
        return between(fact, "device_closed", delivered, closer)
    if closer is not None:
        return closed_by_server(fact, connection, closer, delivered)
    return unanswered(fact, "device_silent", watch, delivered, SILENCE_S)


def _welcome(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    fact = "handshake.welcome"
    hello = connection.up.reached(REQUEST + HELLOS[0]) or last_ack(connection)
    got = connection.down.length - DOWN_KEY
    if got < WELCOME:
        return _missing(fact, connection, watch, hello, got=got, patience_s=WELCOME_S)
    done = connection.down.reached(DOWN_WELCOME) or last_ack(connection)
    return between(fact, "late" if _gave_up(connection, hello, done) else "", hello, done)


def _gave_up(connection: Connection, hello: TcpSegment, done: TcpSegment) -> bool:
    """Had the device given up when the answer came? It waits 2 s or 4 s, by version, and then
    closes.
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
    fact: str,
    connection: Connection,
    watch: ConnectionWatch,
    since: TcpSegment,
    *,
    got: int,
    patience_s: float = SILENCE_S,
) -> CloudStep:
    """The cloud's answer did not come, or not whole: how did the waiting end?"""
    closer = connection.closer
    if closer is not None and closer.at_ns < since.at_ns:
        closer = next((r for r in connection.resets if r.at_ns >= since.at_ns), closer)
    data: Data = (("bytes", got),)
    reason = "short" if got else "silent"
    if closer is None:
        return unanswered(fact, reason, watch, since, patience_s, data)
    if not closer.up:
        if not closer.flags & RST:
            reason = _why_closed(connection, closer, since, got)
        return between(
            fact,
            "reset" if closer.flags & RST else reason,
            since,
            closer,
            data + how_closed(connection, closer, since),
        )
    # A closed connection is no silence unless the other side had time to answer.
    if connection.lacks_server and any(r.at_ns >= closer.at_ns for r in connection.resets):
        reason = "late"  # what comes after its FIN a device answers with a reset
    if (closer.at_ns - since.at_ns) / SECOND_NS < min(patience_s, 1.8):
        step = between(fact, "device_closed", since, closer, data)
        return step._replace(outcome=Outcome.UNCLEAR)
    return between(fact, reason, since, closer, data)


def _why_closed(connection: Connection, closer: TcpSegment, since: TcpSegment, got: int) -> str:
    """The meaning of the server's FIN: a refusal, the end of its own patience, or of bytes that
    were sent and never arrived.
    """
    base = connection.down.base
    is_ahead = base is not None and relative(closer.seq, base) > connection.down.length
    if got or is_ahead:
        return "short"
    trip_s = connection.rtt_s or 0.0
    is_at_once = closer.at_ns - since.at_ns <= (REFUSAL_S + 2 * trip_s) * SECOND_NS
    return "closed" if is_at_once else "silent"


def _was_reset(connection: Connection, after_ns: int) -> bool:
    """Did the server, or a firewall, answer with a reset? Then what was sent did arrive there."""
    return any(not reset.up and reset.at_ns >= after_ns for reset in connection.resets)


def _end_of_handshake(connection: Connection) -> TcpSegment:
    return connection.down.reached(DOWN_WELCOME) or last_ack(connection)


# -- whose keys


def _modulus(connection: Connection, cloud_key: bytes) -> Iterator[CloudStep]:
    """A request that is larger than the cloud's modulus was made with another key."""
    sent, content = connection.up.reached(REQUEST), connection.up.content[:REQUEST]
    if sent is not None and len(content) == REQUEST and not fits(cloud_key, content):
        yield CloudStep(
            "handshake.modulus", Outcome.UNCLEAR, "other_key", sent.at_ns, sent.at_ns, (sent,)
        )


def _signature(connection: Connection, cloud_key: bytes) -> Iterator[CloudStep]:
    """Proof that the holder of the cloud's key answered, or a note that it was another."""
    done, content = connection.down.reached(DOWN_KEY), connection.down.content
    if done is None or len(content) < DOWN_KEY:
        return
    signed = is_signed_by(cloud_key, content[DOWN_KEY - SIGNATURE_BYTES : DOWN_KEY])
    outcome, reason = (Outcome.OK, "") if signed else (Outcome.UNCLEAR, "other_key")
    yield CloudStep("handshake.signature", outcome, reason, done.at_ns, done.at_ns, (done,))
