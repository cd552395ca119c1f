"""A computer with Photons on its USB, in a made-up clock: what is plugged in, and which ports were
opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from netcheck.device.usb.boards import AUTO, UsbDevice
from netcheck.device.usb.reading import DeviceError, UsbHost, observe
from netcheck.device.usb.serial_port import DevicePort, PortError, checked
from netcheck.model import Observation, Target
from tests.doubles.serial_photon import ID, Console, Gone, Wire

PHOTON = UsbDevice(
    vendor=0x2B04, product=0xC006, serial=ID, name="Photon", port="/dev/ttyACM0", place="1-1:1.0"
)
OTHER_ID = "1f0056dfe347343232361234"
SECOND = UsbDevice(
    vendor=0x2B04, product=0xC008, serial=OTHER_ID, name="P1", port="/dev/ttyACM1", place="1-2:1.0"
)
DFU = UsbDevice(
    vendor=0x2B04,
    product=0xD006,
    serial=ID.upper(),
    name="Photon DFU Mode",
    place="1-1",
    node_writable=True,
)
ARGON = UsbDevice(
    vendor=0x2B04,
    product=0xC00C,
    serial="e00fce68" + "0" * 16,
    port="/dev/ttyACM2",
    place="1-3:1.0",
)
ADAPTER = UsbDevice(
    vendor=0x0403, product=0x6001, serial="A1", name="FT232R", port="/dev/ttyUSB0", place="1-4:1.0"
)
AT = 1_600_000_000.0


@dataclass
class Desk:
    """A computer, what is plugged into it, and which ports were opened. `refusals`: port → why it
    cannot be.
    """

    found: Sequence[UsbDevice] = (PHOTON,)
    console: Console = field(default_factory=Console)
    refusals: dict[str, str] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def host(self) -> UsbHost:
        self.wire = Wire(self.console)
        return UsbHost(
            plugged=lambda: self.found, open=self._open, clock=self.wire.clock, now=lambda: AT
        )

    def _open(self, port: str) -> DevicePort:
        self.opened.append(port)
        if port in self.refusals:
            raise PortError(self.refusals[port])
        return WirePort(self.wire)

    def seen(
        self, choice: str = AUTO, device: str = "", *, is_asked: bool = True
    ) -> list[Observation]:
        return list(observe(choice, Target(device=device), self.host(), is_asked=is_asked))

    def refused(self, choice: str = AUTO, device: str = "") -> str:
        with pytest.raises(DeviceError) as refused:
            self.seen(choice, device)
        return str(refused.value)


class WirePort:
    """The door to a device in a made-up clock."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def read(self, wait_s: float) -> bytes:
        try:
            return self._wire.give(wait_s)
        except Gone:
            raise PortError("gone") from None

    def write(self, command: bytes) -> None:
        self._wire.take(checked(command))

    def close(self) -> None:
        pass
