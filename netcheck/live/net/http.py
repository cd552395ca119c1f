"""A plain HTTP question on a connection of its own, as the checks of phones and browsers ask it
(RFC 9112).

Not by the standard library's client: that one has a time limit for each read, so a response that
drips would last for ever.
"""

from __future__ import annotations

import re
import socket
import time

import msgspec

from netcheck.live.net import tcp
from netcheck.model import Scalar
from netcheck.probing.net import Reply
from netcheck.wire.http import HttpResponse, place_of, read_response

MOST_BYTES = 8192
"""A check's page has a few dozen bytes; of a login page the beginning is enough."""
_WORD = re.compile(r"[!-~]+")
_PADDING = "X-Padding: "
_PORT = 80


def get(
    sock: socket.socket,
    ip: str,
    host: str,
    path: str,
    timeout_s: float,
    port: int,
    request_bytes: int = 0,
) -> Reply:
    """Ok if an HTTP response came, whatever it says; `payload` holds its body.

    Data: rtt_ms of the connection, local, remote, path_mtu_bytes, status, body_bytes; location
    where it redirects. Reasons: those of a connection that does not open, and silent, closed,
    reset, malformed.
    """
    opened = tcp.connect(sock, ip, port, timeout_s)
    return (
        _answer(sock, opened, request(host, path, request_bytes), timeout_s)
        if opened.ok
        else opened
    )


def get_again(
    sock: socket.socket, ip: str, host: str, path: str, timeout_s: float, idle_s: float
) -> Reply:
    """What the second request on one connection gets, after so long a silence; as `get`.

    Data, once the silence was over: idle_s. Where the other end did not wait for that: ended
    (closed or reset), ended_after_s.
    """
    begun = time.monotonic()
    opened = tcp.connect(sock, ip, _PORT, timeout_s)
    first = (
        _answer(sock, opened, request(host, path, keeps=True), timeout_s) if opened.ok else opened
    )
    if not first.ok:
        return first
    quiet = tcp.listen(sock, 1, idle_s, 0.0)
    ended = quiet.text("ended")
    if quiet.payload or ended != "open":
        data = (*opened.data, ("ended", ended), ("ended_after_s", round(quiet.took_s, 1)))
        reason = "malformed" if quiet.payload else ended
        return Reply(ok=False, reason=reason, took_s=time.monotonic() - begun, data=data)
    second = _answer(sock, opened, request(host, path), timeout_s)
    return msgspec.structs.replace(
        second, took_s=time.monotonic() - begun, data=(*second.data, ("idle_s", idle_s))
    )


def _answer(sock: socket.socket, opened: Reply, wire: bytes, timeout_s: float) -> Reply:
    """What comes back for a request on an open connection."""
    begun = time.monotonic()
    received, ended = _ask(sock, wire, begun + timeout_s)
    took_s = opened.took_s + time.monotonic() - begun
    known = (*opened.data, *tcp.path_mtu(sock))
    response = read_response(received)
    if response is None:
        return Reply(ok=False, reason="malformed" if received else ended, took_s=took_s, data=known)
    return Reply(ok=True, took_s=took_s, data=(*known, *data_of(response)), payload=response.body)


def request(
    host: str,
    path: str,
    at_least_bytes: int = 0,
    *,
    keeps: bool = False,
    accept: str = "*/*",
    version: str = "1.1",
) -> bytes:
    """The request; it accepts no compression, and in version 1.0 no chunks (RFC 9112 §7.1). A
    header that means nothing makes it as long as wanted.

    `keeps`: the connection may stay open for another one. Raises ValueError where host or path
    would end a line or a word of it.
    """
    if not (_WORD.fullmatch(host) and _WORD.fullmatch(path)):
        raise ValueError("host and path of a request are printable ASCII without spaces")
    connection = "keep-alive" if keeps else "close"
    head = (
        f"GET {path} HTTP/{version}\r\nHost: {host}\r\nUser-Agent: netcheck\r\nAccept:"
        f" {accept}\r\nConnection: {connection}\r\n"
    )
    missing = at_least_bytes - len(head) - len(_PADDING) - 4
    return (head + (f"{_PADDING}{'x' * missing}\r\n" if missing > 0 else "") + "\r\n").encode(
        "ascii"
    )


def _ask(sock: socket.socket, wire: bytes, until: float) -> tuple[bytes, str]:
    """What came back, and what ended it: silent (the time was over), closed or reset; empty where
    it was whole.
    """
    received = b""
    try:
        sock.settimeout(max(0.01, until - time.monotonic()))
        sock.sendall(wire)
        while len(received) < MOST_BYTES and (left_s := until - time.monotonic()) > 0:
            sock.settimeout(left_s)
            chunk = sock.recv(MOST_BYTES - len(received))
            if not chunk:
                return received, "closed"
            received += chunk
            if (response := read_response(received)) and response.is_whole:
                return received, ""
    except TimeoutError:
        return received, "silent"
    except OSError:
        return received, "reset"
    return received, "silent"


def data_of(response: HttpResponse) -> tuple[tuple[str, Scalar], ...]:
    """What is kept of a response: status, body_bytes, and of its location the site."""
    location = place_of(response.headers.get("location", ""))
    return (
        ("status", response.status),
        ("body_bytes", len(response.body)),
        *((("location", location),) if location else ()),
    )
