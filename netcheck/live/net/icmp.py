"""Ping without rights: ICMP echo over a datagram socket (Linux: icmp(7), ping_group_range; macOS:
always allowed), and for root by a raw one.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from netcheck.probing.net import Reply
from netcheck.vocabulary import reason_of
from netcheck.wire.icmp import echo_request, is_echo_reply

_NOT_ALLOWED = (
    "this system lets no program without rights ping; on Linux: sysctl net.ipv4.ping_group_range='0"
    " 2147483647'"
)


def open_echo_socket(
    raw_socket: Callable[[], socket.socket] | None = None,
) -> socket.socket | Reply:
    """A socket that can ping, or the reply that says what is missing. `raw_socket` opens a raw one
    for root, whom a system may keep from the others.
    """
    for opened in (_datagram_socket, raw_socket or _raw_socket):
        with suppress(OSError):
            return opened()
    return Reply(ok=False, reason="needs", data=(("says", _NOT_ALLOWED),))


def _datagram_socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)


def _raw_socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


def ping(sock: socket.socket, ip: str, timeout_s: float) -> Reply:
    """Did the address answer one echo? Data: rtt_ms."""
    token = os.urandom(16)
    begun = time.monotonic()
    try:
        sock.sendto(echo_request(token), (ip, 0))
        answered = _await_reply(sock, token, begun + timeout_s)
    except PermissionError:  # this computer's own firewall
        return Reply(ok=False, reason="held_here", took_s=time.monotonic() - begun)
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


def is_reply(packet: bytes, token: bytes) -> bool:
    """Is what the socket gave the echo reply to our token? macOS and raw sockets put the IP
    header before it.
    """
    header_bytes = (packet[0] & 0x0F) * 4 if packet[:1] and packet[0] >> 4 == 4 else 0
    return is_echo_reply(packet[header_bytes:], token)
