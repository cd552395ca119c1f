"""`netcheck device` as it is typed, against a device at a real port, with the waits of the
product.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import CompletedProcess
from typing import NamedTuple

import pytest

from tests.doubles.serial_photon import ID, MAC, SECRET, Console, Pty
from tests.helpers.typed import netcheck

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


class Run(NamedTuple):
    """A device, and how the command ended that read it."""

    console: Console
    ended: CompletedProcess[str]


def read(console: Console, *options: str) -> Run:
    with Pty(console) as pty:
        return Run(console, netcheck("device", "--serial", pty.name, *options))


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    """A listening device and a silent one. Nearly all the time is waiting, so both at once."""
    listening = Console("1.5.2", diagnostics={"net:err": 1062, "net:connatt": 4})
    with ThreadPoolExecutor() as pool:
        first = pool.submit(read, listening, "--json")
        second = pool.submit(read, Console(state="silent"))
        return {"listening": first.result(), "silent": second.result()}


def test_a_listening_device_is_read_and_judged(runs: dict[str, Run]) -> None:
    console, ended = runs["listening"]
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


def test_a_device_that_is_not_listening_gets_two_letters_and_a_sentence(
    runs: dict[str, Run],
) -> None:
    console, ended = runs["silent"]
    assert ended.returncode == 3
    assert "says nothing" in " ".join(ended.stdout.split())
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
