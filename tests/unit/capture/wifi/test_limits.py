"""A capture on the wrong channel says that it cannot show the device, and accuses nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import Target
from tests.helpers.first_cause import told
from tests.helpers.monitor import Monitor
from tests.helpers.wire import DEVICE_MAC, OTHER_MAC

NEXT_DOOR = bytes.fromhex("0200000000cc")


def limits(monitor: Monitor, folder: Path, ssid: str = "") -> str:
    target = Target(device=DEVICE_MAC.hex(":"), ssid=ssid)
    seen = observe([monitor.save(folder)], target).observations
    assert diagnose(seen, target)
    [coverage] = [o for o in seen if o.fact == "capture.coverage"]
    return coverage.text("cannot_show")


def test_a_capture_on_5_ghz(tmp_path: Path) -> None:
    elsewhere = Monitor(mhz=5180).beacon(channel=36).wait(9).beacon(channel=36)
    assert "only channels 1 to 14" in limits(elsewhere, tmp_path)
    assert told(elsewhere, tmp_path, ssid="Lab") == "insufficient"


def test_a_capture_on_another_channel(tmp_path: Path) -> None:
    elsewhere = Monitor(mhz=2427).beacon().asks().wait(5).asks().wait(5).asks().wait(9).beacon()
    assert "listened on channel 4" in limits(elsewhere, tmp_path)
    assert "is on channel 6" in limits(elsewhere, tmp_path)
    assert told(elsewhere, tmp_path) == "insufficient"


def test_a_capture_without_the_device(tmp_path: Path) -> None:
    without = Monitor().beacon().joined(mac=OTHER_MAC)
    assert "no Wi-Fi frame of the Photon was received on channel 6" in limits(without, tmp_path)
    assert told(without, tmp_path) == "insufficient"


@pytest.mark.parametrize("ssid", ["", "Lab"])
def test_a_capture_on_the_right_channel_has_no_such_limit(ssid: str, tmp_path: Path) -> None:
    assert "listened" not in limits(Monitor().beacon().probed().joined(), tmp_path, ssid)
    two = Monitor().beacon().on(2462).beacon(bssid=NEXT_DOOR, channel=11).on(2437).joined()
    assert "channel" not in limits(two, tmp_path, ssid)
