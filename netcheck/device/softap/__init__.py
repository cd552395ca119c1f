"""The device over its own access point (SoftAP, listening mode): four questions that only read."""

from netcheck.device.softap.reading import Machine, Wanted, observe, this_computer

__all__ = ["Machine", "Wanted", "observe", "this_computer"]
