"""What the device says of itself over USB, as observations: its identity, its mode, and what it
answered.

`UsbHost` is what this needs of the computer, so that everything here can be tried without one.
Nothing is guessed: of several devices none is read unless the user says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from netcheck.device.usb import boards
from netcheck.device.usb.boards import UsbDevice
from netcheck.device.usb.dialogue import Timeouts, UsbDialogue
from netcheck.device.usb.observations import BY_SERIAL, BY_USB, identity, seen_of, understood
from netcheck.device.usb.serial_port import DevicePort, PortError
from netcheck.model import NAMELESS, NETWORK, Observation, Outcome, Struct, Target
from netcheck.text.escape import safe


class DeviceError(Exception):
    """The device cannot be read as the user asked; the text is one sentence that says what to
    do.
    """


class UsbHost(Struct, frozen=True, kw_only=True):
    """What is plugged in, how a port is opened (may raise PortError), a clock that only goes
    forward, and UTC seconds since 1970.
    """

    plugged: Callable[[], Sequence[UsbDevice]]
    open: Callable[[str], DevicePort]
    clock: Callable[[], float]
    now: Callable[[], float]
    timeouts: Timeouts = Timeouts()


def this_computer() -> UsbHost:
    """The computer that this runs on."""
    import time

    from netcheck.device.usb import bus
    from netcheck.device.usb.serial_port import SerialPort

    return UsbHost(plugged=bus.plugged, open=SerialPort, clock=time.monotonic, now=time.time)


def observe(choice: str, target: Target, host: UsbHost, *, is_asked: bool) -> Iterator[Observation]:
    """Read the device at the port named, or with `boards.AUTO` the only one there is; yields what
    is known as it becomes known.

    `is_asked`: the user wants a device read, so that none is worth saying, and several are an
    error. Raises DeviceError.
    """
    found, at = list(host.plugged()), host.now()
    if choice != boards.AUTO:
        yield from _read(_named(choice, found), target, host, at, is_named=True)
        return
    here = boards.boards(found)
    one = boards.meant(here, target.device)
    if one is not None:
        yield from _read(one, target, host, at, is_named=False)
    elif boards.candidates(here, target.device):
        raise DeviceError(which(here))
    else:
        yield from _nobody(here, target, at, is_asked=is_asked)


def _named(port: str, found: Sequence[UsbDevice]) -> UsbDevice:
    """What is at that port; a port that is on no USB (a pseudo-terminal, a forwarded port) is taken
    by its name alone.
    """
    at_port = [one for one in found if one.port == port]
    return at_port[0] if at_port else UsbDevice(port=port)


def which(here: Sequence[UsbDevice]) -> str:
    """The question which of several is meant, as a sentence."""
    names = "; ".join(boards.described(one) for one in here)
    return safe(
        f"Several devices are plugged in ({names}): say which with --serial PORT, or unplug the"
        " others.",
        600,
    )


def _nobody(
    here: Sequence[UsbDevice], target: Target, at: float, *, is_asked: bool
) -> Iterator[Observation]:
    yield from (_relative(one, target, at) for one in here)
    if is_asked and not here:
        yield seen_of(
            "usb.port",
            Outcome.FAILED,
            target.device or NAMELESS,
            BY_USB,
            target,
            at,
            reason="absent",
        )
    elif not is_asked:
        says = (("says", "no Photon is plugged into this computer by USB"),)
        yield seen_of(
            "usb.port", Outcome.SKIPPED, NETWORK, BY_USB, target, at, says, reason="needs"
        )


def _read(
    one: UsbDevice, target: Target, host: UsbHost, at: float, *, is_named: bool
) -> Iterator[Observation]:
    """Everything about one device; its port is opened only where it may be a Photon's."""
    if one.vendor is not None and not one.board:
        raise DeviceError(
            safe(
                f"{one.port} is no Photon: USB device {one.vendor:04x}:{one.product or 0:04x}"
                f" {one.name}. Nothing was sent to it."
            )
        )
    if one.board and one.board not in boards.JUDGED:
        yield _relative(one, target, at)
        return
    name = one.device_id or target.device or NAMELESS
    if one.board:
        yield from _by_usb(one, name, target, at)
    if one.port:
        yield from _over_port(one, name, target, host, at, is_named=is_named)


def _by_usb(one: UsbDevice, name: str, target: Target, at: float) -> Iterator[Observation]:
    if one.device_id:
        yield identity(
            one.device_id, BY_USB, target, at, (("id", one.device_id), ("board", one.board))
        )
    if one.is_dfu:
        yield seen_of(
            "device.mode",
            Outcome.OK,
            name,
            BY_USB,
            target,
            at,
            (("value", "dfu"), ("board", one.board)),
        )
        if one.node_writable is not None:
            denied = not one.node_writable
            outcome, reason = (Outcome.FAILED, "denied") if denied else (Outcome.OK, "")
            yield seen_of("usb.access", outcome, name, BY_USB, target, at, reason=reason)
        return
    has_port = bool(one.port)
    outcome, reason = (Outcome.OK, "") if has_port else (Outcome.FAILED, "no_port")
    yield seen_of(
        "usb.port",
        outcome,
        name,
        BY_USB,
        target,
        at,
        (("board", one.board), ("port", one.port)),
        reason=reason,
    )


def _over_port(
    one: UsbDevice, name: str, target: Target, host: UsbHost, at: float, *, is_named: bool
) -> Iterator[Observation]:
    try:
        serial_port = host.open(one.port)
    except PortError as error:
        if is_named and error.reason in ("absent", "no_port"):
            raise DeviceError(refusal(one.port, error.reason)) from error
        yield seen_of(
            "usb.access",
            Outcome.FAILED,
            name,
            BY_SERIAL,
            target,
            at,
            (("port", one.port),),
            reason=error.reason,
        )
        if is_named:
            raise DeviceError(refusal(one.port, error.reason)) from error
        return
    try:
        reading = UsbDialogue(serial_port, host.clock, host.timeouts).run()
    finally:
        serial_port.close()
    yield from understood(reading, one, target, at)


_REFUSALS = {
    "busy": (
        "is in use by another program: close serial monitors and development programs, then run"
        " this again."
    ),
    "denied": (
        "may not be opened by you: join the group of the port (on Linux often dialout) and log in"
        " again, or install the maker's udev rule."
    ),
    "absent": "is not there: plug the Photon in, or leave --serial out to let netcheck find it.",
    "no_port": (
        "is no serial port: name the Photon's port, or leave --serial out to let netcheck find it."
    ),
    "gone": "went away as it was opened: plug the Photon in again and run this again.",
}


_PORT = re.compile(r"/dev/[A-Za-z0-9./:_-]{1,95}|COM[0-9]{1,3}", re.ASCII)


def refusal(port: str, reason: str) -> str:
    """Why a port cannot be used and what to do, in one sentence."""
    shown = port if _PORT.fullmatch(port) else "The port that was named"
    return f"{shown} {_REFUSALS[reason]}"


def _relative(one: UsbDevice, target: Target, at: float) -> Observation:
    data = (
        ("family", one.board),
        ("transport", boards.TRANSPORTS.get(one.board, boards.DEFAULT_TRANSPORT)),
        ("sign", "usb"),
    )
    return seen_of(
        "device.relative", Outcome.OK, one.device_id or NAMELESS, BY_USB, target, at, data
    )
