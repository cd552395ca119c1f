"""ICMP (RFC 792): errors with the packet that they quote, and echo messages. Pure.

An echo request is made here and not by scapy: 8 bytes before a token do not warrant the 0.2 s that
scapy takes to load in every run, with or without the right to raw frames.
"""

from __future__ import annotations

import struct
from socket import inet_aton
from typing import NamedTuple

from netcheck.wire.addresses import ipv4_text

ECHO_REPLY, UNREACHABLE, ECHO_REQUEST, TIME_EXCEEDED = 0, 3, 8, 11
PROHIBITED_CODES = frozenset({9, 10, 13})
"""ICMP type 3 codes by which a router says that its rules forbid it (RFC 1812 §5.2.7.1)."""
TCP_PROHIBITED_CODES = PROHIBITED_CODES | {3}
"""No host answers TCP with "port unreachable": that is how firewalls reject (nft-reject, iptables
REJECT).
"""
_ECHO = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence


class Icmp(NamedTuple):
    """RFC 792 error or echo. `about` is (protocol, source, source port, destination, destination
    port) of the quoted packet.
    """

    kind: int
    code: int
    about: tuple[int, str, int, str, int] | None


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
    return Icmp(kind, code, (quoted[9], source, sport, target, dport))


def encode_icmp(icmp: Icmp) -> bytes:
    """The message that `read_icmp` reads as these fields; of a quoted packet those that it
    reads.
    """
    head = bytes((icmp.kind, icmp.code)) + bytes(6)
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
