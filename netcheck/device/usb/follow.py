"""Listens at the device's port for as long as wanted, and sends nothing: its log, line by line, as
it comes.

A device that restarts takes its port away for a moment; that ends the listening, and the caller
decides whether to begin again.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.device.usb import boards, reading
from netcheck.device.usb.reading import DeviceError, Machine
from netcheck.device.usb.serial_port import Door, PortError
from netcheck.model import Target

LONGEST_LINE = 4096
"""Bytes; what is longer comes in pieces."""
POLL_S = 0.5


def lines(choice: str, target: Target, machine: Machine) -> Iterator[tuple[float, str]]:
    """Each line from the device's port and when it began, in UTC seconds since 1970; ends when the
    port vanishes.

    `choice`: the port's name, or `boards.AUTO`. In each quiet half second an empty line comes, so
    that the caller can stop. The text is as it came, and may hold secrets. Raises DeviceError, one
    sentence, where no port can be listened to.
    """
    port = _port(choice, target, machine)
    try:
        door = machine.open(port)
    except PortError as error:
        raise DeviceError(reading.refusal(port, error.reason)) from error
    try:
        yield from _heard(door, machine)
    except PortError:
        return
    finally:
        door.close()


def _port(choice: str, target: Target, machine: Machine) -> str:
    if choice != boards.AUTO:
        return choice
    here = boards.boards(machine.plugged())
    one = boards.meant(here, target.device)
    if one is not None and one.port:
        return one.port
    if one is None and boards.candidates(here, target.device):
        raise DeviceError(reading.which(here))
    raise DeviceError(
        "No Photon with a serial port is plugged in: use a cable that carries data, or name the"
        " port with --serial PORT."
    )


def _heard(door: Door, machine: Machine) -> Iterator[tuple[float, str]]:
    began, rest = 0.0, b""
    while True:
        part = door.read(POLL_S)
        if not part:
            yield machine.now(), ""
            continue
        now = machine.now()
        began = began if rest else now
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield began, line.decode("utf-8", "replace").rstrip("\r")
            began = now
        while len(rest) > LONGEST_LINE:
            yield began, rest[:LONGEST_LINE].decode("utf-8", "replace")
            rest = rest[LONGEST_LINE:]
