"""One question to a web server by HTTPS, whose certificate must be its own (RFC 9110 §4.3.4)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time

import msgspec

from netcheck.live.net import http, tls
from netcheck.probing.net import Reply
from netcheck.wire.http import read_response

_USUAL_PORT = 443


def get(
    sock: socket.socket,
    ip: str,
    host: str,
    path: str,
    accept: str,
    timeout_s: float,
    port: int,
    context: ssl.SSLContext,
) -> Reply:
    """Ok if an HTTP response came from that host itself; `payload` holds its body, cut. No redirect
    is followed.

    Data: those of `tls.greet`, status, body_bytes, location. Reasons: those of `tls.greet`.
    """
    wire = http.request(
        host if port == _USUAL_PORT else f"{host}:{port}", path, accept=accept, version="1.0"
    )
    with contextlib.ExitStack() as held:
        opened, wrapped = tls.opened(sock, ip, host, port, timeout_s, context, held)
        if wrapped is None:
            return opened
        begun = time.monotonic()
        received, ended = _ask(wrapped, wire, begun + timeout_s)
    response, took_s = read_response(received), opened.took_s + time.monotonic() - begun
    if response is None:
        return msgspec.structs.replace(
            opened, ok=False, reason="malformed" if received else ended, took_s=took_s
        )
    return msgspec.structs.replace(
        opened, took_s=took_s, data=(*opened.data, *http.data_of(response)), payload=response.body
    )


def _ask(sock: ssl.SSLSocket, wire: bytes, until: float) -> tuple[bytes, str]:
    """What came back, and what ended it: silent (the time was over), closed, reset or malformed;
    empty where it was whole.
    """
    received = b""
    try:
        tls.patiently(sock, lambda: sock.send(wire), until)
        while len(received) < http.MOST_BYTES:
            chunk = tls.patiently(sock, lambda: sock.recv(http.MOST_BYTES), until)
            if not chunk:
                return received, "closed"
            received += chunk
            if (response := read_response(received)) and response.is_whole:
                return received, ""
    except tls.Broken as end:
        return received, str(end)
    return received, ""
