"""Is every frame kept that a diagnosis may need, and no other?"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.capture.files.relevant import exact
from tests.helpers.packets import (
    ETHER,
    KEPT,
    LEFT_OUT,
    QINQ,
    TAG,
)


@pytest.mark.parametrize("name", KEPT)
def test_kept(name: str) -> None:
    payload = KEPT[name]
    assert exact(1, ETHER + payload)
    assert exact(1, ETHER + TAG + payload)
    assert exact(1, ETHER + QINQ + TAG + payload)
    assert exact(113, struct.pack(">HHH", 0, 1, 6) + bytes(8) + payload)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_left_out(name: str) -> None:
    payload = LEFT_OUT[name]
    assert not exact(1, ETHER + payload)
    assert not exact(1, ETHER + TAG + payload)


@pytest.mark.parametrize(
    "name", [name for name, payload in KEPT.items() if payload[:2] == b"\x08\x00"]
)
def test_kept_on_other_links(name: str) -> None:
    packet = KEPT[name][2:]
    pppoe = b"\x88\x64\x11\x00\x00\x07\x00\x20\x00\x21"
    assert exact(101, packet)
    assert exact(0, b"\x02\0\0\0" + packet)
    assert exact(1, ETHER + pppoe + packet)
    assert exact(276, b"\x08\x00" + bytes(18) + packet)
    assert exact(105, b"\x08\x01" + bytes(22) + b"\xaa\xaa\x03\0\0\0\x08\0" + packet)


@pytest.mark.parametrize("subtype", range(16))
def test_every_management_frame_is_kept(subtype: int) -> None:
    assert exact(105, bytes([subtype << 4, 0]) + bytes(30))
    assert exact(105, bytes([subtype << 4, 0x40]) + bytes(30)), "protected management too"


@pytest.mark.parametrize("control", [0x04, 0xB4, 0xD4, 0x08, 0x48, 0x88])
def test_wifi_control_and_other_data_are_left_out(control: int) -> None:
    assert not exact(105, bytes([control, 0]) + bytes(40))


@given(st.sampled_from(sorted({**KEPT, **LEFT_OUT})), st.integers(0, 90))
def test_a_shorter_capture_never_makes_a_frame_relevant(name: str, size: int) -> None:
    frame = ETHER + {**KEPT, **LEFT_OUT}[name]
    assert exact(1, frame) or not exact(1, frame[:size])


@given(st.sampled_from([0, 1, 12, 101, 105, 108, 113, 127, 192, 276]), st.binary(max_size=100))
def test_any_bytes_are_judged(link: int, frame: bytes) -> None:
    assert exact(link, frame) in (True, False)
