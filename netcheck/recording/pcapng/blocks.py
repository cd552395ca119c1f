"""The blocks of a pcapng file as bytes: one section, times in nanoseconds
(draft-ietf-opsawg-pcapng).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from netcheck.capture.files.interfaces import (
    IF_TSRESOL,
    ISB_ENDTIME,
    ISB_OSDROP,
    ISB_STARTTIME,
    OPT_COMMENT,
    TRIMMED,
)

_SECTION, _INTERFACE, _PACKET, _STATISTICS = 0x0A0D0D0A, 1, 6, 5
_BYTE_ORDER = 0x1A2B3C4D
_UNKNOWN_LENGTH = -1
_SHB_USERAPPL, _IF_NAME, _ISB_IFRECV, _ISB_USRDELIV = 4, 2, 4, 8
_NANOSECONDS = b"\x09"
_NO_LIMIT = 0
"""A snap length of 0 means none (§4.2)."""
_TEXT_LIMIT = 1000

Option = tuple[int, bytes]


def section(program: str) -> bytes:
    """Section Header Block of a section whose length is not known yet; `program` is who writes
    it.
    """
    return _block(
        _SECTION,
        struct.pack("<IHHq", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH),
        [(_SHB_USERAPPL, _text(program))],
    )


def interface(link: int, name: str) -> bytes:
    """Interface Description Block: its link type and name, and that its packets are cut on
    purpose.
    """
    options = [(IF_TSRESOL, _NANOSECONDS), (_IF_NAME, _text(name)), (OPT_COMMENT, TRIMMED.encode())]
    return _block(_INTERFACE, struct.pack("<HHI", link, 0, _NO_LIMIT), options)


def packet(
    at_ns: int, frame: bytes, wire_bytes: int, *, interface_number: int = 0, comment: str = ""
) -> bytes:
    """Enhanced Packet Block; `wire_bytes` is how long the packet was, at least as long as the
    frame.
    """
    head = struct.pack("<5I", interface_number, *_stamp(at_ns), len(frame), wire_bytes)
    options = [(OPT_COMMENT, _text(comment))] if comment else []
    return _block(_PACKET, head + _padded(frame), options)


def statistics(
    begun_ns: int, now_ns: int, *, received: int, kept: int, lost: int, comment: str = ""
) -> bytes:
    """Interface Statistics Block: captured on from then until now, what came by, what was kept and
    what was lost.
    """
    counts = ((_ISB_IFRECV, received), (ISB_OSDROP, lost), (_ISB_USRDELIV, kept))
    options = [
        (ISB_STARTTIME, struct.pack("<II", *_stamp(begun_ns))),
        (ISB_ENDTIME, struct.pack("<II", *_stamp(now_ns))),
        *((code, struct.pack("<Q", count)) for code, count in counts),
        *([(OPT_COMMENT, _text(comment))] if comment else []),
    ]
    return _block(_STATISTICS, struct.pack("<III", 0, *_stamp(now_ns)), options)


def _block(kind: int, body: bytes, options: Iterable[Option] = ()) -> bytes:
    tail = b"".join(
        struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options
    )
    body += tail + bytes(4) if tail else b""  # opt_endofopt
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _stamp(at_ns: int) -> tuple[int, int]:
    """The upper and lower half of a time."""
    return at_ns >> 32, at_ns & 0xFFFFFFFF


def _text(value: str) -> bytes:
    return value.encode("utf-8", "replace")[:_TEXT_LIMIT]
