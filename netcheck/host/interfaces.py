"""This computer's network interfaces: names, addresses, kind, link, and how to hold a socket to
one. Sends nothing.

A socket is held to an interface by name (Linux: SO_BINDTODEVICE, open to every user since 5.7;
macOS: IP_BOUND_IF) or carries its address, which is what Windows chooses the route by.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from netcheck.model import Struct

LINUX = Path("/sys/class/net")
"""What Linux tells of each interface (Documentation/ABI/testing/sysfs-class-net)."""
_WIRELESS_MARKS = ("phy80211", "wireless")
"""A Wi-Fi interface has a mark of the new or the old interface for programs."""
_TUNNEL_NAMES = (
    "tun",
    "tap",
    "utun",
    "wg",
    "ppp",
    "ipsec",
    "tailscale",
    "zt",
    "nordlynx",
    "proton",
)
_UP = 1
"""IFF_UP (linux/if.h)."""
_IP_BOUND_IF = 25
"""bsd/netinet/in.h of macOS; Python's socket module has no name for it."""

Addresses = dict[int, list[dict[str, str]]]
"""Address family → rows with `addr` and `netmask`, as netifaces gives them."""


class InterfaceAddress(Struct, frozen=True, kw_only=True):
    """One interface with one IPv4 address, if it has any. `is_wifi` None: this system does not
    say.
    """

    name: str
    address: str = ""
    netmask: str = ""
    is_wifi: bool | None = None


def names() -> tuple[str, ...]:
    """The names of this computer's network interfaces."""
    import netifaces  # here: a compiled library that `netcheck --help` does not need

    return tuple(netifaces.interfaces())


def addresses(interface: str) -> Addresses | None:
    """The addresses of that interface by family; None where it has just gone."""
    import netifaces  # here: a compiled library that `netcheck --help` does not need

    try:
        return dict(netifaces.ifaddresses(interface))
    except (ValueError, OSError):
        return None


def ipv4_addresses() -> Iterator[InterfaceAddress]:
    """Every interface but loopback, once for each of its IPv4 addresses, or without one."""
    for name in names():
        found = addresses(name)
        if found is None:
            continue
        rows = found.get(socket.AF_INET, [])
        if any(str(row.get("addr", "")).startswith("127.") for row in rows):
            continue
        for row in rows or [{}]:
            yield InterfaceAddress(
                name=name,
                address=row.get("addr", ""),
                netmask=row.get("netmask", ""),
                is_wifi=is_wireless(name),
            )


def is_wireless(name: str, root: Path | None = None) -> bool | None:
    """Is it a Wi-Fi interface? None where the system does not tell: only Linux does."""
    if sys.platform != "linux":
        return None
    return bool(name) and any(((root or LINUX) / name / mark).exists() for mark in _WIRELESS_MARKS)


def is_up(name: str, root: Path | None = None) -> bool:
    """Is it switched on, as far as the system says?"""
    flags = number((root or LINUX) / name / "flags")
    return flags is None or bool(flags & _UP)


def is_linked(name: str) -> bool | None:
    """Is its cable in, or its Wi-Fi joined? None where the system does not tell."""
    try:
        return (LINUX / name / "carrier").read_text().strip() == "1"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # EINVAL: it is switched off
        return False


def is_tunnel(name: str, mac: str | None) -> bool:
    """Is it a VPN or another link without neighbours? Such have no MAC, but for those that play an
    Ethernet (tap).
    """
    return mac is None or name.startswith(_TUNNEL_NAMES) or (LINUX / name / "tun_flags").exists()


def is_port(name: str) -> bool:
    """Is it a part of a bridge or a bond, which alone has addresses?"""
    return (LINUX / name / "master").exists()


def number(file: Path) -> int | None:
    """The number that such a file holds, decimal or 0x…; None where it holds none."""
    try:
        return int(file.read_text().strip(), 0)
    except (OSError, ValueError):
        return None


def hold(sock: socket.socket, name: str, address: str = "") -> None:
    """Hold the socket to that interface and its address, as far as the system and this user's
    rights allow; else the routes decide, as for any program.
    """
    with contextlib.suppress(OSError):
        if sys.platform == "linux":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
        elif sys.platform == "darwin":
            sock.setsockopt(socket.IPPROTO_IP, _IP_BOUND_IF, socket.if_nametoindex(name))
    if address:
        with contextlib.suppress(OSError):
            sock.bind((address, 0))
