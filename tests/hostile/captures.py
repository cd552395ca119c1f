"""Hostile captures, each of at most 3 MB as it is stored: gzip makes few bytes out of many."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Iterator
from random import Random
from socket import inet_aton

from tests.helpers.wire import (
    ACK,
    BROADCAST,
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    FIN,
    PSH,
    ROUTER,
    ROUTER_MAC,
    RST,
    START_NS,
    SYN,
)

ETHERNET, IEEE802_11 = 1, 105
SECOND_NS = 10**9
Frames = Iterator[tuple[float, bytes]]
"""Seconds since the start, and the frame."""

CAPTURES: dict[str, tuple[int, Callable[[], Frames]]] = {}
"""Name → link type, and what yields its frames."""


def capture(link: int = ETHERNET) -> Callable[[Callable[[], Frames]], Callable[[], Frames]]:
    """Register the frames of a capture under the function's name."""

    def register(frames: Callable[[], Frames]) -> Callable[[], Frames]:
        CAPTURES[frames.__name__] = link, frames
        return frames

    return register


def stored(name: str) -> bytes:
    """The capture file of that name, packed with gzip."""
    link, frames = CAPTURES[name]
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)]
    for at, frame in frames():
        at_ns = START_NS + round(at * SECOND_NS)
        head = struct.pack("<IIII", at_ns // SECOND_NS, at_ns % SECOND_NS, len(frame), len(frame))
        parts.append(head + frame)
    return gzip.compress(b"".join(parts), 6, mtime=0)


# -- layers


def ip(
    src: str,
    dst: str,
    protocol: int,
    payload: bytes,
    *,
    src_mac: bytes = DEVICE_MAC,
    dst_mac: bytes = ROUTER_MAC,
    ident: int = 0,
    ttl: int = 255,
    fragment: int = 0,
) -> bytes:
    head = struct.pack(
        ">BBHHHBBH", 0x45, 0, 20 + len(payload), ident & 0xFFFF, fragment, ttl, protocol, 0
    )
    return dst_mac + src_mac + b"\x08\0" + head + inet_aton(src) + inet_aton(dst) + payload


def udp(sport: int, dport: int, payload: bytes) -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(
    sport: int,
    dport: int,
    seq: int,
    ack: int,
    flags: int,
    payload: bytes = b"",
    options: bytes = b"",
) -> bytes:
    size = (5 + len(options) // 4) << 4
    return (
        struct.pack(
            ">HHIIBBHHH",
            sport,
            dport,
            seq & 0xFFFFFFFF,
            ack & 0xFFFFFFFF,
            size,
            flags,
            4608,
            0,
            0,
        )
        + options
        + payload
    )


MSS = b"\x02\x04\x04\x80"


def syn(index: int, seq: int = 0, src: str = DEVICE, mac: bytes = DEVICE_MAC) -> bytes:
    """A SYN as a Photon sends it, to the cloud."""
    segment = tcp(1024 + index % 60000, 5683, seq or 6510 + index, 0, SYN, options=MSS)
    return ip(src, CLOUD, 6, segment, ident=index, src_mac=mac)


def labels(*names: bytes) -> bytes:
    return b"".join(bytes((len(name),)) + name for name in names) + b"\0"


def query(ident: int, name: bytes) -> bytes:
    return struct.pack(">HHHHHH", ident & 0xFFFF, 0x0100, 1, 0, 0, 0) + name + b"\0\1\0\1"


LONG = labels(*[b"a"] * 126)
CLOUD_NAME = labels(b"device", b"spark", b"io")


def anywhere(random: Random) -> str:
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def forged(random: Random) -> bytes:
    return b"\x02" + random.randbytes(5)


def photon_mac(index: int) -> bytes:
    return b"\xe0\x4f\x43" + index.to_bytes(3, "big")


# -- lookups


def _aliases(index: int, name: bytes) -> bytes:
    head = struct.pack(">HHHHHH", index & 0xFFFF, 0x8180, 1, 64, 0, 0)
    return head + name + b"\0\5\0\1" + b"\xc0\x0c\0\5\0\1\0\0\0\0\0\2\xc0\x0c" * 64


@capture()
def dns_aliases() -> Frames:
    for index in range(20_000):
        body = udp(53, 49153, _aliases(index, LONG))
        yield index / 100, ip(ROUTER, f"10.0.{index // 250 % 250}.{index % 250}", 17, body)


@capture()
def dns_aliases_of_cloud() -> Frames:
    name = labels(*[b"a"] * 119, b"particle", b"io")
    for index in range(20_000):
        yield index / 100, ip(ROUTER, DEVICE, 17, udp(53, 49153, _aliases(index, name)))


@capture()
def dns_names_of_one_client() -> Frames:
    for index in range(20_000):
        name = labels(f"n{index}".encode(), *[b"b" * 40] * 4, b"com")
        yield index / 10, ip(DEVICE, ROUTER, 17, udp(49153, 53, query(index, name)), ident=index)


@capture()
def dns_names_of_many() -> Frames:
    random = Random(1)
    for index in range(40_000):
        name = labels(f"n{index}".encode(), b"b" * 60, b"b" * 60, b"com")
        body = udp(49153, 53, query(index, name))
        yield index / 10, ip(anywhere(random), ROUTER, 17, body, src_mac=forged(random))


@capture()
def dns_names_from_ever_new_addresses() -> Frames:
    """One client, as behind a router: as many addresses as lookups."""
    random = Random(4)
    for index in range(50_000):
        body = udp(49153, 53, query(index, labels(f"n{index}".encode(), b"com")))
        yield index / 10, ip(anywhere(random), ROUTER, 17, body)


@capture()
def dns_cloud_subdomains() -> Frames:
    for index in range(20_000):
        name = labels(f"n{index}".encode(), *[b"b" * 40] * 4, b"particle", b"io")
        yield index / 10, ip(DEVICE, ROUTER, 17, udp(49153, 53, query(index, name)), ident=index)


@capture()
def dns_cloud_asked_for_ever() -> Frames:
    for index in range(40_000):
        body = udp(49153, 53, query(index, CLOUD_NAME))
        yield index * 12.0, ip(DEVICE, ROUTER, 17, body, ident=index)


@capture()
def dns_answers_to_one_question() -> Frames:
    yield 0, ip(DEVICE, ROUTER, 17, udp(49153, 53, query(7, CLOUD_NAME)))
    head = struct.pack(">HHHHHH", 7, 0x8180, 1, 30, 0, 0) + CLOUD_NAME + b"\0\1\0\1"
    for index in range(30_000):
        rest = b"".join(
            b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes((54, n, index >> 8 & 255, index & 255))
            for n in range(30)
        )
        yield 0.1 + index / 100, ip(ROUTER, DEVICE, 17, udp(53, 49153, head + rest), ident=index)


# -- connections


@capture()
def syns_of_one_photon() -> Frames:
    for index in range(20_000):
        yield index * 1.0, syn(index)


@capture()
def syns_from_one_port() -> Frames:
    for index in range(60_000):
        segment = tcp(1024, 5683, 6510 + index * 7, 0, SYN, options=MSS)
        yield index * 1.0, ip(DEVICE, CLOUD, 6, segment, ident=index)


@capture()
def syns_of_one_photon_400_000() -> Frames:
    for index in range(400_000):
        segment = tcp(1024 + index % 60000, 5683, 6510, 0, SYN, options=MSS)
        yield index / 10, ip(DEVICE, CLOUD, 6, segment)


@capture()
def refusals_of_one_photon() -> Frames:
    for index in range(20_000):
        yield index * 5.0, syn(index)
        answer = tcp(5683, 1024 + index % 60000, 0, 6511 + index, RST | ACK)
        yield index * 5.0 + 0.02, ip(CLOUD, DEVICE, 6, answer, ttl=52)


@capture()
def segments_of_one_connection() -> Frames:
    yield 0, syn(0)
    yield 0.1, ip(CLOUD, DEVICE, 6, tcp(5683, 1024, 900, 6511, SYN | ACK, options=MSS), ttl=52)
    for index in range(400_000):
        segment = tcp(1024, 5683, 6511 + index % 5000, 901, ACK | PSH, b"x")
        yield 0.2 + index / 1000, ip(DEVICE, CLOUD, 6, segment)


@capture()
def segments_without_order() -> Frames:
    yield 0, syn(0)
    yield 0.1, ip(CLOUD, DEVICE, 6, tcp(5683, 1024, 900, 6511, SYN | ACK, options=MSS), ttl=52)
    for index in range(140_000):
        up = tcp(1024, 5683, 6511 + index * 7919 % 65521, 901, ACK | PSH, b"x" * 8)
        yield 0.2 + index / 500, ip(DEVICE, CLOUD, 6, up)
        down = tcp(5683, 1024, 901 + index * 7907 % 65519, 6511 + index, ACK | PSH, b"y" * 8)
        yield 0.201 + index / 500, ip(CLOUD, DEVICE, 6, down, ttl=52)


@capture()
def closings_of_one_connection() -> Frames:
    for index in range(200_000):
        yield index / 100, ip(DEVICE, CLOUD, 6, tcp(1024, 5683, index, 0, FIN | RST | ACK))


@capture()
def answered_handshakes() -> Frames:
    """Connections that carry as much content as is kept of each."""
    for index in range(8_000):
        at, port = index * 10.0, 1024 + index
        yield at, syn(index)
        answer = tcp(5683, port, 900, 6511 + index, SYN | ACK, options=MSS)
        yield at + 0.1, ip(CLOUD, DEVICE, 6, answer, ttl=52)
        for part in range(2):
            down = tcp(
                5683, port, 901 + part * 1024, 6511 + index, ACK | PSH, bytes(range(256)) * 4
            )
            yield at + 0.2, ip(CLOUD, DEVICE, 6, down, ttl=52)
            up = tcp(port, 5683, 6511 + index + part * 1024, 901, ACK | PSH, bytes(range(256)) * 4)
            yield at + 0.3, ip(DEVICE, CLOUD, 6, up)


@capture()
def a_day_of_failures() -> Frames:
    """A Photon that fails every ten seconds."""
    for index in range(8_640):
        at = index * 10.0
        yield at, ip(DEVICE, ROUTER, 17, udp(49153, 53, query(index, CLOUD_NAME)), ident=index)
        head = struct.pack(">HHHHHH", index & 0xFFFF, 0x8180, 1, 1, 0, 0) + CLOUD_NAME
        head += b"\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + inet_aton(CLOUD)
        yield at + 0.02, ip(ROUTER, DEVICE, 17, udp(53, 49153, head), ident=index, ttl=64)
        yield at + 0.05, syn(index)
        yield at + 3.05, syn(index)
        test = tcp(1024 + index % 60000, 53, 6510 + index, 0, SYN, options=MSS)
        yield at + 6, ip(DEVICE, "8.8.8.8", 6, test, ident=index)
        answer = tcp(53, 1024 + index % 60000, 1, 6511 + index, SYN | ACK, options=MSS)
        yield at + 6.1, ip("8.8.8.8", DEVICE, 6, answer, ttl=52)


@capture()
def a_day_with_a_computer() -> Frames:
    """The same, beside a computer that connects all the time."""
    for index in range(6_000):
        yield index * 10.0, syn(index)
        yield index * 10.0 + 3, syn(index)
        for other in range(3):
            seen = ip(
                f"192.168.5.{30 + other}", "1.1.1.1", 6, tcp(2000 + index, 443, index, 0, SYN)
            )
            yield index * 10.0 + 4, seen[:6] + b"\x3c\x22\xfb\0\0" + bytes((other,)) + seen[12:]


@capture()
def photons_in_crowds() -> Frames:
    for index in range(40_000):
        address = f"10.1.{index // 250 % 250}.{index % 250 + 1}"
        yield index / 10, syn(index, src=address, mac=photon_mac(index))


@capture()
def photons_that_try_and_try() -> Frames:
    for index in range(40_000):
        who = index % 200
        yield index / 10, syn(index, src=f"10.1.1.{who + 1}", mac=photon_mac(who))


@capture()
def web_pages() -> Frames:
    random = Random(2)
    page = b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"b" * 1000 + b"\r\n"
    for index in range(30_000):
        client, mac = anywhere(random), forged(random)
        ports = 1024 + index % 60000, 80
        yield index / 10, ip(client, CLOUD, 6, tcp(*ports, 1, 0, SYN, options=MSS), src_mac=mac)
        down = tcp(80, ports[0], 1, 2, ACK | PSH, page)
        yield index / 10 + 0.01, ip(CLOUD, client, 6, down, dst_mac=mac, ttl=52)


@capture()
def port_scan() -> Frames:
    for index in range(200_000):
        segment = tcp(1024 + index % 60000, index % 65536, index, 0, SYN)
        yield index / 1000, ip("192.168.5.30", CLOUD, 6, segment, src_mac=b"\x3c\x22\xfb\0\0\1")


@capture()
def errors_about_one_connection() -> Frames:
    yield 0, syn(0)
    quoted = ip(DEVICE, CLOUD, 6, tcp(1024, 5683, 6510, 0, SYN))[14:42]
    for index in range(100_000):
        body = struct.pack(">BBHI", 3, 13, 0, 0) + quoted
        sender = f"10.3.{index // 250 % 250}.{index % 250}"
        yield 0.1 + index / 1000, ip(sender, DEVICE, 1, body, ttl=64)


@capture()
def pieces() -> Frames:
    for index in range(100_000):
        yield (
            index / 1000,
            ip(
                DEVICE,
                CLOUD,
                17,
                b"x" * 64,
                ident=index // 60,
                fragment=0x2000 | index % 60 * 8 + 8,
            ),
        )


# -- addresses


def dhcp(kind: int, mac: bytes, xid: int, options: bytes = b"") -> bytes:
    body = struct.pack(">BBBBIHH", 1, 1, 6, 0, xid, 0, 0) + bytes(16) + mac + bytes(202)
    body += b"\x63\x82\x53\x63\x35\x01" + bytes((kind,)) + options + b"\xff"
    packet = udp(68, 67, body)
    return ip("0.0.0.0", "255.255.255.255", 17, packet, src_mac=mac, dst_mac=BROADCAST)


@capture()
def discovers_of_one_photon() -> Frames:
    for index in range(20_000):
        yield index * 10.0, dhcp(1, DEVICE_MAC, 0x2A + index, b"\x37\x04\x01\x03\x1c\x06")


@capture()
def discovers_of_many() -> Frames:
    random = Random(3)
    for index in range(40_000):
        yield index / 10, dhcp(1, forged(random), index, b"\x0c\xf0" + b"h" * 240)


def arp(mac: bytes, src: str, wants: str, operation: int = 1) -> bytes:
    body = b"\0\1\x08\0\6\4" + operation.to_bytes(2, "big") + mac + inet_aton(src)
    return BROADCAST + mac + b"\x08\x06" + body + bytes(6) + inet_aton(wants) + bytes(18)


@capture()
def claims_of_one_address() -> Frames:
    random = Random(4)
    for index in range(100_000):
        yield index / 100, arp(forged(random), ROUTER, DEVICE, 2)


@capture()
def arp_questions_of_one_photon() -> Frames:
    for index in range(100_000):
        wants = f"192.168.{index // 250 % 250}.{index % 250}"
        yield index * 1.0, arp(DEVICE_MAC, DEVICE, wants)


@capture()
def announcements() -> Frames:
    random = Random(5)
    for index in range(60_000):
        payload = bytes.fromhex("50020000b168ff") + random.randbytes(12)
        body = udp(5683, 5683, payload)
        frame = ip(DEVICE, "224.0.1.187", 17, body, ttl=1, dst_mac=bytes.fromhex("01005e0001bb"))
        yield index / 10, frame


# -- Wi-Fi

AP = bytes.fromhex("c05627000002")


def management(kind: int, receiver: bytes, sender: bytes, body: bytes, bssid: bytes = AP) -> bytes:
    return bytes((kind << 4, 0, 0, 0)) + receiver + sender + bssid + b"\0\0" + body


@capture(IEEE802_11)
def auth_frames_of_one_station() -> Frames:
    for index in range(400_000):
        yield index * 1.5, management(11, AP, DEVICE_MAC, b"\0\0\1\0\0\0")


@capture(IEEE802_11)
def auth_frames_of_many() -> Frames:
    for index in range(400_000):
        yield index / 100, management(11, AP, photon_mac(index % 2000), b"\0\0\1\0\0\0")


@capture(IEEE802_11)
def auth_frames_of_ever_new_stations() -> Frames:
    random = Random(6)
    for index in range(100_000):
        yield index / 100, management(11, AP, forged(random), b"\0\0\1\0\0\0")


@capture(IEEE802_11)
def probe_requests() -> Frames:
    for index in range(100_000):
        name = b"network %020d abc" % index
        body = b"\0" + bytes((len(name),)) + name
        yield index / 100, management(4, BROADCAST, DEVICE_MAC, body, BROADCAST)


@capture(IEEE802_11)
def beacons() -> Frames:
    """Many networks, one Photon that tries each of them."""
    for index in range(20_000):
        bssid = b"\2\0\0" + index.to_bytes(3, "big")
        name = b"network %020d abc" % index
        body = bytes(8) + b"\x64\0\x31\0\0" + bytes((len(name),)) + name + b"\3\1\6"
        yield index / 10, management(8, BROADCAST, bssid, body + b"\xdd\xf0" + bytes(240), bssid)
        yield index / 10 + 0.01, management(11, bssid, DEVICE_MAC, b"\0\0\1\0\0\0", bssid)


@capture(IEEE802_11)
def beacons_of_one_name() -> Frames:
    for index in range(40_000):
        bssid = b"\2\0\0" + (index % 2000).to_bytes(3, "big")
        name = b"home"
        body = bytes(8) + b"\x64\0\x31\0\0" + bytes((len(name),)) + name + b"\3\1\6"
        yield index / 10, management(8, BROADCAST, bssid, body, bssid)
        yield (
            index / 10 + 0.01,
            management(11, bssid, photon_mac(index % 200), b"\0\0\1\0\0\0", bssid),
        )


# -- files


@capture()
def foreign_traffic() -> Frames:
    frame = ip("192.168.5.30", "1.1.1.1", 17, udp(5000, 5001, bytes(1400)))
    for index in range(200_000):
        yield index / 1000, frame
