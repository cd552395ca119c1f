"""`netcheck device` as it is typed, against a device at a real port, with the waits of the
product.
"""

from __future__ import annotations

import json
import sys

import pytest

from tests.doubles.serial_photon import ID, MAC, SECRET, Console, Pty
from tests.helpers.typed import netcheck

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


def test_a_listening_device_is_read_and_judged() -> None:
    console = Console("1.5.2", diagnostics={"net:err": 1062, "net:connatt": 4})
    with Pty(console) as pty:
        ended = netcheck("device", "--serial", pty.name, "--json")
    answer = json.loads(ended.stdout)
    (diagnosis,) = answer["diagnoses"]
    assert (ended.returncode, diagnosis["verdict"], diagnosis["findings"][0]["cause"]) == (
        1,
        "fault",
        "wifi_wrong_password",
    )
    assert {name: diagnosis["device"][name] for name in ("id", "mac", "firmware")} == {
        "id": ID,
        "mac": MAC,
        "firmware": "1.5.2",
    }
    assert (bytes(console.sent), bytes(console.harm)) == (b"vimscd", b"")
    assert SECRET not in ended.stdout + ended.stderr


def test_a_device_that_is_not_listening_gets_two_letters_and_a_sentence() -> None:
    console = Console(state="silent")
    with Pty(console) as pty:
        ended = netcheck("device", "--serial", pty.name)
    assert ended.returncode == 3
    assert "sends nothing" in " ".join(ended.stdout.split())
    assert (bytes(console.sent), bytes(console.harm)) == (b"vi", b"")


def test_a_port_that_another_program_holds_is_left_alone() -> None:
    console = Console()
    with Pty(console) as pty:
        import serial

        with serial.Serial(pty.name, 9600, exclusive=True):
            ended = netcheck("device", "--serial", pty.name)
    assert ended.returncode == 2
    assert "in use by another program" in ended.stderr
    assert not console.sent


@pytest.mark.parametrize(
    ("port", "says"),
    [
        ("/dev/null", "is no serial port"),
        ("/dev/nothing-here", "is not there"),
        ("none", "nothing to read"),
    ],
)
def test_a_port_of_no_use_is_one_sentence(port: str, says: str) -> None:
    ended = netcheck("device", "--serial", port)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1
