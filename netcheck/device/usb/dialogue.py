"""The dialogue with a device over its port, in the one order that can do no harm.

Listen first. Text that a program writes by itself means that bytes would go to that program: send
nothing. Then one `v`, which no known program takes for a command; then one `i`, for the oldest
versions, and silence. Only what answered as listening mode does is asked for the rest, as far as
its version knows the question (device-os@TAG:system/src/system_setup.cpp). No byte can leave but
`serial_port.COMMANDS`.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from netcheck.device.usb import console, diagnostics, modules
from netcheck.device.usb.console import ProgramText
from netcheck.device.usb.diagnostics import Diagnostics
from netcheck.device.usb.modules import Modules
from netcheck.device.usb.serial_port import DevicePort, PortError
from netcheck.model import Struct

MOST_CHARACTERS = 64 * 1024
"""Of one answer; the longest real one has some 4000."""
MOST_TRAILING = 4
"""Log lines may follow a whole answer without an end: it has ended after so many silences' time."""
CLAIMED_SINCE, DIAGNOSTICS_SINCE = (0, 6, 0), (0, 8, 0)


class Timeouts(Struct, frozen=True, kw_only=True):
    """How long to wait, in seconds. A program may be slow to ignore a letter, and up to 0.6 each
    character takes 1 ms.
    """

    listen_s: float = 1.5
    first_s: float = 2.0
    quiet_s: float = 0.25
    """Silence that ends a whole answer."""
    broken_s: float = 2.0
    """Silence that ends an answer which is not whole."""
    answer_s: float = 5.0
    long_answer_s: float = 20.0


class UsbReading(Struct, frozen=True, kw_only=True):
    """What came of a dialogue. `mode` is a word of MODES in the vocabulary; `said` how much a
    program wrote.

    `ended`: "" when it came to its end, `gone` when the port vanished, `stopped` when an answer
    stayed out. `mac` is empty too where the device told one of zeros alone.
    """

    mode: str = "silent"
    said: ProgramText = ProgramText()
    ended: str = ""
    firmware: str = ""
    device_id: str = ""
    mac: str = ""
    modules: Modules | None = None
    claimed: bool | None = None
    diagnostics: Diagnostics | None = None
    asked: str = ""
    """The commands sent, in their order."""


class UsbDialogue:
    """One dialogue. `now` is a clock that only goes forward, in seconds."""

    def __init__(
        self, serial_port: DevicePort, now: Callable[[], float], timeouts: Timeouts
    ) -> None:
        self._port, self._now, self._timeouts = serial_port, now, timeouts
        self.reading = UsbReading()

    def run(self) -> UsbReading:
        """Listen, find out who is there, and ask what may be asked. What was heard before the port
        vanished is kept.
        """
        try:
            if self._is_listening():
                self._note(mode="listening")
                self._ask_all()
        except PortError:
            self._note(ended="gone")
        return self.reading

    def _note(self, **what: object) -> None:
        self.reading = msgspec.structs.replace(self.reading, **what)

    def _is_listening(self) -> bool:
        before = self._receive(self._timeouts.listen_s)
        if console.speaker(before) not in ("", "logs"):
            return self._recognise(before)
        answer = self._ask("v", self._timeouts.first_s, lambda text: bool(console.version(text)))
        if self._note_version(answer):
            return True
        if console.speaker(before + answer):
            return self._recognise(before + answer, echo="v" if answer.strip() == "v" else "")
        answer = self._ask(
            "i",
            self._timeouts.first_s,
            lambda text: bool(console.device_id(text) or console.version(text)),
        )
        if self._note_version(answer) and not console.device_id(answer):
            # The answer to `v` came late: that to `i` may still come, and is not asked for again.
            answer += self._receive(
                self._timeouts.answer_s, lambda text: bool(console.device_id(text))
            )
        self._note(device_id=console.device_id(answer))
        if self.reading.firmware or self.reading.device_id:
            return True
        return self._recognise(answer, echo="i" if answer.strip() == "i" else "")

    def _note_version(self, answer: str) -> bool:
        self._note(firmware=console.version(answer))
        return bool(self.reading.firmware)

    def _recognise(self, text: str, echo: str = "") -> bool:
        """Keep whose text that is; it is not listening mode."""
        mode = "prompt" if echo else console.speaker(text) or "silent"
        self._note(mode=mode, said=console.measured(text) if mode == "app" else ProgramText())
        return False

    def _ask_all(self) -> None:
        era = console.numbers(self.reading.firmware)
        if "i" not in self.reading.asked and not self._answered(
            "i", console.device_id, self._timeouts.long_answer_s, "device_id"
        ):
            return
        if not self._answered("m", console.mac, self._timeouts.answer_s, "mac"):
            return
        if self.reading.mac == console.NO_MAC:
            self._note(mac="")
        if not self._answered("s", _modules_in, self._timeouts.long_answer_s, "modules"):
            return
        if era >= CLAIMED_SINCE and not self._answered(
            "c", console.claimed, self._timeouts.answer_s, "claimed"
        ):
            return
        if era >= DIAGNOSTICS_SINCE:
            self._answered("d", _diagnostics_in, self._timeouts.answer_s, "diagnostics")

    def _answered(
        self, command: str, understand: Callable[[str], object], within_s: float, field: str
    ) -> bool:
        """Ask, and keep what is understood. False: nothing at all came, so that the next question
        would get no answer either.
        """
        answer = self._ask(command, within_s, lambda text: understand(text) not in (None, ""))
        understood = understand(answer)
        if understood is not None:
            self._note(**{field: understood})
        if not console.without_logs(answer).strip():
            self._note(ended="stopped")
            return False
        return True

    def _ask(self, command: str, within_s: float, is_whole: Callable[[str], bool]) -> str:
        self._port.write(command.encode())
        self._note(asked=self.reading.asked + command)
        return self._receive(within_s, is_whole)

    def _receive(self, within_s: float, is_whole: Callable[[str], bool] | None = None) -> str:
        """What comes until it is whole and followed by a short silence, or broken and followed by a
        longer one, or time is up.
        """
        came: list[bytes] = []
        length, whole_at = 0, None
        began = last = self._now()
        while (left := began + within_s - self._now()) > 0 and length < MOST_CHARACTERS:
            part = self._port.read(min(left, self._timeouts.quiet_s))
            now = self._now()
            if part:
                came.append(part)
                length, last = length + len(part), now
            if is_whole is None or not came:
                continue
            if whole_at is None and (not part or b"\n" in part) and is_whole(_text(came)):
                whole_at = now
            patience_s = self._timeouts.broken_s if whole_at is None else self._timeouts.quiet_s
            if now - last >= patience_s or (
                whole_at is not None and now - whole_at >= MOST_TRAILING * self._timeouts.quiet_s
            ):
                break
        return _text(came)


def _text(parts: list[bytes]) -> str:
    return b"".join(parts)[:MOST_CHARACTERS].decode("utf-8", "replace")


def _modules_in(text: str) -> Modules | None:
    return modules.parse(console.without_logs(text))


def _diagnostics_in(text: str) -> Diagnostics | None:
    return diagnostics.parse(console.without_logs(text))
