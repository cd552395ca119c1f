"""The device over USB: who it is, whether it may be read, and what came of asking it. No port is
opened here.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netcheck.device.usb.boards import UsbDevice
from netcheck.device.usb.serial_port import (
    COMMANDS,
    ForbiddenByte,
    PortError,
    SerialPort,
    checked,
    reason_of,
)
from netcheck.model import NAMELESS, NETWORK, Observation, Outcome
from tests.doubles.serial_photon import ID, MAC, SECRET, Console
from tests.helpers.usb_desk import ADAPTER, ARGON, DFU, OTHER_ID, PHOTON, SECOND, Desk


def brief(seen: Sequence[Observation]) -> list[tuple[str, str, str, str]]:
    return [(o.subject, o.fact, o.outcome.value, o.reason or o.text("value")) for o in seen]


def test_of_several_none_is_opened_and_all_are_named() -> None:
    desk = Desk([PHOTON, SECOND])
    said = desk.refused()
    assert desk.opened == []
    assert all(
        word in said for word in ("/dev/ttyACM0", "/dev/ttyACM1", ID, OTHER_ID, "--serial PORT")
    )


def test_none_is_a_finding_where_one_was_asked_for_and_not_tested_where_not() -> None:
    assert brief(Desk([ADAPTER]).seen()) == [(NAMELESS, "usb.port", "failed", "absent")]
    assert brief(Desk([]).seen(is_asked=False)) == [(NETWORK, "usb.port", "skipped", "needs")]


def test_a_relative_is_named_and_left_alone() -> None:
    desk = Desk([ARGON])
    (seen,) = desk.seen()
    assert (seen.fact, seen.text("family"), desk.opened) == ("device.relative", "argon", [])


def test_a_port_of_another_maker_is_never_opened() -> None:
    desk = Desk([ADAPTER])
    assert "/dev/ttyUSB0 is no Photon: USB device 0403:6001 FT232R" in desk.refused("/dev/ttyUSB0")
    assert desk.opened == []


def test_the_id_is_known_before_the_port_is_opened() -> None:
    desk = Desk(refusals={PHOTON.port: "busy"})
    assert brief(desk.seen()) == [
        (ID, "device.identity", "ok", ""),
        (ID, "usb.port", "ok", ""),
        (ID, "usb.access", "failed", "busy"),
    ]


@pytest.mark.parametrize(
    ("writable", "outcome", "reason"), [(True, "ok", ""), (False, "failed", "denied")]
)
def test_dfu_mode_shows_no_port_but_an_id_and_whether_it_may_be_opened(
    writable: bool, outcome: str, reason: str
) -> None:
    one = UsbDevice(
        vendor=DFU.vendor,
        product=DFU.product,
        serial=DFU.serial,
        place=DFU.place,
        node_writable=writable,
    )
    assert brief(Desk([one]).seen()) == [
        (ID, "device.identity", "ok", ""),
        (ID, "device.mode", "ok", "dfu"),
        (ID, "usb.access", outcome, reason),
    ]


def test_a_device_whose_port_is_closed_is_told() -> None:
    closed = UsbDevice(vendor=0x2B04, product=0xC006, serial=ID, place="1-1", node_writable=True)
    assert brief(Desk([closed]).seen())[-1] == (ID, "usb.port", "failed", "no_port")


@pytest.mark.parametrize("reason", ["busy", "denied", "absent", "no_port", "gone"])
def test_a_named_port_that_cannot_be_used_is_one_sentence(reason: str) -> None:
    said = Desk([], refusals={"/dev/ttyX": reason}).refused("/dev/ttyX")
    assert said.startswith("/dev/ttyX ")
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("error", "platform", "reason"),
    [
        (OSError(16, "busy"), "linux", "busy"),
        (OSError(11, "locked"), "linux", "busy"),
        (PermissionError(13, "denied"), "linux", "denied"),
        (FileNotFoundError(2, "no"), "darwin", "absent"),
        (
            OSError(
                "could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)"
            ),
            "win32",
            "busy",
        ),
        (OSError("could not open port 'COM9': FileNotFoundError(2, ...)"), "win32", "absent"),
        (ValueError("no port"), "linux", "no_port"),
        (OSError(25, "Inappropriate ioctl for device"), "linux", "no_port"),
    ],
)
def test_why_a_port_cannot_be_opened(
    error: OSError | ValueError, platform: str, reason: str
) -> None:
    assert reason_of(error, platform) == reason


@pytest.mark.parametrize(("number", "reason"), [(5, "gone"), (6, "absent"), (22, "no_port")])
def test_a_port_that_vanishes_while_it_is_set_up(
    number: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import termios

    import serial

    def vanish(*_: object, **__: object) -> None:
        raise termios.error(number, "it has gone")

    monkeypatch.setattr(serial, "Serial", vanish)
    with pytest.raises(PortError) as raised:
        SerialPort("/dev/ttyACM0")
    assert raised.value.reason == reason


@pytest.mark.parametrize("byte", range(256))
def test_every_door_lets_six_letters_through(byte: int) -> None:
    command = bytes([byte])
    if byte in COMMANDS:
        assert checked(command) == command
    else:
        with pytest.raises(ForbiddenByte):
            checked(command)


@pytest.mark.parametrize("command", [b"", b"vi", b"v\r", b"C", b"w"])
def test_a_door_takes_one_byte_at_a_time(command: bytes) -> None:
    with pytest.raises(ForbiddenByte):
        checked(command)


@pytest.mark.parametrize(
    ("says", "mode"),
    [
        (("Entering listen mode\r\n",), "doctor_app"),
        (("Cleared Wi-Fi credentials\r\n",), "doctor_app"),
        (("could not connect to device server by CoAP\r\n",), "cloud_debug"),
        (("0000012345 [app] INFO: Still trying to connect to the cloud 00:10\r\n",), "cloud_debug"),
        (("SSID: ",), "prompt"),
        (("Password: ",), "prompt"),
        (("temperature=21.5\r\n", "temperature=21.6\r\n"), "app"),
    ],
)
def test_a_program_that_talks_is_named_and_asked_nothing(says: tuple[str, ...], mode: str) -> None:
    desk = Desk(console=Console(state="logs", says=says))
    modes = [o.text("value") for o in desk.seen() if o.fact == "device.mode"]
    assert (modes, bytes(desk.console.sent)) == ([mode], b"")


@pytest.mark.parametrize("version", ["0.5.3", "0.6.0", "1.0.1"])
def test_a_listening_device_that_writes_its_log_is_still_read(version: str) -> None:
    class Chatty(Console):
        def line(self, at_ms: int) -> str:
            return self.log(at_ms)

    console = Chatty(version)
    seen = {o.fact: o for o in Desk(console=console).seen()}
    assert (seen["device.mode"].text("value"), seen["device.identity"].text("mac")) == (
        "listening",
        MAC,
    )
    assert seen["device.modules"].ok
    assert not console.harm


def test_of_what_a_program_says_the_length_alone_is_kept() -> None:
    console = Console(state="logs", says=("net: Lab / hunter22\r\n",))
    (mode,) = [o for o in Desk(console=console).seen() if o.fact == "device.mode"]
    assert mode.number("said_lines") == 6
    assert mode.number("said_characters") == 6 * len("net: Lab / hunter22")
    assert "hunter" not in repr(mode)


def test_a_mac_of_zeros_is_none() -> None:
    seen = Desk(console=Console("1.2.1", knows_mac=False)).seen()
    assert [o.text("mac") for o in seen if o.fact == "device.identity"] == ["", ""]


def test_id_mac_and_version_become_one_device_and_the_secret_stays_out() -> None:
    seen = Desk().seen()
    last = [o for o in seen if o.fact == "device.identity"][-1]
    assert dict(last.data) == {
        "id": ID,
        "mac": MAC,
        "firmware": "1.5.2",
        "sign": "console",
        "rank": 6,
    }
    assert {o.subject for o in seen} == {ID}
    assert SECRET not in repr(seen)


def test_an_unmet_dependency_names_part_and_version() -> None:
    (modules,) = [
        o
        for o in Desk(console=Console("1.0.1", user_needs=1512)).seen()
        if o.fact == "device.modules"
    ]
    assert (modules.outcome, modules.reason) == (Outcome.FAILED, "dependency")
    assert dict(modules.data) == {"parts": "user part", "version": "1.0.1", "needs": "1.5.2"}


def test_an_unclaimed_device_says_so() -> None:
    (claimed,) = [
        o for o in Desk(console=Console(is_claimed=False)).seen() if o.fact == "device.claimed"
    ]
    assert (claimed.outcome, claimed.reason) == (Outcome.FAILED, "unclaimed")


@pytest.mark.parametrize(
    ("version", "told", "expected"),
    [
        ("1.5.2", {}, []),
        ("1.5.2", {"net:err": 1062}, [("device.network_error", "failed", "wrong_password")]),
        ("1.5.2", {"net:err": 1024}, [("device.radio_error", "failed", "not_on_air")]),
        ("1.5.2", {"net:err": 2}, []),
        (
            "1.5.2",
            {"net:err": 0, "net:connatt": 0},
            [("device.network_error", "unclear", "not_asked")],
        ),
        (
            "1.5.2",
            {"net:err": 0, "cloud:connatt": 3, "cloud:err": 26},
            [
                ("device.network_error", "ok", ""),
                ("device.cloud_error", "failed", "no_key"),
                ("device.cloud_reach", "ok", ""),
            ],
        ),
        (
            "2.3.1",
            {"net:err": 0, "cloud:connatt": 3, "cloud:err": -130},
            [
                ("device.network_error", "ok", ""),
                ("device.cloud_error", "failed", "other_key"),
                ("device.cloud_reach", "ok", ""),
            ],
        ),
        (
            "1.5.2",
            {"cloud:connatt": 9, "cloud:err": 0, "cloud:dconn": 0},
            [("device.network_error", "ok", ""), ("device.cloud_reach", "failed", "not_connected")],
        ),
        # Online until it was made to listen: one or two tries say nothing.
        (
            "1.5.2",
            {"cloud:connatt": 1, "cloud:err": 0, "cloud:dconn": 0, "cloud:dconnrsn": 4},
            [("device.network_error", "ok", "")],
        ),
        (
            "1.5.2",
            {"net:connatt": 2, "net:err": 0, "cloud:connatt": 0},
            [("device.cloud_reach", "unclear", "not_asked")],
        ),
        ("0.7.0", {"net:err": 1062}, []),  # has no diagnostics
    ],
)
def test_what_a_device_remembers(
    version: str, told: dict[str, object], expected: list[tuple[str, str, str]]
) -> None:
    remembered = (
        "device.radio_error",
        "device.network_error",
        "device.cloud_error",
        "device.cloud_reach",
    )
    seen = Desk(console=Console(version, diagnostics=told)).seen()
    assert [(o.fact, o.outcome.value, o.reason) for o in seen if o.fact in remembered] == expected


def test_a_device_that_falls_silent_in_the_middle_is_told_with_what_it_said() -> None:
    class Sleepy(Console):
        def take(self, command: bytes) -> bytes:
            answer = super().take(command)
            return b"" if command in b"s" else answer

    seen = Desk(console=Sleepy()).seen()
    assert [(o.reason, o.text("asked")) for o in seen if o.fact == "device.answers"] == [
        ("stopped", "vims")
    ]
    assert [o.text("mac") for o in seen if o.fact == "device.identity"][-1] == MAC
