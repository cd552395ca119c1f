"""The first answer of a DTLS 1.2 server: it asks a client back before it remembers anything (RFC
6347 §4.2.1).
"""

from __future__ import annotations

import hashlib
import socket
import struct

CLOUD_UDP_PORT = 5684
_RECORD = struct.Struct("!BHHIHH")  # type, version, epoch, sequence number (48 bits), length
_MESSAGE = struct.Struct("!B3sH3s3s")
_DTLS_10, _DTLS_12 = 0xFEFF, 0xFEFD
_HANDSHAKE, _CLIENT_HELLO, _VERIFY_REQUEST = 22, 1, 3
_SUITE = 0xC0AE
_COOKIE_BYTES = 20


def serve(sock: socket.socket) -> None:
    """Answer greetings on that socket until it is closed."""
    while True:
        try:
            datagram, client = sock.recvfrom(2048)
            if answer := verify_request(datagram):
                sock.sendto(answer, client)
        except OSError:
            return


def verify_request(datagram: bytes) -> bytes:
    """The HelloVerifyRequest for a first ClientHello that offers our suite; empty for what is none,
    as a server is silent to it.
    """
    try:
        kind, version, epoch, *_, length = _RECORD.unpack_from(datagram)
        message, size, number, offset, part = _MESSAGE.unpack_from(datagram, _RECORD.size)
        hello = datagram[_RECORD.size + _MESSAGE.size :]
        is_whole = (
            len(hello) == int.from_bytes(size) == int.from_bytes(part) == length - _MESSAGE.size
        )
        is_first = (kind, epoch, message, number, int.from_bytes(offset)) == (
            _HANDSHAKE,
            0,
            _CLIENT_HELLO,
            0,
            0,
        )
        if version in (_DTLS_10, _DTLS_12) and is_whole and is_first and _SUITE in _suites(hello):
            return _answer(hashlib.sha256(hello[2:34]).digest()[:_COOKIE_BYTES])
    except (struct.error, IndexError):
        pass
    return b""


def _suites(hello: bytes) -> tuple[int, ...]:
    """What a ClientHello without session and cookie offers; none where its lengths do not fit.
    Raises struct.error.
    """
    version, _, session, cookie, length = struct.unpack_from("!H32sBBH", hello)
    suites = struct.unpack_from(f"!{length // 2}H", hello, 38)
    place = 38 + length
    compressions, extensions = (
        hello[place],
        struct.unpack_from("!H", hello, place + 1 + hello[place])[0],
    )
    fits = (version, session, cookie) == (_DTLS_12, 0, 0) and len(
        hello
    ) == place + 1 + compressions + 2 + extensions
    return suites if fits else ()


def _answer(cookie: bytes) -> bytes:
    body = struct.pack("!HB", _DTLS_10, len(cookie)) + cookie
    size = len(body).to_bytes(3)
    message = _MESSAGE.pack(_VERIFY_REQUEST, size, 0, bytes(3), size) + body
    return _RECORD.pack(_HANDSHAKE, _DTLS_10, 0, 0, 0, len(message)) + message
