"""Questions to the device's own access point and how their answers are framed, over TCP 5609 or
HTTP; pure.

Source: device-os@v0.5.3, v0.7.0, v1.5.2: hal/src/photon/softap.cpp. Over TCP: name, length of the
body, an empty line; the answer comes after an empty line, and the device closes. Over HTTP (from
0.4.2) the same names are paths; the answer may be chunked (RFC 9112 §7.1). One question a
connection.
"""

from __future__ import annotations

import re

ADDRESS = "192.168.0.1"
TCP_PORT, HTTP_PORT = 5609, 80
COMMANDS = ("device-id", "version", "scan-ap", "public-key")
"""The only questions ever asked, in the order of asking: each of them only reads. All others set
up, connect or change settings.
"""
MOST_BYTES = 64 * 1024
"""Of one answer; a list of a hundred networks has some 10 000."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r?\n)")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]{0,8}([0-9]{1,9})[ \t]{0,8}\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]{0,8}chunked[ \t]{0,8}\r\n", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,6})[^\r\n]{0,64}\r\n")


class ForbiddenCommand(Exception):
    """Our own bug: something wanted to send what may change the device."""


def checked(command: str) -> str:
    """The command, if it is one that only reads. Both ways of asking go through this."""
    if command not in COMMANDS:
        raise ForbiddenCommand(command[:40])
    return command


def over_tcp(command: str) -> bytes:
    """The question as sent to TCP_PORT. Raises ForbiddenCommand."""
    return f"{checked(command)}\n0\n\n".encode("ascii")


def over_http(command: str) -> bytes:
    """The question as sent to HTTP_PORT. Raises ForbiddenCommand."""
    return (
        f"GET /{checked(command)} HTTP/1.1\r\nHost: {ADDRESS}\r\nConnection: close\r\n\r\n".encode(
            "ascii"
        )
    )


def of_tcp(received: bytes) -> bytes:
    """The answer in what came over TCP."""
    return received.strip()


def of_http(received: bytes) -> bytes:
    """The body of a good HTTP response, as much of it as came; empty where it is none."""
    status = _STATUS.match(received)
    head, end, body = received.partition(b"\r\n\r\n")
    if status is None or not end or status[1] != b"200":
        return b""
    if _CHUNKED.search(head + b"\r\n"):
        return _joined(body).strip()
    length = _LENGTH.search(head + b"\r\n")
    return (body[: int(length[1])] if length else body).strip()


def _joined(body: bytes) -> bytes:
    """The chunks of a body, as far as they came."""
    parts, at = [], 0
    while (size := _CHUNK.match(body, at)) and int(size[1], 16):
        end = size.end() + int(size[1], 16)
        parts.append(body[size.end() : end])
        at = end + 2
    return b"".join(parts)
