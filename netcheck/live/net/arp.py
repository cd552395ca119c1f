"""ARP (RFC 826): who has an address, and what neighbours say of theirs."""

from __future__ import annotations

import socket
import struct
import time

from netcheck.live.net import raw
from netcheck.live.net.raw import Link
from netcheck.model import Struct

UNSET = "0.0.0.0"
_FORM = struct.Struct(
    "!HHBBH6s4s6s4s"
)  # hardware, protocol, their lengths, operation, sender, target
_REQUEST, _REPLY = 1, 2
_SENDINGS_AT_S = (0.0, 0.4)
"""RFC 5227 §1.1 asks three times over seconds; who is awake answers the first, and Wi-Fi may lose
one.
"""
CLAIM_SENDINGS = 3
"""Often enough for a device whose radio sleeps between beacons."""


class Arp(Struct, frozen=True, kw_only=True):
    """An ARP message (RFC 826): who says it, by which address, and whose address is asked for.
    `address` may be unset.
    """

    is_reply: bool
    mac: bytes
    address: str
    wanted: str


def who_has(link: Link, addresses: tuple[str, ...], listen_s: float) -> dict[str, str]:
    """Address → MAC of the first that answers for it; addresses nobody answers for are left out.

    Asked as RFC 5227 §2.1.1 probes do, without an own address, so that no neighbour table learns
    anything false.
    """
    begun = time.monotonic()
    found: dict[str, str] = {}
    ends_s = (*_SENDINGS_AT_S[1:], listen_s)
    for end_s in ends_s:
        for address in addresses:
            if address not in found:
                link.send(question(link.mac, address))
        for frame in link.received(begun + end_s):
            said = claim(frame)
            if said and said[0] in addresses and said[1] != link.mac.hex(":"):
                found.setdefault(*said)
            if len(found) == len(addresses):
                return found
    return found


def most_arp_requests(addresses: int) -> int:
    """How many frames `who_has` may send for so many addresses."""
    return addresses * len(_SENDINGS_AT_S)


def claimants(link: Link, address: str, listen_s: float) -> tuple[str, ...]:
    """The MAC of each machine that answers this computer for that address. Listens all the time:
    the second is what matters.
    """
    begun = time.monotonic()
    found: dict[str, None] = {}
    for count in range(CLAIM_SENDINGS):
        link.send(question(link.mac, address))
        for frame in link.received(begun + listen_s * (count + 1) / CLAIM_SENDINGS):
            said = parse(frame)
            if said and said.is_reply and said.address == address and frame[:6] == link.mac:
                found[said.mac.hex(":")] = None
    return tuple(found)


def question(mac: bytes, address: str, own: str = UNSET) -> bytes:
    """An ARP request of this MAC for that address; without an address of its own, nobody learns
    anything from it.
    """
    body = _FORM.pack(
        1, raw.IPV4, 6, 4, _REQUEST, mac, socket.inet_aton(own), bytes(6), socket.inet_aton(address)
    )
    return raw.BROADCAST + mac + struct.pack("!H", raw.ARP) + body


def reply(mac: bytes, address: str, asker_mac: bytes, asker: str) -> bytes:
    """The answer of this MAC, for its address, to who asked."""
    body = _FORM.pack(
        1,
        raw.IPV4,
        6,
        4,
        _REPLY,
        mac,
        socket.inet_aton(address),
        asker_mac,
        socket.inet_aton(asker),
    )
    return asker_mac + mac + struct.pack("!H", raw.ARP) + body


def parse(frame: bytes) -> Arp | None:
    """The ARP message in an Ethernet frame; None where it is none for IPv4, or cut."""
    if len(frame) < 14 + _FORM.size or frame[12:14] != b"\x08\x06":
        return None
    hardware, protocol, _, _, operation, mac, address, _, wanted = _FORM.unpack_from(frame, 14)
    if (hardware, protocol) != (1, raw.IPV4):
        return None
    return Arp(
        is_reply=operation == _REPLY,
        mac=mac,
        address=socket.inet_ntoa(address),
        wanted=socket.inet_ntoa(wanted),
    )


def claim(frame: bytes) -> tuple[str, str] | None:
    """The address that the sender of an ARP frame says is its own, and its MAC; None where it says
    none.
    """
    said = parse(frame)
    return None if said is None or said.address == UNSET else (said.address, said.mac.hex(":"))
