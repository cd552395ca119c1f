"""A network's name in a scan, typed or as it is shown; whole situations are in
tests/unit/probes/test_wifi_band.py.
"""

from __future__ import annotations

import pytest

from netcheck.wifi.elements import describe_bss
from netcheck.wifi.names import ssid_text
from netcheck.wifi.scan import ScannedBss, WifiScan
from netcheck.wifi.wanted import named, offered, remarks, title

HOSTILE = [
    b"\x1b[31mred",
    b"<script>alert(1)</script>",
    "\u202eevil".encode(),
    b"\xff\xfe",
    b"a\nb",
    b"back\\slash",
    b"end ",
]
READABLE = ["客厅", "Café ☕", "家🏠"]


def heard(ssid: bytes) -> WifiScan:
    body = bytes((0, len(ssid))) + ssid + bytes.fromhex("010482848b96030106")
    one = ScannedBss(bssid="02:00:00:00:01:05", description=describe_bss(1, body, 2437))
    return WifiScan(found=(one,), is_fresh=True, scans=2)


@pytest.mark.parametrize("ssid", HOSTILE)
def test_a_hostile_name_is_found_as_it_is_shown_and_stays_harmless(ssid: bytes) -> None:
    scan, shown = heard(ssid), ssid_text(ssid)

    assert len(named(scan, shown)) == 1
    assert title(scan, shown) == shown
    assert shown.isprintable()


@pytest.mark.parametrize("name", READABLE)
def test_names_of_other_scripts_stay_readable(name: str) -> None:
    scan = heard(name.encode())

    assert title(scan, name) == name
    assert len(named(scan, name)) == 1


def test_a_hidden_access_point_has_no_name_to_be_asked_for() -> None:
    scan = heard(bytes(7))

    assert named(scan, "") == []
    assert offered(scan, "Home").reason == "not_on_air"
    assert list(remarks(scan, "Home")) == []
