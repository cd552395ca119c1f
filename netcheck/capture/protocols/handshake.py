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
    how_closed,
    last_ack,
)
from netcheck.capture.protocols.session import read_joined_late, read_session
from netcheck.capture.protocols.tcp import Connection, relative
from netcheck.capture.records import Segment
from netcheck.model import Outcome, Scalar
from netcheck.wire.decode import RST


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
        return CloudStep(
            "tcp.cloud", outcome, reason, start, answer.at_ns, (*syns[:1], answer), tuple(data)
        )
    if connection.down.arrivals:
        first = connection.down.arrivals[0][2]
        return CloudStep(
            "tcp.cloud", Outcome.OK, "", start, first.at_ns, (*syns[:1], first), tuple(data)
        )
    reset = next((r for r in connection.resets if not r.up), None)
    if reset is not None:
        before = [s for s in syns if s.at_ns <= reset.at_ns]
        data += [
            ("ttl", reset.ttl),
            ("rtt_ms", round((reset.at_ns - before[-1].at_ns) / 1e6, 3) if before else -1.0),
        ]
        return CloudStep(
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
        return CloudStep(
            "tcp.cloud", Outcome.FAILED, "timeout", start, end, tuple(syns[:4]), tuple(data)
        )
    return CloudStep(
        "tcp.cloud", Outcome.UNCLEAR, "cut_off", start, watch.until_ns, tuple(syns[:1]), tuple(data)
    )


# -- the four answers


def _opened(connection: Connection) -> Segment:
    """The segment with which the connection stood open."""
    return connection.syn_ack or connection.down.arrivals[0][2]


def _nonce(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
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
        done = full or last_ack(connection)
        reason = _flaw(connection.down.content[:NONCE], before_request)
        if not reason and done.at_ns - opened.at_ns > ANSWER_S * SECOND_NS:
            reason = "late"
        outcome = Outcome.FAILED if reason else Outcome.OK
        return CloudStep(
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


def _request(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    """Row 19-21 of the diagnostic table: what the device does with the nonce."""
    asked = connection.down.reached(NONCE) or last_ack(connection)
    up = connection.up
    if up.length >= REQUEST:
        sent = up.reached(REQUEST) or last_ack(connection)
        data: tuple[tuple[str, Scalar], ...] = (
            ("bytes", REQUEST),
            ("repeats", up.retransmissions()),
        )
        if (
            up.acked >= REQUEST
            or connection.down.length > NONCE
            or _was_reset(connection, sent.at_ns)
        ):
            return CloudStep(
                "handshake.request", Outcome.OK, "", asked.at_ns, sent.at_ns, (sent,), data
            )
        if watch.waited(sent.at_ns, SILENCE_S):
            tries = tuple(s for _, _, s in up.arrivals)
            return CloudStep(
                "handshake.request",
                Outcome.FAILED,
                "unacknowledged",
                asked.at_ns,
                watch.until_ns,
                tries[:4],
                data,
            )
        return CloudStep(
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
        return CloudStep(
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
        data = (("bytes", up.length), *how_closed(connection, closer, asked))
        return CloudStep(
            "handshake.request",
            Outcome.FAILED,
            reason,
            asked.at_ns,
            closer.at_ns,
            (asked, closer),
            data,
        )
    if watch.waited(asked.at_ns, SILENCE_S):
        return CloudStep(
            "handshake.request",
            Outcome.FAILED,
            "device_silent",
            asked.at_ns,
            watch.until_ns,
            (asked,),
            (("bytes", up.length),),
        )
    return CloudStep(
        "handshake.request", Outcome.UNCLEAR, "cut_off", asked.at_ns, watch.until_ns, (asked,), ()
    )


def _is_text(content: bytes) -> bool:
    head = content[:16]
    return len(head) >= 4 and all(32 <= byte < 127 or byte in (9, 10, 13) for byte in head)


def _key(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    sent = connection.up.reached(REQUEST) or last_ack(connection)
    full = connection.down.reached(DOWN_KEY)
    got = connection.down.length - NONCE
    if got >= KEY:
        done = full or last_ack(connection)
        # After the device gave up, the answer helps nobody.
        late = done.at_ns - sent.at_ns > ANSWER_S * SECOND_NS
        outcome, reason = (Outcome.FAILED, "late") if late else (Outcome.OK, "")
        return CloudStep(
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


def _hello(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    """Rows 24 and 25: does the device accept what it got?"""
    delivered = connection.down.reached(DOWN_KEY) or last_ack(connection)
    extra = connection.up.length - REQUEST
    if extra >= HELLOS[0]:
        sent = connection.up.reached(REQUEST + HELLOS[0]) or last_ack(connection)
        first = next(
            (size for offset, size, _ in connection.up.arrivals if offset == REQUEST), extra
        )
        return CloudStep(
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
        return CloudStep(
            "handshake.hello",
            Outcome.FAILED,
            "device_closed",
            delivered.at_ns,
            closer.at_ns,
            (delivered, closer),
        )
    if closer is not None:
        reason = "reset" if closer.flags & RST else "closed"
        data = how_closed(connection, closer, delivered)
        return CloudStep(
            "handshake.hello",
            Outcome.FAILED,
            reason,
            delivered.at_ns,
            closer.at_ns,
            (delivered, closer),
            data,
        )
    if watch.waited(delivered.at_ns, SILENCE_S):
        return CloudStep(
            "handshake.hello",
            Outcome.FAILED,
            "device_silent",
            delivered.at_ns,
            watch.until_ns,
            (delivered,),
        )
    return CloudStep(
        "handshake.hello", Outcome.UNCLEAR, "cut_off", delivered.at_ns, watch.until_ns, (delivered,)
    )


def _welcome(connection: Connection, watch: ConnectionWatch) -> CloudStep | None:
    hello = connection.up.reached(REQUEST + HELLOS[0]) or last_ack(connection)
    got = connection.down.length - DOWN_KEY
    if got >= WELCOME:
        done = connection.down.reached(DOWN_WELCOME) or last_ack(connection)
        if _gave_up(connection, hello, done):
            return CloudStep(
                "handshake.welcome", Outcome.FAILED, "late", hello.at_ns, done.at_ns, (hello, done)
            )
        return CloudStep(
            "handshake.welcome", Outcome.OK, "", hello.at_ns, done.at_ns, (hello, done)
        )
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
    fact: str,
    connection: Connection,
    watch: ConnectionWatch,
    since: Segment,
    *,
    got: int,
    patience_s: float,
) -> CloudStep:
    """The cloud's answer did not come, or not whole: how did the waiting end?"""
    closer = connection.closer
    if closer is not None and closer.at_ns < since.at_ns:
        closer = next((r for r in connection.resets if r.at_ns >= since.at_ns), closer)
    data: tuple[tuple[str, Scalar], ...] = (("bytes", got),)
    if closer is not None and not closer.up:
        reason = "reset" if closer.flags & RST else _why_closed(connection, closer, since, got)
        return CloudStep(
            fact,
            Outcome.FAILED,
            reason,
            since.at_ns,
            closer.at_ns,
            (since, closer),
            data + how_closed(connection, closer, since),
        )
    if closer is not None:
        waited_s = (closer.at_ns - since.at_ns) / SECOND_NS
        # A closed connection is no silence unless the other side had time to speak.
        if waited_s < min(patience_s, 1.8):
            return CloudStep(
                fact,
                Outcome.UNCLEAR,
                "device_closed",
                since.at_ns,
                closer.at_ns,
                (since, closer),
                data,
            )
        return CloudStep(
            fact,
            Outcome.FAILED,
            "short" if got else "silent",
            since.at_ns,
            closer.at_ns,
            (since, closer),
            data,
        )
    if watch.waited(since.at_ns, patience_s):
        return CloudStep(
            fact,
            Outcome.FAILED,
            "short" if got else "silent",
            since.at_ns,
            watch.until_ns,
            (since,),
            data,
        )
    return CloudStep(fact, Outcome.UNCLEAR, "cut_off", since.at_ns, watch.until_ns, (since,), data)


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


def _was_reset(connection: Connection, after_ns: int) -> bool:
    """Did the other end, or a box, answer with a reset? Then what was sent did arrive there."""
    return any(not reset.up and reset.at_ns >= after_ns for reset in connection.resets)


def _end_of_handshake(connection: Connection) -> Segment:
    return connection.down.reached(DOWN_WELCOME) or last_ack(connection)
