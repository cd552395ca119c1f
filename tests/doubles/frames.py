"""Ethernet frames built and taken apart by hand: UDP over IPv4, and ARP.

Sources: RFC 791 (IPv4), RFC 768 (UDP), RFC 826 (ARP), RFC 1071 (checksum).
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Self

BROADCAST = b"\xff" * 6
ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_ARP = 0x0806
UDP = 17
TTL = 255
"""What the Photon's IP stack puts into TCP and UDP (lwIP, tcp.o and udp.o of device-os)."""


@dataclass(frozen=True)
class Datagram:
    """One UDP datagram as it came."""

    source: str
    source_port: int
    port: int
    payload: bytes


def mac_bytes(mac: str) -> bytes:
    """Six bytes from the colon form."""
    return bytes.fromhex(mac.replace(":", ""))


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def udp_broadcast(
    mac: bytes, source_port: int, port: int, payload: bytes, identification: int
) -> bytes:
    """An Ethernet frame from 0.0.0.0 to everybody, as a client without an address sends it (RFC
    2131 §4.1).
    """
    source, target = bytes(4), b"\xff" * 4
    udp = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    pseudo = source + target + struct.pack("!BBH", 0, UDP, len(udp))
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp) or 0xFFFF) + udp[8:]
    head = (
        struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), identification & 0xFFFF, 0, TTL, UDP, 0)
        + source
        + target
    )
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return BROADCAST + mac + struct.pack("!H", ETHERTYPE_IPV4) + head + udp


def parse_udp(frame: bytes) -> Datagram | None:
    """The UDP datagram in an Ethernet frame, or None if it holds something else or is broken."""
    if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != UDP:
        return None
    start = 14 + 4 * (frame[14] & 0x0F)
    if len(frame) < start + 8:
        return None
    source_port, port, length = struct.unpack("!HHH", frame[start : start + 6])
    return Datagram(
        socket.inet_ntoa(frame[26:30]), source_port, port, frame[start + 8 : start + length]
    )


def gratuitous_arp(mac: bytes, address: str) -> bytes:
    """An ARP request for one's own address (RFC 5227 §3)."""
    own = socket.inet_aton(address)
    body = struct.pack("!HHBBH", 1, ETHERTYPE_IPV4, 6, 4, 1) + mac + own + bytes(6) + own
    return BROADCAST + mac + struct.pack("!H", ETHERTYPE_ARP) + body


class LinkSocket:
    """Raw frames of one kind on one interface (packet(7)); needs CAP_NET_RAW."""

    def __init__(self, interface: str, ethertype: int) -> None:
        self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
        self._sock.bind((interface, ethertype))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def send(self, frame: bytes) -> None:
        """Put a whole frame, Ethernet header first, on the wire."""
        self._sock.send(frame)

    def receive(self, within_s: float) -> bytes | None:
        """The next frame, or None if none comes in time."""
        self._sock.settimeout(max(0.001, within_s))
        try:
            return self._sock.recv(2048)
        except TimeoutError:
            return None
