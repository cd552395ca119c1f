"""Where the network layer begins in a frame of a link type, and between which MACs the frame went.

Numbers are those of the link-layer header types of pcap files (tcpdump.org/linktypes.html); 12 and
14 are what BSD systems write for raw IP. Everything here takes any bytes and never raises: what is
too short, unknown or encrypted has no network layer.

Not decoded: tunnels (GRE, VXLAN, GENEVE, CAPWAP, MPLS, IP in IP), LLC on Ethernet, aggregated
802.11 data (A-MSDU).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netcheck.wire import link_headers

ETHERNET = 1
COOKED = 113
COOKED_V2 = 276
IEEE80211 = 105
PRISM = 119
RADIOTAP = 127
AVS = 163
PPI = 192
PKTAP, OLD_PKTAP = 258, 149
"""The second is a number for private use, which macOS's own tcpdump writes."""
NFLOG = 239
PPP, PPP_HDLC, PPP_ETHER, PPP_PPPD = 9, 50, 51, 166
DSA_BRCM, DSA_BRCM_PREPEND, DSA_MARVELL, EDSA_MARVELL = 281, 282, 284, 285
"""Ethernet with the tag of a switch chip, as `tcpdump -i eth0` writes it on routers with Linux's
distributed switch architecture.
"""
RAW_IP = (12, 14, 101, 228, 229)
LOOPBACK = (0, 108)

IPV4 = 0x0800
ARP = 0x0806
RARP = 0x8035
IPV6 = 0x86DD
EAPOL = 0x888E
PPPOE_SESSION = 0x8864
TAGS = frozenset({0x8100, 0x88A8, 0x9100})
"""Ethertypes of IEEE 802.1Q and 802.1ad tags, and of the older double tagging."""
MAX_TAGS = 3

PPP_IPV4 = 0x0021
PPP_IPV6 = 0x0057
_FIRST_ETHERTYPE = 0x0600
_LOOPBACK_FAMILIES = frozenset({2, 10, 23, 24, 28, 30})
"""AF_INET, and AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS."""
_SNAP = (b"\xaa\xaa\x03\x00\x00\x00", b"\xaa\xaa\x03\x00\x00\xf8")
"""LLC/SNAP of RFC 1042, and of IEEE 802.1H bridge tunnels."""


class Located(NamedTuple):
    """The network layer of a frame: its ethertype, where its header begins, and the MACs (6 bytes)
    if the link shows them.
    """

    ethertype: int
    offset: int
    src: bytes | None
    dst: bytes | None


ACKNOWLEDGEMENT, ACKED_NS = 0x1D, 2_000_000
"""The kind of an 802.11 acknowledgement, which names its receiver alone, and how soon it comes
behind what it answers (IEEE 802.11-2020 §10.3.2.11: 16 µs and its own time on the air).
"""


class Dot11(NamedTuple):
    """An 802.11 frame inside a captured one.

    `kind` is type << 4 | subtype (below 0x10: management; Wireshark's wlan.fc.type_subtype),
    `offset` where its header begins, `end` where its body ends (the check sum left off where the
    capture says that it is there).
    """

    kind: int
    offset: int
    end: int
    is_protected: bool
    is_padded: bool

    @property
    def is_management(self) -> bool:
        return self.kind < 0x10

    @property
    def is_data(self) -> bool:
        return 0x20 <= self.kind < 0x30


class _Body(NamedTuple):
    """Where the 802.11 frame lies behind its radio header; `is_padded`: its own header is filled up
    to 4 bytes.
    """

    offset: int
    end: int
    is_padded: bool


def locate(link_type: int, frame: bytes) -> Located | None:
    """The network layer of the frame; None when it has none that can be read."""
    if link_type == PPI:
        inner = _u32le(frame, 4)
        if inner in _WIRED:
            return _WIRED[inner](frame, _u16le(frame, 2))
    if link_type in RADIO:
        radio = dot11(link_type, frame)
        return _dot11_data(frame, radio) if radio is not None else None
    reader = _WIRED.get(link_type)
    return reader(frame, 0) if reader is not None else None


def dot11(link_type: int, frame: bytes) -> Dot11 | None:
    """The 802.11 frame captured; None on other links, when cut before its addresses, or when its
    check sum was bad.
    """
    reader = RADIO.get(link_type)
    body = reader(frame) if reader is not None else None
    if body is None or body.end < body.offset + 10 or frame[body.offset] & 3:
        return None
    control, flags = frame[body.offset], frame[body.offset + 1]
    return Dot11(
        (control & 0x0C) << 2 | control >> 4,
        body.offset,
        body.end,
        bool(flags & 0x40),
        body.is_padded,
    )


def is_supported(link_type: int) -> bool:
    """Can frames of this link type be read at all?"""
    return link_type in _WIRED or link_type in RADIO


