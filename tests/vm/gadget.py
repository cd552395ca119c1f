"""A Photon on a virtual USB bus: dummy_hcd is host and device controller in one, configfs makes the
serial gadget.

Source: Linux Documentation/usb/gadget_configfs.rst. Afterwards /dev/ttyACM0 (the computer's side)
talks to /dev/ttyGS0 (the device's).
"""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.serial_photon import USB_CHUNK_BYTES, Console

GADGETS = Path("/sys/kernel/config/usb_gadget")
COMPUTER_END, DEVICE_END = Path("/dev/ttyACM0"), Path("/dev/ttyGS0")
ON_BUS = Path("/sys/bus/usb/devices/1-1/idVendor")
VENDOR, RUNNING, DFU = 0x2B04, 0xC006, 0xD006


class Board:
    """One device that can be plugged in and out. Its USB strings as in
    device-os@v1.5.2:hal/src/stm32f2xx/usbd_desc_device.c.

    Without a port it has an interface that no driver takes, as in DFU mode or where its program
    closed the port.
    """

    def __init__(self, product: int, serial: str, *, has_port: bool) -> None:
        for module in ("dummy_hcd", "libcomposite", "usb_f_acm", "usb_f_ss_lb", "cdc-acm"):
            subprocess.run(["modprobe", module], check=True)
        if not GADGETS.exists():
            subprocess.run(["mount", "-t", "configfs", "none", GADGETS.parent], check=True)
        self._folder = GADGETS / "photon"
        self._function = "acm.0" if has_port else "Loopback.0"
        self._is_there = COMPUTER_END if has_port else ON_BUS
        names = {
            "serialnumber": serial,
            "manufacturer": "Particle",
            "product": "Photon" if product == RUNNING else "Photon DFU Mode",
        }
        numbers = {
            "idVendor": VENDOR,
            "idProduct": product,
            "bcdDevice": 0x0250,
            "bcdUSB": 0x0200,
            "bDeviceClass": 2,
        }
        (self._folder / "strings/0x409").mkdir(parents=True)
        for name, number in numbers.items():
            (self._folder / name).write_text(hex(number))
        for name, text in names.items():
            (self._folder / "strings/0x409" / name).write_text(text)
        (self._folder / "configs/c.1").mkdir()
        (self._folder / "functions" / self._function).mkdir()
        (self._folder / "configs/c.1" / self._function).symlink_to(
            self._folder / "functions" / self._function
        )

    def plug_in(self) -> None:
        """Show it on the bus; returns when the computer has it. RuntimeError after 20 s."""
        self._attach(next(Path("/sys/class/udc").iterdir()).name)
        _await(self._is_there.exists, "device on the bus")

    def pull_out(self) -> None:
        """Take it off the bus; returns when it is gone."""
        self._attach("\n")
        _await(lambda: not self._is_there.exists(), "end of the device on the bus")

    def remove(self) -> None:
        """Pull it out if need be, and forget it."""
        if (self._folder / "UDC").read_text().strip():
            self.pull_out()
        (self._folder / "configs/c.1" / self._function).unlink()
        for name in ("configs/c.1", f"functions/{self._function}", "strings/0x409"):
            (self._folder / name).rmdir()
        self._folder.rmdir()

    def _attach(self, controller: str) -> None:
        (self._folder / "UDC").write_text(controller)


def _await(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"no {what}")
        time.sleep(0.02)


@contextmanager
def firmware(console: Console) -> Iterator[None]:
    """That device answers at the device's end of the port; it is pulled out in mid-answer where its
    state says so.
    """
    port = os.open(DEVICE_END, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(port)
    stop = threading.Event()
    thread = threading.Thread(target=_answer, args=(port, console, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        os.close(port)


def _answer(port: int, console: Console, stop: threading.Event) -> None:
    while not stop.is_set():
        if not select.select([port], [], [], 0.05)[0]:
            continue
        for byte in os.read(port, 64):
            answer = console.take(bytes((byte,)))
            after = console.unplugged_after if byte == ord("s") else None
            for at in range(0, len(answer[:after]), USB_CHUNK_BYTES):
                os.write(port, answer[at : min(at + USB_CHUNK_BYTES, after or len(answer))])
            if after is not None:
                time.sleep(0.2)
                (GADGETS / "photon/UDC").write_text("\n")
                return
