"""Answers of the user that only code can compare: versions with each other, lengths, addresses.

Sources: device-os CHANGELOG (what came or broke with which version), system/src/system_setup.cpp
and wlan_hal.cpp (lengths).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Interface, NetmaskValueError

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.led_sequence import not_past
from netcheck.correlator.rules.query import own, rule
from netcheck.model import Observation
from netcheck.photon.releases import FINAL, release
from netcheck.wire.addresses import ipv4, is_bogon

LONGEST_SSID_BYTES = 32


def _said(view: View, fact: str, *values: str) -> list[Observation]:
    """The answers to that question, of these values where some are named."""
    return [o for o in own(view, fact, ok=True) if not values or o.text("value") in values]


def _both(*groups: Sequence[Observation]) -> list[Observation]:
    """All of them, if each has something."""
    return [o for group in groups for o in group] if all(groups) else []


# ----------------------------------------------------------------------------------------- versions


@rule
def version_is_a_prerelease(view: View) -> Sequence[Observation]:
    """A release candidate, alpha or beta."""
    return [
        o
        for o in _said(view, "told.firmware")
        if (named := release(o.text("version"))) is not None and named[3] < FINAL
    ]


@rule
def works_on_newer_version(view: View) -> Sequence[Observation]:
    """It works with a newer version than the one on it."""
    return _compared(view, newer=True)


@rule
def works_on_older_version(view: View) -> Sequence[Observation]:
    """It works with an older version than the one on it."""
    return _compared(view, newer=False)


def _compared(view: View, *, newer: bool) -> list[Observation]:
    works, runs = _said(view, "told.works_on_firmware"), _said(view, "told.firmware")
    if not works or not runs:
        return []
    good, bad = release(works[-1].text("version")), release(runs[-1].text("version"))
    if good is None or bad is None or good == bad:
        return []
    return [works[-1], runs[-1]] if (good > bad) is newer else []


@rule
def light_alone_stays_at_connect(view: View) -> Sequence[Observation]:
    """Slow cyan and not farther, where no instrument saw which address the device goes to."""
    return () if view.instruments else not_past(view, "led.connect")


# ------------------------------------------------------------------------------- access point, name


@rule
def ssid_is_too_long(view: View) -> Sequence[Observation]:
    """More bytes than a name can have (IEEE 802.11-2020 §9.4.2.2)."""
    return [
        o for o in _said(view, "told.ssid") if (o.number("length_bytes") or 0) > LONGEST_SSID_BYTES
    ]


def _lengths(view: View) -> list[tuple[Observation, int]]:
    return [(o, int(o.number("number") or 0)) for o in _said(view, "told.password_length")]


def _possible(view: View) -> range:
    """The lengths that the network's security allows, any security where it was not told
    (device-os@v0.7.0:hal/src/photon/wlan_hal.cpp).
    """
    if _said(view, "told.security", "wep"):
        return range(5, 59)
    return range(8, 65) if _said(view, "told.security") else range(5, 65)


@rule
def password_length_impossible(view: View) -> Sequence[Observation]:
    """Too short or too long."""
    return [o for o, length in _lengths(view) if length and length not in _possible(view)]


@rule
def password_long(view: View) -> Sequence[Observation]:
    """More than 32 characters, but not too long: smart config of the Core cuts there."""
    return [o for o, length in _lengths(view) if length > 32 and length in _possible(view)]


@rule
def password_length_in_order(view: View) -> Sequence[Observation]:
    """Neither too short nor long; where the security was not told, for any that has a password."""
    least = _possible(view).start if _said(view, "told.security") else 8
    return [o for o, length in _lengths(view) if least <= length <= 32]


# ---------------------------------------------------------------------------------------- addresses

_PAIR = re.compile(r"([A-Za-z0-9._-]{1,64})\s*=\s*(\S{1,64})", re.ASCII)
NOTHING = ("0.0.0.0", "none", "-", "255.255.255.255")


def _addresses(view: View) -> list[tuple[Observation, dict[str, str]]]:
    """The answers with their pairs, keys in lower case."""
    return [
        (o, {key.lower(): value.strip(",;") for key, value in _PAIR.findall(o.text("text"))})
        for o in _said(view, "told.addresses")
    ]


def _is_outside(named: dict[str, str]) -> bool:
    """Does the gateway lie outside the subnet of the address? The mask is taken for /24 where none
    is named.
    """
    gateway = ipv4(named.get("gateway", ""))
    if gateway is None or named.get("gateway") in NOTHING:
        return False
    try:
        return (
            gateway not in IPv4Interface(f"{named.get('ip', '')}/{named.get('mask', '24')}").network
        )
    except (AddressValueError, NetmaskValueError, ValueError):
        return False


def _outside(view: View) -> list[Observation]:
    return [o for o, named in _addresses(view) if _is_outside(named)]


def _fixed(view: View) -> list[Observation]:
    return _said(view, "told.static_ip", "yes", "was_set_once") + _said(
        view, "told.changed", "static_ip"
    )


@rule
def fixed_gateway_outside_subnet(view: View) -> Sequence[Observation]:
    """The address is a fixed one, and its gateway in another subnet."""
    return _both(_outside(view), _fixed(view))


@rule
def gateway_outside_subnet(view: View) -> Sequence[Observation]:
    """The gateway is in another subnet, and no answer says that the address is fixed."""
    return () if _fixed(view) else _outside(view)


@rule
def gateway_missing(view: View) -> Sequence[Observation]:
    """An address, and no gateway."""
    return [o for o, named in _addresses(view) if named.get("gateway") in NOTHING]


@rule
def resolver_missing(view: View) -> Sequence[Observation]:
    """An address, and no name server."""
    return [o for o, named in _addresses(view) if named.get("dns") in NOTHING]


@rule
def address_self_assigned(view: View) -> Sequence[Observation]:
    """169.254.x.y (RFC 3927)."""
    return [o for o, named in _addresses(view) if named.get("ip", "").startswith("169.254.")]


@rule
def address_missing(view: View) -> Sequence[Observation]:
    """0.0.0.0, or said to be none."""
    return [o for o, named in _addresses(view) if named.get("ip") in NOTHING]


@rule
def network_is_192_168_0(view: View) -> Sequence[Observation]:
    """The subnet of the device's own access point."""
    return [o for o, named in _addresses(view) if named.get("ip", "").startswith("192.168.0.")]


@rule
def cloud_name_false(view: View) -> Sequence[Observation]:
    """A name with an address that no server of the Internet has."""
    return [
        o
        for o, named in _addresses(view)
        if any(is_bogon(value) for key, value in named.items() if "." in key)
    ]