def _u16(frame: bytes, at: int) -> int:
    return int.from_bytes(frame[at : at + 2], "big")


def _u16le(frame: bytes, at: int) -> int:
    return int.from_bytes(frame[at : at + 2], "little")


def _u32le(frame: bytes, at: int) -> int:
    return int.from_bytes(frame[at : at + 4], "little")


def _ethernet(frame: bytes, start: int) -> Located | None:
    if len(frame) < start + 14:
        return None
    src, dst = frame[start + 6 : start + 12], frame[start : start + 6]
    return _follow(frame, _u16(frame, start + 12), start + 14, src, dst)


def _dsa(tag_bytes: int) -> Callable[[bytes, int], Located | None]:
    """A reader of Ethernet with so many bytes of a switch's tag before the ethertype."""

    def located(frame: bytes, start: int) -> Located | None:
        if len(frame) < start + 14 + tag_bytes:
            return None
        src, dst = frame[start + 6 : start + 12], frame[start : start + 6]
        at = start + 14 + tag_bytes
        return _follow(frame, _u16(frame, at - 2), at, src, dst)

    return located


def _dsa_prepended(frame: bytes, start: int) -> Located | None:
    return _ethernet(frame, start + 4)


def _pktap(frame: bytes, start: int) -> Located | None:
    """What stands behind the header, unless it has one of its own again."""
    inner = link_headers.pktap(frame) if not start else None
    if inner is None or inner.link_type in (PKTAP, OLD_PKTAP) or inner.link_type not in _WIRED:
        return None
    return _WIRED[inner.link_type](frame, inner.offset)


def _nflog(frame: bytes, start: int) -> Located | None:
    logged = link_headers.nflog(frame) if not start else None
    packet = _raw_ip(frame, logged.offset) if logged is not None else None
    if logged is None or packet is None:
        return None
    return packet._replace(src=logged.src, dst=logged.dst)


def _ppp(frame: bytes, start: int) -> Located | None:
    found = link_headers.ppp(frame, start)
    if found is None:
        return None
    protocol, at = found
    ethertype = {PPP_IPV4: IPV4, PPP_IPV6: IPV6}.get(protocol)
    if ethertype is None or at > len(frame):
        return None
    return Located(ethertype, at, None, None)


def _ppp_hdlc(frame: bytes, start: int) -> Located | None:
    found = link_headers.cisco_hdlc(frame) if not start else None
    if found is None:
        return _ppp(frame, start)
    return Located(*found, None, None) if found[0] in (IPV4, IPV6) else None


def _ppp_ether(frame: bytes, start: int) -> Located | None:
    """Behind a PPPoE session header of six bytes (RFC 2516 §4)."""
    return _ppp(frame, start + 6)


def _follow(
    frame: bytes, ethertype: int, at: int, src: bytes | None, dst: bytes | None
) -> Located | None:
    """Past the tags and the PPPoE header (RFC 2516 §4, then the PPP protocol) that may follow
    `ethertype`.
    """
    for _ in range(MAX_TAGS):
        if ethertype not in TAGS:
            break
        ethertype = _u16(frame, at + 2)
        at += 4
    if ethertype == PPPOE_SESSION:
        ethertype = {PPP_IPV4: IPV4, PPP_IPV6: IPV6}.get(_u16(frame, at + 6), 0)
        at += 8
    if at > len(frame) or ethertype < _FIRST_ETHERTYPE or ethertype in TAGS:
        return None
    return Located(ethertype, at, src, dst)


def _cooked(frame: bytes, start: int) -> Located | None:
    """Linux cooked v1: address length at 4, address at 6, ethertype at 14."""
    if len(frame) < start + 16:
        return None
    src = frame[start + 6 : start + 12] if _u16(frame, start + 4) == 6 else None
    return _follow(frame, _u16(frame, start + 14), start + 16, src, None)


def _cooked_v2(frame: bytes, start: int) -> Located | None:
    """Linux cooked v2: ethertype at 0, address length at 11, address at 12."""
    if len(frame) < start + 20:
        return None
    src = frame[start + 12 : start + 18] if frame[start + 11] == 6 else None
    return _follow(frame, _u16(frame, start), start + 20, src, None)


def _raw_ip(frame: bytes, start: int) -> Located | None:
    version = frame[start] >> 4 if len(frame) > start else 0
    if version not in (4, 6):
        return None
    return Located(IPV4 if version == 4 else IPV6, start, None, None)


def _loopback(frame: bytes, start: int) -> Located | None:
    """Four bytes of address family, for link type 0 in the byte order of the machine that
    captured.
    """
    family = frame[start : start + 4]
    if not {int.from_bytes(family, "little"), int.from_bytes(family, "big")} & _LOOPBACK_FAMILIES:
        return None
    return _raw_ip(frame, start + 4)


