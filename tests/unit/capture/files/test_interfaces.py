"""What a pcapng file says of the listening itself: how long it went on, what it lost, and what it
left out on purpose.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from netcheck.capture.files.interfaces import TRIMMED
from netcheck.capture.files.stream import CaptureFile, open_capture
from tests.helpers.capture_files import block, interface, option, packet, section
from tests.helpers.packets import SYN_FRAME

T0_US = 1_750_000_000 * 10**6
SECOND_US = 10**6
START, END, DROPPED, DROPPED_BY_SYSTEM = 2, 3, 5, 7


def statistics(order: str = "<", number: int = 0, **values: int) -> bytes:
    """An Interface Statistics Block; start and end in microseconds, dropped and dropped_by_system
    are counts.
    """
    codes = {"start": START, "end": END, "dropped": DROPPED, "dropped_by_system": DROPPED_BY_SYSTEM}
    options = b"".join(
        (
            option(codes[name], struct.pack(order + "II", value >> 32, value & 0xFFFFFFFF), order)
            if name in ("start", "end")
            else option(codes[name], struct.pack(order + "Q", value), order)
        )
        for name, value in values.items()
    )
    return block(5, struct.pack(order + "III", number, 0, 0) + options, order)


def taken(tmp_path: Path, data: bytes) -> CaptureFile:
    path = tmp_path / "capture.pcapng"
    path.write_bytes(data)
    capture = open_capture(str(path))
    list(capture)
    return capture


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_span_is_that_of_the_listening(tmp_path: Path, order: str) -> None:
    told = statistics(order, start=T0_US - 3 * SECOND_US, end=T0_US + 40 * SECOND_US)
    for blocks in (
        [packet(T0_US, SYN_FRAME, order), told],
        [told, packet(T0_US, SYN_FRAME, order)],
        [told, packet(T0_US, SYN_FRAME, order), told],
    ):
        capture = taken(tmp_path, section(order) + interface(order) + b"".join(blocks))
        assert (capture.first_ns, capture.last_ns) == (
            (T0_US - 3 * SECOND_US) * 1000,
            (T0_US + 40 * SECOND_US) * 1000,
        )
        assert capture.problems == []


def test_listening_never_shortens_the_span(tmp_path: Path) -> None:
    inside = statistics(start=T0_US + SECOND_US, end=T0_US + 2 * SECOND_US)
    capture = taken(
        tmp_path,
        section()
        + interface()
        + packet(T0_US, SYN_FRAME)
        + packet(T0_US + 5 * SECOND_US, SYN_FRAME)
        + inside,
    )
    assert (capture.first_ns, capture.last_ns) == (T0_US * 1000, (T0_US + 5 * SECOND_US) * 1000)


@pytest.mark.parametrize(
    "wrong", [{"start": 0, "end": 0}, {"end": 1 << 63}, {"start": T0_US - 86_401 * SECOND_US}]
)
def test_times_of_a_wrong_clock_are_passed_over(tmp_path: Path, wrong: dict[str, int]) -> None:
    capture = taken(
        tmp_path, section() + interface() + packet(T0_US, SYN_FRAME) + statistics("<", 0, **wrong)
    )
    assert (capture.first_ns, capture.last_ns) == (T0_US * 1000, T0_US * 1000)


def test_without_a_packet_there_is_no_span(tmp_path: Path) -> None:
    capture = taken(
        tmp_path, section() + interface() + statistics(start=T0_US, end=T0_US + SECOND_US)
    )
    assert (capture.packets, capture.first_ns, capture.last_ns) == (0, None, None)


def test_lost_packets_are_told_once_for_each_interface(tmp_path: Path) -> None:
    blocks = [
        statistics(dropped=2, dropped_by_system=1),
        statistics(dropped=2, dropped_by_system=4),
        statistics(number=1, dropped=10),
    ]
    capture = taken(
        tmp_path, section() + interface() * 2 + packet(T0_US, SYN_FRAME) + b"".join(blocks)
    )
    assert capture.problems == [
        "16 packets were lost where this was captured: what seems to be missing may have been among"
        " them."
    ]


@pytest.mark.parametrize(
    "damaged",
    [
        statistics(number=7, end=T0_US + SECOND_US, dropped=9),
        block(5, struct.pack("<I", 0)),
        block(5, struct.pack("<III", 0, 0, 0) + option(END, b"\1\2\3")),
        block(5, struct.pack("<III", 0, 0, 0) + struct.pack("<HH", END, 65535)),
    ],
)
def test_a_block_that_makes_no_sense_changes_nothing(tmp_path: Path, damaged: bytes) -> None:
    capture = taken(
        tmp_path, section() + interface() + damaged + packet(T0_US, SYN_FRAME) + damaged
    )
    assert (capture.packets, capture.last_ns, capture.problems) == (1, T0_US * 1000, [])


def test_what_was_cut_on_purpose_is_not_missing(tmp_path: Path) -> None:
    on_purpose, by_length = (
        interface(options=option(1, TRIMMED.encode())),
        interface(options=option(1, b"first")),
    )
    packets = packet(T0_US, SYN_FRAME, wire_more=9) + packet(
        T0_US, SYN_FRAME, number=1, wire_more=9
    )
    capture = taken(tmp_path, section() + on_purpose + by_length + packets)
    assert (capture.relevant, capture.snaplen_cut) == (2, 1)
    again = taken(
        tmp_path,
        section() + by_length + section() + on_purpose + packet(T0_US, SYN_FRAME, wire_more=9),
    )
    assert (again.relevant, again.snaplen_cut) == (1, 0)
