"""Packets behind an Ethernet header, and which of them a diagnosis may need."""

from __future__ import annotations

import struct

ETHER = bytes.fromhex("00163eaa0001e00fcd000001")
ACK, PSH, RST, SYN, FIN, URG = 0x10, 0x08, 0x04, 0x02, 0x01, 0x20
TAG = b"\x81\x00\x00\x64"
QINQ = b"\x88\xa8\x00\x05"


def ip4(protocol: int, payload: bytes, *, fragment: int = 0, options: bytes = b"") -> bytes:
    header = struct.pack(
        ">BBHHHBBH",
        0x45 + len(options) // 4,
        0,
        20 + len(options) + len(payload),
        1,
        fragment,
        64,
        protocol,
        0,
    )
    return b"\x08\x00" + header + bytes(8) + options + payload


def ip6(following: int, payload: bytes) -> bytes:
    return (
        b"\x86\xdd"
        + struct.pack(">IHBB", 0x60000000, len(payload), following, 64)
        + bytes(32)
        + payload
    )


def udp(source: int, target: int) -> bytes:
    return struct.pack(">HHHH", source, target, 8, 0)


def tcp(
    source: int, target: int, flags: int = ACK, payload: bytes = b"", options: bytes = b""
) -> bytes:
    head = struct.pack(
        ">HHIIBBHHH", source, target, 1, 1, (5 + len(options) // 4) << 4, flags, 1024, 0, 0
    )
    return head + options + payload


def extension(following: int, units: int = 0) -> bytes:
    return bytes([following, units]) + bytes(6 + 8 * units)


def fragment6(following: int, offset: int) -> bytes:
    return struct.pack(">BBHI", following, 0, offset << 3, 7)


KEPT = {
    "arp": b"\x08\x06" + bytes(28),
    "rarp": b"\x80\x35" + bytes(28),
    "eapol": b"\x88\x8e" + bytes(95),
    "icmp": ip4(1, bytes(8)),
    "icmp behind options": ip4(1, bytes(8), options=bytes(8)),
    "icmpv6": ip6(58, bytes(8)),
    "icmpv6 behind hop-by-hop (MLD)": ip6(0, extension(58) + bytes(8)),
    "later fragment": ip4(17, bytes(100), fragment=0x00B9),
    **{
        f"fragment at {offset:#x}": ip4(17, udp(443, 40000), fragment=offset)
        for offset in (0x1, 0x20, 0x80, 0x100, 0x1000)
    },
    "later fragment of tcp": ip4(6, bytes(100), fragment=0x20B9),
    "later fragment v6": ip6(44, fragment6(17, 100) + bytes(50)),
    "first fragment of dns": ip4(17, udp(53, 40000), fragment=0x2000),
    "first fragment of dns v6": ip6(44, fragment6(17, 0) + udp(53, 40000)),
    "dns behind three extensions": ip6(
        0, extension(43) + extension(60, 2) + extension(17) + udp(40000, 53)
    ),
    **{f"udp from {port}": ip4(17, udp(port, 40000)) for port in (53, 67, 68, 123, 5683, 5684)},
    **{f"udp to {port}": ip4(17, udp(40000, port)) for port in (53, 67, 68, 123, 5683, 5684)},
    "udp to 5683 v6": ip6(17, udp(40000, 5683)),
    **{f"tcp from {port}": ip4(6, tcp(port, 40000)) for port in (53, 5683)},
    **{f"tcp to {port}": ip4(6, tcp(40000, port)) for port in (53, 5683)},
    "tcp to 5683 behind options": ip4(6, tcp(40000, 5683), options=bytes(4)),
    "syn of another connection": ip4(6, tcp(40000, 443, SYN)),
    "syn+ack": ip4(6, tcp(443, 40000, SYN | ACK)),
    "fin": ip4(6, tcp(443, 40000, FIN | ACK)),
    "rst": ip4(6, tcp(443, 40000, RST)),
    "syn v6": ip6(6, tcp(40000, 443, SYN)),
    "http request": ip4(6, tcp(40000, 80, ACK | PSH, b"GET / HTTP/1.1\r\n")),
    "http answer": ip4(6, tcp(80, 40000, ACK, b"HTTP/1.1 302 Found\r\n")),
    "http answer behind tcp options": ip4(6, tcp(80, 40000, ACK, b"HTTP/1.0 200", bytes(12))),
    "http v6": ip6(6, tcp(80, 40000, ACK, b"HTTP/1.1 302 Found\r\n")),
}


LEFT_OUT = {
    "other ethertype": b"\x88\xcc" + bytes(50),
    "802.3 frame": b"\x00\x26" + bytes(50),
    "igmp": ip4(2, bytes(8)),
    "udp other port": ip4(17, udp(443, 40000)),
    "udp port number swapped": ip4(17, udp(0x3500, 40000)),
    "tcp ack": ip4(6, tcp(443, 40000)),
    "tcp push": ip4(6, tcp(443, 40000, ACK | PSH | URG, b"GET / ")),
    "port 80, no data": ip4(6, tcp(80, 40000)),
    "port 80, middle of a body": ip4(6, tcp(80, 40000, ACK, b"<html>HTTP/1.1")),
    "port 80, almost a method": ip4(6, tcp(40000, 80, ACK, b"GETTING")),
    "tcp dhcp ports": ip4(6, tcp(67, 68)),
    "tcp other port v6": ip6(6, tcp(443, 40000)),
    "udp other port behind extension": ip6(60, extension(17) + udp(443, 40000)),
    "esp v6": ip6(50, bytes(40)),
    "no next header": ip6(59, b""),
    "extension cut": ip6(0, b"\x11\x00"),
    "ports not captured": ip4(17, b"\x00\x35\x9c"),
    "flags not captured": ip4(6, tcp(443, 40000, SYN)[:13]),
    "header length too small": b"\x08\x00\x44" + ip4(17, udp(53, 53))[3:],
    "ipv6 in an ipv4 frame": b"\x08\x00" + ip6(17, udp(53, 53))[2:],
    "ipv4 in an ipv6 frame": b"\x86\xdd" + ip4(17, udp(53, 53))[2:] + bytes(20),
}
SYN_FRAME = bytes.fromhex(
    "00163eaa0001e00fcd00000108004500002800074000400600000a1400053655000911111633000000010000000050020000000000000000"
)
"""A whole frame: the Photon opens a connection to port 5683."""
