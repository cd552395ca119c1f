"""Quick filter of the readers' fast loops: skips what is surely irrelevant, one `unpack_from` a
packet.

It keeps a superset of the relevant packets; `relevant.exact` decides.

For links with the ethertype right before the network layer, one struct reads a record's header and
all that decides about IPv4 without options. Multi-byte fields of the frame are read little-endian
on purpose, like the record's header: so they are compared with byte-swapped constants. A packet
that looks odd is kept.

Fields behind the end of a short frame are those of the next record. That loses nothing: where
`exact` keeps a packet, the bytes that it needs for that were captured.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from netcheck.capture.files import relevant
from netcheck.wire import links

Unpack = Callable[[bytearray, int], tuple[int, ...]]


def _swapped(value: int) -> int:
    return (value & 0xFF) << 8 | value >> 8


IPV4 = _swapped(links.IPV4)
IPV6 = _swapped(links.IPV6)
PLAIN = 0x45
"""IPv4 without options."""
LATER_FRAGMENT = _swapped(0x1FFF)
"""The bits of the fragment offset (RFC 791 §3.1)."""
TCP = relevant.TCP
UDP = relevant.UDP
SYN_FIN_RST = relevant.SYN_FIN_RST
UDP_PORTS = frozenset(map(_swapped, relevant.UDP_PORTS))
TCP_PORTS = frozenset(map(_swapped, relevant.TCP_PORTS))
WATCHED_PORTS = TCP_PORTS | frozenset(map(_swapped, relevant.HTTP_PORTS))
OTHER_PROTOCOLS = (
    frozenset({relevant.ICMP, relevant.ICMPV6, relevant.IPV6_FRAGMENT}) | relevant.IPV6_OPTIONS
)
"""Protocols and IPv6 next headers that are kept whatever their ports."""

FIELDS = "B5xHxB10xHH9xB"
"""The struct characters of an IPv4 header and what follows: version and length, fragment, protocol,
ports, TCP flags.
"""
IPV4_BYTES = 20

_SHIFTS = {**{_swapped(tag): 4 for tag in links.TAGS}, _swapped(links.PPPOE_SESSION): 8}
"""Ethertype → by how many bytes it moves the next one and all behind it."""
_AS_IPV4 = frozenset({IPV4, _swapped(links.PPP_IPV4)})
_AS_IPV6 = frozenset({IPV6, _swapped(links.PPP_IPV6)})
_IPV6_BYTES = 40
_HTTP_FIRST = frozenset(word[0] for word in relevant.HTTP_HEADS)
_ethertype: Unpack = struct.Struct("<H").unpack_from
_ipv4: Unpack = struct.Struct("<" + FIELDS).unpack_from
_ipv6: Unpack = struct.Struct("<6xB33xHH9xB").unpack_from
"""Next header, ports, TCP flags of an IPv6 header without extensions."""

NETWORK_AT = {
    links.ETHERNET: 14,
    links.COOKED: 16,
    links.DSA_BRCM: 18,
    links.DSA_BRCM_PREPEND: 18,
    links.DSA_MARVELL: 18,
    links.EDSA_MARVELL: 22,
}
"""Link type read fast → where the network layer begins, in bytes; the ethertype is the two bytes
before.
"""


def may_be_relevant(buffer: bytearray, at: int, kind: int) -> bool:
    """May a frame be relevant whose network layer would begin at `at`, if its (swapped) ethertype
    `kind` were IPv4?

    Reads at most SLACK_BYTES behind a frame's start.
    """
    for _ in range(links.MAX_TAGS + 1):
        shift = _SHIFTS.get(kind)
        if shift is None:
            break
        at += shift
        (kind,) = _ethertype(buffer, at - 2)
    if kind in _AS_IPV4:
        version, fragment, protocol, source, target, flags = _ipv4(buffer, at)
        if version != PLAIN or fragment & LATER_FRAGMENT:
            return True
        at += IPV4_BYTES
    elif kind in _AS_IPV6:
        protocol, source, target, flags = _ipv6(buffer, at)
        at += _IPV6_BYTES
    else:
        return True
    if protocol == UDP:
        return source in UDP_PORTS or target in UDP_PORTS
    if protocol == TCP:
        return bool(flags & SYN_FIN_RST) or may_be_relevant_segment(buffer, at, source, target)
    return protocol in OTHER_PROTOCOLS


def may_be_relevant_segment(buffer: bytearray, at: int, source: int, target: int) -> bool:
    """May the TCP segment at `at`, from and to these (swapped) ports, be relevant, though it
    carries no SYN, FIN or RST?
    """
    if source in TCP_PORTS or target in TCP_PORTS:
        return True
    is_web = source in WATCHED_PORTS or target in WATCHED_PORTS
    return is_web and buffer[at + (buffer[at + 12] >> 4) * 4] in _HTTP_FIRST
