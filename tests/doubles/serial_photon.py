"""A Photon at the other end of a serial port: what each Device OS answers there, and a record of
every byte it is sent.

Written from the firmware's sources (device-os@TAG:system/src/system_setup.cpp, 0.4.0 to 3.3.1), not
from what reads it. `Console` is the device; `Wire` gives its answers their time in a made-up clock,
`Pty` in a real pseudo-terminal.
"""

from __future__ import annotations

import json
import os
import select
import termios
import threading
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType

VERSIONS = {
    "0.4.0": 0,
    "0.4.6": 7,
    "0.5.3": 21,
    "0.6.0": 102,
    "0.7.0": 207,
    "1.0.1": 1002,
    "1.2.1": 1213,
    "1.4.4": 1406,
    "1.5.2": 1512,
    "2.3.1": 2302,
    "3.3.1": 3302,
}
"""Firmware line → number of its system modules."""
STATES = ("listening", "logs", "silent", "blocked", "unplugged", "slow")

ID = "6f00631a7f47343232363230"
MAC = "6c:0b:84:6e:93:cb"
SECRET = "S3CR3TS3CR3TS3C"
USB_CHUNK_BYTES = 64
CHARACTER_S = 0.001
READS_ONLY = b"vimscd"
CHANGES = {
    b"w": (0, 4, 0),
    b"f": (0, 4, 0),
    b"x": (0, 4, 0),
    b"L": (0, 5, 0),
    b"C": (0, 6, 0),
    b"\x01": (0, 4, 9),
    b"\x02": (0, 4, 9),
}
"""Byte → since which version it changes something."""


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@dataclass
class Console:
    """What a device in some state answers. `harm` holds the bytes that would have changed
    something, or gone to its program.
    """

    version: str = "1.5.2"
    state: str = "listening"
    device_id: str = ID
    mac: str = MAC
    knows_mac: bool = True
    is_claimed: bool = True
    user_needs: int | None = None
    """The number of the system module that the user's program needs; None: the one that there is.
    """
    logs_between: bool = True
    """Up to 1.3 log lines stand inside answers."""
    has_secret: bool = True
    diagnostics: dict[str, object] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    """What its program writes by itself, instead of a log."""
    sent: bytearray = field(default_factory=bytearray)
    harm: bytearray = field(default_factory=bytearray)

    @property
    def era(self) -> tuple[int, ...]:
        return numbers(self.version)

    @property
    def is_listening(self) -> bool:
        return self.state in ("listening", "slow", "unplugged")

    @property
    def character_s(self) -> float:
        """Up to 0.6 output is held back by 1 ms a character."""
        return CHARACTER_S if self.era < (0, 7, 0) or self.state == "slow" else 0.0

    @property
    def unplugged_after(self) -> int | None:
        """So many bytes of the module list come before the port vanishes."""
        return 150 if self.state == "unplugged" else None

    def take(self, command: bytes) -> bytes:
        """The answer to one byte; unknown ones are dropped without a word."""
        self.sent += command
        if not self.is_listening:
            # Bytes go to the program. One `v` and one `i` do no harm to any that is known.
            if (
                command not in (b"v", b"i")
                or self.sent.count(command) > 1
                or (self.state == "logs" and self.says)
            ):
                self.harm += command
            return b""
        if command in CHANGES and self.era >= CHANGES[command]:
            self.harm += command
        answer = {
            b"v": self._v,
            b"i": self._i,
            b"m": self._m,
            b"s": self._s,
            b"c": self._c,
            b"d": self._d,
        }.get(command)
        return answer().encode() if answer else b""

    def _v(self) -> str:
        return f"system firmware version: {self.version}\n\r\n" if self.era >= (0, 4, 4) else ""

    def _i(self) -> str:
        if self.era >= (1, 4, 1) and self.has_secret:
            return (
                f"Device ID: {self.device_id}\r\nDevice Secret: {SECRET}\r\nSerial Number:"
                " PHHMAB1234ABCD5\r\n"
            )
        return f"Your device id is {self.device_id}\r\n"

    def _m(self) -> str:
        who = "core" if self.era <= (0, 4, 1) else "device"
        return (
            f"Your {who} MAC address"
            f" is\r\n{self.mac if self.knows_mac else '00:00:00:00:00:00'}\r\n"
        )

    def _s(self) -> str:
        text = json.dumps({"p": 6, "m": list(self._modules())}, separators=(",", ":"))
        text = text[1:-1] if self.era <= (0, 4, 1) else text
        if self.logs_between and (0, 6, 0) <= self.era < (1, 4, 0):
            text = text[:200] + self.log(1234) + text[200:]
        return text + "\r\n"

    def _modules(self) -> Iterator[dict[str, object]]:
        number = VERSIONS[self.version]
        needed = number if self.user_needs is None else self.user_needs
        passed = 30 if needed <= number else 26
        parts = (
            ["1", "2", "3"] if (0, 7, 0) <= self.era < (1, 0, 0) or self.era >= (2,) else ["1", "2"]
        )
        yield self._module("b", "0", 7, [])
        for part in parts:
            yield self._module("s", part, number, [self._needs("1", number)] if part != "1" else [])
        yield self._module("u", "1", 3, [self._needs(parts[-1], needed)], passed) | {"u": "AB" * 32}
        if self.era < (1, 5, 0):
            yield {"s": 131072, "l": "f", "vc": 30, "vv": 0, "d": []}

    def _module(
        self,
        function: str,
        index: str,
        version: int,
        needs: list[dict[str, object]],
        passed: int = 30,
    ) -> dict[str, object]:
        return {
            "s": 262144,
            "l": "m",
            "vc": 30,
            "vv": passed,
            "f": function,
            "n": index,
            "v": version,
            "d": needs,
        }

    def _needs(self, index: str, version: int) -> dict[str, object]:
        return {"f": "s", "n": index, "v": version} | ({"_": ""} if self.era < (2,) else {})

    def _c(self) -> str:
        return (
            f"Device claimed: {'yes' if self.is_claimed else 'no'}\r\n"
            if self.era >= (0, 6, 0)
            else ""
        )

    def _d(self) -> str:
        if self.era < (0, 8, 0):
            return ""
        now: dict[str, object] = {
            "sys:uptime": 123,
            "net:stat": 2,
            "net:dconnrsn": 4,
            "cloud:stat": 0,
            "batt:soc": {"err": -120},
        }
        return json.dumps(now | self.diagnostics, separators=(",", ":")) + "\r\n"

    def log(self, at_ms: int) -> str:
        """A line that the system, or a program through it, writes at that time."""
        if self.era < (0, 6, 0):
            return (
                f"{at_ms:010}:INFO : void establish_cloud_connection() (401):Cloud: connecting\r\n"
            )
        return f"{at_ms:010} [hal.wlan] INFO: Bringing WiFi interface up with DHCP\r\n"

    def line(self, at_ms: int) -> str:
        """What it writes by itself at that time; empty where it writes nothing."""
        if self.state != "logs":
            return ""
        return self.says[at_ms // 250 % len(self.says)] if self.says else self.log(at_ms)


class Gone(Exception):
    """The port has vanished."""


class Wire:
    """The device at a port of a made-up clock: reading and waiting cost no real time. `LINE_S`
    apart it writes its log.
    """

    LINE_S = 0.25

    def __init__(self, console: Console) -> None:
        self.console = console
        self.time = 0.0
        self._coming: list[tuple[float, bytes]] = []
        self._written_to = 0.1

    def clock(self) -> float:
        """Seconds since the port was opened."""
        return self.time

    def take(self, command: bytes) -> None:
        """One byte from the computer."""
        answer, after = self.console.take(command), self.console.unplugged_after
        at = max([self.time, *(when for when, _ in self._coming)])
        step = self.console.character_s
        size = 1 if step else USB_CHUNK_BYTES
        for start in range(0, len(answer), size):
            at += step or 0.0005
            if after is not None and command == b"s" and start >= after:
                self._coming.append((at, b""))
                return
            self._coming.append((at, answer[start : start + size]))

    def give(self, wait_s: float) -> bytes:
        """What came, waiting for the first of it. Raises Gone."""
        until = self.time + wait_s
        while (self._written_to) <= until:
            if line := self.console.line(int(self._written_to * 1000)):
                self._coming.append((self._written_to, line.encode()))
            self._written_to += self.LINE_S
        self._coming.sort(key=lambda part: part[0])
        if not self._coming or self._coming[0][0] > until:
            self.time = until
            return b""
        self.time = max(self.time, self._coming[0][0])
        here = b""
        while self._coming and self._coming[0][0] <= self.time:
            part = self._coming.pop(0)[1]
            if not part:
                raise Gone
            here += part
        return here


class Pty:
    """The device at a real pseudo-terminal, in a thread of its own; `name` is the port. Time runs
    `faster` there than on a device.
    """

    def __init__(self, console: Console, faster: float = 1.0) -> None:
        self.console, self._faster = console, faster
        self._ends: tuple[int, ...] = os.openpty()
        self._master, slave = self._ends
        tty.setraw(slave)
        self.name = os.ttyname(slave)
        self.speeds: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Pty:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(10)
        self._tear_off()

    def _tear_off(self) -> None:
        """Close both ends, once: their numbers may soon be others' files."""
        ends, self._ends = self._ends, ()
        for end in ends:
            os.close(end)

    def _serve(self) -> None:
        began = next_line = time.monotonic()
        while not self._stop.is_set():
            ready, _, _ = select.select([self._master], [], [], 0.005)
            if ready:
                self.speeds.add(termios.tcgetattr(self._master)[4])
                if self.console.state == "blocked":
                    time.sleep(0.01)
                    self.console.take(os.read(self._master, 1))
                elif not self._answer(os.read(self._master, 1)):
                    return
            now = time.monotonic()
            if now >= next_line:
                next_line = now + Wire.LINE_S / self._faster
                self._write(self.console.line(int((now - began) * 1000 * self._faster)).encode())

    def _answer(self, command: bytes) -> bool:
        """False when the device was torn off meanwhile."""
        answer, step, after = (
            self.console.take(command),
            self.console.character_s / self._faster,
            self.console.unplugged_after,
        )
        if command == b"s" and after is not None:
            self._write(answer[:after])
            self._tear_off()
            return False
        size = 16 if step else USB_CHUNK_BYTES
        for start in range(0, len(answer), size):
            self._write(answer[start : start + size])
            time.sleep(step * size)
        return True

    def _write(self, text: bytes) -> None:
        if text:
            os.write(self._master, text)
