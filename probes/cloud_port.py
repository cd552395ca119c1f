"""Does this network let a client reach the device cloud, and does the cloud send its nonce?

Sends: a connection to each of up to four addresses of the cloud, two more to the first one and,
beside each of them, one to a neutral host where it does not open, two more to each that opens; and
for comparison one to port 443 of the cloud, one to port 443 and one to the cloud's port on the
neutral host. No byte is sent on any of them.
Settles: tcp.cloud, tcp.false_address, tcp.cloud_other_port, tcp.neutral_same_port, internet.reach,
handshake.nonce, handshake.patience (servers whose source is public wait 10 s or more for the
client's answer); dns.compare where a cloud answers only at an address that a Photon's resolvers do
not give.
Cannot tell: how the device's own packets fare, and whether the server is the maker's: any local
cloud passes; nor a nonce that comes so late that a Photon hardly waits for it from none.
Source: RFC 9293 §3.5 (connection set-up); the cloud speaks first, with 40 random bytes that no
client has to ask for (device-os@v0.6.0:communication/src/handshake.cpp, spark-protocol
Handshake.js).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import (
    CONNECT_PATIENCE_S,
    MOST_CLOUD_ADDRESSES,
    NONCE_BYTES,
    CloudPlaces,
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    cloud_lookups,
    cloud_places,
    flaw_of_nonce,
    greeting,
    is_text,
    probe,
    seen,
    skipped,
)

_WEB_PORT = 443
_CONTROL_S = 2.0
"""A silent control is no evidence, so it is not worth the device's whole patience of 5 s."""
_AGAIN_AT_S, _AGAIN_S = (1.0, 1.5), 2.0
"""A connection that is not open by then is tried twice more, beside one to a neutral host: one lost
packet, or a moment in which nothing gets through, does not mean that the port is blocked.
"""
_PATIENCE_TRIPS = 1.5
"""So many times what a lookup took: the round trip may be as long."""
_LOOK_S = 0.1
_LISTEN_S, _SHORT_LISTEN_S = 2.0, 0.2
"""How long to listen behind the nonce, at first, and again where nothing came."""
_NONCE_S, _LATE_NONCE_S = 3.0, 7.0
"""How long a nonce is waited for, at first, and twice more where none came: a device waits 20 s."""
_NO_DEVICE_WAITS_S = 4.0
"""Behind a round trip of that length no device ends its handshake: firmware waits so long for the
cloud's Hello (device-os@v0.8.0-rc.3:communication/src/protocol.cpp).
"""
_OWN_FAULTS = frozenset({"held_here", "no_route", "no_address"})


@probe(
    stage=Stage.TCP,
    settles={
        "dns.compare",
        "tcp.cloud",
        "tcp.false_address",
        "tcp.cloud_other_port",
        "tcp.neutral_same_port",
        "internet.reach",
        "handshake.nonce",
        "handshake.patience",
    },
    needs={Need.INTERNET},
    sends=(
        *cloud_lookups(),
        Traffic(
            kind=Kind.TCP_CONNECTION,
            to="{cloud_host}:{cloud_port}",
            at_most=3 * MOST_CLOUD_ADDRESSES + 2 + len(_AGAIN_AT_S),
        ),
        Traffic(kind=Kind.TCP_CONNECTION, to=f"{{cloud_host}}:{_WEB_PORT}", at_most=1),
        Traffic(
            kind=Kind.TCP_CONNECTION,
            to=f"{{neutral_host}}:{_WEB_PORT}",
            at_most=1 + len(_AGAIN_AT_S),
        ),
        Traffic(kind=Kind.TCP_CONNECTION, to="{neutral_host}:{cloud_port}", at_most=1),
    ),
    within_s=24,
)
def cloud_port(target: Target, net: Net) -> Iterator[Seen]:
    given = cloud_places(target, net)
    genuine = (*given.own, *given.others)
    met: dict[str, list[Reply]] = {ip: [] for ip in (*genuine, *given.false)}
    other_port: list[Reply] = []
    for place, reply in first_answers(target, net, given):
        if place in met:
            met[place].append(reply)
            if place in given.own and not given.others:
                yield opening_seen(target, place, reply)
        elif place == _OTHER_PORT:
            other_port.append(reply)
        elif place == _SAME_PORT:
            yield same_port_seen(reply, f"{target.neutral_host}:{target.cloud_port}")
        else:
            yield seen("internet.reach", reply, f"{target.neutral_host}:{_WEB_PORT}")
    misled_from = led_elsewhere(given, met)
    for reply in other_port if not misled_from else ():
        yield other_port_seen(reply, f"{target.cloud_host}:{_WEB_PORT}")
    if not genuine:
        yield skipped(
            "tcp.cloud",
            "not_asked",
            _cloud(target),
            says="no usable address for the cloud's name is known",
        )
    if misled_from:
        yield misled(target, given.own, misled_from, met)
    judged = given.own if misled_from else genuine
    for ip in judged if given.others else ():
        yield from (opening_seen(target, ip, reply) for reply in met[ip])
    followed = [
        partial(opened_again, target, net, ip, met[ip], wants_nonce=ip in judged) for ip in met
    ]
    for ip, more in net.as_answered(followed):
        if ip in given.false:
            yield from met_at_false_address(target, ip, [*met[ip], *more])
        elif ip in judged:
            yield from (opening_seen(target, ip, reply) for reply in more)
            yield from nonces_seen(target, ip, [*met[ip], *more])


