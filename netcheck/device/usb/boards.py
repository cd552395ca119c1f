"""What is plugged in, by its USB identity alone: which board, in which mode, and which of several
is meant.

Pure: `usb_bus` looks, this module understands. Ids as in device-os@v2.3.0:build/platform-id.mk and
particle-cli; the DFU id is the id of normal running with another first digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from netcheck.model import Struct

MAKER, CORE_MAKER = 0x2B04, 0x1D50
BOARDS = {
    (CORE_MAKER, 0x607D): "core",
    (MAKER, 0xC006): "photon",
    (MAKER, 0xC008): "p1",
    (MAKER, 0xC00A): "electron",
    (MAKER, 0xC00C): "argon",
    (MAKER, 0xC00D): "boron",
    (MAKER, 0xC016): "a_som",
    (MAKER, 0xC017): "b_som",
    (MAKER, 0xC019): "b5_som",
    (MAKER, 0xC01A): "tracker",
    (MAKER, 0xC058): "duo",
}
CORE_DFU = (CORE_MAKER, 0x607F)
DFU_DIGIT, RUN_DIGIT = 0xD000, 0xC000
OTHER = "other"
AUTO, NONE = "auto", "none"
"""In the place of a port's name: the only Photon there is; no port."""
JUDGED = frozenset({"photon", "p1"})
"""Boards that this program's rules hold for: one radio, one cloud protocol."""
TRANSPORTS = {"core": "TCP 5683"}
DEFAULT_TRANSPORT = "UDP 5684"

_ID = re.compile(r"[0-9a-fA-F]{24}", re.ASCII)


class UsbDevice(Struct, frozen=True, kw_only=True):
    """One USB device, or one serial port. None: this system does not say.

    `node_writable`: may this user open the device itself (what DFU needs). `place`: bus, port and
    interface, as 1-1.2:1.0.
    """

    vendor: int | None = None
    product: int | None = None
    serial: str = ""
    name: str = ""
    port: str = ""
    place: str = ""
    node_writable: bool | None = None

    @property
    def is_dfu(self) -> bool:
        """Does it wait for a firmware file (blinking yellow)?"""
        return (self.vendor, self.product) == CORE_DFU or (
            self.vendor == MAKER and (self.product or 0) & 0xF000 == DFU_DIGIT
        )

    @property
    def board(self) -> str:
        """Which board it is; `other` for an id of the maker that is not known here, empty for what
        another maker built.
        """
        if self.vendor is None or self.product is None:
            return ""
        if (self.vendor, self.product) == CORE_DFU:
            return "core"
        running = self.product & 0x0FFF | RUN_DIGIT if self.is_dfu else self.product
        return BOARDS.get((self.vendor, running), OTHER if self.vendor == MAKER else "")

    @property
    def device_id(self) -> str:
        """The device id, which is its serial-number string; empty where an old boot loader shows a
        fixed one (before 0.6.0).
        """
        return self.serial.lower() if _ID.fullmatch(self.serial) else ""


def boards(found: Iterable[UsbDevice]) -> list[UsbDevice]:
    """The maker's devices, each once: of its serial ports the first interface is the console, the
    second the program's own.
    """
    kept: dict[str, UsbDevice] = {}
    for one in sorted((one for one in found if one.board), key=_console_first):
        kept.setdefault(_whose(one), one)
    return sorted(kept.values(), key=lambda one: (one.port, one.place, one.serial))


def _whose(one: UsbDevice) -> str:
    """What all entries of one device share: its place, and where the system tells none, its serial
    number.
    """
    return one.place.partition(":")[0] or one.device_id or one.port


def _console_first(one: UsbDevice) -> tuple[bool, int, str]:
    interface = re.search(r"[.:](\d{1,3})$", one.place.partition(":")[2])
    return not one.port, int(interface[1]) if interface else 0, one.port


def meant(found: Sequence[UsbDevice], device: str) -> UsbDevice | None:
    """The one that the user can only mean: that with the id asked for, else the only Photon or P1;
    None: none, or several.

    `device` is a MAC or an id, or empty. A board that shows another id than the one asked for is
    not meant.
    """
    photons = candidates(found, device)
    named = [one for one in photons if device and one.device_id == device]
    if named:
        return named[0]
    return photons[0] if len(photons) == 1 else None


def candidates(found: Iterable[UsbDevice], device: str) -> list[UsbDevice]:
    """The boards that may be the one asked for."""
    asks_for_id = _ID.fullmatch(device) is not None
    return [
        one
        for one in found
        if one.board in JUDGED and not (asks_for_id and one.device_id and one.device_id != device)
    ]


def described(one: UsbDevice) -> str:
    """In words: board, how it is reached, id."""
    how = one.port or ("in DFU mode" if one.is_dfu else "without a serial port")
    return f"{one.board} {how}{f' (id {one.device_id})' if one.device_id else ''}"
