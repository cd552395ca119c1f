"""Ping without rights: ICMP echo over a datagram socket (Linux: icmp(7), ping_group_range; macOS:
always allowed).
"""

from __future__ import annotations

import os
import socket
import struct
import time

from netcheck.probing.net import Reply
from netcheck.vocabulary import reason_of

_ECHO_REQUEST, _ECHO_REPLY = 8, 0  # RFC 792
_ECHO = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence
_NOT_ALLOWED = (
    "this system lets no program without rights ping; on Linux: sysctl net.ipv4.ping_group_range='0"
    " 2147483647'"
)


def open_echo_socket() -> socket.socket | Reply:
    """A socket that can ping, or the reply that says what is missing."""
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    except OSError:
        return Reply(ok=False, reason="needs", data=(("says", _NOT_ALLOWED),))


def ping(sock: socket.socket, ip: str, timeout_s: float) -> Reply:
    """Did the address answer one echo? Data: rtt_ms."""
    token = os.urandom(16)
    begun = time.monotonic()
    try:
        sock.sendto(echo_request(token), (ip, 0))
        answered = _await_reply(sock, token, begun + timeout_s)
    except PermissionError:  # this computer's own firewall
        return Reply(ok=False, reason="no_route", took_s=time.monotonic() - begun)
    except OSError as error:
        return Reply(ok=False, reason=reason_of(error), took_s=time.monotonic() - begun)
    took_s = time.monotonic() - begun
    if not answered:
        return Reply(ok=False, reason="timeout", took_s=took_s)
    return Reply(ok=True, took_s=took_s, data=(("rtt_ms", round(took_s * 1000, 1)),))


def _await_reply(sock: socket.socket, token: bytes, until: float) -> bool:
    while (left_s := until - time.monotonic()) > 0:
        sock.settimeout(left_s)
        try:
            if is_reply(sock.recv(1024), token):
                return True
        except TimeoutError:
            return False
    return False


def echo_request(token: bytes) -> bytes:
    """An echo request that carries the token. Linux sets identifier and checksum itself, macOS does
    not.
    """
    blank = _ECHO.pack(_ECHO_REQUEST, 0, 0, 0, 1) + token
    return _ECHO.pack(_ECHO_REQUEST, 0, checksum(blank), 0, 1) + token


def is_reply(packet: bytes, token: bytes) -> bool:
    """Is it the echo reply to our token? macOS puts the IP header before it."""
    header_bytes = (packet[0] & 0x0F) * 4 if packet[:1] and packet[0] >> 4 == 4 else 0
    message = packet[header_bytes:]
    return (
        len(message) >= _ECHO.size and message[0] == _ECHO_REPLY and message[_ECHO.size :] == token
    )


def checksum(message: bytes) -> int:
    """The Internet checksum of a message of even length (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
