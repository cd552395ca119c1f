"""Addresses: as text from their bytes on the wire, and the kinds of IPv4 address that captures,
probes and rules judge alike. Pure.

Judgements take text and return False (or None) for text that is not an address.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from socket import inet_ntoa

MOST_ADDRESSES = 8
"""Of a list; no server of a home or an office names more."""
OWN_TTLS = frozenset({32, 64, 128, 255})
"""The TTLs that hosts send (RFC 1340 and common systems); a forwarded packet has less. A Photon
sends 255.
"""
_IMPOSSIBLE = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # RFC 1122 §3.2.1.3
        "10.0.0.0/8",  # RFC 1918
        "100.64.0.0/10",  # RFC 6598
        "127.0.0.0/8",
        "169.254.0.0/16",  # RFC 3927
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# Documentation and benchmark ranges (RFC 5737, 2544) are left out on purpose: no portal answers
# with them, test networks do.
_SHARED = IPv4Network("100.64.0.0/10")  # RFC 6598
_PRIVATE = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


_BLOCK_PAGES = frozenset(
    {
        *(f"146.112.61.{last}" for last in range(104, 111)),  # Cisco Umbrella, OpenDNS
        "208.91.112.55",  # FortiGuard (Fortinet community, article 421739)
    }
)


@lru_cache(maxsize=4096)
def ipv4(text: str) -> IPv4Address | None:
    """The address; None if the text is not one."""
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def is_bogon(text: str) -> bool:
    """An address that no server of the public Internet can have."""
    address = ipv4(text)
    return address is not None and any(address in net for net in _IMPOSSIBLE)


def is_block_page(text: str) -> bool:
    """The address that a filter service gives for each name that it blocks."""
    return text in _BLOCK_PAGES


def is_public(text: str) -> bool:
    """An IPv4 address that may be one of the public Internet."""
    return ipv4(text) is not None and not is_bogon(text)


def is_private(text: str) -> bool:
    """An address of a network behind address translation (RFC 1918)."""
    address = ipv4(text)
    return address is not None and any(address in net for net in _PRIVATE)


def is_shared(text: str) -> bool:
    """An address between a provider's customers and its own address translation (RFC 6598)."""
    address = ipv4(text)
    return address is not None and address in _SHARED


def is_unicast(text: str) -> bool:
    """An address a single host can have: neither unset nor multicast nor broadcast."""
    address = ipv4(text)
    return (
        address is not None
        and not address.is_multicast
        and not address.is_unspecified
        and text != "255.255.255.255"
    )


def same_subnet(one: str, other: str, mask: str) -> bool:
    """Do both lie in one subnet under that mask? An unusable mask counts as 255.255.255.0."""
    first, second, bits = ipv4(one), ipv4(other), ipv4(mask)
    if first is None or second is None:
        return False
    net = int(bits) if bits is not None and int(bits) else 0xFFFFFF00
    return int(first) & net == int(second) & net


def mac_text(raw: bytes) -> str:
    """Six bytes as aa:bb:cc:dd:ee:ff."""
    return raw.hex(":")


def mac_bytes(mac: str) -> bytes:
    """The bytes of aa:bb:cc:dd:ee:ff. Raises ValueError for text that is not hexadecimal."""
    return bytes.fromhex(mac.replace(":", ""))


def ipv4_text(raw: bytes) -> str:
    """Four bytes as a dotted quad. Raises OSError for any other number of bytes."""
    return inet_ntoa(raw)


def ipv4_list(raw: bytes) -> tuple[str, ...]:
    """The whole addresses in a list of them, the first MOST_ADDRESSES."""
    places = range(0, min(len(raw), 4 * MOST_ADDRESSES) - 3, 4)
    return tuple(inet_ntoa(raw[place : place + 4]) for place in places)


def first_ipv4(raw: bytes) -> str:
    """The first address in a list of them; empty where there is none."""
    return inet_ntoa(raw[:4]) if len(raw) >= 4 else ""
