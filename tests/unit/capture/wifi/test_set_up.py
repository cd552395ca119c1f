"""A Photon's own access point, and networks that only look like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.first_cause import told
from tests.helpers.monitor import Monitor
from tests.helpers.wire import DEVICE_MAC, OTHER_MAC

OWN = bytes([DEVICE_MAC[0] | 2]) + DEVICE_MAC[1:]


def named(name: bytes) -> bytes:
    return bytes([0, len(name)]) + name


@pytest.mark.parametrize(
    ("name", "bssid", "is_private", "expected"),
    [
        (b"Photon-8HKQ", OWN, False, "suspected credentials_missing likely"),
        (b"Photon-8HKQ2X", OWN, False, "suspected credentials_missing likely"),
        (b"Shed-8HKQ", DEVICE_MAC, False, "suspected credentials_missing likely"),
        (b"Photon-8HKQ", OWN, True, "insufficient"),
        (b"Photon-8HK0", OWN, False, "insufficient"),
        (b"Photon-8HKQ", OTHER_MAC, False, "insufficient"),
    ],
)
def test_a_device_whose_own_network_is_on_the_air_waits_for_set_up(
    name: bytes, bssid: bytes, is_private: bool, expected: str, tmp_path: Path
) -> None:
    monitor = Monitor(rsn=b"", is_private=is_private)
    monitor.beacon(named(name), bssid=bssid, channel=11).asks().wait(5)
    assert told(monitor, tmp_path) == expected


def test_one_that_joins_afterwards_was_set_up(tmp_path: Path) -> None:
    monitor = Monitor(rsn=b"", is_private=False).beacon(named(b"Photon-8HKQ"), bssid=OWN).wait(20)
    assert told(monitor.beacon().accepted(), tmp_path) == "insufficient"
