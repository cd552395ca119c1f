"""What a computer's Wi-Fi scan finds: access points with what they say of themselves, whichever
system listed them. Pure.

A system's own tool names the security in words and shows no elements; then what only elements
tell (802.11w, rates, width) is not known, which is no word about the network.
"""

from __future__ import annotations

import msgspec

from netcheck.model import Struct
from netcheck.wifi.elements import CCMP, PSK, TKIP, BssDescription, Suites

MOST_BSS = 2_000
"""Access points kept of one scan."""
ENTERPRISE, SAE, OWE = 1, 8, 18


class ScannedBss(Struct, frozen=True, kw_only=True):
    """One access point of a scan. `age_s`: how long ago it was heard; None: the system does not
    tell.
    """

    bssid: str
    description: BssDescription
    signal_dbm: int | None = None
    age_s: float | None = None
    is_joined: bool = False
    """Is this computer in it?"""
    is_hidden: bool = False
    """Do its beacons leave the name out, whether or not it told the name when asked for it?"""
    is_beacon_heard: bool = True
    """Was more heard of it than its answer to whom asks by name?"""
    has_name: bool = True
    """Did the system tell the name? False: withheld, which is not hidden."""
    has_security: bool = True
    has_elements: bool = True
    """Is all known that its elements say: 802.11w, rates, width?"""
    utilization: float | None = None
    """How much of the time it finds its channel busy, 0 to 1, where it says so (BSS Load)."""

    @property
    def band(self) -> str:
        """`2.4`, `5` or `6`; empty where nothing says so."""
        return band_of(self.description.frequency_mhz)

    @property
    def channel(self) -> int:
        """The number of its channel; 0 where nothing says so."""
        return self.description.channel or channel_of(self.description.frequency_mhz)


class WifiScan(Struct, frozen=True, kw_only=True):
    """What one scan came to. `reason` says why it is missing or not whole, a word of
    `netcheck.vocabulary.reasons`; `says` in a sentence what is missing and what would help.

    `is_fresh`: it was made for this run; else the list is what the system had kept. `is_whole`: of
    every band, not of 2.4 GHz alone. `interface` is the adapter's name, `scans` how many were asked
    for.
    """

    found: tuple[ScannedBss, ...] = ()
    interface: str = ""
    is_fresh: bool = False
    is_whole: bool = True
    scans: int = 0
    reason: str = ""
    says: str = ""

    @property
    def age_s(self) -> float | None:
        """How old the newest of what was not heard for this run is; None where that is not told."""
        if self.is_fresh:
            return 0.0
        return min((one.age_s for one in self.found if one.age_s is not None), default=None)

    def with_next(self, later: WifiScan) -> WifiScan:
        """Both scans as one: of an access point that both found what the later one says. The later
        one's hindrance counts, but not where it found nothing more.
        """
        if later.reason and not later.found:
            return self
        named = {one.bssid for one in later.found}
        kept = tuple(one for one in self.found if one.bssid not in named)
        return msgspec.structs.replace(
            later,
            found=(*later.found, *kept),
            is_fresh=self.is_fresh or later.is_fresh,
            scans=self.scans + later.scans,
        )

    @property
    def joined(self) -> ScannedBss | None:
        """The access point that this computer is in."""
        return next((one for one in self.found if one.is_joined), None)


def band_of(mhz: int | None) -> str:
    """The band of a frequency: `2.4`, `5` or `6`; empty where it is of none."""
    if not mhz:
        return ""
    if 2400 <= mhz < 2500:
        return "2.4"
    if 4900 <= mhz < 5925:
        return "5"
    return "6" if 5925 <= mhz <= 7125 else ""


def channel_of(mhz: int | None) -> int:
    """The number of the channel at that frequency (IEEE 802.11-2020 annex E); 0 where it is of
    none.
    """
    band = band_of(mhz)
    if not mhz or not band:
        return 0
    if mhz == 2484:
        return 14
    if mhz == 5935:
        return 2
    return (mhz - {"2.4": 2407, "5": 5000, "6": 5950}[band]) // 5


def frequency_of(channel: int, band: str) -> int | None:
    """The frequency of that channel of the band; None where there is no such channel."""
    if band == "2.4" and channel == 14:
        return 2484
    bases = {"2.4": (2407, 13), "5": (5000, 196), "6": (5950, 233)}
    if band not in bases or not 1 <= channel <= bases[band][1]:
        return None
    return bases[band][0] + 5 * channel


def described_in_words(
    ssid: bytes, mhz: int | None, channel: int | None, security: frozenset[str]
) -> tuple[BssDescription, bool]:
    """An access point of which a tool names the security, and is that known? Words: open, wep, wpa,
    wpa2, wpa3, owe, and enterprise beside them.
    """
    key = ENTERPRISE if "enterprise" in security else PSK
    akms = {key} if "wpa2" in security else set()
    if "wpa3" in security:
        akms.add(ENTERPRISE if "enterprise" in security else SAE)
    akms |= {OWE} if "owe" in security else set()
    rsn = Suites(frozenset(akms), frozenset({CCMP}), False) if akms else None
    wpa = None
    if "wpa" in security:
        wpa = Suites(frozenset({key}), frozenset({TKIP, CCMP}), False, TKIP)
    is_private = bool(security - {"open", "owe"})
    return (
        BssDescription(ssid, channel, mhz, is_private, rsn, wpa),
        bool(security - {"enterprise"}),
    )
