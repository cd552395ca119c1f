"""Answers of the user taken together, or against a number: versions, addresses, lengths, channels.

Sources: device-os CHANGELOG (what came or broke with which version), system/src/system_setup.cpp
and wlan_hal.cpp (lengths).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from ipaddress import AddressValueError, IPv4Interface, NetmaskValueError

from netcheck.correlator.led import is_symptom
from netcheck.correlator.rules.led import (
    JOINING,
    falls_back_from_online,
    light_stays_at_connect,
    light_stays_at_green,
    light_stays_at_join,
    listening_from_start,
)
from netcheck.correlator.rules.query import RULES, own, rule
from netcheck.correlator.weigh import View
from netcheck.model import Observation
from netcheck.wire.ipv4 import ipv4, is_bogon

Version = tuple[int, int, int, int]
FINAL = 1_000
"""In place of the number of a pre-release: later than any of them."""
LONGEST_SSID_BYTES = 32
SECURED = ("wep", "wpa", "wpa2", "wpa2_mixed", "wpa3")
PLAIN_SSID = re.compile(r"[A-Za-z0-9 ._-]+", re.ASCII)
ODD = re.compile(r"[^\x20-\x7e]|[\"'\\&<>%]")
"""Characters that set-up apps or the device's JSON reader change
(device-os@v0.5.3:hal/src/photon/softap.cpp).
"""


def _said(view: View, fact: str, *values: str) -> list[Observation]:
    """The answers to that question, of these values where some are named."""
    return [o for o in own(view, fact, ok=True) if not values or o.text("value") in values]


def _both(*parts: Sequence[Observation]) -> list[Observation]:
    """All of them, if each has something."""
    return [o for part in parts for o in part] if all(parts) else []


# ----------------------------------------------------------------------------------------- versions


def version(text: str) -> Version | None:
    """A Device OS version so that they sort, pre-releases before their release; None where the text
    is none.
    """
    found = re.match(
        r"(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:-?(?:rc|alpha|beta|b)\.?(\d{1,3}))?",
        text,
        re.ASCII,
    )
    if found is None:
        return None
    major, minor, patch, candidate = (int(part) if part else None for part in found.groups())
    return major or 0, minor or 0, patch or 0, FINAL if candidate is None else candidate


def _runs(
    view: View, low: Version = (0, 0, 0, 0), below: Version = (999, 0, 0, 0)
) -> list[Observation]:
    """That the user names a version from `low` to before `below`."""
    return [
        o
        for o in _said(view, "told.firmware")
        if (named := version(o.text("version"))) is not None and low <= named < below
    ]


N_ONLY_FAULT = ((0, 7, 0, 0), (1, 1, 0, 2))
"""0.7.0 to 1.1.0-rc.1 (device-os@v1.1.0:CHANGELOG.md, #1755)."""


@rule
def version_of_first_year(view: View) -> Sequence[Observation]:
    """Before 0.5.0."""
    return _runs(view, below=(0, 5, 0, 0))


@rule
def version_before_0_7(view: View) -> Sequence[Observation]:
    """Before 0.7.0."""
    return _runs(view, below=(0, 7, 0, 0))


@rule
def version_0_7_to_1_4(view: View) -> Sequence[Observation]:
    """From 0.7.0 to before 1.5.0."""
    return _runs(view, (0, 7, 0, 0), (1, 5, 0, 0))


@rule
def version_is_settled(view: View) -> Sequence[Observation]:
    """1.5.2 or later."""
    return _runs(view, (1, 5, 2, FINAL))


@rule
def version_is_a_prerelease(view: View) -> Sequence[Observation]:
    """A release candidate, alpha or beta."""
    return [o for o in _runs(view) if (version(o.text("version")) or (0, 0, 0, FINAL))[3] < FINAL]


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
    good, bad = version(works[-1].text("version")), version(runs[-1].text("version"))
    if good is None or bad is None or good == bad:
        return []
    return [works[-1], runs[-1]] if (good > bad) is newer else []


@rule
def version_that_fails_on_n_only(view: View) -> Sequence[Observation]:
    """One of those that cannot join an access point that takes 802.11n alone, and no other mode is
    named.
    """
    return () if _said(view, "told.ap_mode", "bgn") else _runs(view, *N_ONLY_FAULT)


@rule
def n_only_with_faulty_version(view: View) -> Sequence[Observation]:
    """Such a version, and such an access point."""
    return _both(_said(view, "told.ap_mode", "n_only"), _runs(view, *N_ONLY_FAULT))


@rule
def enterprise_before_0_7(view: View) -> Sequence[Observation]:
    """802.1X with a version that does not have it (device-os@v0.7.0)."""
    return _both(_said(view, "told.security", "enterprise"), _runs(view, below=(0, 7, 0, 0)))


@rule
def enterprise_with_old_tls(view: View) -> Sequence[Observation]:
    """802.1X with a version that speaks TLS 1.1 at most."""
    return _both(_said(view, "told.security", "enterprise"), _runs(view, (1, 4, 0, 0)))


@rule
def fixed_address_before_0_6(view: View) -> Sequence[Observation]:
    """A fixed address with a version up to 0.5.3, where it runs into a DHCP exchange
    (device-os@v0.5.3:wlan_hal.cpp).
    """
    return _both(_said(view, "told.static_ip", "yes"), _runs(view, below=(0, 5, 4, 0)))


@rule
def online_light_unacknowledged(view: View) -> Sequence[Observation]:
    """Breathing cyan before 1.3.1, with a console that shows it offline."""
    return _both(
        _runs(view, below=(1, 3, 1, 0)),
        own(view, "led.session", ok=True),
        _said(view, "told.online_in_console", "no"),
    )


@rule
def online_by_light_offline_in_console(view: View) -> Sequence[Observation]:
    """The light breathes as it does online, and the console or a command denies it."""
    denied = _said(view, "told.online_in_console", "no") or _offline_words(view)
    return _both(own(view, "led.session", ok=True), denied) if not own(view, "led.session") else ()


def _offline_words(view: View) -> list[Observation]:
    words = re.compile(
        r"made it to the cloud yet|not made it to the cloud|offline|not (?:yet )?online|not"
        r" connected"
    )
    return [
        o
        for fact in ("told.cli_error", "told.setup_error")
        for o in _said(view, fact)
        if words.search(o.text("text").casefold())
    ]


@rule
def online_by_light(view: View) -> Sequence[Observation]:
    """It breathes cyan and goes on doing so, and the console does not deny it."""
    if own(view, "led.session") or _said(view, "told.online_in_console", "no"):
        return ()
    return [o for o in own(view, "led.last", ok=True) if o.text("value") == "cyan_breathing"]


@rule
def light_alone_stays_at_connect(view: View) -> Sequence[Observation]:
    """Slow cyan and not farther, where no instrument saw which address the device goes to."""
    return () if view.instruments else light_stays_at_connect(view)


@rule
def falls_back_to_green(view: View) -> Sequence[Observation]:
    """Online, then green again and not farther."""
    green = [o for o in own(view, "led.last", ok=True) if o.text("value") in JOINING]
    return _both(falls_back_from_online(view), green)


@rule
def listening_for_set_up(view: View) -> Sequence[Observation]:
    """Blinking blue from the start, and what fails lies between the device and the phone or
    computer that sets it up.
    """
    found = [o for name in SET_UP_WORDS for o in RULES[name](view)]
    found += _said(view, "told.usb_seen", "no") + _said(view, "told.helped", *SET_UP_CURES)
    return _both(listening_from_start(view), found)


@rule
def set_up_held_up_outside(view: View) -> Sequence[Observation]:
    """The same, and nothing says that the device's own network is missing, which its radio could be
    to blame for.
    """
    is_missing = [
        o for name in ("words_no_photons", "words_no_own_network") for o in RULES[name](view)
    ]
    return () if is_missing else listening_for_set_up(view)


SET_UP_CURES = ("other_phone", "other_computer", "other_cable", "other_setup_way")
SET_UP_WORDS = (
    "words_step_configure",
    "words_softap",
    "words_no_photons",
    "words_no_networks",
    "words_busy",
    "words_dfu",
    "words_no_usb",
)


@rule
def doctor_run_then_white(view: View) -> Sequence[Observation]:
    """Breathing white, and the device doctor is spoken of
    (particle-cli@v3.9.0:src/cmd/device.js).
    """
    white = [o for o in own(view, "led.last", ok=True) if o.text("value") == "white_breathing"]
    return _both(white, RULES["words_doctor"](view))


@rule
def listening_after_entry(view: View) -> Sequence[Observation]:
    """Blinking blue although a network was just entered, or where the app waits for the device to
    leave its own network.

    After new credentials the first try that fails ends there (device-os,
    system/src/system_network_internal.h).
    """
    entered = _said(view, "told.changed", "credentials") + list(RULES["words_step_cloud"](view))
    return _both(listening_from_start(view), entered)


@rule
def waits_in_dfu(view: View) -> Sequence[Observation]:
    """It blinks yellow at the end."""
    return [o for o in own(view, "led.last", ok=True) if o.text("value") == "yellow_blinking"]


@rule
def light_denies_console(view: View) -> Sequence[Observation]:
    """A light that is off or steady, and a console that shows the device online."""
    odd = [o for o in own(view, "led.last", ok=True) if o.text("value") in ("off", "solid")]
    return _both(odd, _said(view, "told.online_in_console", "yes"))


@rule
def online_in_console_not_by_light(view: View) -> Sequence[Observation]:
    """A light that is no light of a device online, and a console that shows it online."""
    return _both(
        [o for o in own(view, "led.last", ok=True) if is_symptom(o)],
        _said(view, "told.online_in_console", "yes"),
    )


@rule
def offline_before_any_address(view: View) -> Sequence[Observation]:
    """Green and no farther, and computers on that Wi-Fi fail, too."""
    return _both(light_stays_at_green(view), _said(view, "told.laptop_same_wifi", "fails"))


# --------------------------------------------------------------------------------------------- time


def _on_the_same_network(view: View, said: Sequence[Observation]) -> Sequence[Observation]:
    """What was said of earlier, where since then neither the router nor the place was changed."""
    return () if _said(view, "told.changed", "router", "moved") else said


@rule
def worked_here_as_it_is(view: View) -> Sequence[Observation]:
    """It worked before, on the network as it still is."""
    return _on_the_same_network(view, _said(view, "told.worked_before", "yes"))


@rule
def not_back_on_the_same_network(view: View) -> Sequence[Observation]:
    """It worked until a break, on the network as it still is."""
    return _on_the_same_network(view, _said(view, "told.fails_how", "no_reconnect"))


@rule
def settings_reset_in_vain(view: View) -> Sequence[Observation]:
    """What a test program that resets the Wi-Fi settings leaves: internal antenna, no fixed
    address, no old network.
    """
    parts = (
        ("told.antenna", "internal"),
        ("told.static_ip", "no"),
        ("told.tried", "clear_credentials"),
    )
    return _both(*(_said(view, fact, value) for fact, value in parts))


@rule
def credentials_lost(view: View) -> Sequence[Observation]:
    """It listens from the start, though it worked before, or since the power failed or Device OS
    was updated.
    """
    before = _said(view, "told.worked_before", "yes") + _said(
        view, "told.changed", "power_loss", "firmware"
    )
    return _both(listening_from_start(view), before)


# ------------------------------------------------------------------------------- access point, name


def _channels(view: View, among: Collection[int]) -> list[Observation]:
    return [o for o in _said(view, "told.channel") if int(o.number("number") or 0) in among]


@rule
def channel_12_to_14(view: View) -> Sequence[Observation]:
    """Channels that a set country may forbid (device-os@v0.5.2:CHANGELOG.md)."""
    return _channels(view, range(12, 15))


@rule
def channel_12_to_14_unseen(view: View) -> Sequence[Observation]:
    """Such a channel, and the light does not get past joining."""
    return _both(_channels(view, range(12, 15)), light_stays_at_join(view))


@rule
def channel_1_to_11(view: View) -> Sequence[Observation]:
    """Channels that every module uses."""
    return _channels(view, range(1, 12))


@rule
def channel_of_5_ghz(view: View) -> Sequence[Observation]:
    """Channels that 2.4 GHz does not have."""
    return _channels(view, range(32, 178))


@rule
def ssid_has_odd_characters(view: View) -> Sequence[Observation]:
    """Quotes, backslash, & and anything outside ASCII."""
    return [o for o in _said(view, "told.ssid") if ODD.search(o.text("text"))]


@rule
def ssid_is_too_long(view: View) -> Sequence[Observation]:
    """More bytes than a name can have (IEEE 802.11-2020 §9.4.2.2)."""
    return [
        o for o in _said(view, "told.ssid") if len(o.text("text").encode()) > LONGEST_SSID_BYTES
    ]


@rule
def ssid_is_plain(view: View) -> Sequence[Observation]:
    """Letters, digits, space, dot, hyphen and underscore, and not garbled in a scan."""
    return (
        ()
        if _said(view, "told.ssid_in_scan", "garbled")
        else [o for o in _said(view, "told.ssid") if PLAIN_SSID.fullmatch(o.text("text"))]
    )


def _lengths(view: View) -> list[tuple[Observation, int]]:
    return [(o, int(o.number("number") or 0)) for o in _said(view, "told.password_length")]


def _possible(view: View) -> range:
    """The lengths that the network's security allows
    (device-os@v0.7.0:hal/src/photon/wlan_hal.cpp).
    """
    return range(5, 59) if _said(view, "told.security", "wep") else range(8, 65)


@rule
def password_missing(view: View) -> Sequence[Observation]:
    """None, for a network that needs one."""
    return _both(
        [o for o, length in _lengths(view) if length == 0], _said(view, "told.security", *SECURED)
    )


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
    """Neither too short nor long."""
    return [o for o, length in _lengths(view) if length in _possible(view) and length <= 32]


# ---------------------------------------------------------------------------------------- addresses

_PAIR = re.compile(r"([A-Za-z0-9._-]{1,64})\s*=\s*(\S{1,64})", re.ASCII)
OURS = ("ip", "mask", "gateway", "dns")
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
    """The gateway is in another subnet, and nobody says that the address is a fixed one."""
    return () if _fixed(view) else _outside(view)


@rule
def fixed_address_now_and_then(view: View) -> Sequence[Observation]:
    """A fixed address, and a failure that comes and goes."""
    return _both(
        _said(view, "told.static_ip", "yes"), _said(view, "told.fails_how", "sometimes", "drops")
    )


@rule
def fixed_address_on_a_new_network(view: View) -> Sequence[Observation]:
    """A fixed address, and then another router or place, or the same failure elsewhere."""
    elsewhere = (
        _said(view, "told.changed", "router", "moved")
        + _said(view, "told.hotspot", "same")
        + _said(view, "told.other_network", "same")
    )
    return _both(_said(view, "told.static_ip", "yes", "was_set_once"), elsewhere)


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
        if any(is_bogon(value) for key, value in named.items() if "." in key and key not in OURS)
    ]


@rule
def cloud_name_alone_fails(view: View) -> Sequence[Observation]:
    """The cloud's name does not resolve, and a computer on the same Wi-Fi reaches the Internet."""
    return _both(
        _said(view, "told.cloud_reach", "name_fails"), _said(view, "told.laptop_same_wifi", "works")
    )


@rule
def no_name_resolves(view: View) -> Sequence[Observation]:
    """The cloud's name does not resolve, and no computer reaches the Internet."""
    return _both(
        _said(view, "told.cloud_reach", "name_fails"), _said(view, "told.laptop_same_wifi", "fails")
    )
