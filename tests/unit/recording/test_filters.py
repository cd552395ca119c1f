"""Does the kernel's filter let pass all that is read, and keep back the bulk? Run by an interpreter
so simple that it can be believed.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.capture.files.relevant import exact
from netcheck.capture.files.stream import open_capture
from netcheck.recording.filters import kernel_filter
from tests.helpers.capture_files import REAL, frames_of
from tests.helpers.packets import ETHER, KEPT, LEFT_OUT, ip4, ip6, tcp, udp

ACK, SYN = 0x10, 0x02
PROGRAM = kernel_filter()


def passes(frame: bytes, program: bytes = PROGRAM) -> bool:
    """What the kernel does (linux/filter.h, net/core/filter.c): a load beyond the end drops the
    packet.
    """
    accumulator = index = at = 0
    steps: list[tuple[int, int, int, int]] = list(struct.iter_unpack("=HBBI", program))
    while True:
        code, then, otherwise, value = steps[at]
        at += 1
        match code:
            case 0x28 | 0x30 | 0x48 | 0x50:
                start, size = (
                    value + (index if code >= 0x48 else 0),
                    2 if code in (0x28, 0x48) else 1,
                )
                if start + size > len(frame):
                    return False
                accumulator = int.from_bytes(frame[start : start + size], "big")
            case 0xB1:
                if value >= len(frame):
                    return False
                index = 4 * (frame[value] & 0x0F)
            case 0x15 | 0x45:
                is_true = accumulator == value if code == 0x15 else bool(accumulator & value)
                at += then if is_true else otherwise
            case 0x06:
                return value > 0
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


@pytest.mark.parametrize("name", KEPT)
def test_what_is_read_passes(name: str) -> None:
    assert passes(ETHER + KEPT[name])


@pytest.mark.parametrize(
    "content",
    [
        ip4(6, tcp(40000, 443, ACK, bytes(1000))),
        ip4(6, tcp(22, 40000, ACK, bytes(1000)), options=bytes(8)),
        ip4(17, udp(40000, 443) + bytes(1000)),
        ip4(47, bytes(100)),
        ip6(6, tcp(40000, 443, ACK, bytes(1000))),
        ip6(17, udp(40000, 443) + bytes(1000)),
    ],
)
def test_the_bulk_is_kept_back(content: bytes) -> None:
    assert not passes(ETHER + content)


def test_a_private_cloud_s_port_passes() -> None:
    frame = ETHER + ip4(6, tcp(40000, 8443, ACK, bytes(40)))
    assert passes(frame, kernel_filter(8443))
    assert not passes(frame)


@pytest.mark.parametrize(
    "path",
    [path for path in REAL if open_capture(str(path)).links == {1}],
    ids=lambda path: path.stem,
)
def test_of_real_captures_all_that_is_read_passes(path: Path) -> None:
    for _, frame in frames_of(path):
        assert passes(frame) or not exact(1, frame)


@given(
    st.sampled_from([*KEPT.values(), *LEFT_OUT.values()]),
    st.binary(max_size=4),
    st.integers(12, 80),
    st.integers(0, 120),
)
def test_damaged_frames_pass_if_they_are_read(
    content: bytes, change: bytes, at: int, size: int
) -> None:
    frame = ETHER + content
    frame = (frame[:at] + change + frame[at + len(change) :])[:size]
    assert passes(frame) or not exact(1, frame)


@given(
    st.binary(max_size=100),
    st.sampled_from([b"\x08\x00\x45", b"\x86\xdd\x60", b"\x08\x00\x46", b""]),
)
def test_any_bytes_pass_if_they_are_read(content: bytes, head: bytes) -> None:
    frame = ETHER + head + content
    assert passes(frame) or not exact(1, frame)
