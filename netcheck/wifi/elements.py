"""Information elements of beacons and probe responses, and what of them a Photon cannot do.

IEEE 802.11-2020 §9.4.2; the RSN element is §9.4.2.24. Element and suite numbers are the standard's.
What the module can do: device-os@v2.3.1:hal/src/photon/wlan_hal.cpp (WPA and WPA2 with a pass
phrase, TKIP or CCMP, no management-frame protection). Any bytes are accepted; what is cut short or
invalid is left out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

SSID, RATES, DS_PARAMETERS, RSN, MORE_RATES, HT_OPERATION, VENDOR = 0, 1, 3, 48, 50, 61, 221
HT_CAPABILITIES, VHT_CAPABILITIES, EXTENSION = 45, 191, 255
BSS_LOAD = 11
HE_CAPABILITIES, EHT_CAPABILITIES = 35, 108
"""Numbers of element id extensions (IEEE 802.11ax, 802.11be)."""
WPA1 = b"\x00\x50\xf2\x01"
OUI_RSN, OUI_WPA = b"\x00\x0f\xac", b"\x00\x50\xf2"

ENTERPRISE_AKMS = frozenset({1, 3, 5, 11, 12, 13})
USUAL_AKM, PSK = 1, 2
SAE_AKMS = frozenset({8, 9, 24, 25})
TKIP, CCMP = 2, 4
PRIVACY = 0x0010
PMF_REQUIRED = 0x0040
PMF_CAPABLE = 0x0080
BASIC = 0x80
"""The bit of a rate that each station has to support."""
FIRST_SELECTOR = 122
"""From here on a rate is a BSS membership selector, which says what each station has to support
(IEEE 802.11-2020 table 9-92).
"""
DSSS_RATES, LEGACY_RATES = frozenset({2, 4, 11, 22}), frozenset({12, 18, 24, 36, 48, 72, 96, 108})
"""Of 802.11b, which 2.4 GHz alone has, and of 802.11g and a, in units of 500 kbit/s."""


class Suites(NamedTuple):
    """The security that an RSN or WPA element offers."""

    akms: frozenset[int]
    ciphers: frozenset[int]
    is_pmf_required: bool
    group: int = CCMP
    is_pmf_capable: bool = False


class Radio(NamedTuple):
    """Of which amendments an access point speaks, and what it asks of each station.

    `rates` are all that it names, in units of 500 kbit/s, `selectors` the BSS membership selectors
    that it requires, `width_mhz` its channel's width (None where nothing says so).
    """

    rates: frozenset[int] = frozenset()
    selectors: frozenset[int] = frozenset()
    width_mhz: int | None = None
    amendments: frozenset[str] = frozenset()
    """Of n, ac, ax and be those whose capabilities it shows."""


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
    radio: Radio = Radio()

    @property
    def is_hidden(self) -> bool:
        """Does it keep its name to itself?"""
        return not self.ssid

    @property
    def security(self) -> str:
        """What it asks of a station: open, wep, tkip (WPA or WPA2 with TKIP alone), or other."""
        if self.rsn is None and self.wpa is None:
            return "wep" if self.is_private else "open"
        offered = [suites.ciphers for suites in (self.rsn, self.wpa) if suites is not None]
        return "tkip" if frozenset().union(*offered) == {TKIP} else "other"

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


@lru_cache(maxsize=1_000)
def describe_bss(capabilities: int, body: bytes, frequency_mhz: int | None) -> BssDescription:
    """The offer in the fixed capabilities and the elements of a beacon or probe response. An access
    point says the same ten times a second: what was read is kept for the next.
    """
    found = elements(body)
    wpa = next((value for value in found.get(VENDOR, ()) if value.startswith(WPA1)), None)
    return BssDescription(
        ssid=_ssid(found),
        channel=_channel(found),
        frequency_mhz=frequency_mhz,
        is_private=bool(capabilities & PRIVACY),
        rsn=_suites(found[RSN][0], OUI_RSN) if RSN in found else None,
        wpa=_suites(wpa[4:], OUI_WPA) if wpa is not None else None,
        radio=_radio(found),
    )


def _radio(found: dict[int, list[bytes]]) -> Radio:
    given = b"".join(value for number in (RATES, MORE_RATES) for value in found.get(number, ()))
    rates = frozenset(rate & ~BASIC for rate in given)
    extended = {value[0] for value in found.get(EXTENSION, ()) if value}
    shown = {
        "n": HT_CAPABILITIES in found,
        "ac": VHT_CAPABILITIES in found,
        "ax": HE_CAPABILITIES in extended,
        "be": EHT_CAPABILITIES in extended,
    }
    return Radio(
        rates=frozenset(rate for rate in rates if rate < FIRST_SELECTOR),
        selectors=frozenset(rate & ~BASIC for rate in given if rate >= BASIC | FIRST_SELECTOR),
        width_mhz=_width_mhz(found),
        amendments=frozenset(name for name, is_there in shown.items() if is_there),
    )


def _width_mhz(found: dict[int, list[bytes]]) -> int | None:
    """Of the HT operation element (IEEE 802.11-2020 §9.4.2.56): any channel width, beside a
    secondary channel.
    """
    value = found.get(HT_OPERATION, [b""])[0]
    if len(value) < 2:
        return None
    return 40 if value[1] & 3 in (1, 3) and value[1] & 4 else 20


def _ssid(found: dict[int, list[bytes]]) -> bytes:
    """The name; one of zero bytes is as hidden as none."""
    ssid = found.get(SSID, [b""])[0][:32]
    return ssid if ssid.strip(b"\x00") else b""


def channel_utilization(body: bytes) -> float | None:
    """How much of the time the access point finds its channel busy, 0 to 1, by its BSS Load
    element (IEEE 802.11-2020 §9.4.2.27); None where it does not say.
    """
    value = elements(body).get(BSS_LOAD, [b""])[0]
    return value[2] / 255 if len(value) >= 5 else None


def requested_ssid(body: bytes) -> bytes:
    """The name in a request's elements; empty for a wildcard."""
    return _ssid(elements(body))


