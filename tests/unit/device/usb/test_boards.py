"""Which board a USB device is, and which one is meant."""

from __future__ import annotations

import pytest

from netcheck.device.usb.boards import BOARDS, UsbDevice, boards, meant
from tests.doubles.serial_photon import ID
from tests.helpers.usb_desk import ADAPTER, ARGON, DFU, OTHER_ID, PHOTON, SECOND


@pytest.mark.parametrize(("ids", "board"), BOARDS.items())
def test_a_board_is_known_running_and_in_dfu_mode(ids: tuple[int, int], board: str) -> None:
    vendor, product = ids
    in_dfu = (vendor, 0x607F) if board == "core" else (vendor, product & 0x0FFF | 0xD000)
    running, waiting = (
        UsbDevice(vendor=vendor, product=product),
        UsbDevice(vendor=in_dfu[0], product=in_dfu[1]),
    )
    assert (running.board, running.is_dfu) == (board, False)
    assert (waiting.board, waiting.is_dfu) == (board, True)


def test_other_makers_and_ports_on_no_usb_are_no_boards() -> None:
    assert [
        one.board
        for one in (ADAPTER, UsbDevice(port="/dev/ttyS0"), UsbDevice(vendor=0x2B04, product=0xC0FF))
    ] == ["", "", "other"]


def test_the_fixed_serial_number_of_old_boot_loaders_is_no_id() -> None:
    assert (DFU.device_id, UsbDevice(serial="00000000010C").device_id) == (ID, "")


def test_of_two_ports_of_a_board_the_first_is_the_console() -> None:
    own = UsbDevice(vendor=0x2B04, product=0xC006, serial=ID, port="/dev/ttyACM7", place="1-1:1.3")
    assert boards([own, ADAPTER, PHOTON]) == [PHOTON]


@pytest.mark.parametrize(
    ("found", "device", "which"),
    [
        ([PHOTON], "", PHOTON),
        ([PHOTON, ARGON], "", PHOTON),
        ([PHOTON, SECOND], "", None),
        ([PHOTON, SECOND], OTHER_ID, SECOND),
        ([PHOTON, SECOND], "e0:4f:43:00:00:01", None),
        ([PHOTON], OTHER_ID, None),
        ([PHOTON], "e0:4f:43:00:00:01", PHOTON),
        ([ARGON], "", None),
    ],
)
def test_nobody_is_guessed(found: list[UsbDevice], device: str, which: UsbDevice | None) -> None:
    assert meant(found, device) == which
