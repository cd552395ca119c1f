"""Messages to and from the Linux kernel over netlink (netlink(7), rtnetlink(7)): its tables, which
need no rights, and single questions.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_DUMP = 0x001, 0x004, 0x300  # linux/netlink.h
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_ATTRIBUTE = struct.Struct("=HH")  # struct rtattr: length, type
_BUFFER_BYTES = 65536
_ERROR = struct.Struct("=i")
_TIMEOUT_S = 1.0


def dump(question: int, request: bytes, answer: int, protocol: int = 0) -> Iterator[bytes]:
    """Each row of the table that this type of question asks for, as the payload of its message.
    Raises OSError.
    """
    # Resolved here and not at import: the module has no AF_NETLINK outside Linux.
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as sock:
        sock.settimeout(_TIMEOUT_S)
        sock.send(message(question, request, _NLM_F_REQUEST | _NLM_F_DUMP))
        while True:
            for kind, payload in split(sock.recv(_BUFFER_BYTES)):
                if kind in (_NLMSG_DONE, _NLMSG_ERROR):
                    return
                if kind == answer:
                    yield payload


def ask(question: int, request: bytes, protocol: int) -> list[bytes]:
    """What the kernel answers to one question, or to an order nothing. Raises OSError with the
    kernel's own number where it refuses.
    """
    found: list[bytes] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as sock:
        sock.settimeout(_TIMEOUT_S)
        sock.send(message(question, request, _NLM_F_REQUEST | _NLM_F_ACK))
        while True:
            for kind, payload in split(sock.recv(_BUFFER_BYTES)):
                if kind != _NLMSG_ERROR:
                    found.append(payload)
                    continue
                number = -_ERROR.unpack_from(payload)[0] if len(payload) >= _ERROR.size else 0
                if number:
                    raise OSError(number, os.strerror(number))
                return found


def message(kind: int, payload: bytes, flags: int = 0) -> bytes:
    """A netlink message of that type."""
    return _HEADER.pack(_HEADER.size + len(payload), kind, flags, 1, 0) + payload


def attribute(kind: int, value: bytes) -> bytes:
    """An attribute of a message, padded."""
    size = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(size, kind) + value + bytes(-size % 4)


def split(datagram: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages of one netlink datagram: type and payload. Ends where a length makes no
    sense.
    """
    start = 0
    while start + _HEADER.size <= len(datagram):
        length, kind, _, _, _ = _HEADER.unpack_from(datagram, start)
        if length < _HEADER.size or start + length > len(datagram):
            return
        yield kind, datagram[start + _HEADER.size : start + length]
        start += (length + 3) & ~3


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes behind a row: type and value. Ends where a length makes no sense."""
    start = 0
    while start + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, start)
        if length < _ATTRIBUTE.size:
            return
        yield kind, data[start + _ATTRIBUTE.size : start + length]
        start += (length + 3) & ~3
