"""Which Wi-Fi adapter of a Linux computer can scan, and whether it is switched on
(Documentation/ABI/testing/sysfs-class-net, stable/sysfs-class-rfkill). Sends nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path

from netcheck.host import interfaces

_MONITOR = frozenset({801, 802, 803})
"""ARPHRD_IEEE80211 and the like (linux/if_arp.h): such interfaces only listen."""


def wireless(preferred: Iterable[str], root: Path | None = None) -> str:
    """The first of the preferred interfaces that is a Wi-Fi one and can scan, else the first of
    all that can, one that is switched on before others; empty where there is none.
    """
    folder = root or interfaces.LINUX
    try:
        every = sorted(one.name for one in folder.iterdir())
    except OSError:
        return ""
    able = [one for one in every if _can_scan(one, folder)]
    wanted = [one for one in preferred if one in able]
    awake = [one for one in able if interfaces.is_up(one, folder)]
    return next(iter((*wanted, *awake, *able)), "")


def _can_scan(name: str, folder: Path) -> bool:
    is_monitor = interfaces.number(folder / name / "type") in _MONITOR
    return bool(interfaces.is_wireless(name, folder)) and not is_monitor


def index_of(name: str) -> int:
    """Its number in the kernel. Raises OSError where it has gone."""
    return socket.if_nametoindex(name)


def switched_off(name: str, root: Path | None = None) -> str:
    """Why it is off, and what switches it on; empty where it is on."""
    folder = root or interfaces.LINUX
    switches = sorted((folder / name / "phy80211").glob("rfkill*"))
    if any(interfaces.number(one / "hard") == 1 for one in switches):
        return f"{name} is switched off by a switch or key of this computer: switch Wi-Fi on"
    if any(interfaces.number(one / "soft") == 1 for one in switches):
        return f"Wi-Fi is switched off in this computer's settings: `rfkill unblock wifi`, {_OR}"
    if not interfaces.is_up(name, folder):
        return f"{name} is switched off: `sudo ip link set {name} up`, {_OR}"
    return ""


_OR = "or switch it on in the settings"
