"""Questions to the device's own access point and how their answers are framed, over TCP 5609 or
HTTP; pure.

Source: device-os@v0.5.3, v0.7.0, v1.5.2: hal/src/photon/softap.cpp. Over TCP: name, length of the
body, an empty line; the answer comes after an empty line, and the device closes. Over HTTP (from
0.4.2) the same names are paths; the answer may be chunked (RFC 9112 §7.1). One question a
connection.
"""

from __future__ import annotations

from netcheck.wire.http import read_response

ADDRESS = "192.168.0.1"
TCP_PORT, HTTP_PORT = 5609, 80
COMMANDS = ("device-id", "version", "scan-ap", "public-key")
"""The only questions ever asked, in the order of asking: each of them only reads. All others set
up, connect or change settings.
"""
MOST_BYTES = 64 * 1024
"""Of one answer; a list of a hundred networks has some 10 000."""


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
    response = read_response(received)
    return response.body.strip() if response is not None and response.status == 200 else b""
