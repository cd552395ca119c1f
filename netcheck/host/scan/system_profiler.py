"""The list of access points as macOS's `system_profiler SPAirPortDataType -json` prints it: its
keys are the same in every language. Kept by the system, not made anew. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from netcheck.wifi.scan import MOST_BSS, ScannedBss, WifiScan, described_in_words, frequency_of

COMMAND = ("system_profiler", "SPAirPortDataType", "-json", "-detailLevel", "basic")
REDACTED = "<redacted>"
_LOCATION = (
    "macOS keeps the names of networks from programs without the right to the location: allow it"
    " for the terminal (System Settings, Privacy & Security, Location Services), and run this again"
)
_ABSENT = "this computer shows no Wi-Fi adapter; to root macOS shows none, so run this without sudo"
_OFF = "Wi-Fi is switched off on this computer: switch it on, and run this again"
_CHANNEL = re.compile(r"^\s*(\d{1,3})(?:\s*\((\d)(?:\.\d)?\s*GHz)?", re.ASCII)
_BANDS = {"2": "2.4", "5": "5", "6": "6"}
_DBM = re.compile(r"-\d{1,3}", re.ASCII)
_SECURITY = {
    "none": {"open"},
    "open": {"open"},
    "owe": {"owe"},
    "owe_transition": {"open"},
    "wep": {"wep"},
    "dynamic_wep": {"wep"},
    "wpa_personal": {"wpa"},
    "wpa_personal_mixed": {"wpa", "wpa2"},
    "wpa2_personal": {"wpa2"},
    "wpa2_personal_mixed": {"wpa", "wpa2"},
    "wpa3_personal": {"wpa3"},
    "wpa3_transition": {"wpa2", "wpa3"},
    "wpa3_personal_transition": {"wpa2", "wpa3"},
    "wpa_enterprise": {"wpa", "enterprise"},
    "wpa_enterprise_mixed": {"wpa", "wpa2", "enterprise"},
    "wpa2_enterprise": {"wpa2", "enterprise"},
    "wpa3_enterprise": {"wpa3", "enterprise"},
}
"""What follows `spairport_security_mode_`; some versions leave its first letter out."""


def read(output: bytes, interface: str = "") -> WifiScan:
    """The list for that interface, else for the first that has one. Anything printed is
    accepted.
    """
    adapters = list(_adapters(output))
    if not adapters:
        return WifiScan(reason="absent", says=_ABSENT)
    named = [one for one in adapters if one.get("_name") == interface]
    adapter = [*named, *adapters][0]
    name = _text(adapter.get("_name"))[:32]
    if _text(adapter.get("spairport_status_information")).endswith("_off"):
        return WifiScan(interface=name, reason="switched_off", says=_OFF)
    found = tuple(one for one, _ in zip(_every(adapter), range(MOST_BSS), strict=False))
    is_withheld = bool(found) and not any(one.has_name for one in found)
    return WifiScan(
        found=found,
        interface=name,
        reason="withheld" if is_withheld else "",
        says=_LOCATION if is_withheld else "",
    )


def _adapters(output: bytes) -> Iterator[dict[str, Any]]:
    try:
        told = msgspec.json.decode(output)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for part in _rows(told, "SPAirPortDataType"):
        for adapter in _rows(part, "spairport_airport_interfaces"):
            if "spairport_status_information" in adapter:
                yield adapter


def _rows(of: Any, name: str) -> list[dict[str, Any]]:
    value = of.get(name) if isinstance(of, dict) else None
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _every(adapter: dict[str, Any]) -> Iterator[ScannedBss]:
    own = adapter.get("spairport_current_network_information")
    if isinstance(own, dict) and own:
        yield from _bss(own, is_joined=True)
    for row in _rows(adapter, "spairport_airport_other_local_wireless_networks"):
        yield from _bss(row, is_joined=False)


def _bss(row: dict[str, Any], *, is_joined: bool) -> Iterator[ScannedBss]:
    name = _text(row.get("_name"))
    place = _CHANNEL.match(_text(row.get("spairport_network_channel")))
    if place is None:
        return
    channel = int(place[1])
    band = _BANDS.get(place[2] or "", "2.4" if channel <= 14 else "5")
    mode = _text(row.get("spairport_security_mode")).rpartition("_security_mode_")[2]
    words = frozenset(_SECURITY.get(mode, ()))
    has_name = name != REDACTED and bool(name)
    ssid = name.encode("utf-8", "replace")[:32] if has_name else b""
    told, has_security = described_in_words(ssid, frequency_of(channel, band), channel, words)
    signal = _DBM.search(_text(row.get("spairport_signal_noise")))
    yield ScannedBss(
        bssid=_text(row.get("spairport_network_bssid")).lower()[:17],
        description=told,
        signal_dbm=int(signal[0]) if signal else None,
        is_joined=is_joined,
        has_name=has_name,
        has_security=has_security,
        has_elements=False,
    )


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""
