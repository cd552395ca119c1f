"""The device's serial port: reads any bytes; writes only the six that change nothing on the device.

Opened at 9600 baud only: at 14400 the device restarts into DFU mode and at 28800 it leaves its
network to listen (device-os@v2.3.0:system/src/system_update.cpp). DTR is set, for from 0.5.3 on
output is dropped where no terminal is open.
"""

from __future__ import annotations

import errno
import sys
from typing import Any, Protocol

BAUD = 9600
COMMANDS = frozenset(b"vimscd")
"""Version, id, MAC, modules, claimed, diagnostics. Every other byte starts a dialogue, a restart or
an update, or may.
"""
MOST_BYTES = 4096
WRITE_WITHIN_S = 2.0


try:
    import termios

    _TERMINAL_ERRORS: tuple[type[Exception], ...] = (termios.error,)
except ImportError:  # Windows has none
    _TERMINAL_ERRORS = ()
"""What pyserial lets through where a port vanishes while it is set up: no OSError, but with the
same numbers.
"""
_NOT_OPENED: tuple[type[Exception], ...] = (OSError, ValueError, *_TERMINAL_ERRORS)
_GONE: tuple[type[Exception], ...] = (OSError, TypeError, *_TERMINAL_ERRORS)
"""TypeError is pyserial's own, where the port was torn away."""


class PortError(Exception):
    """The port cannot be used: `reason` is busy, denied, absent, gone, or no_port where that is no
    serial port.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ForbiddenByte(Exception):
    """Our own bug: something wanted to send what may change the device."""


class DevicePort(Protocol):
    """What a dialogue with the device needs."""

    def read(self, wait_s: float) -> bytes:
        """What came, at most some thousand bytes; waits for the first of them. Empty: nothing came.
        Raises PortError.
        """
        ...

    def write(self, command: bytes) -> None:
        """Send one byte of COMMANDS. Raises PortError, and ForbiddenByte for anything else."""
        ...

    def close(self) -> None:
        """Leave the port."""
        ...


def checked(command: bytes) -> bytes:
    """The command, if it is one byte that only reads. Every DevicePort sends through this."""
    if len(command) != 1 or command[0] not in COMMANDS:
        raise ForbiddenByte(repr(command[:20]))
    return command


class SerialPort:
    """A port of this computer, for this program alone while it is open."""

    def __init__(self, name: str) -> None:
        """Open it. Raises PortError."""
        import serial

        try:
            self._port: Any = serial.Serial(
                name, BAUD, timeout=0, write_timeout=WRITE_WITHIN_S, exclusive=_can_be_exclusive()
            )
        except _NOT_OPENED as error:
            raise PortError(reason_of(error)) from error

    def read(self, wait_s: float) -> bytes:
        try:
            self._port.timeout = wait_s
            first: bytes = self._port.read(1)
            if not first:
                return b""
            self._port.timeout = 0
            rest: bytes = self._port.read(MOST_BYTES - 1)
        except _GONE as error:
            raise PortError("gone") from error
        return first + rest

    def write(self, command: bytes) -> None:
        import serial

        try:
            self._port.write(checked(command))
        except serial.SerialTimeoutException:
            return  # it takes nothing: the silence that follows says so
        except OSError as error:
            raise PortError("gone") from error

    def close(self) -> None:
        try:
            self._port.close()
        except OSError:
            return


def _can_be_exclusive() -> bool | None:
    """Windows never shares a port, and pyserial takes only None or True there."""
    return None if sys.platform == "win32" else True


_REASONS = {
    errno.EBUSY: "busy",
    errno.EAGAIN: "busy",  # another program's exclusive lock
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.ENOENT: "absent",
    errno.ENXIO: "absent",
    errno.ENODEV: "absent",
    errno.EIO: "gone",
}


def reason_of(error: Exception, platform: str = sys.platform) -> str:
    """Why a port could not be opened. Windows refuses a port in use as it refuses one without the
    right, and gives no number.
    """
    number = (
        error.args[0]
        if isinstance(error, _TERMINAL_ERRORS) and error.args
        else getattr(error, "errno", None)
    )
    if number in _REASONS:
        return _REASONS[number]
    text = str(error)
    if platform == "win32" and "PermissionError" in text:
        return "busy"
    if "FileNotFoundError" in text:
        return "absent"
    return "no_port"