_REACH, _SAME_PORT, _OTHER_PORT = "reach", "same port", "other port"
"""The controls: a neutral host's web port, its port of the cloud's number, the cloud's web port."""


def first_answers(target: Target, net: Net, given: CloudPlaces) -> Iterator[tuple[str, Reply]]:
    """The replies of the first connection to each address and of the controls, as they come, each
    with its address or the name of its control. To the first address, which a device takes, two
    more, unless it has opened by then; where a lookup took longer than any device waits, a
    connection may, too.
    """
    genuine, later_s = (*given.own, *given.others), 0.0
    if given.soonest_s >= _NO_DEVICE_WAITS_S:
        later_s = _PATIENCE_TRIPS * given.soonest_s
    is_open: list[bool] = []
    failed: list[Reply] = []

    def opened(after_s: float) -> bool:
        is_open.append(True)
        return after_s < _NO_DEVICE_WAITS_S

    def ask_first(ip: str) -> list[tuple[str, Reply]]:
        is_first = ip in genuine[:1]
        reply = net.listen_after_connect(
            ip,
            target.cloud_port,
            want_bytes=NONCE_BYTES,
            patience_s=_NONCE_S,
            quiet_s=_LISTEN_S,
            on_open=opened if is_first else None,
        )
        if is_first and not reply.ok:
            failed.append(reply)
        return [(ip, reply)]

    def ask_again(ip: str, at_s: float, apart_s: float) -> list[tuple[str, Reply]]:
        for _ in range(round(at_s / _LOOK_S)):
            if is_open or failed:
                break
            net.sleep(_LOOK_S)
        if is_open or (failed and failed[0].reason in _OWN_FAULTS):
            return []
        if failed:
            net.sleep(apart_s)
        reply, reach = net.together(
            [
                partial(
                    net.listen_after_connect,
                    ip,
                    target.cloud_port,
                    want_bytes=NONCE_BYTES,
                    timeout_s=_AGAIN_S,
                    patience_s=_AGAIN_S,
                    quiet_s=_SHORT_LISTEN_S,
                ),
                partial(net.connect, target.neutral_host, _WEB_PORT, _AGAIN_S),
            ]
        )
        return [(ip, reply), (_REACH, reach)]

    def control(name: str, ip: str, port: int, timeout_s: float) -> list[tuple[str, Reply]]:
        return [(name, net.connect(ip, port, timeout_s))]

    neutral = target.neutral_host
    questions: list[Callable[[], list[tuple[str, Reply]]]] = [
        partial(control, _REACH, neutral, _WEB_PORT, CONNECT_PATIENCE_S),
        partial(control, _SAME_PORT, neutral, target.cloud_port, _CONTROL_S),
        *(partial(ask_first, ip) for ip in (*genuine, *given.false)),
    ]
    for ip in genuine[:1]:
        questions.append(partial(control, _OTHER_PORT, ip, _WEB_PORT, _CONTROL_S))
        questions += [
            partial(ask_again, ip, max(at_s, later_s), count * _AGAIN_AT_S[0] / 2)
            for count, at_s in enumerate(_AGAIN_AT_S)
        ]
    for answers in net.as_answered(questions):
        yield from answers


