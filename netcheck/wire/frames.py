"""The few frames that a probe makes itself, as bytes: by scapy, from the Ethernet header on.

Import this inside the function that needs it: scapy takes some 0.2 s to load, which no capture, no
`--help` and no run without the right to raw frames is to wait for. Every field that scapy would
look up (own addresses, the next hop's MAC) is given, so making a frame asks nobody. Sources: RFC
826 (ARP), RFC 2131 §2, §4.1, §4.4.1 (DISCOVER), RFC 791, RFC 792, RFC 9293 §3.1.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from netcheck.wire.addresses import mac_bytes
from netcheck.wire.arp import ARP_ANSWER, ARP_ASK, UNSET
from netcheck.wire.dhcp import BOOT_REQUEST, CLIENT_PORT, DISCOVER, SERVER_PORT
from netcheck.wire.icmp import echo_request

logging.getLogger("scapy").setLevel(logging.CRITICAL)  # before it looks for interfaces and warns

from scapy.config import conf  # noqa: E402
from scapy.layers.dhcp import BOOTP, DHCP  # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.layers.l2 import ARP, Ether  # noqa: E402
from scapy.packet import Packet, Raw  # noqa: E402

BROADCAST = "ff:ff:ff:ff:ff:ff"
_EVERYBODY = "255.255.255.255"
_NOBODY = "00:00:00:00:00:00"
_TTL = 64
_BROADCAST_FLAG = 0x8000
"""Replies shall go to everybody: one sent to the MAC asked with would reach the device, not this
computer.
"""
_DHCP_BYTES = 304
"""With padding, as old servers want it: a message has at least 300 bytes (RFC 1542 §2.1)."""
_WINDOW, _MSS = 4096, 1152


class Ends(NamedTuple):
    """Between whom a packet goes: the MACs of this hop, and the IPv4 addresses."""

    src_mac: str
    dst_mac: str
    src: str
    dst: str


def layer2_socket() -> Any:
    """scapy's class of sockets for whole frames on this system."""
    return conf.L2socket


def arp_request(mac: str, wanted: str, own: str = UNSET) -> bytes:
    """Who has that address? Without an address of the sender's own, no host learns a neighbour from
    it (RFC 5227 §2.1.1).
    """
    return bytes(
        Ether(src=mac, dst=BROADCAST)
        / ARP(op=ARP_ASK, hwsrc=mac, psrc=own, hwdst=_NOBODY, pdst=wanted)
    )


def arp_reply(mac: str, address: str, asker_mac: str, asker: str) -> bytes:
    """This MAC has the address, to the one that asked."""
    return bytes(
        Ether(src=mac, dst=asker_mac)
        / ARP(op=ARP_ANSWER, hwsrc=mac, psrc=address, hwdst=asker_mac, pdst=asker)
    )


def dhcp_discover(mac: str, xid: int, client: str, parameters: Sequence[int]) -> bytes:
    """A DISCOVER for `client` that requests these options, broadcast from `mac`.

    The only DHCP message made here: nothing can take up an offer.
    """
    message = BOOTP(
        op=BOOT_REQUEST, xid=xid, flags=_BROADCAST_FLAG, chaddr=mac_bytes(client).ljust(16, b"\0")
    ) / DHCP(options=[("message-type", DISCOVER), ("param_req_list", list(parameters)), "end"])
    padded = bytes(message).ljust(_DHCP_BYTES, b"\0")
    ends = Ends(mac, BROADCAST, UNSET, _EVERYBODY)
    return _framed(ends, UDP(sport=CLIENT_PORT, dport=SERVER_PORT) / Raw(padded))


def icmp_echo(ends: Ends, token: bytes) -> bytes:
    """An echo request that carries the token."""
    return _framed(ends, ICMP(echo_request(token)))


def tcp_syn(ends: Ends, sport: int, dport: int, seq: int) -> bytes:
    """A segment that asks for a connection."""
    segment = TCP(
        sport=sport, dport=dport, seq=seq, flags="S", window=_WINDOW, options=[("MSS", _MSS)]
    )
    return _framed(ends, segment)


def tcp_reset(ends: Ends, sport: int, dport: int, seq: int) -> bytes:
    """A segment that ends a connection; `seq` is what the other end acknowledged."""
    return _framed(ends, TCP(sport=sport, dport=dport, seq=seq, flags="R", window=_WINDOW))


def _framed(ends: Ends, message: Packet) -> bytes:
    header = IP(src=ends.src, dst=ends.dst, id=0, ttl=_TTL)
    return bytes(Ether(src=ends.src_mac, dst=ends.dst_mac) / header / message)
