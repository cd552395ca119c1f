"""What a monitor says of a frame's reception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.wire.dot11 import NOTHING, reception

DOT11, RADIOTAP = 105, 127


def radiotap(present: int, fields: bytes, more: bytes = b"") -> bytes:
    head = present.to_bytes(4, "little") + more
    size = 4 + len(head) + len(fields)
    return b"\0\0" + size.to_bytes(2, "little") + head + fields


@pytest.mark.parametrize(
    ("header", "mhz"),
    [
        (radiotap(8, b"\x6c\x09\xa0\0"), 2412),
        (radiotap(8 | 1, bytes(8) + b"\x6c\x09\xa0\0"), 2412),
        (radiotap(8 | 2, b"\0\0\x6c\x09\xa0\0"), 2412),
        (radiotap(8 | 2 | 4, b"\0\0\x6c\x09\xa0\0"), 2412),
        (radiotap(8 | 1 | 2 | 4, bytes(10) + b"\x6c\x09\xa0\0"), 2412),
        (radiotap(8 | 0x80000000, b"\x6c\x09\xa0\0", bytes(4)), 2412),
        (radiotap(9 | 0x80000000, bytes(4 + 8) + b"\x6c\x09\xa0\0", bytes(4)), 2412),
        (radiotap(4, b"\x6c\x09\xa0\0"), None),
        (radiotap(8, b"\0\0\0\0"), None),
        (radiotap(8, b"\x6c"), None),
        (radiotap(8, b"\x6c\x09"), 2412),
        (b"\0\0\x08\0\x08", None),
    ],
)
def test_the_frequency_of_a_frame(header: bytes, mhz: int | None) -> None:
    assert reception(RADIOTAP, header).frequency_mhz == mhz
    assert reception(DOT11, header) == NOTHING


@pytest.mark.parametrize(
    ("header", "dbm"),
    [
        (radiotap(0x20, b"\xc4"), -60),
        (radiotap(0x28, b"\x6c\x09\xa0\0\xa6"), -90),
        (radiotap(0x3F, bytes(10) + b"\x6c\x09\xa0\0" + bytes(2) + b"\xd8"), -40),
        (radiotap(0x20, b"\x05"), None),
        (radiotap(0x20, b""), None),
        (radiotap(8, b"\x6c\x09\xa0\0"), None),
    ],
)
def test_the_signal_of_a_frame(header: bytes, dbm: int | None) -> None:
    assert reception(RADIOTAP, header).signal_dbm == dbm


@given(st.binary(max_size=60))
def test_any_bytes_are_taken(frame: bytes) -> None:
    assert isinstance(reception(RADIOTAP, frame), tuple)
