"""Does a Photon here announce that it has just connected, and does the cloud answer newer devices,
on UDP?

Sends: IGMP reports, by which the system joins and leaves the group 224.0.1.187; lookups of the
cloud's UDP host at two resolvers, and up to two DTLS ClientHellos to it, which leave no state there
(a server sends a cookie first).
Settles: session.announce, device.identity, udp.cloud.
Cannot tell: anything by silence. A device announces itself once, right after each handshake with
the cloud, and client isolation hides it; whether the cloud answers a name with a made-up id is not
known. A Photon uses TCP: udp.cloud says nothing about it.
Source: the announcement, 19 bytes to 224.0.1.187:5683 with the device id at their end, from 0.4 to
3.3.1 (device-os@v0.6.0:system/src/system_cloud_internal.cpp,
v2.3.1:system/src/system_cloud_connection_compat.cpp). The ClientHello: RFC 6347 §4.2.1, with what
newer devices offer (device-os@v3.3.1:communication/src/dtls_message_channel.cpp).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from functools import partial

import msgspec

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import (
    ANNOUNCE_GROUP,
    RANKS,
    Datagram,
    Kind,
    Net,
    Reply,
    Seen,
    Traffic,
    announced_id,
    lookups,
    named_address,
    probe,
    seen,
    skipped,
)

_PORT, _DTLS_PORT = 5683, 5684
_LISTEN_S = 3.5
_SIGN = "device_id"
_UDP_HOST = "0" * 24 + ".udp.particle.io"
"""The name that a device of this made-up id would ask for
(device-os@v3.3.1:system/src/system_cloud_internal.cpp).
"""
_GREETINGS, _APART_S = 2, 1.5
_DTLS_12 = b"\xfe\xfd"
_VERSIONS = (b"\xfe\xff", _DTLS_12)
_HANDSHAKE, _CLIENT_HELLO = 22, 1
_RECORD_TYPES = range(20, 24)  # change of cipher, alert, handshake, data: RFC 5246 §6.2.1
_RECORD_BYTES = 13
_EXTENSIONS = (
    (10, "0002 0017"),  # groups: P-256 (RFC 8422 §5.1.1)
    (11, "01 00"),  # points: uncompressed
    (13, "0002 0403"),  # signatures: ECDSA with SHA-256
    (19, "01 02"),  # the client's and the server's certificates: raw public keys (RFC 7250 §3)
    (20, "01 02"),
)


@probe(
    stage=Stage.POWER,  # started first: what is announced while the rungs are climbed is heard
    settles={"session.announce", "device.identity", "udp.cloud"},
    sends=(
        Traffic(
            kind=Kind.IGMP_REPORT,
            to=f"the routers of this network, to join and leave {ANNOUNCE_GROUP}",
            at_most=4,
        ),
        lookups("the cloud's host for UDP"),
        Traffic(
            kind=Kind.UDP_DATAGRAM,
            to=f"the cloud's host for UDP, port {_DTLS_PORT}",
            at_most=_GREETINGS,
        ),
    ),
    within_s=_LISTEN_S + 9,
    background=True,
)
def coap_udp(target: Target, net: Net) -> Iterator[Seen]:
    if net.vantage().address is None:
        for fact in ("session.announce", "udp.cloud"):
            yield skipped(fact, "no_address", says="this computer has no IPv4 address")
        return
    for told in net.together([partial(announcements, net), partial(hello_answers, target, net)]):
        yield from told


def announcements(net: Net) -> list[Seen]:
    """Who announced itself while it was listened, each device once."""
    datagrams = net.listen_multicast(ANNOUNCE_GROUP, _PORT, _LISTEN_S)
    heard = {
        device_id: datagram
        for datagram in datagrams
        if (device_id := announced_id(datagram.payload))
    }
    if heard:
        return [one for device_id, datagram in heard.items() for one in _told(device_id, datagram)]
    says = (
        f"no device announced itself in {_LISTEN_S:g} s; one does so only right after it has"
        " connected"
    )
    return [
        Seen(
            fact="session.announce",
            outcome=Outcome.UNCLEAR,
            reason="timeout",
            data=(("says", says),),
        )
    ]


def _told(device_id: str, datagram: Datagram) -> Iterator[Seen]:
    names = (("id", device_id), ("ip", datagram.sender), ("sign", _SIGN), ("rank", RANKS[_SIGN]))
    yield Seen(
        fact="device.identity", outcome=Outcome.OK, subject=device_id, at=datagram.at, data=names
    )
    yield Seen(
        fact="session.announce",
        outcome=Outcome.OK,
        subject=device_id,
        at=datagram.at,
        data=(("address", datagram.sender),),
    )


def hello_answers(target: Target, net: Net) -> list[Seen]:
    """The answers to a DTLS ClientHello to the cloud's host for UDP; of a private cloud, to its
    only host.
    """
    host = _UDP_HOST if target.cloud_host == Target().cloud_host else target.cloud_host
    place = f"{host}:{_DTLS_PORT}"
    is_own = host == target.cloud_host
    has_way = bool(net.vantage().gateway)
    address = named_address(host, target, net, is_own_choice=is_own) if has_way else ""
    if not address:
        return [
            skipped(
                "udp.cloud",
                "not_asked",
                place,
                says="the cloud's host for UDP has no usable address here",
            )
        ]
    reply = net.exchange(
        address, _DTLS_PORT, client_hello(os.urandom(32)), sendings=_GREETINGS, apart_s=_APART_S
    )
    return [judged(reply, place)]


def judged(reply: Reply, place: str) -> Seen:
    """Ok where any word of DTLS came back, failed where somebody refused; silence, and what is no
    DTLS, says nothing.
    """
    said = seen("udp.cloud", reply, place)
    if reply.ok and not is_dtls(reply.payload):
        return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR, reason="malformed")
    if reply.reason in ("held_here", "no_route", "no_address"):
        return msgspec.structs.replace(said, outcome=Outcome.SKIPPED)
    return (
        msgspec.structs.replace(said, outcome=Outcome.UNCLEAR)
        if reply.reason == "timeout"
        else said
    )


def client_hello(random: bytes) -> bytes:
    """A first ClientHello of DTLS 1.2, without session and cookie, in one record (RFC 6347 §4.1,
    §4.2.2).
    """
    listed = [bytes.fromhex(body) for _, body in _EXTENSIONS]
    extensions = b"".join(
        struct.pack("!HH", kind, len(body)) + body
        for (kind, _), body in zip(_EXTENSIONS, listed, strict=True)
    )
    suites = bytes.fromhex(
        "c0ae 00ff"
    )  # TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 (RFC 7251), secure renegotiation (RFC 5746)
    parts = (
        _DTLS_12,
        random,
        b"\0",
        b"\0",
        struct.pack("!H", len(suites)),
        suites,
        b"\x01\0",
        struct.pack("!H", len(extensions)),
        extensions,
    )
    body = b"".join(parts)
    size = len(body).to_bytes(3, "big")
    message = bytes((_CLIENT_HELLO,)) + size + b"\0\0" + b"\0\0\0" + size + body
    return bytes((_HANDSHAKE,)) + _DTLS_12 + bytes(8) + struct.pack("!H", len(message)) + message


def is_dtls(payload: bytes) -> bool:
    """Does it begin with a whole DTLS record?"""
    if (
        len(payload) <= _RECORD_BYTES
        or payload[0] not in _RECORD_TYPES
        or payload[1:3] not in _VERSIONS
    ):
        return False
    return len(payload) >= _RECORD_BYTES + int.from_bytes(payload[11:13], "big")
