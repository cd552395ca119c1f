"""The system's neighbour table: who answered ARP, and how fresh that knowledge is.

Linux only, by a netlink request that needs no rights (rtnetlink(7), RTM_GETNEIGH). /proc/net/arp
would not do: it shows an entry gone stale like a fresh one, and a gateway that died a minute ago as
alive.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterator
from enum import IntFlag
from ipaddress import IPv4Address

from netcheck.host import netlink
from netcheck.model import Struct

_RTM_NEWNEIGH, _RTM_GETNEIGH = 28, 30  # linux/rtnetlink.h
_NDA_DST, _NDA_LLADDR, _NDA_CACHEINFO = 1, 2, 3  # linux/neighbour.h
_NEIGHBOUR = struct.Struct("=BxxxiHBB")  # struct ndmsg: family, interface index, state, flags, type
_CONFIRMED = struct.Struct(
    "=I12x"
)  # struct nda_cacheinfo: ticks since the address was last confirmed, and more


class Neighbour(IntFlag):
    """State of an entry (linux/neighbour.h, NUD_*)."""

    INCOMPLETE = 0x01
    REACHABLE = 0x02
    STALE = 0x04
    DELAY = 0x08
    PROBE = 0x10
    FAILED = 0x20
    NOARP = 0x40
    PERMANENT = 0x80


_FIXED = Neighbour.PERMANENT | Neighbour.NOARP
"""States in which the system does not ask."""
_FRESH_S = 3.0


class Entry(Struct, frozen=True, kw_only=True):
    """One row: `mac` is None until somebody answered, `confirmed_s` is how long ago it last
    did.
    """

    ip: str
    mac: str | None
    state: Neighbour
    confirmed_s: float | None = None

    @property
    def is_fresh(self) -> bool:
        """Did it answer just now? A row stays `reachable` for up to 45 s after the last answer
        (arp(7)).
        """
        is_recent = self.confirmed_s is not None and self.confirmed_s <= _FRESH_S
        return bool(self.state & _FIXED) or (self.state is Neighbour.REACHABLE and is_recent)


def can_look() -> bool:
    """Does this system show its neighbour table to a program without rights?"""
    return sys.platform == "linux"


def table() -> Iterator[Entry]:
    """Every row. Raises OSError where the table cannot be read."""
    request = _NEIGHBOUR.pack(socket.AF_INET, 0, 0, 0, 0)
    rows = netlink.dump(_RTM_GETNEIGH, request, _RTM_NEWNEIGH)
    return (entry for row in rows if (entry := parse(row)) is not None)


def look(ip: str) -> Entry | None:
    """The row of that address, or None where the table has none. Raises OSError where the table
    cannot be read.
    """
    return next((entry for entry in table() if entry.ip == ip), None)


def parse(message: bytes) -> Entry | None:
    """One row of the table; None where it holds no IPv4 address."""
    if len(message) < _NEIGHBOUR.size:
        return None
    _, _, state, _, _ = _NEIGHBOUR.unpack_from(message)
    attributes = dict(netlink.attributes(message[_NEIGHBOUR.size :]))
    address, mac = attributes.get(_NDA_DST, b""), attributes.get(_NDA_LLADDR, b"")
    if len(address) != 4:
        return None
    return Entry(
        ip=str(IPv4Address(address)),
        mac=mac.hex(":") if len(mac) == 6 else None,
        state=Neighbour(state & 0xFF),
        confirmed_s=_confirmed_s(attributes.get(_NDA_CACHEINFO, b"")),
    )


def _confirmed_s(cache_info: bytes) -> float | None:
    if len(cache_info) < _CONFIRMED.size:
        return None
    (ticks,) = _CONFIRMED.unpack_from(cache_info)
    return float(ticks) / os.sysconf("SC_CLK_TCK")
