"""Tables of the Linux kernel, asked for by netlink messages that need no rights (netlink(7),
rtnetlink(7)).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

_NLM_F_REQUEST, _NLM_F_DUMP = 0x001, 0x300  # linux/netlink.h
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_ATTRIBUTE = struct.Struct("=HH")  # struct rtattr: length, type
_BUFFER_BYTES = 65536
_TIMEOUT_S = 1.0


def dump(question: int, request: bytes, answer: int) -> Iterator[bytes]:
    """Each row of the table that this type of question asks for, as the payload of its message.
    Raises OSError.
    """
    # Resolved here and not at import: the module has no AF_NETLINK outside Linux.
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.settimeout(_TIMEOUT_S)
        sock.send(
            _HEADER.pack(_HEADER.size + len(request), question, _NLM_F_REQUEST | _NLM_F_DUMP, 1, 0)
            + request
        )
        while True:
            for kind, payload in split(sock.recv(_BUFFER_BYTES)):
                if kind in (_NLMSG_DONE, _NLMSG_ERROR):
                    return
                if kind == answer:
                    yield payload


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
