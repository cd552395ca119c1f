"""Who has an address, and what neighbours say of theirs, by ARP (RFC 826)."""

from __future__ import annotations

import time

from netcheck.live.net.raw.link import EthernetLink
from netcheck.wire.arp import ARP_ANSWER, UNSET, Arp
from netcheck.wire.decode import decode
from netcheck.wire.links import ETHERNET

_SENDINGS_AT_S = (0.0, 0.4)
"""RFC 5227 §1.1 asks three times over seconds; who is awake answers the first, and Wi-Fi may lose
one.
"""
CLAIM_SENDINGS = 3
"""Often enough for a device whose radio sleeps between beacons."""


def who_has(link: EthernetLink, addresses: tuple[str, ...], listen_s: float) -> dict[str, str]:
    """Address → MAC of the first that answers for it; addresses nobody answers for are left out.

    Asked as RFC 5227 §2.1.1 probes do, without an own address, so that no neighbour table learns
    anything false.
    """
    from netcheck.wire import frames

    begun = time.monotonic()
    found: dict[str, str] = {}
    ends_s = (*_SENDINGS_AT_S[1:], listen_s)
    for end_s in ends_s:
        for address in addresses:
            if address not in found:
                link.send(frames.arp_request(link.mac, address))
        for frame in link.received(begun + end_s):
            message = arp_in(frame)
            if message and message.sender_ip in addresses and message.sender_mac != link.mac:
                found.setdefault(message.sender_ip, message.sender_mac)
            if len(found) == len(addresses):
                return found
    return found


def most_arp_requests(addresses: int) -> int:
    """How many frames `who_has` may send for so many addresses."""
    return addresses * len(_SENDINGS_AT_S)


def claimants(link: EthernetLink, address: str, listen_s: float) -> tuple[str, ...]:
    """The MAC of each machine that answers this computer for that address. Listens all the time:
    the second is what matters.
    """
    from netcheck.wire import frames

    begun = time.monotonic()
    found: dict[str, None] = {}
    for count in range(CLAIM_SENDINGS):
        link.send(frames.arp_request(link.mac, address))
        for frame in link.received(begun + listen_s * (count + 1) / CLAIM_SENDINGS):
            reply = reply_to(frame, link.mac, address)
            if reply is not None:
                found[reply.sender_mac] = None
    return tuple(found)


def arp_in(frame: bytes) -> Arp | None:
    """The ARP message in an Ethernet frame; None where it is none for IPv4, or cut."""
    message = decode(ETHERNET, frame)
    return message.body if message is not None and isinstance(message.body, Arp) else None


def reply_to(frame: bytes, mac: str, address: str) -> Arp | None:
    """The reply to that MAC of one that has the address; None where the frame is another one."""
    message = decode(ETHERNET, frame)
    if message is None or not isinstance(message.body, Arp) or message.dst_mac != mac:
        return None
    is_reply = message.body.operation == ARP_ANSWER and message.body.sender_ip == address
    return message.body if is_reply and address != UNSET else None
