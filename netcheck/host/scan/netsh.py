"""The list of access points as Windows' `netsh wlan show networks mode=bssid` prints it, whose
labels are of the system's language: lines are known by the forms of their values. Kept by the
system, not made anew. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netcheck.wifi.scan import MOST_BSS, ScannedBss, WifiScan, described_in_words, frequency_of

COMMAND = ("netsh", "wlan", "show", "networks", "mode=bssid")
INTERFACES = ("netsh", "wlan", "show", "interfaces")
_SSID = re.compile(r"^SSID \d{1,4} *: ?(.*)$")
_BSSID = re.compile(r"^ *BSSID \d{1,4} *: *((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})", re.ASCII)
_LINE = re.compile(r"^ *[^:]{2,60}?\s*: *(.*?)\s*$")
_PERCENT = re.compile(r"^(\d{1,3}) ?%$", re.ASCII)
_NUMBER = re.compile(r"^\d{1,3}$", re.ASCII)
_BAND = re.compile(r"^([256])(?:[.,]4)? ?GHz$", re.ASCII)
_BANDS = {"2": "2.4", "5": "5", "6": "6"}
_GUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_NEEDS_LOCATION = "ms-settings:privacy-location"
_LOCATION = (
    "Windows shows networks only to programs with the right to the location: switch it on under"
    " Settings, Privacy & security, Location, and run this again"
)
_WPA = re.compile(r"\bWPA([23]?)\b", re.IGNORECASE)
_ENTERPRISE = re.compile(
    r"enterprise|entreprise|unternehmen|empresa|azienda|802\.1x", re.IGNORECASE
)
_OPEN = re.compile(r"^(?:open|offen|ouvert|abierta|aberta|aperta|open system)$", re.IGNORECASE)
_WEP = re.compile(r"^WEP", re.IGNORECASE)


def read(output: str, interfaces: str = "") -> WifiScan:
    """The list; `interfaces` is what the other command prints, by which an empty list is told from
    no adapter. Anything printed is accepted.
    """
    if _NEEDS_LOCATION in output or _NEEDS_LOCATION in interfaces:
        return WifiScan(reason="denied", says=_LOCATION)
    found = tuple(one for one, _ in zip(_every(output), range(MOST_BSS), strict=False))
    if not found and not _GUID.search(interfaces):
        return WifiScan(
            reason="absent",
            says="Windows shows no Wi-Fi adapter, or its WLAN service does not run",
        )
    return WifiScan(found=found)


def _every(output: str) -> Iterator[ScannedBss]:
    ssid, head = "", list[str]()
    block: list[str] | None = None
    for line in output.splitlines():
        line = line[:200]
        if (name := _SSID.match(line)) is not None:
            yield from _bss(ssid, head, block)
            ssid, head, block = name[1].strip(), [], None
        elif (bssid := _BSSID.match(line)) is not None:
            yield from _bss(ssid, head, block)
            block = [bssid[1].lower()]
        elif (value := _LINE.match(line)) is not None:
            (head if block is None else block).append(value[1])
    yield from _bss(ssid, head, block)


def _bss(ssid: str, head: Iterable[str], block: list[str] | None) -> Iterator[ScannedBss]:
    if not block:
        return
    bssid, values = block[0], block[1:]
    channel = next((int(one) for one in values if _NUMBER.match(one)), None)
    named = next((_BANDS[found[1]] for one in values if (found := _BAND.match(one))), "")
    band = named or ("2.4" if channel and channel <= 14 else "5")
    percent = next((int(found[1]) for one in values if (found := _PERCENT.match(one))), None)
    mhz = frequency_of(channel, band) if channel else None
    name = ssid.encode("utf-8", "replace")[:32]
    told, has_security = described_in_words(name, mhz, channel, _security(head))
    yield ScannedBss(
        bssid=bssid,
        description=told,
        # WLAN_ASSOCIATION_ATTRIBUTES: 0 % is -100 dBm, 100 % is -50 dBm, linear between
        signal_dbm=None if percent is None else min(percent, 100) // 2 - 100,
        is_hidden=not name,
        has_security=has_security,
        has_elements=False,
    )


def _security(head: Iterable[str]) -> frozenset[str]:
    """Of the values above the first access point those that name a security."""
    words: set[str] = set()
    for value in head:
        generations = _WPA.findall(value)
        words |= {f"wpa{generation}" for generation in generations}
        if generations and _ENTERPRISE.search(value):
            words.add("enterprise")
        if _WEP.match(value):
            words.add("wep")
        if _OPEN.match(value):
            words.add("open")
    return frozenset(words - {"open"} if len(words) > 1 else words)
