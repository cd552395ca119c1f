"""Was this computer's address leased, and when last? Linux alone tells, by the lifetime that a DHCP
client gives an address.

Sources: rtnetlink(7) (RTM_GETADDR), linux/if_addr.h; systemd-networkd, NetworkManager, dhcpcd and
Debian's dhclient all set it.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from ipaddress import IPv4Address

from netcheck.host import netlink
from netcheck.model import Struct

_RTM_NEWADDR, _RTM_GETADDR = 20, 22  # linux/rtnetlink.h
_IFA_LOCAL, _IFA_CACHEINFO = 2, 6  # linux/if_addr.h
_ADDRESS = struct.Struct(
    "=BBBBI"
)  # struct ifaddrmsg: family, prefix length, flags, scope, interface index
_LIFE = struct.Struct(
    "=IIII"
)  # struct ifa_cacheinfo: preferred, valid (s), created, updated (1/100 s since the start)
_FOR_EVER = 0xFFFFFFFF


class Life(Struct, frozen=True, kw_only=True):
    """An address of this computer that is valid for a time only, and when that time was last
    set.
    """

    ip: str
    set_at_s: float
    """By the clock that stands still while the system sleeps (CLOCK_MONOTONIC)."""


def renewed_s(ip: str) -> float | None:
    """How long ago a lease of this address was last given or renewed, time asleep left out; None
    where it is none, or nothing tells.
    """
    if sys.platform != "linux":
        return None
    try:
        rows = list(
            netlink.dump(_RTM_GETADDR, _ADDRESS.pack(socket.AF_INET, 0, 0, 0, 0), _RTM_NEWADDR)
        )
    except OSError:
        return None
    lives = [life for row in rows if (life := parse(row)) is not None and life.ip == ip]
    return max(0.0, time.monotonic() - lives[0].set_at_s) if lives else None


def parse(row: bytes) -> Life | None:
    """One row of the table of addresses; None where it holds no IPv4 address, or one that stays for
    ever.
    """
    if len(row) < _ADDRESS.size:
        return None
    values = dict(netlink.attributes(row[_ADDRESS.size :]))
    address, life = values.get(_IFA_LOCAL, b""), values.get(_IFA_CACHEINFO, b"")
    if len(address) != 4 or len(life) < _LIFE.size:
        return None
    _, valid_s, _, updated = _LIFE.unpack_from(life)
    return (
        None if valid_s == _FOR_EVER else Life(ip=str(IPv4Address(address)), set_at_s=updated / 100)
    )
