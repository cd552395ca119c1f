"""A log is followed line by line, and nothing is sent."""

from __future__ import annotations

import pytest

from netcheck.device.usb import follow
from netcheck.device.usb.boards import AUTO
from netcheck.device.usb.reading import DeviceError, UsbHost
from netcheck.device.usb.serial_port import (
    PortError,
)
from netcheck.model import Target
from tests.doubles.serial_photon import Console, Wire
from tests.helpers.usb_desk import AT, DFU, PHOTON, SECOND, Desk, WirePort


def test_following_gives_whole_lines_and_sends_nothing() -> None:
    desk = Desk(console=Console(state="logs"))
    heard = follow.lines(AUTO, Target(), desk.host())
    assert [next(heard) for _ in range(4)] == [
        (AT, desk.console.log(at_ms)[:-2]) for at_ms in (100, 350, 600, 850)
    ]
    assert not desk.console.sent


def test_following_ends_with_the_port_and_needs_one() -> None:
    class Torn(WirePort):
        def read(self, wait_s: float) -> bytes:
            raise PortError("gone")

    host = UsbHost(
        plugged=lambda: [PHOTON],
        open=lambda _: Torn(Wire(Console())),
        clock=lambda: 0.0,
        now=lambda: AT,
    )
    assert list(follow.lines(AUTO, Target(), host)) == []
    for found in ([], [PHOTON, SECOND], [DFU]):
        with pytest.raises(DeviceError):
            list(follow.lines(AUTO, Target(), Desk(found).host()))


def test_a_line_without_an_end_comes_in_pieces() -> None:
    class Endless(WirePort):
        def read(self, wait_s: float) -> bytes:
            return b"x" * 1000

    host = UsbHost(
        plugged=lambda: [PHOTON],
        open=lambda _: Endless(Wire(Console())),
        clock=lambda: 0.0,
        now=lambda: AT,
    )
    assert len(next(follow.lines(PHOTON.port, Target(), host))[1]) == follow.LONGEST_LINE
