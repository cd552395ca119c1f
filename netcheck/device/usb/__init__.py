"""The device at a USB port: which board it is, and what it answers in listening mode. Read only."""

from netcheck.device.usb.boards import AUTO, NONE

__all__ = ["AUTO", "NONE"]
