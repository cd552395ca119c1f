"""What a capture that was written here comes to: verdict, first cause, level."""

from __future__ import annotations

from pathlib import Path

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target
from tests.helpers.monitor import Monitor
from tests.helpers.wire import DEVICE_MAC


def diagnosed(monitor: Monitor, folder: Path, *, ssid: str = "", device: str = "") -> Diagnosis:
    """The first diagnosis, of the device of these helpers unless another name is given."""
    target = Target(device=device or DEVICE_MAC.hex(":"), ssid=ssid)
    return diagnose(observe([monitor.save(folder)], target).observations, target)[0]


def told(monitor: Monitor, folder: Path, *, ssid: str = "", device: str = "") -> str:
    """As `fault mac_filter likely`, or the verdict alone."""
    one = diagnosed(monitor, folder, ssid=ssid, device=device)
    first = next((f for f in one.findings if f.level in STANDING), None)
    return one.verdict.value + (f" {first.cause} {first.level.value}" if first else "")