def opened_again(
    target: Target, net: Net, ip: str, tries: Sequence[Reply], *, wants_nonce: bool
) -> tuple[str, list[Reply]]:
    """That address, and the replies of further connections to it where one opened: a second one
    where a nonce came, for two must differ; two more where one is wanted and none came, for one
    silence or cut is an accident. None where an answer takes longer than any device waits.
    """
    opened = [reply for reply in tries if reply.ok]
    if all(_opening_s(reply) >= _NO_DEVICE_WAITS_S for reply in opened):
        return ip, []
    listen = partial(net.listen_after_connect, ip, target.cloud_port, want_bytes=NONCE_BYTES)
    if spoken := [reply for reply in opened if reply.payload]:
        if len(spoken) > 1:
            return ip, []
        return ip, [listen(quiet_s=_LISTEN_S if is_cut(spoken[0]) else _SHORT_LISTEN_S)]
    if not wants_nonce:
        return ip, []
    again = partial(listen, patience_s=_LATE_NONCE_S, quiet_s=_SHORT_LISTEN_S)
    return ip, net.together([again] * (3 - len(opened)))


def led_elsewhere(given: CloudPlaces, tries: Mapping[str, Sequence[Reply]]) -> list[str]:
    """The addresses where a cloud answers that a Photon's resolvers do not give, while none answers
    at those that they give; empty where the device is led right, or nobody is.
    """
    if not given.own or any(is_cloud(tries[ip]) for ip in given.own):
        return []
    return [ip for ip in given.others if is_cloud(tries[ip])]


def misled(
    target: Target, own: Sequence[str], others: Sequence[str], tries: Mapping[str, Sequence[Reply]]
) -> Seen:
    """That the device's resolvers give other addresses than those where the cloud is."""
    return Seen(
        fact="dns.compare",
        outcome=Outcome.FAILED,
        reason="differs",
        target=target.cloud_host,
        at=tries[others[0]][0].at,
        data=(("addresses", " ".join(own)), ("others", " ".join(others))),
    )


def is_cloud(tries: Sequence[Reply]) -> bool:
    """Did one of these connections bring a nonce?"""
    return any(reply.ok and not nonce_reason(reply, []) for reply in tries)


def opening_seen(target: Target, ip: str, reply: Reply) -> Seen:
    """Whether a connection opened."""
    opening = ("rtt_ms", "local", "remote", "sender", "icmp_type", "icmp_code")
    opened = msgspec.structs.replace(
        reply,
        took_s=_opening_s(reply),
        data=tuple(pair for pair in reply.data if pair[0] in opening),
    )
    return seen("tcp.cloud", opened, _cloud(target), address=ip)


def nonces_seen(target: Target, ip: str, tries: Sequence[Reply]) -> Iterator[Seen]:
    """For each connection that opened, whether a nonce came, and what followed it. Beside one that
    brought it, a silent or cut one is an accident, and unclear.
    """
    opened = [reply for reply in tries if reply.ok]
    is_spoken = is_cloud(opened)
    for count, reply in enumerate(opened):
        said = nonce_seen(
            reply, [earlier.payload for earlier in opened[:count]], _cloud(target), ip
        )
        is_accident = is_spoken and said.outcome is Outcome.FAILED and not reply.payload
        yield msgspec.structs.replace(said, outcome=Outcome.UNCLEAR) if is_accident else said
    yield from patience_seen(
        [reply for reply in opened if len(reply.payload) == NONCE_BYTES], _cloud(target), ip
    )


