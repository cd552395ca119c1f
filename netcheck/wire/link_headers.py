"""Headers that some capture methods put before a frame or a packet, and what stands behind them.
Pure; any bytes give a place or None.

Sources: tcpdump.org/linktypes.html and the descriptions it names (pktap: Apple's
bsd/net/pktap.h; nflog: linux/netfilter/nfnetlink_log.h; Prism and AVS: linux-wlan-ng's p80211
headers), RFC 1661 and RFC 1662.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_PKTAP_FRAME = 1
"""The record type of a header before a frame (PTH_TYPE_PACKET)."""
_PKTAP_BYTES = 12
"""Length, record type and link type, before the name of the interface."""
_NFLOG_HEAD = 4
_NFLOG_PAYLOAD, _NFLOG_SOURCE, _NFLOG_HEADER = 9, 8, 16
_ETHERNET_BYTES, _MAC_BYTES = 14, 6
_PPP_CONTROL = 0x03
_PPP_ADDRESSES = frozenset({0xFF, 0x00, 0x01})
"""All stations; 0 and 1 stand in its place where pppd says who sent it (LINKTYPE_PPP_PPPD)."""
_CISCO_ADDRESSES = frozenset({0x0F, 0x8F})
_PRISM_CODES = frozenset({0x41, 0x44})
_PRISM_BYTES, _AVS_BYTES = 24, 8
_AVS_MAGIC = 0x80211000


class Wrapped(NamedTuple):
    """What stands behind a header of its own: the link type of the rest, and where it begins."""

    link_type: int
    offset: int


class Logged(NamedTuple):
    """The IP packet in a record of the Linux firewall, and the MACs where it tells them."""

    offset: int
    src: bytes | None
    dst: bytes | None


def pktap(frame: bytes) -> Wrapped | None:
    """Behind the header of macOS's `tcpdump -i pktap` (its lengths are little-endian)."""
    if len(frame) < _PKTAP_BYTES:
        return None
    length, kind, link_type = struct.unpack_from("<III", frame)
    if kind != _PKTAP_FRAME or not _PKTAP_BYTES <= length <= len(frame):
        return None
    return Wrapped(link_type, length)


def nflog(frame: bytes) -> Logged | None:
    """In a record of iptables' NFLOG: family, version, resource id, then values of a length and a
    type each, in the byte order of the machine, filled up to 4 bytes.
    """
    if len(frame) < _NFLOG_HEAD or frame[1]:
        return None
    for order in "<>":
        values = _nflog_values(frame, order)
        if _NFLOG_PAYLOAD in values:
            break
    else:
        return None
    offset, _ = values[_NFLOG_PAYLOAD]
    src = dst = None
    if _NFLOG_SOURCE in values:
        at, end = values[_NFLOG_SOURCE]
        src = frame[at + 4 : at + 4 + _MAC_BYTES]
        src = src if at + 4 + _MAC_BYTES <= end and frame[at : at + 2] == b"\0\6" else None
    if _NFLOG_HEADER in values:
        at, end = values[_NFLOG_HEADER]
        if end - at == _ETHERNET_BYTES:
            dst, src = frame[at : at + _MAC_BYTES], frame[at + _MAC_BYTES : at + 2 * _MAC_BYTES]
    return Logged(offset, src, dst)


def _nflog_values(frame: bytes, order: str) -> dict[int, tuple[int, int]]:
    """Type → where its value begins and ends; empty where the lengths do not fit in that order."""
    values: dict[int, tuple[int, int]] = {}
    at = _NFLOG_HEAD
    while at + _NFLOG_HEAD <= len(frame):
        length, kind = struct.unpack_from(order + "HH", frame, at)
        is_payload = kind == _NFLOG_PAYLOAD
        if length < _NFLOG_HEAD or (at + length > len(frame) and not is_payload):
            return {}
        values[kind] = at + _NFLOG_HEAD, min(at + length, len(frame))
        if is_payload:  # always last; what was cut off of it does not matter here
            break
        at += length + 3 & ~3
    return values


def ppp(frame: bytes, start: int = 0) -> tuple[int, int] | None:
    """The protocol of a PPP frame and where its packet begins, with or without address and control
    (RFC 1662 §3.1) and with a protocol of one byte (RFC 1661 §6.5).
    """
    head = frame[start : start + 2]
    if len(head) == 2 and head[0] in _PPP_ADDRESSES and head[1] == _PPP_CONTROL:
        start += 2
    first = frame[start : start + 1]
    if not first:
        return None
    if first[0] & 1:
        return first[0], start + 1
    return int.from_bytes(frame[start : start + 2], "big"), start + 2


def cisco_hdlc(frame: bytes) -> tuple[int, int] | None:
    """The ethertype of a Cisco HDLC frame and where its packet begins (RFC 1547 §4.3.1 names the
    addresses); None for any other.
    """
    if len(frame) < 4 or frame[0] not in _CISCO_ADDRESSES or frame[1]:
        return None
    return int.from_bytes(frame[2:4], "big"), 4


def prism(frame: bytes) -> int | None:
    """The length of a Prism header before an 802.11 frame, in the byte order of the machine; some
    drivers write an AVS header under the same link type.
    """
    for order in "<>":
        if len(frame) >= _PRISM_BYTES:
            code, length = struct.unpack_from(order + "II", frame)
            if code in _PRISM_CODES and _PRISM_BYTES <= length <= len(frame):
                return int(length)
    return avs(frame)


def avs(frame: bytes) -> int | None:
    """The length of an AVS header before an 802.11 frame."""
    if len(frame) < _AVS_BYTES:
        return None
    magic, length = struct.unpack_from(">II", frame)
    is_header = magic & ~0xF == _AVS_MAGIC and _AVS_BYTES <= length <= len(frame)
    return int(length) if is_header else None
