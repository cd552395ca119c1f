"""Does this network let a client reach the device cloud, and does the cloud send its nonce?

Sends: two connections to each of up to four addresses of the cloud (a third to the first one where
it does not open), and for comparison one to port 443 of the cloud, one to port 443 and one to the
cloud's port on a neutral host. No byte is sent on any of them.
Settles: tcp.cloud, tcp.false_address, tcp.cloud_other_port, tcp.neutral_same_port, internet.reach,
handshake.nonce, handshake.patience (servers whose source is public wait 10 s or more for the
client's answer); dns.compare where a cloud answers only at an address that a Photon's resolvers do
not give.
Cannot tell: how the device's own packets fare, and whether the server is the maker's: any local
cloud passes.
Source: RFC 9293 §3.5 (connection set-up); the cloud speaks first, with 40 random bytes that no
client has to ask for (device-os@v0.6.0:communication/src/handshake.cpp, spark-protocol
Handshake.js).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import msgspec

from netcheck.model import Outcome, Scalar, Stage, Struct, Target
from netcheck.probing import (
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    cloud_lookups,
    device_resolvers,
    is_askable,
    is_impossible_for,
    is_unicast,
    probe,
    seen,
    skipped,
)

NONCE_BYTES = 40
"""As in `netcheck.capture.protocols.cloud_steps`, which a probe may not import."""
_GREETING = re.compile(
    rb"HTTP/1\.[01] [1-5][0-9]{2}|SSH-[12]\.[0-9]|220(?=[ -])|<!DOCTYPE|<html", re.IGNORECASE
)
"""What mail, file, web and login servers say first."""
_WEB_PORT = 443
_CONTROL_S = 3.0
"""A silent control is no evidence, so it is not worth the device's whole patience of 5 s."""
_MOST_ADDRESSES = 3
_AGAIN_S, _APART_S = 2.0, 0.5
"""A connection that did not open is tried twice more: one lost packet, or an answer that comes only
at times, does not mean that the port is blocked.
"""
_LISTEN_S, _SHORT_LISTEN_S = 2.0, 0.2
"""How long to listen behind the nonce, at first, and again where nothing came."""
_TEXT_SHARE = 0.85
"""Of 40 random bytes 38 % are printable; 85 % is six standard deviations away."""
_FEWEST_DIFFERENT = 20
"""40 random bytes hold 37 different ones; fewer than 20 does not happen."""


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
            at_most=2 * (_MOST_ADDRESSES + 1) + 1,
        ),
        Traffic(kind=Kind.TCP_CONNECTION, to=f"{{cloud_host}}:{_WEB_PORT}", at_most=1),
        Traffic(kind=Kind.TCP_CONNECTION, to=f"{{neutral_host}}:{_WEB_PORT}", at_most=1),
        Traffic(kind=Kind.TCP_CONNECTION, to="{neutral_host}:{cloud_port}", at_most=1),
    ),
    within_s=22,
)
def cloud_port(target: Target, net: Net) -> Iterator[Seen]:
    given = addresses(target, net)
    genuine = (*given.own, *given.others)
    web = genuine[:1]
    controls = [
        (target.neutral_host, _WEB_PORT),
        (target.neutral_host, target.cloud_port),
        *((ip, _WEB_PORT) for ip in web),
    ]
    asked = [
        partial(connect_attempts, target, net, ip, again=2 if ip in web else 0)
        for ip in (*genuine, *given.false)
    ]
    replies = net.together([*asked, *(partial(_once, net, *control) for control in controls)])
    (reach,), (same_port,), *other_port = replies[len(asked) :]

    yield seen("internet.reach", reach, f"{target.neutral_host}:{_WEB_PORT}")
    yield same_port_seen(same_port, f"{target.neutral_host}:{target.cloud_port}")
    tries = dict(zip((*genuine, *given.false), replies, strict=False))
    misled_from = led_elsewhere(given, tries)
    for (reply,) in other_port if not misled_from else ():
        yield other_port_seen(reply, f"{target.cloud_host}:{_WEB_PORT}")
    if not genuine:
        yield skipped(
            "tcp.cloud",
            "not_asked",
            _cloud(target),
            says="no usable address for the cloud's name is known",
        )
    if misled_from:
        yield misled(target, given.own, misled_from, tries)
    for ip in given.own if misled_from else genuine:
        yield from observations_of(target, ip, tries[ip])
    for ip in given.false:
        yield from met_at_false_address(target, ip, tries[ip])


