"""What macOS's system_profiler prints of networks, and what it prints instead."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from netcheck.host.scan import system_profiler

OWN = {
    "_name": "Home",
    "spairport_network_bssid": "02:00:00:00:01:01",
    "spairport_network_channel": "44 (5GHz, 80MHz)",
    "spairport_network_phymode": "802.11ax",
    "spairport_security_mode": "pairport_security_mode_wpa3_transition",
    "spairport_signal_noise": "-52 dBm / -92 dBm",
}
OTHERS: list[dict[str, object]] = [
    {
        "_name": "Home",
        "spairport_network_channel": "6 (2GHz, 20MHz)",
        "spairport_security_mode": "spairport_security_mode_wpa2_personal",
        "spairport_signal_noise": "-60 dBm / -90 dBm",
    },
    {
        "_name": "Office",
        "spairport_network_channel": "37 (6GHz, 160MHz)",
        "spairport_security_mode": "spairport_security_mode_wpa3_enterprise",
    },
    {"_name": "Old", "spairport_network_channel": 11},
]


def output(own: dict[str, Any], others: list[Any], status: str = "connected") -> bytes:
    adapter = {
        "_name": "en0",
        "spairport_status_information": f"spairport_status_{status}",
        "spairport_current_network_information": own,
        "spairport_airport_other_local_wireless_networks": others,
    }
    awdl = {"_name": "awdl0", "spairport_current_network_information": {}}
    return msgspec.json.encode(
        {"SPAirPortDataType": [{"spairport_airport_interfaces": [awdl, adapter]}]}
    )


def test_networks_with_band_channel_and_security() -> None:
    scan = system_profiler.read(output(OWN, OTHERS), "en0")

    assert [(one.description.ssid, one.band, one.channel) for one in scan.found] == [
        (b"Home", "5", 44),
        (b"Home", "2.4", 6),
        (b"Office", "6", 37),
        (b"Old", "2.4", 11),
    ]
    assert [one.has_security for one in scan.found] == [True, True, True, False]
    assert [one.is_joined for one in scan.found] == [True, False, False, False]
    assert scan.found[0].signal_dbm == -52
    assert (scan.interface, scan.is_fresh, scan.reason) == ("en0", False, "")


def test_names_that_the_system_keeps_are_not_hidden_names() -> None:
    redacted = [one | {"_name": system_profiler.REDACTED} for one in OTHERS]

    scan = system_profiler.read(output({}, redacted))

    assert scan.reason == "withheld"
    assert not any(one.is_hidden or one.has_name for one in scan.found)
    assert "location" in scan.says


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        (b"", "absent"),
        (b"{", "absent"),
        (b"[" * 5000, "absent"),
        (b'{"SPAirPortDataType": "none"}', "absent"),
        (b'{"SPAirPortDataType": [{"spairport_airport_interfaces": [3, "x"]}]}', "absent"),
        (output({}, [], "off"), "switched_off"),
        (output({}, [{"_name": 5}, "x", {}]), ""),
    ],
)
def test_what_is_printed_instead(printed: bytes, reason: str) -> None:
    scan = system_profiler.read(printed)

    assert (scan.found, scan.reason) == ((), reason)
