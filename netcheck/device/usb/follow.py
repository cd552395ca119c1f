"""Listens at the device's port for as long as wanted, and sends nothing: its log, line by line, as
it comes.

A device that restarts takes its port away for a moment; that ends the listening, and the caller
decides whether to begin again.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.device.usb import boards, reading
from netcheck.device.usb.reading import DeviceError, UsbHost
from netcheck.device.usb.serial_port import DevicePort, PortError
from netcheck.model import Target

LONGEST_LINE = 4096
"""Bytes; what is longer comes in pieces."""
POLL_S = 0.5


def lines(choice: str, target: Target, host: UsbHost) -> Iterator[tuple[float, str]]:
    """Each line from the device's port and when it began, in UTC seconds since 1970; ends when the
    port vanishes.

    `choice`: the port's name, or `boards.AUTO`. In each half second without a whole line an empty
    one comes, so that the caller can stop. The text is as it came, and may hold secrets. Raises
    DeviceError, one sentence, where no port can be listened to.
    """
    port = _port(choice, target, host)
    try:
        serial_port = host.open(port)
    except PortError as error:
        raise DeviceError(reading.refusal(port, error.reason)) from error
    try:
        yield from _received(serial_port, host)
    except PortError:
        return
    finally:
        serial_port.close()


def _port(choice: str, target: Target, host: UsbHost) -> str:
    if choice != boards.AUTO:
        return choice
    here = boards.boards(host.plugged())
    one = boards.meant(here, target.device)
    if one is not None and one.port:
        return one.port
    if one is None and boards.candidates(here, target.device):
        raise DeviceError(reading.which(here))
    raise DeviceError(
        "No Photon with a serial port is plugged in: use a cable that carries data, or name the"
        " port with --serial PORT."
    )


def _received(serial_port: DevicePort, host: UsbHost) -> Iterator[tuple[float, str]]:
    began, rest = 0.0, b""
    given = host.clock()
    while True:
        part = serial_port.read(POLL_S)
        now = host.now()
        if not part or (b"\n" not in part and host.clock() - given >= POLL_S):
            yield now, ""
            given = host.clock()
        if not part:
            continue
        began = began if rest else now
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield began, line.decode("utf-8", "replace").rstrip("\r")
            began, given = now, host.clock()
        while len(rest) > LONGEST_LINE:
            yield began, rest[:LONGEST_LINE].decode("utf-8", "replace")
            rest = rest[LONGEST_LINE:]
