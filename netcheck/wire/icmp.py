"""ICMP (RFC 792): errors with the packet that they quote, and echo messages; of ICMPv6 (RFC 4861)
what routers announce. Pure.

An echo request is made here and not by scapy: 8 bytes before a token do not warrant the 0.2 s that
scapy takes to load in every run, with or without the right to raw frames.
"""

from __future__ import annotations

import struct
from socket import inet_aton
from typing import NamedTuple

from netcheck.wire.addresses import ipv4_text

ECHO_REPLY, UNREACHABLE, ECHO_REQUEST, TIME_EXCEEDED = 0, 3, 8, 11
FRAGMENTATION_NEEDED = 4
"""The ICMP type 3 code for a packet larger than the next link carries."""
ROUTER_ADVERTISEMENT, OWN_LINK_HOPS = 134, 255
"""ICMPv6 type, and the hop limit that no packet from beyond a router has (RFC 4861 §6.1.2)."""
PROHIBITED_CODES = frozenset({9, 10, 13})
"""ICMP type 3 codes by which a router says that its rules forbid it (RFC 1812 §5.2.7.1)."""
TCP_PROHIBITED_CODES = PROHIBITED_CODES | {3}
"""No host answers TCP with "port unreachable": that is how firewalls reject (nft-reject, iptables
REJECT).
"""
_ECHO = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence
_ADVERTISEMENT = struct.Struct("!BBHHHII")
"""Type, code, checksum, hop limit and flags, router lifetime, reachable time, retransmission."""


class Icmp(NamedTuple):
    """RFC 792 error or echo. `about` is (protocol, source, source port, destination, destination
    port) of the quoted packet; `mtu_bytes` what the next link carries (RFC 1191 §4), 0 where the
    error does not say.
    """

    kind: int
    code: int
    about: tuple[int, str, int, str, int] | None
    mtu_bytes: int = 0


class RouterAdvertisement(NamedTuple):
    """RFC 4861 §4.2. `lifetime_s`: how long the router may be the default one; 0: it is none."""

    lifetime_s: int


def read_icmp(data: bytes) -> Icmp | None:
    """The message in an IPv4 payload; None where it is cut."""
    if len(data) < _ECHO.size:
        return None
    kind, code = data[0], data[1]
    if kind not in (UNREACHABLE, TIME_EXCEEDED):
        return Icmp(kind, code, None)
    quoted = data[8:]
    header = (quoted[0] & 15) * 4 if quoted else 0
    if len(quoted) < max(header, 20) + 4:
        return Icmp(kind, code, None)
    sport, dport = struct.unpack_from(">HH", quoted, header)
    source, target = ipv4_text(quoted[12:16]), ipv4_text(quoted[16:20])
    is_too_large = (kind, code) == (UNREACHABLE, FRAGMENTATION_NEEDED)
    mtu_bytes = int.from_bytes(data[6:8], "big") if is_too_large else 0
    return Icmp(kind, code, (quoted[9], source, sport, target, dport), mtu_bytes)


def read_advertisement(data: bytes) -> RouterAdvertisement | None:
    """The router's announcement in an ICMPv6 payload; None where it is cut or something else."""
    if len(data) < _ADVERTISEMENT.size or data[0] != ROUTER_ADVERTISEMENT or data[1]:
        return None
    return RouterAdvertisement(_ADVERTISEMENT.unpack_from(data)[4])


def encode_advertisement(advertisement: RouterAdvertisement) -> bytes:
    """The announcement that `read_advertisement` reads as this."""
    return _ADVERTISEMENT.pack(ROUTER_ADVERTISEMENT, 0, 0, 0, advertisement.lifetime_s, 0, 0)


def encode_icmp(icmp: Icmp) -> bytes:
    """The message that `read_icmp` reads as these fields; of a quoted packet those that it
    reads.
    """
    head = bytes((icmp.kind, icmp.code)) + bytes(4) + icmp.mtu_bytes.to_bytes(2, "big")
    if icmp.about is None:
        return head
    protocol, source, sport, target, dport = icmp.about
    ends = inet_aton(source) + inet_aton(target) + struct.pack(">HH", sport, dport)
    return head + b"\x45" + bytes(8) + bytes([protocol, 0, 0]) + ends


def echo_request(token: bytes) -> bytes:
    """An echo request that carries the token, of even length. On a datagram socket Linux sets
    identifier and checksum itself, macOS does not.
    """
    blank = _ECHO.pack(ECHO_REQUEST, 0, 0, 0, 1) + token
    return _ECHO.pack(ECHO_REQUEST, 0, _checksum(blank), 0, 1) + token


def is_echo_reply(message: bytes, token: bytes) -> bool:
    """Is it the echo reply to that token?"""
    return (
        len(message) >= _ECHO.size and message[0] == ECHO_REPLY and message[_ECHO.size :] == token
    )


def _checksum(message: bytes) -> int:
    """The Internet checksum of a message of even length (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
