"""The NTP exchange of the Photon's internet test from 2.0 on, both ends (RFC 5905 §7.3;
simple_ntp_client of device-os).
"""

from __future__ import annotations

import socket
import struct
import time

NTP_PORT = 123
REQUEST_BYTES = 48
ATTEMPTS = 5
PAUSE_S = 2.0
_EPOCH_OFFSET_S = 2_208_988_800


def ask_time(address: str) -> bool:
    """Does a server answer one of five requests, 2 s apart?"""
    request = b"\x23".ljust(REQUEST_BYTES, b"\0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(ATTEMPTS):
            sent_at = time.monotonic()
            try:
                sock.sendto(request, (address, NTP_PORT))
                sock.settimeout(PAUSE_S)
                sock.recv(512)
            except OSError:
                time.sleep(max(0.0, sent_at + PAUSE_S - time.monotonic()))
            else:
                return True
    return False


def serve_time(sock: socket.socket) -> None:
    """Answer requests on a bound socket until it is closed."""
    while True:
        try:
            request, client = sock.recvfrom(512)
            if client is None:  # shut down from another thread
                return
            sock.sendto(_answer(request), client)
        except OSError:
            return


def _answer(request: bytes) -> bytes:
    now = struct.pack("!II", int(time.time()) + _EPOCH_OFFSET_S, 0)
    head = b"\x24\x02\x06\xec" + bytes(8) + b"\x11\x22\x33\x44"
    return head + now + request[40:48].ljust(8, b"\0") + now + now
