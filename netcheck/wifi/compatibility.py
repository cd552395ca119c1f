"""Can a Photon join an access point that describes itself so? It works, it does not, or nobody
knows.

What is not known to work is unknown, never fine. Each remark names its source: the module's radio
and its firmware lines, IEEE 802.11-2020, or what Particle's support pages advise.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from netcheck.photon.releases import Release, release
from netcheck.wifi.elements import (
    CCMP,
    DSSS_RATES,
    ENTERPRISE_AKMS,
    LEGACY_RATES,
    PSK,
    SAE_AKMS,
    TKIP,
    BssDescription,
    Suites,
)

ENTERPRISE_SINCE, N_ONLY_BROKEN, N_ONLY_FIXED = (0, 7, 0, 0), (0, 7, 0, 0), (1, 1, 0, 1_000)
"""Device OS versions: the first with 802.1X, and those that cannot join an access point for n
clients alone, up to and without the last.
"""
ENTERPRISE = 1
HARMLESS_BESIDE_PSK = frozenset({PSK, 4, 6})
"""FT-PSK and PSK with SHA-256 beside the usual PSK."""
USUAL_CHANNELS, MORE_CHANNELS = range(1, 12), range(12, 15)
HT, VHT, HE = 127, 126, 122
"""BSS membership selectors: 802.11n, ac and ax are required of each station."""

DATASHEET = "Particle docs: Photon datasheet (radio)"
ADVICE = "Particle docs: Wi-Fi connectivity troubleshooting guide"
SECURITY_TYPES = "device-os@v3.3.1:hal/src/photon/wiced/WWD/include/wwd_constants.h"
JOINING = "device-os@v1.5.2:hal/src/photon/wlan_hal.cpp"
N_ONLY = "device-os@v1.1.0:CHANGELOG.md (#1755)"
COUNTRY = "device-os@v0.5.2:CHANGELOG.md"
STANDARD = "IEEE 802.11-2020 §9.4.2"


class Joins(IntEnum):
    """Can it join? The worst of all remarks counts."""

    WORKS = 0
    UNKNOWN = 1
    NEVER = 2


class Remark(NamedTuple):
    """One thing that an access point says of itself, and what it means for a Photon. `reason` is
    a word of `netcheck.vocabulary.reasons`, empty where none fits.
    """

    joins: Joins
    reason: str
    says: str
    source: str


class Compatibility(NamedTuple):
    """The verdict and all remarks, the worst first."""

    joins: Joins
    remarks: tuple[Remark, ...]


def compatibility(bss: BssDescription, firmware: str = "") -> Compatibility:
    """Whether a Photon with that Device OS version (empty: not known) can join."""
    version = release(firmware)
    remarks = sorted(
        (*_band(bss), *_channel(bss), *_security(bss, version), *_mode(bss, version), *_name(bss)),
        key=lambda remark: -remark.joins,
    )
    return Compatibility(remarks[0].joins if remarks else Joins.WORKS, tuple(remarks))


def _band(bss: BssDescription) -> Iterator[Remark]:
    if not bss.is_2ghz or (bss.channel or 0) > MORE_CHANNELS[-1]:
        says = "it is on 5 or 6 GHz, and the radio has 2.4 GHz alone"
        yield Remark(Joins.NEVER, "only_5ghz", says, DATASHEET)
    elif bss.frequency_mhz is None and not bss.radio.rates & DSSS_RATES:
        says = "nothing says on which band it is"
        yield Remark(Joins.UNKNOWN, "", says, STANDARD)


def _channel(bss: BssDescription) -> Iterator[Remark]:
    if bss.channel in MORE_CHANNELS and bss.is_2ghz:
        says = f"channel {bss.channel} is used unless another country than Japan was set"
        yield Remark(Joins.UNKNOWN, "channel", says, COUNTRY)
    elif bss.channel is None:
        yield Remark(Joins.UNKNOWN, "", "nothing says on which channel it is", STANDARD)


def _security(bss: BssDescription, version: Release | None) -> Iterator[Remark]:
    obstacle = bss._replace(frequency_mhz=None).obstacle()
    if obstacle == "wep":
        says = "the module has WEP, but joins with it often fail"
        yield Remark(Joins.UNKNOWN, "wep", says, SECURITY_TYPES)
    elif obstacle == "enterprise":
        yield _enterprise(bss, version)
    elif obstacle:
        yield Remark(Joins.NEVER, obstacle, _NEVER[obstacle], SECURITY_TYPES)
    else:
        yield from _pass_phrase(bss)


_NEVER = {
    "sae_only": "it offers WPA3 (SAE) alone, which the module has not",
    "pmf_required": "it requires protected management frames, which the module has not",
    "other_security": "it offers no key management and cipher that the module has",
}


def _enterprise(bss: BssDescription, version: Release | None) -> Remark:
    offered = [suites for suites in (bss.rsn, bss.wpa) if suites is not None]
    is_plain = any(ENTERPRISE in s.akms and not s.is_pmf_required for s in offered)
    if not is_plain or (version is not None and version < ENTERPRISE_SINCE):
        says = "it offers 802.1X in a form that this module or Device OS has not"
        return Remark(Joins.NEVER, "enterprise", says, JOINING)
    says = "802.1X works from Device OS 0.7.0 on, with PEAP/MSCHAPv2 or EAP-TLS and TLS 1.1 alone"
    return Remark(Joins.UNKNOWN, "enterprise", says, JOINING)


def _pass_phrase(bss: BssDescription) -> Iterator[Remark]:
    """What else stands beside the WPA or WPA2 with a pass phrase that the module has."""
    usable = [s for s in (bss.rsn, bss.wpa) if s is not None and PSK in s.akms]
    akms = frozenset[int]().union(*(s.akms for s in usable))
    if akms & SAE_AKMS:
        says = "WPA3 beside WPA2 may keep the module out"
        yield Remark(Joins.UNKNOWN, "sae_only", says, SECURITY_TYPES)
    if akms - HARMLESS_BESIDE_PSK - SAE_AKMS:
        says = "it offers 802.1X, or another key management, beside a pass phrase"
        is_enterprise = bool(akms & ENTERPRISE_AKMS)
        reason = "enterprise" if is_enterprise else "other_security"
        yield Remark(Joins.UNKNOWN, reason, says, SECURITY_TYPES)
    if usable and not any(_has_usual_ciphers(s) for s in usable):
        says = "its group cipher is neither CCMP nor TKIP"
        yield Remark(Joins.UNKNOWN, "other_security", says, SECURITY_TYPES)


def _has_usual_ciphers(suites: Suites) -> bool:
    return suites.group in (TKIP, CCMP) and bool(suites.ciphers & {TKIP, CCMP})


def _mode(bss: BssDescription, version: Release | None) -> Iterator[Remark]:
    radio = bss.radio
    if radio.selectors & {VHT, HE}:
        says = "it takes stations with 802.11ac or ax alone, and the module has b, g and n"
        yield Remark(Joins.NEVER, "unsupported_mode", says, DATASHEET)
    elif radio.selectors - {HT}:
        says = "it requires something of each station that the module is not known to have"
        yield Remark(Joins.UNKNOWN, "unsupported_mode", says, STANDARD)
    has_legacy = bool(radio.rates & (DSSS_RATES | LEGACY_RATES))
    if HT in radio.selectors or ("n" in radio.amendments and not has_legacy):
        yield from _n_only(version)
    elif not has_legacy:
        yield Remark(Joins.UNKNOWN, "", "it names no rate of 802.11b or g", STANDARD)
    if radio.width_mhz == 40:
        says = "its channel is 40 MHz wide, which the module does not support"
        yield Remark(Joins.UNKNOWN, "unsupported_mode", says, ADVICE)
    if radio.amendments & {"ac", "ax", "be"}:
        says = "it speaks 802.11ac, ax or be on 2.4 GHz, which was not tried"
        yield Remark(Joins.UNKNOWN, "", says, STANDARD)


def _n_only(version: Release | None) -> Iterator[Remark]:
    if version is None:
        says = "it takes stations with 802.11n alone: Device OS 0.7.0 to 1.1.0-rc.1 cannot join"
        yield Remark(Joins.UNKNOWN, "unsupported_mode", says, N_ONLY)
    elif N_ONLY_BROKEN <= version < N_ONLY_FIXED:
        says = "it takes stations with 802.11n alone, which this Device OS cannot join"
        yield Remark(Joins.NEVER, "unsupported_mode", says, N_ONLY)


def _name(bss: BssDescription) -> Iterator[Remark]:
    if bss.is_hidden:
        says = "its name is hidden: type the name, and choose the security and cipher yourself"
        yield Remark(Joins.WORKS, "", says, JOINING)
