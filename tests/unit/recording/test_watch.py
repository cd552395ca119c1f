"""Listening at the device's port until its connection is settled, in a clock of its own."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from netcheck.correlator import diagnose
from netcheck.device import log
from netcheck.device.usb.reading import DeviceError, UsbHost
from netcheck.device.usb.serial_port import PortError
from netcheck.model import STANDING, Diagnosis, Target, Verdict
from netcheck.recording import watch
from netcheck.recording.watch import AWAY_S, SerialWatch
from tests.doubles import log_player

BEGUN = 1_700_000_000.0
PORT = "/dev/ttyACM0"


@dataclass
class Desk:
    """A computer at whose only port lines come at the times that they carry; after each of
    `restarts` the port is away once.
    """

    lines: Sequence[str]
    restarts: frozenset[int] = frozenset()
    passed_s: float = 0.0
    at: int = 0
    opened: int = 0
    written: list[bytes] = field(default_factory=list)
    is_plugged: bool = True

    def host(self) -> UsbHost:
        return UsbHost(
            plugged=lambda: (),
            open=self.open,
            clock=lambda: self.passed_s,
            now=lambda: BEGUN + self.passed_s,
        )

    def open(self, name: str) -> Desk:
        self.opened += 1
        if not self.is_plugged:
            raise PortError("absent")
        return self

    def read(self, wait_s: float) -> bytes:
        if self.at in self.restarts:
            self.restarts -= {self.at}
            raise PortError("gone")
        if (
            self.at == len(self.lines)
            or (due_s := _seconds(self.lines[self.at])) > self.passed_s + wait_s
        ):
            self.passed_s += wait_s
            return b""
        self.passed_s = max(self.passed_s, due_s)
        self.at += 1
        return self.lines[self.at - 1].encode() + b"\r\n"

    def write(self, command: bytes) -> None:
        self.written.append(command)

    def close(self) -> None:
        pass


def _seconds(line: str) -> float:
    stamp = re.match(r"(\d{10})", line)
    return int(stamp[1]) / 1000 if stamp else 0.0


def watched(desk: Desk, seconds: float = 300) -> tuple[SerialWatch, list[str]]:
    said: list[str] = []
    watching = SerialWatch(Target(), desk.host(), seconds, said.append, threading.Event())
    watching.listen(PORT)
    return watching, said


@pytest.mark.parametrize("version", ["0.5.3", "1.5.2", "3.3.1"])
def test_a_session_that_holds_ends_the_listening(version: str) -> None:
    desk = Desk(log_player.log(version, "healthy"))
    watching, said = watched(desk)
    (one,) = diagnose(watching.seen, Target())

    assert (one.verdict, desk.written) == (Verdict.HEALTHY, [])
    assert desk.passed_s < 120
    assert any("session" in line for line in said)


def test_the_same_failure_twice_ends_it_too() -> None:
    lines = log_player.log("1.5.2", "port_dropped")
    desk = Desk(lines)
    watching, said = watched(desk)
    (one,) = diagnose(watching.seen, Target())

    assert one.findings[0].level in STANDING and one.verdict is Verdict.FAULT
    assert said and desk.passed_s < 300


def test_a_restart_takes_the_port_away_for_a_moment() -> None:
    lines = log_player.log("1.5.2", "healthy")
    desk = Desk(lines, restarts=frozenset({3}))
    watching, said = watched(desk)

    assert diagnose(watching.seen, Target())[0].verdict is Verdict.HEALTHY
    assert desk.opened == 2 and "the device restarts, or was unplugged: waiting for it" in said


def test_it_ends_when_the_time_is_over() -> None:
    desk = Desk(())
    watching, _ = watched(desk, seconds=7)

    assert watching.seen == [] and 7 <= desk.passed_s < 8


def test_where_no_port_is_it_says_so() -> None:
    with pytest.raises(DeviceError):
        watched(Desk((), is_plugged=False))


def test_a_port_that_stays_away_ends_it() -> None:
    desk = Desk((), restarts=frozenset({0}))
    host = desk.host()

    def gone(name: str) -> Desk:
        desk.passed_s += AWAY_S / 4
        if desk.opened:
            raise PortError("absent")
        return desk.open(name)

    watching = SerialWatch(
        Target(),
        UsbHost(plugged=host.plugged, open=gone, clock=host.clock, now=host.now),
        300,
        lambda _: None,
        threading.Event(),
    )
    watching.listen(PORT)

    assert watching.seen == [] and desk.passed_s < 2 * AWAY_S


def test_judging_takes_no_more_than_a_tenth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, looks = Desk(log_player.log("1.5.2", "port_dropped")), [0]

    def slow(*given: Any) -> list[Diagnosis]:
        looks[0] += 1
        desk.passed_s += 3.0
        return diagnose(*given)

    monkeypatch.setattr(watch, "diagnose", slow)
    watched(desk, seconds=90)

    assert 1 < looks[0] <= 90 / 30 + 1


def test_of_an_endless_log_the_newest_part_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MOST_OBSERVATIONS", 5)
    monkeypatch.setattr(watch, "settled", lambda *_: ())
    whole, _ = watched(Desk(log_player.log("1.5.2", "port_dropped")), seconds=40)

    assert 5 <= len(whole.seen) < 10


class Dots(Desk):
    """A program that prints dots without a line end, one in ten milliseconds."""

    def read(self, wait_s: float) -> bytes:
        self.passed_s += 0.01
        return b"."


def test_a_program_that_never_ends_its_line_does_not_delay_the_end() -> None:
    desk = Dots(())
    watching, _ = watched(desk, seconds=5)

    assert watching.seen == [] and 5 <= desk.passed_s < 6
