"""A Photon's own access point on the air: it listens for set-up, and tries to join no network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from netcheck.capture.observations import observed
from netcheck.capture.protocols.wifi_frames import SeenBss
from netcheck.model import Observation, Outcome
from netcheck.photon.addresses import MAKER_PREFIXES

_NAME = re.compile(rb".{1,25}-(?:[2-9A-HJ-NP-Z]{4}|[2-9A-HJ-NP-Z]{6})")
"""A prefix that its owner may choose, and a code (device-os@v0.5.3, v0.7.0:
hal/src/photon/softap.cpp).
"""
_LOCAL = 0x02
"""The bit of a MAC that an access point has beside the station of the same radio (IEEE 802-2014
§8.2.2).
"""


def read_set_up(seen: Iterable[SeenBss], devices: Collection[str]) -> Iterator[Observation]:
    """Which of these devices, or of the maker's MACs, have their own access point on the air."""
    found: dict[str, SeenBss] = {}
    for bss in seen:
        told = bss.description
        is_open = not told.is_private and told.rsn is None and told.wpa is None
        if not is_open or not _NAME.fullmatch(told.ssid):
            continue
        mac = _station_of(bss.bssid)
        if mac in devices or mac.startswith(MAKER_PREFIXES):
            found.setdefault(mac, bss)
    for mac, bss in found.items():
        yield observed(
            "wifi.own_network",
            Outcome.OK,
            subject=mac,
            target=bss.bssid,
            at_ns=bss.at_ns,
            end_ns=bss.last_ns,
            data=[("channel", bss.description.channel or 0)],
            packets=[bss],
        )


def _station_of(bssid: str) -> str:
    """The MAC of the station whose radio has this address as an access point."""
    return f"{int(bssid[:2], 16) & ~_LOCAL:02x}{bssid[2:]}"
