"""A secret at every place of a packet where text can stand, as the frames of a capture."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from socket import inet_aton

from tests.helpers.wire import (
    BROADCAST,
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    OTHER,
    OTHER_MAC,
    OWN_TTL,
    PHOTON_OPTIONS,
    ROUTER,
    ROUTER_MAC,
    START_NS,
    TEST,
    Talk,
    Wire,
)

ETHERNET, RADIO = 1, 105
Frames = list[tuple[int, bytes]]
WEB = "93.184.216.34"
UP, DOWN = (DEVICE_MAC, ROUTER_MAC), (ROUTER_MAC, DEVICE_MAC)
LABEL, OPTION = 63, 200
"""So many bytes of a secret fit there."""


def capture_of(place: str, secret: bytes) -> tuple[int, Frames]:
    """The link type and the frames of a capture with the secret at that place."""
    if place in ON_RADIO:
        return RADIO, [
            (START_NS + number * 10**7, frame)
            for number, frame in enumerate(ON_RADIO[place](secret))
        ]
    wire = Wire().lease().gateway()
    ON_WIRE[place](wire, secret)
    wire.wait(1).name(CLOUD)
    wire.connection().session()
    return ETHERNET, wire.frames


# ---------------------------------------------------------------------------------------------- web


def _asks(*lines: bytes, end: bytes = b"\r\n") -> Callable[[Wire, bytes], None]:
    """A request of the device, and a plain answer."""
    return lambda wire, secret: _web(
        wire, end.join(lines).replace(b"{S}", secret), b"HTTP/1.1 200 OK\r\n\r\n"
    )


def _gets(*lines: bytes, end: bytes = b"\r\n") -> Callable[[Wire, bytes], None]:
    """An answer to a plain request of the device."""
    return lambda wire, secret: _web(
        wire, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", end.join(lines).replace(b"{S}", secret)
    )


def _web(wire: Wire, request: bytes, answer: bytes) -> None:
    talk = wire.connection(WEB, 80).opened()
    talk.up(request)
    wire.wait(0.1)
    talk.down(answer)


def _to_cloud(wire: Wire, secret: bytes) -> None:
    _talk(wire).up(b"GET /" + secret + b" HTTP/1.1\r\nCookie: " + secret + b"\r\n\r\n")


def _from_cloud(wire: Wire, secret: bytes) -> None:
    talk = _talk(wire)
    talk.down(b"HTTP/1.1 302 Found\r\nSet-Cookie: " + secret + b"\r\n\r\n" + secret)


def _after_nonce(wire: Wire, secret: bytes) -> None:
    talk = _talk(wire).nonce()
    talk.up(b"\x10" + secret.ljust(255, b"x"))
    talk.down(secret.ljust(384, b"x"))


def _in_session(wire: Wire, secret: bytes) -> None:
    talk = _talk(wire)
    talk.session()
    talk.up(secret)
    talk.down(secret)


def _greeting(wire: Wire, secret: bytes) -> None:
    _talk(wire).down(b"220 " + secret + b" ESMTP\r\n")


def _talk(wire: Wire) -> Talk:
    return wire.connection(CLOUD, 5683).opened()


def _in_syn(wire: Wire, secret: bytes) -> None:
    talk = wire.connection(WEB, 443)
    options = b"\xfe" + bytes((2 + min(len(secret), 30),)) + secret[:30]
    talk._send(
        up=True, flags=2, payload=secret, ttl=OWN_TTL, options=options + bytes(-len(options) % 4)
    )


def _in_test(wire: Wire, secret: bytes) -> None:
    talk = wire.connection(TEST, 53).opened()
    talk.up(secret)
    talk.down(secret)


# ---------------------------------------------------------------------------------------- datagrams


def _to(port: int, host: str = WEB, before: bytes = b"") -> Callable[[Wire, bytes], None]:
    """A datagram of the device to that port, and its like back; of another client, too."""

    def put(wire: Wire, secret: bytes) -> None:
        wire.udp(DEVICE, port, host, port, before + secret, macs=UP)
        wire.udp(host, port, DEVICE, port, before + secret, ttl=60, macs=DOWN)
        wire.udp(OTHER, port, host, port, before + secret, macs=(OTHER_MAC, ROUTER_MAC))

    return put


def _announced(wire: Wire, secret: bytes) -> None:
    payload = bytes.fromhex("50020000b168ff") + secret
    group = bytes.fromhex("01005e0001bb")
    for text in (payload, secret):
        wire.udp(DEVICE, 5683, "224.0.1.187", 5683, text, macs=(DEVICE_MAC, group))


def _named(kind: int, *, at: int) -> Callable[[Wire, bytes], None]:
    """A lookup of that kind of record whose name holds the secret as that label."""

    def put(wire: Wire, secret: bytes) -> None:
        labels = [b"www", b"shop", b"example", b"org"]
        labels[at] = secret[:LABEL]
        _lookup(wire, kind, labels)

    return put


def _local_name(wire: Wire, secret: bytes) -> None:
    _lookup(wire, 1, [secret[:LABEL], b"local"])
    _lookup(wire, 1, [secret[:LABEL]])
    _lookup(wire, 1, [secret[:LABEL], b"fritz", b"box"])


def _lookup(
    wire: Wire, kind: int, labels: list[bytes], answers: bytes = b"", count: int = 0
) -> None:
    name = b"".join(bytes((len(label),)) + label for label in labels)
    question = name + struct.pack(">BHH", 0, kind, 1)
    head = struct.pack(">HHHHHH", 9, 0x0100, 1, 0, 0, 0)
    wire.udp(DEVICE, 49153, ROUTER, 53, head + question, macs=UP)
    wire.udp(OTHER, 49153, ROUTER, 53, head + question, macs=(OTHER_MAC, ROUTER_MAC))
    head = struct.pack(">HHHHHH", 9, 0x8180, 1, count, 0, 0)
    wire.udp(ROUTER, 53, DEVICE, 49153, head + question + answers, ttl=64, macs=DOWN)


def _record(kind: int) -> Callable[[Wire, bytes], None]:
    """An answer with a record of that kind that holds it, before the address."""

    def put(wire: Wire, secret: bytes) -> None:
        part = secret[:LABEL]
        value = bytes((len(part),)) + part + b"\0"
        answers = struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(value)) + value
        answers += struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + inet_aton(CLOUD)
        _lookup(wire, 1, [b"device", b"spark", b"io"], answers, 2)

    return put


def _leased(code: int, *, kinds: tuple[int, ...]) -> Callable[[Wire, bytes], None]:
    """A DHCP message of these kinds with that option, by the device and by another client."""

    def put(wire: Wire, secret: bytes) -> None:
        part = secret[:OPTION]
        option = bytes((code, len(part))) + part
        for mac in (DEVICE_MAC, OTHER_MAC):
            for kind in kinds:
                options = option if kind in (2, 5, 6) else PHOTON_OPTIONS + option
                wire.dhcp(
                    kind, mac=mac, options=options, yiaddr=DEVICE if kind in (2, 5) else "0.0.0.0"
                )
        wire.lease()

    return put


ASKED, GIVEN = (1, 3), (2, 5)


def _fixed_fields(wire: Wire, secret: bytes) -> None:
    """The fields `sname` and `file` of a DHCP offer."""
    body = struct.pack(">BBBBIHH", 2, 1, 6, 0, 0x2A, 0, 0) + bytes(4) + inet_aton(DEVICE) + bytes(8)
    body += DEVICE_MAC + bytes(10) + secret[:64].ljust(64, b"\0") + secret[:128].ljust(128, b"\0")
    body += b"\x63\x82\x53\x63\x35\1\2\x36\4" + inet_aton(ROUTER) + b"\xff"
    wire.udp(ROUTER, 67, DEVICE, 68, body, ttl=64, macs=DOWN)


def _ping(wire: Wire, secret: bytes) -> None:
    wire.ip(DEVICE, ROUTER, 1, b"\x08\0\0\0\0\0\0\1" + secret, ttl=OWN_TTL, macs=UP)
    wire.ip(ROUTER, DEVICE, 1, b"\0\0\0\0\0\0\0\1" + secret, ttl=64, macs=DOWN)


def _quoted(wire: Wire, secret: bytes) -> None:
    head = (
        struct.pack(">BBHHHBBH", 0x45, 0, 60, 1, 0, 254, 17, 0) + inet_aton(DEVICE) + inet_aton(WEB)
    )
    quoted = head + struct.pack(">HHHH", 49153, 53, 40, 0) + secret
    wire.ip(ROUTER, DEVICE, 1, b"\3\3\0\0\0\0\0\0" + quoted, ttl=64, macs=DOWN)


def _arp_padding(wire: Wire, secret: bytes) -> None:
    body = b"\0\1\x08\0\6\4\0\1" + DEVICE_MAC + inet_aton(DEVICE) + bytes(6) + inet_aton(ROUTER)
    wire.put(BROADCAST + DEVICE_MAC + b"\x08\x06" + body + secret)


def _ethertype(kind: bytes) -> Callable[[Wire, bytes], None]:
    return lambda wire, secret: wire.put(BROADCAST + DEVICE_MAC + kind + secret)


def _key_on_wire(wire: Wire, secret: bytes) -> None:
    wire.put(ROUTER_MAC + DEVICE_MAC + b"\x88\x8e" + _key(secret, 0x010A))


def _behind(wire: Wire, secret: bytes) -> None:
    """Behind the end of an IP packet, where network cards leave what stood there before."""
    wire.ip(DEVICE, WEB, 17, struct.pack(">HHHH", 123, 123, 8, 0), ttl=OWN_TTL, macs=UP)
    at_ns, frame = wire.frames.pop()
    wire.frames.append((at_ns, frame[:42] + secret))


def _fragment(wire: Wire, secret: bytes) -> None:
    body = struct.pack(">HHHH", 5683, 5683, 1400, 0) + secret
    wire.ip(DEVICE, WEB, 17, body, ttl=OWN_TTL, macs=UP)
    at_ns, frame = wire.frames.pop()
    wire.frames.append((at_ns, frame[:20] + b"\x20\0" + frame[22:]))


ON_WIRE: Mapping[str, Callable[[Wire, bytes], None]] = {
    "path of a request": _asks(b"GET /{S} HTTP/1.1", b"Host: a.example", b"", b""),
    "query of a request": _asks(b"GET /?q={S} HTTP/1.1", b"Host: a.example", b"", b""),
    "cookie": _asks(b"GET / HTTP/1.1", b"Cookie: id={S}", b"Host: a.example", b"", b""),
    "cookie, bare line feeds": _asks(b"GET / HTTP/1.1", b"Cookie: {S}", b"", b"", end=b"\n"),
    "cookie, carriage returns": _asks(b"GET / HTTP/1.1", b"Cookie: {S}", b"", b"", end=b"\r"),
    "authorization": _asks(b"GET / HTTP/1.1", b"Authorization: Basic {S}", b"", b""),
    "host of a request": _asks(b"GET / HTTP/1.1", b"Host: {S}", b"", b""),
    "user of a host": _asks(b"GET / HTTP/1.1", b"Host: me:{S}@a.example", b"", b""),
    "referer": _asks(b"GET / HTTP/1.1", b"Referer: http://u:{S}@a.example/{S}", b"", b""),
    "folded field": _asks(
        b"GET / HTTP/1.1", b"X: y", b" {S}", b"Host: a.example", b" {S}", b"", b""
    ),
    "body of a request": _asks(b"POST / HTTP/1.1", b"Host: a.example", b"", b"password={S}"),
    "json of a request": _asks(b"POST / HTTP/1.1", b"", b'{"ssid":"Home","key":"{S}"}'),
    "method": _asks(b"{S} / HTTP/1.1", b"", b""),
    "body of an answer": _gets(b"HTTP/1.1 200 OK", b"", b"<title>{S}</title><b>{S}</b>"),
    "body of a redirect": _gets(b"HTTP/1.1 302 Found", b"Location: http://p.example/", b"", b"{S}"),
    "set-cookie": _gets(
        b"HTTP/1.1 302 Found", b"Set-Cookie: {S}", b"Location: http://p.example/{S}"
    ),
    "words of a status": _gets(b"HTTP/1.1 302 {S}", b"Location: http://p.example/", b"", b""),
    "user of a redirect": _gets(
        b"HTTP/1.1 302 Found", b"Location: http://me:{S}@p.example/", b"", b""
    ),
    "name of a user of a redirect": _gets(
        b"HTTP/1.1 302 X", b"Location: http://{S}@p.example", b"", b""
    ),
    "query of a redirect": _gets(
        b"HTTP/1.1 307 X", b"Location: http://p.example/?u={S}#{S}", b"", b""
    ),
    "relative redirect": _gets(b"HTTP/1.1 302 Found", b"Location: /{S}", b"", b""),
    "server": _gets(b"HTTP/1.1 511 {S}", b"Server: {S}", b"Location: http://p.example", b"", b""),
    "answer without a head": _gets(b"{S}"),
    "text to the cloud": _to_cloud,
    "text from the cloud": _from_cloud,
    "greeting at the cloud's port": _greeting,
    "handshake": _after_nonce,
    "session": _in_session,
    "connection request": _in_syn,
    "connection test": _in_test,
    "other datagram": _to(40000),
    "coap of others": _to(5683, before=b"\x42\x02\x12\x34\xb1h\xff"),
    "coap to the cloud": _to(5683, CLOUD),
    "dtls": _to(5684, before=b"\x16\xfe\xfd\0\0\0\0\0\0\0\0"),
    "time": _to(123, before=b"\x23" + bytes(47)),
    "port of names": _to(53, ROUTER),
    "multicast names": _to(5353, "224.0.0.251"),
    "announcement": _announced,
    "first label": _named(1, at=0),
    "second label": _named(1, at=1),
    "last label": _named(1, at=3),
    "name of a text": _named(16, at=0),
    "name at home": _local_name,
    "alias": _record(5),
    "text of a name": _record(16),
    "host name": _leased(12, kinds=ASKED),
    "domain": _leased(15, kinds=GIVEN),
    "vendor's options": _leased(43, kinds=GIVEN),
    "vendor": _leased(60, kinds=ASKED),
    "client id": _leased(61, kinds=ASKED),
    "boot server": _leased(66, kinds=GIVEN),
    "user class": _leased(77, kinds=ASKED),
    "whole name": _leased(81, kinds=ASKED),
    "login page": _leased(114, kinds=GIVEN),
    "search list": _leased(119, kinds=GIVEN),
    "private option": _leased(224, kinds=ASKED + GIVEN),
    "proxy script": _leased(252, kinds=GIVEN),
    "message of a refusal": _leased(56, kinds=(3, 6)),
    "message of an offer": _leased(56, kinds=GIVEN),
    "fixed fields": _fixed_fields,
    "ping": _ping,
    "quoted packet": _quoted,
    "padding of arp": _arp_padding,
    "padding of ip": _behind,
    "first fragment": _fragment,
    "lldp": _ethertype(b"\x88\xcc"),
    "unknown ethertype": _ethertype(b"\x88\xb5"),
    "key message": _key_on_wire,
}
"""Place → what puts the secret there in an Ethernet capture."""


# -------------------------------------------------------------------------------------------- radio


def _key(secret: bytes, flags: int) -> bytes:
    """A message of the 4-way handshake with the secret as nonce, check sum and key data."""
    field = secret[:32].ljust(32, b"\0")
    body = b"\2" + flags.to_bytes(2, "big") + b"\0\x10" + bytes(8) + field + field[:16] + bytes(16)
    body += field[:16] + len(secret).to_bytes(2, "big") + secret
    return b"\1\3" + len(body).to_bytes(2, "big") + body


def _managing(kind: int, fixed: bytes, elements: bytes, *, up: bool) -> bytes:
    ends = ROUTER_MAC + DEVICE_MAC if up else DEVICE_MAC + ROUTER_MAC
    return bytes((kind << 4, 0, 0, 0)) + ends + ROUTER_MAC + b"\0\0" + fixed + elements


def _element(number: int, value: bytes) -> bytes:
    return bytes((number, len(value[:255]))) + value[:255]


def _join(beside: bytes) -> list[bytes]:
    """Beacon, probe, authentication and association of the device, with that beside the name."""
    named = _element(0, b"Lab Net") + beside + _element(3, b"\6")
    return [
        _managing(8, bytes(8) + b"\x64\0\x31\4", named, up=False),
        _managing(4, b"", named, up=True),
        _managing(5, bytes(8) + b"\x64\0\x31\4", named, up=False),
        _managing(11, b"\0\0\1\0\0\0", beside, up=True),
        _managing(11, b"\0\0\2\0\0\0", beside, up=False),
        _managing(0, b"\x31\4\1\0", named, up=True),
        _managing(1, b"\x31\4\0\0\1\xc0", named, up=False),
        _managing(12, b"\x0f\0", beside, up=False),
    ]


def _beside(number: int, before: bytes = b"") -> Callable[[bytes], list[bytes]]:
    return lambda secret: _join(_element(number, before + secret))


def _data(flags: int, content: bytes) -> bytes:
    ends = (ROUTER_MAC + DEVICE_MAC if flags & 1 else DEVICE_MAC + ROUTER_MAC) + OTHER_MAC
    return bytes((8, flags, 0, 0)) + ends + b"\0\0" + content


def _keys(secret: bytes) -> list[bytes]:
    head = b"\xaa\xaa\3\0\0\0\x88\x8e"
    flags = (0x008A, 0x010A, 0x13CA, 0x030A)
    return [
        *_join(b""),
        *(_data(1 + number % 2, head + _key(secret, one)) for number, one in enumerate(flags)),
    ]


def _encrypted(secret: bytes) -> list[bytes]:
    return [*_join(b""), _data(0x41, secret), _data(0x42, b"\0\0\0\0" + secret)]


def _action(category: int) -> Callable[[bytes], list[bytes]]:
    return lambda secret: [
        *_join(b""),
        _managing(13, bytes((category, 1)) + DEVICE_MAC + ROUTER_MAC, secret, up=True),
    ]


def _cipher(secret: bytes) -> list[bytes]:
    rsn = b"\1\0\0\x0f\xac\4\1\0\0\x0f\xac\4\1\0\0\x0f\xac\2\0\0\1\0" + secret[:16].ljust(16, b"\0")
    return _join(_element(48, rsn))


ON_RADIO: Mapping[str, Callable[[bytes], list[bytes]]] = {
    "vendor's element": _beside(221, b"\x00\x50\xf2\x04\x10\x11"),
    "element of no known number": _beside(200),
    "extended element": _beside(255, b"\x08"),
    "mesh id": _beside(114),
    "fast transition element": _beside(55, bytes(18)),
    "key names of a cipher suite": _cipher,
    "name of the access point": _beside(133, bytes(10)),
    "keys": _keys,
    "encrypted": _encrypted,
    "public action": _action(4),
    "fast transition": _action(6),
    "vendor's action": _action(127),
}
"""Place → the frames with the secret there in a capture of Wi-Fi."""

PLACES = (*ON_WIRE, *ON_RADIO)
