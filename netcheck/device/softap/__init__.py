"""The device over its own access point (SoftAP, listening mode): four questions that only read."""

from netcheck.device.softap.reading import SoftApHost, WantedNetworks, observe, this_computer

__all__ = ["SoftApHost", "WantedNetworks", "observe", "this_computer"]