def requested_channel(body: bytes) -> int:
    """The 2.4 GHz channel that a request says it is sent on; 0 where it says none. A strong one is
    received on the channels beside it, too.
    """
    told = elements(body).get(DS_PARAMETERS, ())
    return told[0][0] if told and len(told[0]) == 1 and 1 <= told[0][0] <= 13 else 0


def asks_for_wpa(body: bytes) -> bool:
    """Do a request's elements ask for WPA or WPA2?"""
    found = elements(body)
    return RSN in found or any(value.startswith(WPA1) for value in found.get(VENDOR, ()))


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
    group = value[5] if value[2:5] == oui and len(value) >= 6 else CCMP
    ciphers, at = _selectors(value, at, oui, CCMP)
    akms, at = _selectors(value, at, oui, USUAL_AKM)
    capabilities = int.from_bytes(value[at : at + 2], "little") if oui == OUI_RSN else 0
    return Suites(
        akms,
        ciphers,
        bool(capabilities & PMF_REQUIRED),
        group,
        bool(capabilities & PMF_CAPABLE),
    )


def _selectors(value: bytes, at: int, oui: bytes, usual: int) -> tuple[frozenset[int], int]:
    """The types in a list, without those of other makers; the usual one where there is no list."""
    count = int.from_bytes(value[at : at + 2], "little")
    end = at + 2 + 4 * count
    chosen = [value[place : place + 4] for place in range(at + 2, min(end, len(value)), 4)]
    whole = [suite for suite in chosen if len(suite) == 4]
    if not whole:
        return frozenset({usual}), end
    return frozenset(suite[3] for suite in whole if suite[:3] == oui), end
