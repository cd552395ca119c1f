"""The scenarios of the Wi-Fi lab, as data: access points, station, what happens, which causes are
right.

Each table of scenarios.toml is one; its keys are the fields of `Scenario`. Settings of access
points and stations are those of hostapd and wpa_supplicant, on top of the healthy ones here;
`false` leaves a setting out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SSID, PASSPHRASE = "LabNet", "lab pass phrase"
Settings = Mapping[str, str | int | bool]
HEALTHY_AP: Settings = {
    "driver": "nl80211",
    "ssid": SSID,
    "country_code": "US",
    "ieee80211d": 1,
    "hw_mode": "g",
    "channel": 6,
    "ieee80211n": 1,
    "wmm_enabled": 1,
    "auth_algs": 1,
    "wpa": 2,
    "wpa_key_mgmt": "WPA-PSK",
    "rsn_pairwise": "CCMP",
    "wpa_passphrase": PASSPHRASE,
}
ON_5GHZ: Settings = {"hw_mode": "a", "channel": 36, "ieee80211ac": 1, "radio": "ap5"}
NEIGHBOUR: Settings = {
    "radio": "second",
    "ssid": "Nextdoor",
    "wpa_passphrase": "not your network",
    "max_num_sta": 4,
}
PHOTON_CHANNELS = " ".join(str(2407 + 5 * channel) for channel in range(1, 12))
PHOTON: Settings = {
    "ssid": f'"{SSID}"',
    "psk": f'"{PASSPHRASE}"',
    "key_mgmt": "WPA-PSK",
    "proto": "RSN",
    "pairwise": "CCMP",
    "group": "CCMP TKIP",
    "ieee80211w": 0,
    "scan_ssid": 1,
    "scan_freq": PHOTON_CHANNELS,
    "freq_list": PHOTON_CHANNELS,
    "disable_vht": 1,
    "disable_ht40": 1,
    "auth_alg": "OPEN",
}
"""As a Photon is: 2.4 GHz, 20 MHz, WPA2 with a pass phrase, no management frame protection."""
LAPTOP: Settings = {
    "disable_vht": False,
    "disable_ht40": False,
    "ieee80211w": 1,
    "scan_freq": "2412 2437 2462 5180",
    "freq_list": False,
}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One network, and what becomes of the Photon's attempts to join it."""

    name: str
    what: str
    accept: tuple[str, ...] = ()
    """Causes of which one must come first; none: nothing is wrong."""
    seconds: float = 12.0
    """How long it is recorded, after the Photon starts."""
    access_points: tuple[Settings, ...] = (HEALTHY_AP,)
    station: Settings = field(default_factory=lambda: PHOTON)
    laptop: Settings | None = None
    """Another client, that joins first."""
    by_name: bool = False
    """The station joins whatever the beacon says, instead of judging it first."""
    network: str = ""
    """A scenario of tests/lab, as the network behind the access point; empty: nothing is there."""
    before: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    """What happens before and after the Photon starts, see `guest.Play`."""
    repeat: int = 1
    country: str = "US"
    neighbour: bool = False
    """Another network on the channel."""
    channels: tuple[int, ...] = ()
    """Where monitors listen; else on the channels of the access points."""
    same_as: str = ""
    """A recorded scenario whose answer this one must share, once decrypted."""

    @property
    def is_healthy(self) -> bool:
        """Is nothing wrong?"""
        return not self.accept

    @property
    def heard_channels(self) -> tuple[int, ...]:
        """Where the monitors listen: at most two."""
        found = self.channels or tuple(int(ap["channel"]) for ap in self.access_points)
        return tuple(dict.fromkeys(found))[:2] or (6,)

    @property
    def passphrase(self) -> str:
        """That of the access point, where it has one and the Photon has the same."""
        mine = str(self.station.get("psk", "")).strip('"')
        return mine if mine in {ap.get("wpa_passphrase") for ap in self.access_points} else ""


def read(path: Path) -> dict[str, Scenario]:
    """Every scenario of that file, by name."""
    return {
        name: _scenario(name, table)
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def _scenario(name: str, table: dict[str, Any]) -> Scenario:
    given = dict(table)
    points = tuple(_access_point(ap) for ap in given.pop("ap", [{}]))
    station = {**PHOTON, **given.pop("station", {})}
    laptop = given.pop("laptop", None)
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    return Scenario(
        name=name,
        access_points=points,
        station=station,
        laptop=None if laptop is None else {**PHOTON, **LAPTOP, **laptop},
        **given | lists,
    )


def _access_point(given: Settings) -> Settings:
    band = ON_5GHZ if given.get("radio") == "ap5" else {"radio": "ap"}
    return {**HEALTHY_AP, **band, **given}


SCENARIOS = read(Path(__file__).with_name("scenarios.toml"))
