"""Whatever the bytes: no exception but CaptureError, no packet lost or invented, and every engine
reads the same.
"""

from __future__ import annotations

import gzip
import struct
import tempfile
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from netcheck.capture.files.quick_filter import may_be_relevant
from netcheck.capture.files.stream import CaptureError
from netcheck.capture.files.window import SLACK_BYTES
from netcheck.wire.links import RADIO
from tests.helpers.capture_files import (
    REAL,
    Read,
    block,
    interface,
    packet,
    pcap,
    pcapng,
    read,
    read_simply,
    section,
)
from tests.helpers.packets import ETHER, KEPT, LEFT_OUT

SMALL = [path.read_bytes()[:3000] for path in REAL]
"""The first packets of real captures."""
T0 = 1_750_000_000 * 10**9
SLOW, FAST = 1, 1 << 17
"""Block sizes: with the first, no record is ever whole in the window when the fast loop begins."""
PREFIXES = (b"", b"\x81\x00\x00\x64", b"\x88\xa8\x00\x05\x91\x00\x00\x64", b"\x81\x00\x00\x01" * 4)
RADIO_HEADERS = (
    struct.pack("<BBHI", 0, 0, 8, 0),
    struct.pack("<BBHIB", 0, 0, 9, 2, 0x00),
    struct.pack("<BBHIB", 0, 0, 9, 2, 0x40),
    struct.pack("<BBHIQB", 0, 0, 17, 3, 0, 0x10),
    struct.pack("<BBHIQB", 0, 0, 17, 3, 0, 0x60),
    struct.pack("<BBHIIQB", 0, 0, 25, 0x80000003, 0, 0, 0x40),
    struct.pack("<BBHI", 1, 0, 8, 0),
)
"""Radiotap with and without flags: check sum at the end, bad check sum, header filled up; other
version.
"""
DOT11_CONTROLS = (
    b"\x08\x01",
    b"\x08\x02",
    b"\x08\x03",
    b"\x08\x41",
    b"\x88\x01",
    b"\x88\x81",
    b"\x88\x42",
    b"\x48\x01",
    b"\x80\x00",
    b"\xb4\x00",
)
"""Data to, from and between access points, protected, QoS with and without HT control, null,
beacon, RTS.
"""


def wired(link: int, payload: bytes) -> bytes:
    """A frame of that link type around a payload that begins with its ethertype."""
    kind, packet = payload[:2], payload[2:]
    return {
        0: b"\x1e\0\0\0" + packet,
        1: ETHER + payload,
        101: packet,
        113: struct.pack(">HHH", 0, 1, 6) + bytes(8) + payload,
        276: kind + bytes(18) + packet,
    }[link]


@st.composite
def radio(draw: st.DrawFn, link: int, payload: bytes) -> bytes:
    """An 802.11 frame around a payload that begins with its ethertype, behind a radiotap header for
    link type 127.
    """
    control = draw(st.sampled_from(DOT11_CONTROLS))
    extra = bytes(
        2 * (control[0] == 0x88) + 4 * (control[1] == 0x81) + draw(st.sampled_from([0, 0, 2]))
    )
    head = draw(st.sampled_from(RADIO_HEADERS)) if link == 127 else b""
    return (
        head
        + control
        + bytes(20)
        + draw(st.sampled_from([b"\0\0", b"\1\0"]))
        + extra
        + b"\xaa\xaa\x03\0\0\0"
        + payload
    )


def outcome(data: bytes, block_bytes: int) -> Read | str:
    """What the program reads of it, or its one sentence."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            return read(file.name, block_bytes)
        except CaptureError as error:
            return str(error).replace(file.name, "F")


@st.composite
def mutated(draw: st.DrawFn, wholes: st.SearchStrategy[bytes], keep: int = 0) -> bytes:
    """A file with some bytes overwritten, cut out, put in or repeated, and perhaps cut short; the
    first `keep` stay.
    """
    data = bytearray(draw(wholes))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(min(keep, len(data)), len(data)))
        size = draw(st.integers(0, 40))
        piece = draw(
            st.one_of(
                st.binary(max_size=8),
                st.just(bytes(data[at : at + size])),
                st.sampled_from([b"\xff" * 4, bytes(4), bytes(16)]),
            )
        )
        data[at : at + draw(st.sampled_from([0, len(piece), size]))] = piece
    return bytes(
        data[: draw(st.one_of(st.just(len(data)), st.integers(keep, max(keep, len(data)))))]
    )


@st.composite
def frames(draw: st.DrawFn, link: int) -> bytes:
    """Something near the border of what is relevant: a known frame, tagged, cut and with a byte
    changed.
    """
    payload = draw(
        st.one_of(st.sampled_from([*KEPT.values(), *LEFT_OUT.values()]), st.binary(max_size=80))
    )
    payload = draw(st.sampled_from(PREFIXES)) + payload
    frame = bytearray(draw(radio(link, payload)) if link in RADIO else wired(link, payload))
    if frame and draw(st.booleans()):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame[: draw(st.one_of(st.just(len(frame)), st.integers(0, len(frame))))])


@pytest.mark.slow
@pytest.mark.parametrize("link", [0, 1, 101, 105, 113, 127, 276])
@pytest.mark.parametrize("make", [pcap, pcapng])
@given(data=st.data())
def test_engines_agree_on_odd_frames(
    make: Callable[..., bytes], link: int, data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(st.tuples(st.integers(0, 5 * 10**6), frames(link)), max_size=12))
    capture = make([(T0 + micros * 1000, frame) for micros, frame in drawn], link=link)
    assert outcome(capture, FAST) == outcome(capture, SLOW) == read_simply(capture)


@given(mutated(st.sampled_from([data for data in SMALL if data[0] == 0xD4]), keep=24))
def test_engines_agree_on_mutated_pcap(data: bytes) -> None:
    assert outcome(data, FAST) == outcome(data, SLOW) == read_simply(data)


@given(mutated(st.sampled_from(SMALL)))
def test_engines_agree_on_any_mutation(data: bytes) -> None:
    assert outcome(data, FAST) == outcome(data, SLOW)


@given(
    mutated(
        st.sampled_from(
            [pack(data) for data in SMALL for pack in (gzip.compress, zstandard.compress)]
        )
    )
)
def test_mutated_packed_files_are_read_as_far_as_they_go(data: bytes) -> None:
    assert isinstance(outcome(data, FAST), Read | str)


@given(
    st.sampled_from(
        [b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", section(), pcap([])]
    ),
    st.binary(max_size=300),
)
def test_garbage_is_taken(start: bytes, garbage: bytes) -> None:
    assert isinstance(outcome(start + garbage, FAST), Read | str)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40), st.builds(block, st.integers(0, 8), st.binary(max_size=60))
        ),
        max_size=9,
    )
)
def test_blocks_in_any_order_are_taken(blocks: list[bytes]) -> None:
    data = section() + interface() + packet(1, ETHER + KEPT["arp"]) + b"".join(blocks)
    assert outcome(data, FAST) == outcome(data, SLOW)


@given(st.binary(min_size=2, max_size=8), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_looking_ahead_stays_within_the_slack(pattern: bytes, kind: int, replaced: int) -> None:
    """The last frame of a full window: 28 bytes of header and 16 to the network layer lie before
    `at`.
    """
    buffer = bytearray((pattern * SLACK_BYTES)[:SLACK_BYTES])
    for value in (kind, 0x0081, 0x6488, 0x0008, 0xDD86):
        struct.pack_into("<H", buffer, 42, replaced)
        assert may_be_relevant(buffer, 44, value) in (True, False)
