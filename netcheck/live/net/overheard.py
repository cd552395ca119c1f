"""Who is on this network, by what neighbours say to everybody: ARP, DHCP and multicast. Listens,
and sends nothing.

A switch or an access point hands such frames to all; what neighbours say to each other is not seen.
Sources: RFC 826, RFC 2131 §2 (a client's messages go to UDP port 67 of everybody).
"""

from __future__ import annotations

import struct
import time

from netcheck.live.net import arp, dhcp, raw
from netcheck.live.net.raw import Link, Packet
from netcheck.photon import fingerprint
from netcheck.probing.net import HeardNeighbour
from netcheck.wire.ipv4 import is_unicast

_MOST_SIGHTINGS = 300
"""A crowd or a flood teaches nothing more."""
_GROUP_BIT = 0x01


def overhear(link: Link, seconds: float) -> tuple[HeardNeighbour, ...]:
    """What each neighbour said, once each, in the order of its first hearing."""
    until = time.monotonic() + seconds
    found: dict[tuple[str, str, str, str, bool], HeardNeighbour] = {}
    for frame in link.received(until):
        one = sighting(frame, time.time())
        if one is not None and one.mac != link.mac.hex(":") and len(found) < _MOST_SIGHTINGS:
            found.setdefault((one.mac, one.said, one.address, one.id, one.is_photon), one)
    return tuple(found.values())


def sighting(frame: bytes, at: float) -> HeardNeighbour | None:
    """What a frame to everybody tells of its sender; None for every other frame."""
    if len(frame) < 14 or not frame[0] & _GROUP_BIT or frame[6] & _GROUP_BIT:
        return None
    mac = frame[6:12].hex(":")
    if (claim := arp.parse(frame)) is not None:
        return (
            HeardNeighbour(mac=mac, said="arp", at=at, address=_usable(claim.address))
            if claim.mac == frame[6:12]
            else None
        )
    packet = raw.parse_ipv4(frame)
    if packet is None:
        return None
    if packet.protocol == raw.UDP and (request := dhcp.parse_request(packet)) is not None:
        return _of_request(request, at)
    return HeardNeighbour(
        mac=mac, said="datagram", at=at, address=_usable(packet.source), id=_announced(packet)
    )


def _of_request(request: dhcp.Request, at: float) -> HeardNeighbour:
    is_photon = fingerprint.is_photon_request(request.parameters, request.xid)
    return HeardNeighbour(
        mac=request.client,
        said="dhcp",
        at=at,
        address=_usable(request.address),
        id=fingerprint.named_id(request.host_name),
        is_photon=is_photon,
    )


def _usable(address: str) -> str:
    return address if is_unicast(address) else ""


def _announced(packet: Packet) -> str:
    """The device id of an announcement in the packet; empty where it is none."""
    is_datagram = packet.protocol == raw.UDP and len(packet.payload) > 8
    (length,) = struct.unpack_from("!H", packet.payload, 4) if is_datagram else (0,)
    return fingerprint.announced_id(packet.payload[8:length])
