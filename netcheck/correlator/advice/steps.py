"""The steps of a remedy with the device's names."""

from __future__ import annotations

import re

from netcheck.model import Device

_READ_MAC = re.compile(r"Read the MAC address with `particle serial mac`[^.]*\.")
_COMMAND = re.compile(r"`[^`]*`")


def with_names(text: str, device: Device) -> str:
    """The text with the device's MAC and id, where they are known, in its commands."""

    def filled(command: re.Match[str]) -> str:
        words = command[0]
        if device.id:
            words = words.replace("DEVICE_ID", device.id)
        return words.replace("-device MAC", f"-device {device.mac}") if device.mac else words

    if device.mac:
        known = f"Note the Photon's MAC address: {device.mac}."
        text = _READ_MAC.sub(lambda _: known, text)
    return _COMMAND.sub(filled, text)