def patience_seen(opened: Sequence[Reply], cloud: str, ip: str) -> Iterator[Seen]:
    """Whether connections stay open behind the nonce, for the answer of a client. One cut alone is
    an accident, and unclear.
    """
    for reply in opened:
        said = seen("handshake.patience", reply, cloud, address=ip)
        if is_cut(reply):
            outcome = (
                Outcome.FAILED if len(opened) > 1 and all(map(is_cut, opened)) else Outcome.UNCLEAR
            )
            data = (*said.data, ("after_ms", _after_ms(reply)))
            said = msgspec.structs.replace(
                said, outcome=outcome, reason=reply.text("ended"), data=data
            )
        yield said


def is_cut(reply: Reply) -> bool:
    """Did the other end, or a middlebox in its name, end the connection while we listened?"""
    return reply.text("ended") in ("closed", "reset")


def _after_ms(reply: Reply) -> float:
    """From the first byte to the end of listening."""
    return round(
        1000 * (reply.took_s - _opening_s(reply)) - float(reply.text("first_byte_ms") or 0), 1
    )


def met_at_false_address(target: Target, ip: str, tries: Sequence[Reply]) -> Iterator[Seen]:
    """The result at an address that the cloud's name should not have. With a nonce it is a private
    cloud, not a fault.
    """
    first = tries[0]
    if first.ok and not nonce_reason(first, []):
        yield from (opening_seen(target, ip, reply) for reply in tries)
        yield from nonces_seen(target, ip, tries)
        return
    reason = nonce_reason(first, []) if first.ok else first.reason
    said = seen("tcp.false_address", first, _cloud(target), address=ip, **_content(first))
    yield msgspec.structs.replace(said, outcome=Outcome.FAILED, reason=reason)


def nonce_seen(reply: Reply, earlier: Sequence[bytes], cloud: str, ip: str) -> Seen:
    """Whether what came is a nonce; only its digest is kept."""
    reason = nonce_reason(reply, earlier)
    said = seen("handshake.nonce", reply, cloud, address=ip, **_content(reply))
    return msgspec.structs.replace(
        said, outcome=Outcome.FAILED if reason else Outcome.OK, reason=reason
    )


def nonce_reason(reply: Reply, earlier: Sequence[bytes]) -> str:
    """Why the bytes are not a nonce; empty for exactly 40 bytes that are no text, not constant and
    not those of an earlier try.
    """
    if not reply.payload:
        return reply.text("ended") if is_cut(reply) else "silent"
    return flaw_of_nonce(reply.payload, earlier)


def same_port_seen(reply: Reply, target: str) -> Seen:
    """The cloud's port on a host that has no such service: an answer or a refusal says something,
    silence nothing.
    """
    said = seen("tcp.neutral_same_port", reply, target)
    return (
        msgspec.structs.replace(said, outcome=Outcome.UNCLEAR)
        if reply.reason in ("timeout", "no_route", "held_here")
        else said
    )


def other_port_seen(reply: Reply, target: str) -> Seen:
    """The cloud's web port, not known to answer: evidence only if it opens. A refusal may be a
    firewall's as well.
    """
    said = seen("tcp.cloud_other_port", reply, target)
    return said if reply.ok else msgspec.structs.replace(said, outcome=Outcome.UNCLEAR)


def _opening_s(reply: Reply) -> float:
    """How long the connection took to open, or not to."""
    rtt_ms = reply.text("rtt_ms")
    return float(rtt_ms) / 1000 if rtt_ms else reply.took_s


def _content(reply: Reply) -> dict[str, Scalar]:
    """What can be kept of the bytes that came: a digest, and of a text the first word of its
    protocol.
    """
    if not reply.payload:
        return {}
    digest: dict[str, Scalar] = {"sha256": hashlib.sha256(reply.payload).hexdigest()[:16]}
    if is_text(reply.payload):
        digest["begins"] = greeting(reply.payload)
    return digest


def _cloud(target: Target) -> str:
    return f"{target.cloud_host}:{target.cloud_port}"