def _bare_80211(frame: bytes) -> _Body:
    return _Body(0, len(frame), False)


def _prism(frame: bytes) -> _Body | None:
    length = link_headers.prism(frame)
    return _Body(length, len(frame), False) if length is not None else None


def _avs(frame: bytes) -> _Body | None:
    length = link_headers.avs(frame)
    return _Body(length, len(frame), False) if length is not None else None


def _radiotap(frame: bytes) -> _Body | None:
    """radiotap.org: version 0, length at 2, then fields as the presence words say; None when the
    check sum was bad.
    """
    length = _u16le(frame, 2)
    if len(frame) < 8 or frame[0] or not 8 <= length <= len(frame):
        return None
    flags = _radiotap_flags(frame, length)
    if flags & 0x40:
        return None
    return _Body(length, len(frame) - (4 if flags & 0x10 else 0), bool(flags & 0x20))


def _radiotap_flags(frame: bytes, length: int) -> int:
    """The Flags field, 0 when absent. Only TSFT (8 bytes, aligned to 8) can stand before it."""
    present = word = _u32le(frame, 4)
    at = 8
    while word & 0x80000000 and at + 4 <= length:
        word = _u32le(frame, at)
        at += 4
    if present & 1:
        at = (at + 15) & ~7
    return frame[at] if present & 2 and at < length else 0


def _ppi(frame: bytes) -> _Body | None:
    """Per-Packet Information: length at 2, link type at 4, fields from 8; None unless it holds good
    802.11.
    """
    length = _u16le(frame, 2)
    if not 8 <= length <= len(frame) or _u32le(frame, 4) != IEEE80211:
        return None
    flags = _ppi_flags(frame, length)
    if flags & 4:
        return None
    return _Body(length, len(frame) - (4 if flags & 1 else 0), False)


def _ppi_flags(frame: bytes, length: int) -> int:
    """The flags of the 802.11-Common field (type 2, flags behind 8 bytes of TSFT), 0 when
    absent.
    """
    at = 8
    while at + 14 <= length:
        if _u16le(frame, at) == 2:
            return _u16le(frame, at + 12)
        at += 4 + _u16le(frame, at + 2)
    return 0


def _dot11_data(frame: bytes, radio: Dot11) -> Located | None:
    """What an unprotected, unfragmented data frame carries behind LLC/SNAP (IEEE 802.11-2020
    §9.3.2.1).
    """
    start = radio.offset
    is_qos = bool(radio.kind & 8)
    if (
        not radio.is_data
        or radio.kind & 4
        or radio.is_protected
        or radio.end < start + 24
        or frame[start + 22] & 0x0F
    ):
        return None
    flags = frame[start + 1]
    header = 24 + (6 if flags & 3 == 3 else 0)
    if is_qos:
        if radio.end <= start + header or frame[start + header] & 0x80:
            return None
        header += 2 + (4 if flags & 0x80 else 0)
    at = start + ((header + 3) & ~3 if radio.is_padded else header)
    if radio.end < at + 8 or frame[at : at + 6] not in _SNAP:
        return None
    src, dst = _dot11_ends(frame, start, flags)
    return _follow(frame, _u16(frame, at + 6), at + 8, src, dst)


def _dot11_ends(frame: bytes, start: int, flags: int) -> tuple[bytes, bytes]:
    """Source and destination MAC according to To DS (1) and From DS (2): IEEE 802.11-2020 table
    9-30.
    """
    address = [frame[start + at : start + at + 6] for at in (4, 10, 16, 24)]
    dst = address[2] if flags & 1 else address[0]
    src = address[(1, 1, 2, 3)[flags & 3]]
    return src, dst


_WIRED: dict[int, Callable[[bytes, int], Located | None]] = {
    ETHERNET: _ethernet,
    COOKED: _cooked,
    COOKED_V2: _cooked_v2,
    **dict.fromkeys(RAW_IP, _raw_ip),
    **dict.fromkeys(LOOPBACK, _loopback),
    **dict.fromkeys((PKTAP, OLD_PKTAP), _pktap),
    **dict.fromkeys((PPP, PPP_PPPD), _ppp),
    PPP_HDLC: _ppp_hdlc,
    PPP_ETHER: _ppp_ether,
    NFLOG: _nflog,
    **dict.fromkeys((DSA_BRCM, DSA_MARVELL), _dsa(4)),
    DSA_BRCM_PREPEND: _dsa_prepended,
    EDSA_MARVELL: _dsa(8),
}

RADIO: dict[int, Callable[[bytes], _Body | None]] = {
    IEEE80211: _bare_80211,
    RADIOTAP: _radiotap,
    PPI: _ppi,
    PRISM: _prism,
    AVS: _avs,
}
"""Link types whose frames are 802.11, and what finds these behind the radio header."""
