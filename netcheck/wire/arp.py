"""ARP messages for IPv4 (RFC 826). Pure; any bytes give a message or None."""

from __future__ import annotations

from socket import inet_aton
from typing import NamedTuple

from netcheck.wire.addresses import ipv4_text, mac_bytes, mac_text

ARP_ASK, ARP_ANSWER = 1, 2
UNSET = "0.0.0.0"
"""The sender's address of one that has none yet (RFC 5227 §1.1: an ARP probe)."""
_ETHERNET_AND_IPV4 = b"\0\1\x08\0\6\4"
_BYTES = 28


class Arp(NamedTuple):
    """RFC 826. Addresses as text; `operation` is ARP_ASK or ARP_ANSWER, or anything else."""

    operation: int
    sender_mac: str
    sender_ip: str
    target_ip: str


def read_arp(data: bytes) -> Arp | None:
    """The message behind a link-layer header; None where it is cut, or for other addresses."""
    if len(data) < _BYTES or data[:6] != _ETHERNET_AND_IPV4:
        return None
    operation = int.from_bytes(data[6:8], "big")
    return Arp(operation, mac_text(data[8:14]), ipv4_text(data[14:18]), ipv4_text(data[24:28]))


def encode_arp(arp: Arp) -> bytes:
    """The message that `read_arp` reads as these fields; the target's MAC, which it does not read,
    is zero.
    """
    return b"".join(
        (
            _ETHERNET_AND_IPV4,
            arp.operation.to_bytes(2, "big"),
            mac_bytes(arp.sender_mac),
            inet_aton(arp.sender_ip),
            bytes(6),
            inet_aton(arp.target_ip),
        )
    )
