"""What runs inside the machine: each scene in turn, with what `netcheck device` says of it, written
as JSON into the shared folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serial.tools import list_ports

from netcheck.device.usb import bus, reading, serial_port
from tests.doubles.serial_photon import ID, Console
from tests.vm import split_off
from tests.vm.gadget import COMPUTER_END, DFU, RUNNING, Board, firmware
from tests.vm.split_off import NOBODY, Said

OLD_DFU_SERIAL = "00000000010C"
"""What boot loaders before 0.6.0 show instead of the device id."""

PRELOADED = (list_ports, reading, serial_port, bus)
"""What `netcheck device` imports when it needs it, imported here once."""


def read_device(user: int = 0) -> Said:
    """What `netcheck device` says, run as that user."""
    return split_off.run(("device", "--json"), lambda: split_off.become(user))


def plugged(
    work: Callable[[], Said] = read_device,
    product: int = RUNNING,
    *,
    has_port: bool = True,
    serial: str = ID.upper(),
) -> Said:
    """What comes of that work while such a board is plugged in."""
    board = Board(product, serial, has_port=has_port)
    try:
        board.plug_in()
        return work()
    finally:
        board.remove()


def console(version: str, state: str = "listening", **more: Any) -> Said:
    """The device of that version in that state, read at its port; with what it was sent and what of
    it does harm.
    """
    device = Console(version=version, state=state, **more)

    def read() -> Said:
        with firmware(device):
            return read_device()

    return plugged(read) | {
        "sent": device.sent.decode("latin-1"),
        "harm": device.harm.decode("latin-1"),
    }


def busy() -> Said:
    """Another program holds the port for itself alone."""
    holder = (
        "import serial, sys; port = serial.Serial(sys.argv[1], 9600, exclusive=True); print('held',"
        " flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, COMPUTER_END], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            return read_device()
        finally:
            other.communicate()


SCENES: dict[str, Callable[[], Said]] = {
    "listening_0_5_3": lambda: console("0.5.3"),
    "listening_1_5_2": lambda: console("1.5.2"),
    "listening_3_3_1": lambda: console("3.3.1", is_claimed=False),
    "program": lambda: console("1.5.2", "silent"),
    "pulled_out": lambda: console("1.5.2", "unplugged"),
    "no_port": lambda: plugged(has_port=False),
    "dfu": lambda: plugged(product=DFU, has_port=False),
    "dfu_old_boot_loader": lambda: plugged(product=DFU, has_port=False, serial=OLD_DFU_SERIAL),
    "denied": lambda: plugged(lambda: read_device(NOBODY)),
    "busy": lambda: plugged(busy),
    "nothing": read_device,
}


def main(folder: Path) -> None:
    """Every scene into a file of its own; one that breaks is written as its traceback."""
    split_off.preload()
    for name, scene in SCENES.items():
        try:
            said = scene()
        except Exception:
            said = {"broken": traceback.format_exc(chain=False)}
        (folder / f"{name}.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
