"""Which interface to record on, and what passes there: a system's own statements about its
interfaces, nothing is sent.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from netcheck.host import interfaces, vantage
from netcheck.model import Struct
from netcheck.recording.filters import everyone
from netcheck.text.escape import safe

_MONITOR_TYPES = frozenset({801, 802, 803})
"""ARPHRD_IEEE80211, _PRISM and _RADIOTAP (linux/if_arp.h): the radio itself, in monitor mode."""


_NAME = re.compile(r"[a-z]{1,8}[0-9]{0,3}|Wi-Fi(?: [0-9]{1,2})?|Ethernet(?: [0-9]{1,2})?", re.ASCII)
"""What other systems call theirs: en0, Wi-Fi 2."""


class CannotRecord(Exception):
    """Recording cannot begin or go on; the text is one sentence for the user: why, and what to
    do.
    """


class Place(Struct, frozen=True, kw_only=True):
    """An interface. `serves`: this computer is the network's gateway there, as with a hotspot, so
    that all clients' packets pass.

    `is_client`: it goes out through another's gateway there.
    """

    name: str
    is_wireless: bool = False
    is_monitor: bool = False
    serves: bool = False
    is_client: bool = False

    @property
    def hears_only_broadcasts(self) -> bool:
        """A client hears of other clients what they send to everybody: an access point encrypts for
        each apart, a switch parts them.
        """
        return self.is_client or (self.is_wireless and not (self.is_monitor or self.serves))


def choose(interface: str, root: Path = interfaces.LINUX) -> Place:
    """The interface of that name; without one, that by which this computer stands in the network.
    Raises CannotRecord.
    """
    need_linux(interface)
    names = interfaces.names()
    name = interface or vantage.look().interface
    if name in names and not interfaces.is_up(name, root):
        raise CannotRecord(
            f"The interface {safe(name, 60)} is switched off: switch it on first (sudo ip link set"
            f" {safe(name, 60)} up)."
        )
    if name in names:
        return look(name, root)
    there_are = f"there are: {safe(', '.join(names), 300)}"
    if interface:
        raise CannotRecord(f"There is no such network interface; {there_are}.")
    raise CannotRecord(
        "This computer stands in no network; join the device's, or name an interface"
        f" ({there_are})."
    )


def look(name: str, root: Path = interfaces.LINUX) -> Place:
    """What the system says of an interface that exists."""
    here, stands = root / name, vantage.look(name)
    is_wireless = interfaces.is_wireless(name, root) is True
    return Place(
        name=name,
        is_wireless=is_wireless,
        is_monitor=interfaces.number(here / "type") in _MONITOR_TYPES,
        # In a bridge only an access point's radio can be: IEEE 802.11 clients cannot carry others'
        # addresses.
        serves=(here / "brport").exists()
        or (stands.address is not None and stands.gateway is None),
        is_client=stands.gateway is not None,
    )


def hotspot(interface: str = "", root: Path = interfaces.LINUX) -> Place | None:
    """The wireless interface, of that name if one is given, on which this computer serves others;
    None as long as there is none.
    """
    need_linux(interface)
    for name in interfaces.names():
        place = look(name, root)
        if (
            interface in ("", name)
            and place.is_wireless
            and place.serves
            and interfaces.is_up(name, root)
        ):
            return place
    return None


def need_linux(interface: str) -> None:
    """Raises CannotRecord on other systems, with the command that records there."""
    if sys.platform == "linux":
        return
    raise CannotRecord(
        "netcheck records on Linux alone; on this system type:"
        f" {other_recorder(sys.platform, interface, everyone())} and then: netcheck pcap"
        " photon.pcap (the steps for a hotspot: netcheck record --guide hotspot)."
    )


def other_recorder(platform: str, interface: str = "", expression: str = "") -> str:
    """The command of the system's own recorder, or Wireshark's, that writes photon.pcap; with an
    expression, of what it lets pass.
    """
    if platform == "win32":
        wanted = f' -f "{expression}"' if expression else ""
        name = _shown(interface) or "Wi-Fi"
        return (
            f'"C:\\Program Files\\Wireshark\\dumpcap.exe" -P -a duration:300 -i "{name}" -w'
            f" photon.pcap{wanted}"
        )
    wanted = f" '{expression}'" if expression else ""
    return f"sudo tcpdump -i {_shown(interface) or 'en0'} -s 0 -U -w photon.pcap{wanted}"


def _shown(interface: str) -> str:
    """The name that was typed, where it can be one."""
    return interface if _NAME.fullmatch(interface) else ""
