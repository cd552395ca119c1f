"""Addresses as text, from their bytes on the wire. Pure."""

from __future__ import annotations

from socket import inet_ntoa

MOST_ADDRESSES = 8
"""Of a list; no server of a home or an office names more."""


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
