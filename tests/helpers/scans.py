"""Scans of a computer's Wi-Fi, from lines of words, and the kernel's messages that tell of them.

    5c 2437 ch6 psk ccmp b g n -60          the last byte of the BSSID, then as `helpers.beacons`

A word before the rest names the network (`name=Lab`); a negative number is the signal in dBm;
`joined`: this computer is in it; `beacon-hidden`: it told its name only when asked for it;
`load=0.9` its channel's utilization; `age=40` seconds; `words` a tool's list, without elements.
"""

from __future__ import annotations

import re
import struct
import sys

from netcheck.host import netlink
from netcheck.model import Scalar
from netcheck.wifi.elements import channel_utilization, describe_bss
from netcheck.wifi.scan import ScannedBss, WifiScan
from tests.helpers.beacons import PLAIN, PRIVATE, elements

PREFIX = "02:00:00:00:01:"
GET_SCAN_HEADER = struct.pack("=BBH", 34, 1, 0)


def scan(lines: str, *, is_fresh: bool = True, **more: Scalar) -> WifiScan:
    """A scan that found these access points, a line each."""
    found = tuple(access_point(line) for line in lines.splitlines() if line.strip())
    return WifiScan(
        found=found,
        interface="wlan0",
        is_fresh=is_fresh,
        scans=int(is_fresh),
        reason=str(more.get("reason", "" if is_fresh else "cached")),
        says=str(more.get("says", "" if is_fresh else "run this with sudo")),
    )


def access_point(line: str) -> ScannedBss:
    """The access point that a line describes."""
    words = line.split()
    body, told = body_of(line), set(words)
    mhz = _number(words, r"\d{4}")
    described = describe_bss(_capabilities(told), body, mhz)
    age = next((float(word[4:]) for word in words if word.startswith("age=")), 0.0)
    return ScannedBss(
        bssid=PREFIX + words[0],
        description=described,
        signal_dbm=_number(words, r"-\d{1,3}"),
        age_s=age,
        is_joined="joined" in told,
        is_hidden=described.is_hidden or "beacon-hidden" in told,
        has_name="withheld" not in told,
        has_elements="words" not in told,
        has_security="unknown" not in told,
        utilization=channel_utilization(body),
    )


def body_of(line: str) -> bytes:
    """The elements that a line describes."""
    words = line.split()
    body = elements(words)
    name = next((word[5:] for word in words if word.startswith("name=")), "")
    if name:
        ssid = name.replace("_", " ").encode()
        body = bytes((0, len(ssid))) + ssid + body[2 + body[1] :]
    load = next((float(word[5:]) for word in words if word.startswith("load=")), None)
    return body if load is None else body + bytes((11, 5, 3, 0, round(load * 255), 0, 0))


def kernel_message(line: str, *, beacon: str = "", with_signal: bool = True) -> bytes:
    """What nl80211 says of that access point (NL80211_ATTR_BSS behind a struct genlmsghdr).
    `beacon`: the line of its beacon, where a probe response differs.
    """
    words = line.split()
    bss = netlink.attribute(1, bytes.fromhex((PREFIX + words[0]).replace(":", "")))
    bss += netlink.attribute(2, _packed("I", _number(words, r"\d{4}") or 0))
    bss += netlink.attribute(5, _packed("H", _capabilities(set(words))))
    bss += netlink.attribute(6, body_of(line))
    if with_signal:
        bss += netlink.attribute(7, _packed("i", 100 * (_number(words, r"-\d{1,3}") or 0)))
    bss += netlink.attribute(9, _packed("I", 1)) if "joined" in words else b""
    bss += netlink.attribute(10, _packed("I", 1500))
    bss += netlink.attribute(11, body_of(beacon)) if beacon else b""
    return GET_SCAN_HEADER + netlink.attribute(3, _packed("I", 3)) + netlink.attribute(47, bss)


def _capabilities(words: set[str]) -> int:
    return PLAIN if {"open", "plain"} & words else PRIVATE


def _packed(kind: str, value: int) -> bytes:
    return struct.pack(("<" if sys.byteorder == "little" else ">") + kind, value)


def _number(words: list[str], form: str) -> int | None:
    return next((int(word) for word in words if re.fullmatch(form, word)), None)
