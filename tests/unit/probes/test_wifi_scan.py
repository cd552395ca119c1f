"""Each way in which a scan may end, said for what it is, with what would help."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from netcheck.probes.wifi_scan import wifi_scan

from netcheck.probing import Seen, WifiScan
from netcheck.probing.testing import FakeNet
from tests.helpers.probe_lines import by_fact, lines
from tests.helpers.scans import scan

FINE = "06 2437 ch6 psk ccmp b g n -50 name=Home"


def ended(reason: str) -> WifiScan:
    return WifiScan(interface="wlan0", reason=reason, says="do this")


@pytest.mark.parametrize(
    ("found", "listed"),
    [
        (scan(FINE), "ok"),
        (scan(FINE, is_fresh=False), "unclear cached"),
        (scan("", is_fresh=False), "failed nothing_heard"),
        (scan(""), "failed nothing_heard"),
        (replace(scan(""), is_whole=False), "unclear nothing_heard"),
        (ended("absent"), "failed absent"),
        (ended("switched_off"), "failed switched_off"),
        (ended("denied"), "failed denied"),
        (ended("needs"), "failed needs"),
        (scan("06 2437 withheld zeros -50", reason="withheld"), "failed withheld"),
    ],
)
def test_how_a_scan_ended(found: WifiScan, listed: str) -> None:
    assert f"computer.scan {listed}" in lines(wifi_scan, FakeNet(scans=[found]))


def test_what_would_help_is_said() -> None:
    net = FakeNet(scans=[ended("switched_off")])

    (listed,) = by_fact(run(net), "computer.scan")

    assert dict(listed.data)["says"] == "do this"


@pytest.mark.parametrize(
    ("found", "wifi", "joined", "data"),
    [
        (scan(f"{FINE} joined"), "Home", "ok", {"ssid": "Home", "band_ghz": 2.4, "channel": 6}),
        (
            scan("05 5180 ch36 psk ccmp g n -61 name=Home joined"),
            "Home",
            "ok",
            {"band_ghz": 5, "channel": 36, "here_dbm": -61, "bssid": "02:00:00:00:01:05"},
        ),
        (scan("05 5975 sae mfpr g -61 name=Home joined"), "Home", "ok", {"band_ghz": 6}),
        (scan(FINE), "Home", "unclear needs", {"ssid": "Home"}),
        (scan(FINE), "", "failed absent", {}),
    ],
)
def test_where_this_computer_is(
    found: WifiScan, wifi: str, joined: str, data: dict[str, object]
) -> None:
    (own,) = by_fact(run(FakeNet(scans=[found], wifi=wifi)), "computer.wifi")

    assert f"{own.outcome} {own.reason}".strip() == joined
    assert data.items() <= dict(own.data).items()


def test_a_list_that_was_kept_has_its_age() -> None:
    kept = scan(f"{FINE} age=31\n07 2462 ch11 psk b g -70 name=Other age=12", is_fresh=False)

    (listed,) = by_fact(run(FakeNet(scans=[kept])), "computer.scan")

    assert dict(listed.data)["age_s"] == 12


def run(net: FakeNet) -> list[Seen]:
    from netcheck.model import Target

    return list(wifi_scan.run(Target(), net))