class Given(Struct, frozen=True, kw_only=True):
    """The cloud's addresses as a Photon's resolvers give them, those that only others give, and the
    first false one, if any.
    """

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    false: tuple[str, ...] = ()


def led_elsewhere(given: Given, tries: Mapping[str, Sequence[Reply]]) -> list[str]:
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


def addresses(target: Target, net: Net) -> Given:
    """At most three usable addresses, one of them of a resolver that the device does not ask where
    that one gives another.
    """
    if is_unicast(target.cloud_host):
        return Given(own=(target.cloud_host,))
    resolvers, here = device_resolvers(net, target), net.vantage()
    replies = net.together(
        [partial(net.resolve, target.cloud_host, server) for server in resolvers.every]
    )
    asked = dict(zip(resolvers.every, replies, strict=True))
    given = {
        server: [*filter(is_unicast, reply.words("addresses"))] for server, reply in asked.items()
    }
    usable = {
        server: [ip for ip in ips if not is_impossible_for(ip, target)]
        for server, ips in given.items()
    }
    own = dict.fromkeys(ip for server in resolvers.servers for ip in usable[server])
    others = dict.fromkeys(
        ip for server in resolvers.others for ip in usable[server] if ip not in own
    )
    false = [
        ip
        for server in resolvers.every
        for ip in given[server]
        if ip not in usable[server] and is_askable(ip, here)
    ]
    mine = tuple(own)[: _MOST_ADDRESSES - bool(others)]
    return Given(
        own=mine,
        others=tuple(others)[: 1 if mine else _MOST_ADDRESSES],
        false=tuple(dict.fromkeys(false))[:1],
    )


def connect_attempts(target: Target, net: Net, ip: str, again: int = 0) -> list[Reply]:
    """One connection, and a second one if the first brought bytes: two nonces must differ. One that
    does not open is tried `again`.
    """
    listen = partial(net.listen_after_connect, ip, target.cloud_port, want_bytes=NONCE_BYTES)
    first = listen(quiet_s=_LISTEN_S)
    if first.payload:
        return [first, listen(quiet_s=_LISTEN_S if is_cut(first) else _SHORT_LISTEN_S)]

    def later(wait_s: float) -> Reply:
        net.sleep(wait_s)
        return listen(timeout_s=_AGAIN_S, patience_s=_AGAIN_S, quiet_s=_SHORT_LISTEN_S)

    is_own_fault = first.reason in ("held_here", "no_route", "no_address")
    waits_s = [] if first.ok or is_own_fault else [_APART_S * count for count in range(again)]
    return [first, *net.together([partial(later, wait_s) for wait_s in waits_s])]


def observations_of(target: Target, ip: str, tries: Sequence[Reply]) -> Iterator[Seen]:
    """For each connection, whether it opened, and if so whether a nonce came, and what followed
    it.
    """
    ratio = {"tries": len(tries), "successes": sum(reply.ok for reply in tries)}
    for count, reply in enumerate(tries):
        opening = ("rtt_ms", "local", "remote", "sender", "icmp_type", "icmp_code")
        opened = msgspec.structs.replace(
            reply,
            took_s=_opening_s(reply),
            data=tuple(pair for pair in reply.data if pair[0] in opening),
        )
        yield seen("tcp.cloud", opened, _cloud(target), address=ip, **ratio)
        if reply.ok:
            yield nonce_seen(
                reply, [earlier.payload for earlier in tries[:count]], _cloud(target), ip
            )
    yield from patience_seen(
        [reply for reply in tries if len(reply.payload) == NONCE_BYTES], _cloud(target), ip
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
        yield from observations_of(target, ip, tries)
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
    payload, ended = reply.payload, reply.text("ended")
    if not payload:
        return "silent" if ended == "open" else ended
    if is_text(payload):
        return "text"
    if len(payload) < NONCE_BYTES:
        return "short"
    if len(set(payload[:NONCE_BYTES])) < _FEWEST_DIFFERENT or payload in earlier:
        return "not_random"
    return "malformed" if len(payload) > NONCE_BYTES else ""


def is_text(payload: bytes) -> bool:
    """Could a person read the beginning?"""
    head = payload[:NONCE_BYTES]
    return sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head) >= _TEXT_SHARE * len(head)


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


def _once(net: Net, ip: str, port: int) -> list[Reply]:
    return [net.connect(ip, port, _CONTROL_S)]


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
        known = _GREETING.match(reply.payload)
        digest["begins"] = known[0].decode() if known else "text"
    return digest


def _cloud(target: Target) -> str:
    return f"{target.cloud_host}:{target.cloud_port}"
