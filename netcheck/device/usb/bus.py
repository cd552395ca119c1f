"""Lists what is plugged in, without opening anything: serial ports from the system's list, and on
Linux the USB devices, too.

A device in DFU mode, or one whose program closed its port, has no serial port. Linux shows such
devices to everybody in /sys/bus/usb/devices; other systems show them to no plain program, so there
they are not seen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from netcheck.device.usb.boards import CORE_MAKER, MAKER, UsbDevice

DEVICES, NODES = Path("/sys/bus/usb/devices"), Path("/dev/bus/usb")
LONGEST = 200


def plugged() -> list[UsbDevice]:
    """Every serial port, and the maker's USB devices that have none."""
    ports = list(_ports())
    with_port = {one.place.partition(":")[0] for one in ports if one.place}
    return [*ports, *(one for one in bus(DEVICES, NODES) if one.place not in with_port)]


def _ports() -> Iterator[UsbDevice]:
    """Serial ports as the system lists them; those that are on no USB (virtual ones, Bluetooth)
    have no vendor.
    """
    from serial.tools import list_ports

    try:
        found = list(list_ports.comports())
    except (OSError, TypeError, ValueError):
        return  # a device that goes away while the list is made
    for port in found:
        yield UsbDevice(
            vendor=port.vid,
            product=port.pid,
            serial=(port.serial_number or "")[:LONGEST],
            name=(port.product or "")[:LONGEST],
            port=port.device,
            place=port.location or "",
        )


def bus(devices: Path, nodes: Path) -> Iterator[UsbDevice]:
    """The maker's devices below a folder in the form of /sys/bus/usb/devices; none where there is
    no such folder.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        folders = sorted(devices.iterdir())
    except OSError:  # a container, or a sandbox that hides it
        return
    for folder in folders:
        vendor, product = _number(folder, "idVendor", 16), _number(folder, "idProduct", 16)
        if vendor in (MAKER, CORE_MAKER):
            yield UsbDevice(
                vendor=vendor,
                product=product,
                serial=_line(folder, "serial"),
                name=_line(folder, "product"),
                place=folder.name,
                node_writable=_is_writable(folder, nodes),
            )


def _is_writable(folder: Path, nodes: Path) -> bool | None:
    number, device = _number(folder, "busnum", 10), _number(folder, "devnum", 10)
    if number is None or device is None:
        return None
    node = nodes / f"{number:03}" / f"{device:03}"
    try:
        return os.access(node, os.W_OK) if node.exists() else None
    except OSError:  # a folder above it is closed to us
        return None


def _line(folder: Path, name: str) -> str:
    try:
        with (folder / name).open("rb") as stream:
            return stream.read(LONGEST).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(folder: Path, name: str, base: int) -> int | None:
    try:
        return int(_line(folder, name), base)
    except ValueError:
        return None
