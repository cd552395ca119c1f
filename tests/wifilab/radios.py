"""Radios that the kernel simulates (mac80211_hwsim), each in the namespace of its owner.

They are made anew for each scenario, which takes under a second and leaves nothing behind. How loud
a radio is heard is set per transmitter and reported on top of its power, so that is held at 0 dBm.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal, Self

from tests.lab.namespace import Namespace

Role = Literal["ap", "ap5", "station", "monitor", "monitor5", "second", "laptop"]
ROLES: tuple[Role, ...] = ("ap", "ap5", "station", "monitor", "monitor5", "second", "laptop")
MACS: dict[Role, str] = {
    "ap": "c0:4a:00:3e:71:a0",
    "ap5": "c0:4a:00:3e:71:a1",
    "second": "c0:4a:00:52:18:e4",
    "laptop": "3c:a9:f4:11:5d:92",
}
LOUDNESS_DBM: dict[Role, int] = {
    "ap": -47,
    "ap5": -52,
    "station": -58,
    "second": -66,
    "laptop": -55,
}
_HWSIM = Path("/sys/kernel/debug/ieee80211")


class Radios:
    """One radio for each role; gone when the `with` block ends."""

    def __init__(self) -> None:
        self._phys: dict[Role, str] = {}

    def __enter__(self) -> Self:
        if not _HWSIM.exists():
            _run("mount", "-t", "debugfs", "debugfs", "/sys/kernel/debug")
        _run("modprobe", "mac80211_hwsim", f"radios={len(ROLES)}")
        for role in ROLES:
            name = Path("/sys/class/net", self.interface(role), "phy80211/name").read_text()
            self._phys[role] = name.strip()
            _run("iw", "phy", self._phys[role], "set", "txpower", "fixed", "0")
        for role, mac in MACS.items():
            self.set_mac(role, mac)
        for role, dbm in LOUDNESS_DBM.items():
            self.set_loudness(role, dbm)
        return self

    def __exit__(self, *_: object) -> None:
        _run("modprobe", "-r", "mac80211_hwsim")

    def interface(self, role: Role) -> str:
        """The name of its interface, in whatever namespace it is."""
        return f"wlan{ROLES.index(role)}"

    def set_mac(self, role: Role, mac: str) -> None:
        """Give it that address; before it moves."""
        _run("ip", "link", "set", self.interface(role), "address", mac)

    def move(self, role: Role, namespace: Namespace) -> None:
        """Into that namespace; it still hears all the others."""
        _run("iw", "phy", self._phys[role], "set", "netns", "name", namespace.name)

    def set_loudness(self, role: Role, dbm: int) -> None:
        """How it is heard by everybody; the file takes the number as two's complement only."""
        self._write(role, "rx_rssi", dbm % 2**64)

    def set_group(self, role: Role, mask: int) -> None:
        """Whom it hears: those whose masks have a bit in common."""
        self._write(role, "group", mask)

    def _write(self, role: Role, name: str, value: int) -> None:
        (_HWSIM / self._phys[role] / "hwsim" / name).write_text(str(value))

    def monitor(self, role: Role, channel: int) -> str:
        """Make it receive everything on that channel; the name of its interface."""
        name = f"mon{channel}"
        _run("iw", "dev", self.interface(role), "del")
        _run("iw", "phy", self._phys[role], "interface", "add", name, "type", "monitor")
        _run("ip", "link", "set", name, "up")
        _run("iw", "dev", name, "set", "channel", str(channel))
        return name


def _run(*command: str) -> None:
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
