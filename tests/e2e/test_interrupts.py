"""Ctrl-C at any moment of a command: an answer, and a case file that is whole. Live runs and
recordings: tests/lab/test_interrupt_moments.py.

Some moments of each command; with NETCHECK_INTERRUPTS=full 100 of each, some half an hour.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from netcheck import capture, casefile
from netcheck.model import Target
from tests.doubles.serial_photon import Console, Pty
from tests.helpers.interrupted import IS_FULL, check_answer, check_moments
from tests.helpers.places import CAPTURES, RECORDED, SAMPLES
from tests.hostile.measure import write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as here are POSIX's")

SAVING = ("--json", "--save", "saved.jsonl")
LARGE = ("a_day_of_failures", "tries_of_one_device", "log_of_failures")
"""These take seconds to read and to judge."""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("inputs")
    for name in LARGE if IS_FULL else ():
        write(name, str(made / name))
    return made


@pytest.fixture
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A case file of a recorded scenario."""
    file = tmp_path_factory.mktemp("case") / "case.jsonl"
    reading = capture.observe([str(RECORDED / "port_dropped.pcap")], Target())
    casefile.write(file, reading.observations)
    return str(file)


@pytest.fixture
def port() -> Iterator[str]:
    """A device in listening mode, some times as fast as a real one."""
    with Pty(Console(), faster=20) as device:
        yield device.name


def test_captures(tmp_path: Path) -> None:
    files = [str(CAPTURES / "healthy_noisy.pcap"), str(RECORDED / "port_dropped.pcap")]
    check_moments("pcap", ["pcap", *files, *SAVING], tmp_path, check_answer, few=3)


def test_cases_and_logs(case: str, tmp_path: Path) -> None:
    log = str(SAMPLES / "blocked_port.log")
    check_moments("case", ["case", case, "--log", log, *SAVING], tmp_path, check_answer, few=2)


def test_a_device_at_its_port(tmp_path: Path, port: str) -> None:
    command = ["device", "--serial", port, *SAVING]
    check_moments("device", command, tmp_path, check_answer, few=1)


def test_an_interview(tmp_path: Path) -> None:
    command = ["ask", "--led", "blinking green", *SAVING]
    check_moments("ask", command, tmp_path, check_answer, few=1, more_s=0.5)


if IS_FULL:

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("a_day_of_failures", ["pcap"]),
            ("tries_of_one_device", ["case"]),
            ("log_of_failures", ["case", "--log"]),
        ],
    )
    def test_large_inputs(name: str, options: list[str], inputs: Path, tmp_path: Path) -> None:
        command = [*options, str(inputs / name), *SAVING]
        check_moments(name, command, tmp_path, check_answer, few=0)

    @pytest.mark.slow
    def test_a_device_that_is_followed(tmp_path: Path) -> None:
        with Pty(Console(state="logs"), faster=20) as device:
            command = ["device", "--serial", device.name, "--follow", "--for", "2", *SAVING]
            check_moments("follow", command, tmp_path, check_answer, few=0)
