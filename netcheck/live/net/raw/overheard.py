"""Who is on this network, by what neighbours send to everybody: ARP, DHCP and multicast. Listens,
and sends nothing.

A switch or an access point hands such frames to all; what neighbours send to each other is not
seen. Sources: RFC 826, RFC 2131 §2 (a client's messages go to UDP port 67 of everybody).
"""

from __future__ import annotations

import time

from netcheck.live.net.raw.arp import arp_in
from netcheck.live.net.raw.link import EthernetLink
from netcheck.photon import fingerprint
from netcheck.probing.net import HeardNeighbour
from netcheck.wire.addresses import is_unicast, mac_text
from netcheck.wire.decode import UDP, Body, Udp, read_ipv4, transport
from netcheck.wire.dhcp import BOOT_REQUEST, REQUEST, Dhcp

_MOST_NEIGHBOURS = 300
"""More is a crowd or a flood, and shows nothing new."""
_GROUP_BIT = 0x01


def listen_to_broadcasts(link: EthernetLink, seconds: float) -> tuple[HeardNeighbour, ...]:
    """The broadcasts of each neighbour, one of each kind, in the order in which they first came."""
    until = time.monotonic() + seconds
    found: dict[tuple[str, str, str, str, bool], HeardNeighbour] = {}
    for frame in link.received(until):
        one = heard_neighbour(frame, time.time())
        if one is not None and one.mac != link.mac and len(found) < _MOST_NEIGHBOURS:
            found.setdefault((one.mac, one.said, one.address, one.id, one.is_photon), one)
    return tuple(found.values())


def heard_neighbour(frame: bytes, at: float) -> HeardNeighbour | None:
    """What a frame to everybody tells of its sender; None for every other frame."""
    if len(frame) < 14 or not frame[0] & _GROUP_BIT or frame[6] & _GROUP_BIT:
        return None
    mac = mac_text(frame[6:12])
    arp = arp_in(frame)
    if arp is not None:
        is_own = arp.sender_mac == mac
        return (
            HeardNeighbour(mac=mac, said="arp", at=at, address=_usable(arp.sender_ip))
            if is_own
            else None
        )
    packet = read_ipv4(frame)
    if packet is None or packet.offset or not packet.payload:
        return None
    body = transport(UDP, packet.payload, packet.length) if packet.protocol == UDP else None
    if isinstance(body, Dhcp) and body.op == BOOT_REQUEST:
        return _of_request(body, at)
    return HeardNeighbour(
        mac=mac, said="datagram", at=at, address=_usable(packet.src), id=_announced(body)
    )


def _of_request(request: Dhcp, at: float) -> HeardNeighbour:
    """A REQUEST names the address that the client wants, other messages the one that it has."""
    wanted = request.requested if request.kind == REQUEST else ""
    return HeardNeighbour(
        mac=request.client_mac,
        said="dhcp",
        at=at,
        address=_usable(wanted or request.ciaddr),
        id=fingerprint.requested_id(request.parameters, request.host_name),
        is_photon=fingerprint.is_photon_request(request.parameters, request.xid),
    )


def _usable(address: str) -> str:
    return address if is_unicast(address) else ""


def _announced(body: Body | None) -> str:
    """The device id of an announcement in a datagram; empty where it is none."""
    return fingerprint.announced_id(body.payload) if isinstance(body, Udp) else ""
