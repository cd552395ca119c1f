"""What the USB bus shows without a port being opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from netcheck.device.usb import bus as usb_bus
from netcheck.device.usb.boards import UsbDevice
from tests.doubles.serial_photon import ID


def bus(tmp_path: Path, **devices: dict[str, str]) -> Iterator[UsbDevice]:
    for place, files in devices.items():
        folder = tmp_path / "devices" / place.replace("_", "-")
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text + "\n")
        if "busnum" in files:
            node = tmp_path / "nodes" / f"{int(files['busnum']):03}" / f"{int(files['devnum']):03}"
            node.parent.mkdir(parents=True, exist_ok=True)
            node.touch()
    return usb_bus.bus(tmp_path / "devices", tmp_path / "nodes")


@pytest.mark.parametrize("writable", [True, False])
def test_the_bus_shows_a_device_in_dfu_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "access", lambda *_: writable)
    found = bus(
        tmp_path,
        usb1={"idVendor": "1d6b", "idProduct": "0002"},
        one={
            "idVendor": "2b04",
            "idProduct": "d006",
            "serial": ID.upper(),
            "product": "Photon DFU Mode",
            "busnum": "1",
            "devnum": "4",
        },
        broken={"idVendor": "2b04", "idProduct": "zzzz"},
    )
    shown = [(one.board, one.is_dfu, one.device_id, one.node_writable) for one in found]
    assert shown == [("", False, "", None), ("photon", True, ID, writable)]


def test_where_there_is_no_such_list_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(usb_bus.bus(tmp_path / "none", tmp_path)) == []
    monkeypatch.setattr(sys, "platform", "win32")
    assert list(bus(tmp_path, one={"idVendor": "2b04", "idProduct": "d006"})) == []


@pytest.mark.parametrize("error", [PermissionError(13, "denied"), FileNotFoundError(2, "no")])
def test_a_bus_that_may_not_be_looked_at_shows_nothing(
    error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(os, "stat", refuse)
    assert list(usb_bus.bus(usb_bus.DEVICES, usb_bus.NODES)) == []
