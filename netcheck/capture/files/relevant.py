"""Decides whether a frame is relevant. Readers may pass on extra frames but must not drop a
relevant one.

Kept, without a list of addresses (which packets are the device's is known only later): ARP and
RARP; ICMP and ICMPv6; EAPOL; every IP fragment after the first; the ports below; of every other TCP
connection its SYN, FIN and RST segments (other clients and ports are controls), and on the ports
of web servers and proxies segments that begin an HTTP message (login pages, proxies); 802.11
management frames.
"""

from __future__ import annotations

from typing import NamedTuple

from netcheck.photon.addresses import MAKER_PREFIXES
from netcheck.wire import links
from netcheck.wire.addresses import mac_bytes

CLOUD_PORT = 5683
"""Where the maker's cloud listens."""
UDP_PORTS = frozenset({53, 67, 68, 123, 5683, 5684})
"""DNS, DHCP, NTP, CoAP and CoAP over DTLS."""
TCP_PORTS = frozenset({53, CLOUD_PORT})
"""DNS (and the internet test of old firmware), and the device cloud."""
WEB_PORT = 80
PROXY_PORTS = frozenset({3128, 8000, 8080, 8888})
"""Where HTTP proxies usually listen."""
HTTP_PORTS = PROXY_PORTS | {WEB_PORT}
HTTP_HEADS = tuple(
    word.encode()
    for word in (
        "GET ",
        "POST ",
        "HEAD ",
        "PUT ",
        "DELETE ",
        "OPTIONS ",
        "CONNECT ",
        "TRACE ",
        "PATCH ",
        "HTTP/1.",
    )
)
"""The first bytes of an HTTP/1 message: RFC 9110 §9.3, RFC 5789, RFC 9112 §4."""

ICMP = 1
TCP = 6
UDP = 17
ICMPV6 = 58
IPV6_FRAGMENT = 44
IPV6_OPTIONS = frozenset({0, 43, 60})
"""Hop-by-hop options, routing and destination options: the extension headers with a length in units
of 8 (RFC 8200 §4).
"""
SYN_FIN_RST = 0x07

_WHOLE_ETHERTYPES = frozenset({links.ARP, links.RARP, links.EAPOL})


_PREFIX_BYTES, _MAC_COLONS = 3, 5


class Watched(NamedTuple):
    """The stations whose encrypted frames are passed on although nothing in them can be read: when
    they send, and how much, tells something. First bytes of MAC addresses, three or all six.
    """

    stations: frozenset[bytes] = frozenset()
    every: bool = False

    def has(self, frame: bytes | bytearray, at: int) -> bool:
        """Goes the 802.11 frame that begins at `at` to one of them, or comes from there?"""
        if self.every:
            return True
        ends = bytes(frame[at + 4 : at + 10]), bytes(frame[at + 10 : at + 16])
        return any(end in self.stations or end[:_PREFIX_BYTES] in self.stations for end in ends)


NOBODY = Watched()


def watched(device: str, *, every: bool = False) -> Watched:
    """Those of a Photon, and those of the device asked about, if that is a MAC address."""
    own = {mac_bytes(device)} if device.count(":") == _MAC_COLONS else set()
    return Watched(frozenset(map(mac_bytes, MAKER_PREFIXES)) | own, every)


def exact(link_type: int, frame: bytes, cloud_port: int = CLOUD_PORT) -> bool:
    """Is the frame relevant? False if it is too short to tell.

    `cloud_port`: where a private cloud listens; its TCP segments are kept like those of the usual
    port.
    """
    if link_type in links.RADIO:
        radio = links.dot11(link_type, frame)
        if radio is not None and not radio.is_data:
            return radio.is_management
    located = links.locate(link_type, frame)
    if located is None:
        return False
    if located.ethertype == links.IPV4:
        return _ipv4(frame, located.offset, cloud_port)
    if located.ethertype == links.IPV6:
        return _ipv6(frame, located.offset, cloud_port)
    return located.ethertype in _WHOLE_ETHERTYPES


def _ipv4(frame: bytes, at: int, cloud_port: int) -> bool:
    if len(frame) < at + 10 or frame[at] >> 4 != 4:
        return False
    if (frame[at + 6] & 0x1F) or frame[at + 7]:
        return True
    header = (frame[at] & 0x0F) * 4
    return header >= 20 and _transport(frame, at + header, frame[at + 9], cloud_port)


def _ipv6(frame: bytes, at: int, cloud_port: int) -> bool:
    if len(frame) < at + 40 or frame[at] >> 4 != 6:
        return False
    following = frame[at + 6]
    at += 40
    while following in IPV6_OPTIONS or following == IPV6_FRAGMENT:
        if len(frame) < at + 8:
            return False
        if following == IPV6_FRAGMENT and (frame[at + 2] or frame[at + 3] & 0xF8):
            return True
        step = 8 if following == IPV6_FRAGMENT else 8 + 8 * frame[at + 1]
        following = frame[at]
        at += step
    return _transport(frame, at, following, cloud_port)


def _transport(frame: bytes, at: int, protocol: int, cloud_port: int) -> bool:
    if protocol in (ICMP, ICMPV6):
        return True
    if protocol not in (TCP, UDP) or len(frame) < at + 4:
        return False
    ports = {frame[at] << 8 | frame[at + 1], frame[at + 2] << 8 | frame[at + 3]}
    if protocol == UDP:
        return not UDP_PORTS.isdisjoint(ports)
    if not TCP_PORTS.isdisjoint(ports) or cloud_port in ports:
        return True
    if len(frame) < at + 14:
        return False
    return bool(frame[at + 13] & SYN_FIN_RST) or (
        not HTTP_PORTS.isdisjoint(ports)
        and frame.startswith(HTTP_HEADS, at + (frame[at + 12] >> 4) * 4)
    )
