"""Every firmware line in every state is read rightly over its serial port, and no byte that changes
anything is ever sent.
"""

from __future__ import annotations

import itertools
import sys
import termios
import time

import pytest
from msgspec import structs

from netcheck.device.usb.boards import UsbDevice
from netcheck.device.usb.dialogue import Timeouts, UsbDialogue, UsbReading
from netcheck.device.usb.reading import UsbHost, observe
from netcheck.device.usb.serial_port import SerialPort
from netcheck.model import Target
from tests.doubles.serial_photon import (
    ID,
    MAC,
    READS_ONLY,
    SECRET,
    STATES,
    VERSIONS,
    Console,
    Pty,
    Wire,
    numbers,
)
from tests.helpers.usb_desk import WirePort

QUICK = Timeouts(
    listen_s=0.08, first_s=0.15, quiet_s=0.04, broken_s=0.3, answer_s=2.0, long_answer_s=4.0
)
"""For a device that says nothing, at a pseudo-terminal whose time runs faster; the real waits are
tried in a made-up clock.
"""
CALM = Timeouts(
    listen_s=0.08, first_s=10.0, quiet_s=0.04, broken_s=10.0, answer_s=10.0, long_answer_s=20.0
)
"""For one that answers: how long it takes on a busy machine is no matter."""
CALM_WITHOUT_VERSION = structs.replace(CALM, first_s=2.0)
"""For one that knows no `v` and leaves it unanswered (before 0.4.4)."""
FOR_LOGS = Timeouts(
    listen_s=2.0, first_s=0.15, quiet_s=0.04, broken_s=10.0, answer_s=2.0, long_answer_s=4.0
)
FASTER = 8.0
MATRIX = list(itertools.product(VERSIONS, STATES))


def talked(console: Console) -> UsbReading:
    """What a dialogue with the product's own waits came to."""
    wire = Wire(console)
    return UsbDialogue(WirePort(wire), wire.clock, Timeouts()).run()


def is_as_the_version_answers(reading: UsbReading, console: Console) -> None:
    era = numbers(console.version)
    assert (reading.mode, reading.ended, reading.device_id, reading.mac) == (
        "listening",
        "",
        ID,
        MAC,
    )
    assert reading.firmware == (console.version if era >= (0, 4, 4) else "")
    assert reading.modules is not None
    assert (reading.modules.platform, reading.modules.system, reading.modules.failed(127)) == (
        6,
        console.version,
        (),
    )
    assert reading.claimed == (True if era >= (0, 6, 0) else None)
    assert (reading.diagnostics is not None) == (era >= (0, 8, 0))
    start = "v" if era >= (0, 4, 4) else ""
    assert reading.asked == (start + "ims" if start else "vims") + (
        "c" if era >= (0, 6, 0) else ""
    ) + ("d" if era >= (0, 8, 0) else "")


def is_as_the_state_shows(reading: UsbReading, console: Console) -> None:
    if console.state in ("listening", "slow"):
        is_as_the_version_answers(reading, console)
    elif console.state == "unplugged":
        assert (reading.mode, reading.ended, reading.device_id, reading.mac, reading.modules) == (
            "listening",
            "gone",
            ID,
            MAC,
            None,
        )
    else:
        asked = "v" if console.state == "logs" else "vi"
        assert (reading.mode, reading.asked, reading.ended) == (
            "logs" if console.state == "logs" else "silent",
            asked,
            "",
        )


@pytest.mark.parametrize(("version", "state"), MATRIX)
def test_the_matrix_with_the_real_waits(version: str, state: str) -> None:
    console = Console(version, state)
    reading = talked(console)
    is_as_the_state_shows(reading, console)
    assert not console.harm
    assert SECRET not in repr(reading)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(("version", "state"), MATRIX)
def test_the_matrix_over_a_real_port(version: str, state: str) -> None:
    console = Console(version, state)
    with Pty(console, FASTER) as pty:
        seen = list(observe(pty.name, Target(), machine_at(pty.name, console), is_asked=True))
    assert not console.harm
    assert set(console.sent) <= set(READS_ONLY)
    assert pty.speeds == {termios.B9600}
    facts = {o.fact: o for o in seen}
    if console.is_listening:
        assert (facts["device.identity"].text("id"), facts["device.identity"].text("mac")) == (
            ID,
            MAC,
        )
        assert facts["device.mode"].text("value") == "listening"
    if state in ("listening", "slow"):
        assert facts["device.firmware"].text("version") == version
        assert facts["device.modules"].ok
        assert "device.answers" not in facts
    elif state == "unplugged":
        assert facts["device.answers"].reason == "gone"
    else:
        assert facts["device.mode"].text("value") == ("logs" if state == "logs" else "silent")
    assert not any(SECRET in repr(o) for o in seen)


def machine_at(port: str, console: Console) -> UsbHost:
    """This computer with nothing on USB but that port, in a hurry where nothing comes."""
    if console.is_listening:
        timeouts = CALM if numbers(console.version) >= (0, 4, 4) else CALM_WITHOUT_VERSION
    else:
        timeouts = FOR_LOGS if console.state == "logs" else QUICK
    found = [UsbDevice(port=port)]
    return UsbHost(
        plugged=lambda: found,
        open=SerialPort,
        clock=time.monotonic,
        now=lambda: 1_600_000_000.0,
        timeouts=timeouts,
    )
