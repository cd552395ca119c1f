"""Information elements of beacons and probe responses, and what of them a Photon cannot do.

IEEE 802.11-2020 §9.4.2; the RSN element is §9.4.2.24. Element and suite numbers are the standard's.
What the module can do: device-os@v2.3.1:hal/src/photon/wlan_hal.cpp (WPA and WPA2 with a pass
phrase, TKIP or CCMP, no management-frame protection). Any bytes are accepted; what is cut short or
invalid is left out.
"""

from __future__ import annotations

from typing import NamedTuple

SSID, DS_PARAMETERS, RSN, HT_OPERATION, VENDOR = 0, 3, 48, 61, 221
WPA1 = b"\x00\x50\xf2\x01"
OUI_RSN, OUI_WPA = b"\x00\x0f\xac", b"\x00\x50\xf2"

ENTERPRISE_AKMS = frozenset({1, 3, 5, 11, 12, 13})
PSK = 2
SAE_AKMS = frozenset({8, 9, 24, 25})
TKIP, CCMP = 2, 4
PRIVACY = 0x0010
PMF_REQUIRED = 0x0040
LAST_USUAL_CHANNEL = 11


class Suites(NamedTuple):
    """The security that an RSN or WPA element offers."""

    akms: frozenset[int]
    ciphers: frozenset[int]
    is_pmf_required: bool


class BssDescription(NamedTuple):
    """What one access point offers. `channel` and `frequency_mhz` are None where nothing says so;
    an empty `ssid` is hidden.
    """

    ssid: bytes
    channel: int | None
    frequency_mhz: int | None
    is_private: bool
    rsn: Suites | None
    wpa: Suites | None

    @property
    def is_2ghz(self) -> bool:
        """Is it on the only band that a Photon has? Assumed where the capture does not say."""
        return self.frequency_mhz is None or self.frequency_mhz < 3000

    def obstacle(self) -> str:
        """The reason why a Photon cannot join; empty if it can."""
        if not self.is_2ghz:
            return "only_5ghz"
        if self.rsn is None and self.wpa is None:
            return "wep" if self.is_private else ""
        if _is_usable(self.rsn) or _is_usable(self.wpa):
            return ""
        akms = (self.rsn.akms if self.rsn else frozenset()) | (
            self.wpa.akms if self.wpa else frozenset()
        )
        if PSK in akms and self.rsn is not None and self.rsn.is_pmf_required:
            return "pmf_required"
        if akms & SAE_AKMS and not akms & ENTERPRISE_AKMS:
            return "sae_only"
        return "enterprise" if akms & ENTERPRISE_AKMS else "other_security"


def _is_usable(suites: Suites | None) -> bool:
    return (
        suites is not None
        and PSK in suites.akms
        and not suites.is_pmf_required
        and bool(suites.ciphers & {TKIP, CCMP})
    )


def elements(body: bytes) -> dict[int, list[bytes]]:
    """Element id → values, in order."""
    found: dict[int, list[bytes]] = {}
    at = 0
    while at + 2 <= len(body):
        size = body[at + 1]
        value = body[at + 2 : at + 2 + size]
        if len(value) < size:
            break
        found.setdefault(body[at], []).append(value)
        at += 2 + size
    return found


def describe_bss(capabilities: int, body: bytes, frequency_mhz: int | None) -> BssDescription:
    """The offer in the fixed capabilities and the elements of a beacon or probe response."""
    found = elements(body)
    wpa = next((value for value in found.get(VENDOR, ()) if value.startswith(WPA1)), None)
    return BssDescription(
        ssid=_ssid(found),
        channel=_channel(found),
        frequency_mhz=frequency_mhz,
        is_private=bool(capabilities & PRIVACY),
        rsn=_suites(found[RSN][0], OUI_RSN) if RSN in found else None,
        wpa=_suites(wpa[4:], OUI_WPA) if wpa is not None else None,
    )


def _ssid(found: dict[int, list[bytes]]) -> bytes:
    """The name; one of zero bytes is as hidden as none."""
    ssid = found.get(SSID, [b""])[0][:32]
    return ssid if ssid.strip(b"\x00") else b""


def requested_ssid(body: bytes) -> bytes:
    """The name in a request's elements; empty for a wildcard."""
    return _ssid(elements(body))


def _channel(found: dict[int, list[bytes]]) -> int | None:
    for element in (DS_PARAMETERS, HT_OPERATION):
        value = found.get(element, [b""])[0]
        if value:
            return value[0]
    return None


def _suites(value: bytes, oui: bytes) -> Suites:
    """Group cipher, pairwise ciphers, AKMs, capabilities; from the group cipher on each may be
    missing (CCMP, 802.1X are the defaults).
    """
    at = 6
    ciphers, at = _selectors(value, at, oui)
    akms, at = _selectors(value, at, oui)
    capabilities = int.from_bytes(value[at : at + 2], "little") if oui == OUI_RSN else 0
    return Suites(
        akms or frozenset({1}), ciphers or frozenset({CCMP}), bool(capabilities & PMF_REQUIRED)
    )


def _selectors(value: bytes, at: int, oui: bytes) -> tuple[frozenset[int], int]:
    count = int.from_bytes(value[at : at + 2], "little")
    end = at + 2 + 4 * count
    chosen = [value[place : place + 4] for place in range(at + 2, min(end, len(value)), 4)]
    return frozenset(suite[3] for suite in chosen if len(suite) == 4 and suite[:3] == oui), end
