"""An Ethernet frame as it stands in a capture of another link type."""

from __future__ import annotations

import struct
from collections.abc import Callable

IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
DSA = bytes.fromhex("c0000064")
Wrap = Callable[[bytes], bytes | None]


def pktap(frame: bytes, *, link: int = 1, length: int = 108) -> bytes:
    """Apple's header: length, record type, link type, name, and more that is not read."""
    head = struct.pack("<III", length, 1, link) + b"en0".ljust(24, b"\0")
    return head.ljust(length, b"\0") + frame


def nflog(frame: bytes, *, order: str = "<") -> bytes | None:
    """A record of the firewall: a prefix, the sender's address, the Ethernet header, the packet."""
    if frame[12:14] not in (IPV4, IPV6):
        return None
    values = [
        (10, b"in\0"),
        (8, b"\0\6\0\0" + frame[6:12] + b"\0\0"),
        (16, frame[:14]),
        (9, frame[14:]),
    ]
    record = (b"\2" if frame[12:14] == IPV4 else b"\x0a") + b"\0\0\x05"
    for kind, value in values:
        size = struct.pack(order + "HH", len(value) + 4, kind)
        record += size + value + bytes(-len(value) % 4)
    return record


def ppp(head: bytes = b"\xff\x03", *, is_short: bool = False) -> Wrap:
    """A writer of PPP frames behind those bytes; `is_short`: the protocol in one byte."""

    def wrap(frame: bytes) -> bytes | None:
        protocol = {IPV4: 0x21, IPV6: 0x57}.get(frame[12:14])
        if protocol is None:
            return None
        return head + protocol.to_bytes(1 if is_short else 2, "big") + frame[14:]

    return wrap


def cisco(frame: bytes) -> bytes | None:
    return b"\x0f\0" + frame[12:] if frame[12:14] in (IPV4, IPV6) else None


def wifi(head: bytes) -> Wrap:
    """A writer of unprotected 802.11 data frames of an ad-hoc network behind those bytes."""

    def wrap(frame: bytes) -> bytes:
        addresses = frame[:12] + frame[6:12]
        return head + b"\x08\0\0\0" + addresses + b"\0\0\xaa\xaa\x03\0\0\0" + frame[12:]

    return wrap


PRISM = struct.pack("<II", 0x44, 144) + b"wlan0".ljust(136, b"\0")
AVS = struct.pack(">II", 0x80211001, 64) + bytes(56)

WRAPPED: dict[str, tuple[int, Wrap]] = {
    "dsa of broadcom": (281, lambda f: f[:12] + bytes(4) + f[12:]),
    "dsa of broadcom, before": (282, lambda f: bytes(4) + f),
    "dsa of marvell": (284, lambda f: f[:12] + DSA + f[12:]),
    "dsa of marvell with ethertype": (285, lambda f: f[:12] + b"\xda\xda\0\0" + DSA + f[12:]),
    "pktap": (258, pktap),
    "pktap, as macOS numbers it": (149, pktap),
    "pktap of a tunnel": (
        258,
        lambda f: pktap(f[14:], link=12, length=156) if f[12:14] == IPV4 else None,
    ),
    "nflog": (239, nflog),
    "nflog of a big-endian machine": (239, lambda f: nflog(f, order=">")),
    "ppp": (9, ppp()),
    "ppp without address": (9, ppp(b"")),
    "ppp, protocol in one byte": (9, ppp(b"", is_short=True)),
    "ppp, as pppd says who sent it": (166, ppp(b"\x01\x03")),
    "ppp over hdlc": (50, ppp()),
    "cisco hdlc": (50, cisco),
    "pppoe session": (51, ppp(b"\x11\0\0\7\0\x20")),
    "prism": (119, wifi(PRISM)),
    "prism of a big-endian machine": (119, wifi(struct.pack(">II", 0x41, 144) + bytes(136))),
    "avs under prism's number": (119, wifi(AVS)),
    "avs": (163, wifi(AVS)),
}
"""Name → link type, and what makes of an Ethernet frame one of that type (None where it cannot)."""
WITHOUT_MACS = frozenset({9, 50, 51, 166})
"""Link types that show no MAC."""
