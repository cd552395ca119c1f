"""From the bytes of one relevant packet to one small message, or nothing.

Pure, and deaf to malice: any bytes give a message, a shorter message or None, never an exception.
What a short snap length cut off is simply absent. Multi-byte fields are big-endian (RFC 791, 792,
793, 826, 1035, 2131).
"""

from __future__ import annotations

import struct
from ipaddress import IPv6Address
from socket import inet_ntoa
from typing import NamedTuple

from netcheck.wire.links import locate

ARP_ETHERTYPES = (0x0806,)
IPV4, IPV6, EAPOL = 0x0800, 0x86DD, 0x888E
ARP_ASK, ARP_ANSWER = 1, 2
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
UNREACHABLE, TIME_EXCEEDED = 3, 11


class Arp(NamedTuple):
    """RFC 826. Addresses as text; `operation` is ARP_ASK or ARP_ANSWER, or anything else."""

    operation: int
    sender_mac: str
    sender_ip: str
    target_ip: str


class Dhcp(NamedTuple):
    """RFC 2131 and 2132. Absent options are None or empty."""

    # option 53: 1 DISCOVER, 2 OFFER, 3 REQUEST, 4 DECLINE, 5 ACK, 6 NAK, 7 RELEASE, 8 INFORM
    kind: int
    xid: int
    client_mac: str
    ciaddr: str
    yiaddr: str
    relay: str
    server: str
    requested: str
    mask: str
    routers: tuple[str, ...]
    resolvers: tuple[str, ...]
    lease_s: int | None
    host_name: bytes
    parameters: bytes
    message: bytes


class Dns(NamedTuple):
    """RFC 1035. `addresses` are the A records of the answer, in order; `aliases` the CNAMEs."""

    id: int
    is_answer: bool
    rcode: int
    truncated: bool
    name: str
    qtype: int
    addresses: tuple[str, ...]
    aliases: tuple[str, ...]


class Tcp(NamedTuple):
    """RFC 9293. `length` is the payload on the wire, `payload` what was captured of it."""

    sport: int
    dport: int
    seq: int
    ack: int
    flags: int
    window: int
    mss: int | None
    rich_options: bool  # window scale, SACK or timestamps offered: not what a Photon's stack sends
    length: int
    payload: bytes


class Udp(NamedTuple):
    """Any other datagram of interest."""

    sport: int
    dport: int
    payload: bytes


class Icmp(NamedTuple):
    """RFC 792 error or echo. `about` is (protocol, source, source port, destination, destination
    port) of the quoted packet.
    """

    kind: int
    code: int
    about: tuple[int, str, int, str, int] | None


class Fragment(NamedTuple):
    """A piece of an IPv4 datagram: reassembled in `conversations`."""

    protocol: int
    offset: int
    more: bool
    payload: bytes


Body = Arp | Dhcp | Dns | Tcp | Udp | Icmp | Fragment


class Message(NamedTuple):
    """One packet, as far as it matters here. MACs are None where the link type has none; IPs empty
    for ARP.
    """

    src_mac: str | None
    dst_mac: str | None
    src: str
    dst: str
    ttl: int
    ip_id: int
    body: Body


def mac_text(raw: bytes) -> str:
    """Six bytes as aa:bb:cc:dd:ee:ff."""
    return raw.hex(":")


def decode(link_type: int, frame: bytes) -> Message | None:
    """The message in a frame, or None if there is none that we understand."""
    place = locate(link_type, frame)
    if place is None:
        return None
    src_mac = mac_text(place.src) if place.src else None
    dst_mac = mac_text(place.dst) if place.dst else None
    data = frame[place.offset :]
    if place.ethertype in ARP_ETHERTYPES:
        arp = _arp(data)
        return arp and Message(src_mac, dst_mac, "", "", 0, 0, arp)
    if place.ethertype == IPV4:
        return _ipv4(src_mac, dst_mac, data)
    if place.ethertype == IPV6:
        return _ipv6(src_mac, dst_mac, data)
    return None


def _arp(data: bytes) -> Arp | None:
    if len(data) < 28 or data[:6] != b"\0\1\x08\0\6\4":
        return None
    operation = int.from_bytes(data[6:8], "big")
    return Arp(operation, mac_text(data[8:14]), _ip(data[14:18]), _ip(data[24:28]))


def _ip(raw: bytes) -> str:
    """Four bytes as a dotted quad."""
    return inet_ntoa(raw)


def _ipv4(src_mac: str | None, dst_mac: str | None, data: bytes) -> Message | None:
    if len(data) < 20:
        return None
    version, _tos, total, ip_id, fragment, ttl, protocol = struct.unpack_from(">BBHHHBB", data)
    header = (version & 15) * 4
    if version >> 4 != 4 or header < 20 or len(data) < header:
        return None
    # A length of 0 is what segmentation offload writes; then all captured bytes count.
    wire = max(total - header, 0) if total else len(data) - header
    payload = data[header : header + wire]
    src, dst = _ip(data[12:16]), _ip(data[16:20])
    offset, more = (fragment & 0x1FFF) * 8, bool(fragment & 0x2000)
    body: Body | None
    body = (
        Fragment(protocol, offset, more, payload)
        if offset or more
        else transport(protocol, payload, wire)
    )
    return body and Message(src_mac, dst_mac, src, dst, ttl, ip_id, body)


def _ipv6(src_mac: str | None, dst_mac: str | None, data: bytes) -> Message | None:
    """Only what a control may say over IPv6; the Photon has none."""
    if len(data) < 40:
        return None
    length, protocol, hops = struct.unpack_from(">HBB", data, 4)
    src, dst = str(IPv6Address(data[8:24])), str(IPv6Address(data[24:40]))
    payload = data[40 : 40 + length]
    for _ in range(8):  # RFC 8200 §4.1: hop-by-hop, routing, destination options
        if protocol not in (0, 43, 60) or len(payload) < 8:
            break
        protocol, skip = payload[0], 8 + payload[1] * 8
        payload = payload[skip:]
    if protocol not in (6, 17):
        return None
    body = transport(protocol, payload, len(payload))
    return body and Message(src_mac, dst_mac, src, dst, hops, 0, body)


def transport(protocol: int, payload: bytes, wire: int) -> Body | None:
    """The message in an IP payload of `wire` bytes, of which `payload` was captured."""
    if protocol == 6:
        return _tcp(payload, wire)
    if protocol == 17:
        return _udp(payload)
    if protocol == 1:
        return _icmp(payload)
    return None


def _tcp(data: bytes, wire: int) -> Tcp | None:
    if len(data) < 20:
        return None
    sport, dport, seq, ack, offset, flags, window = struct.unpack_from(">HHIIBBH", data)
    header = (offset >> 4) * 4
    if header < 20:
        return None
    mss, rich = _tcp_options(data[20:header]) if flags & SYN else (None, False)
    return Tcp(
        sport,
        dport,
        seq,
        ack,
        flags & 0x3F,
        window,
        mss,
        rich,
        max(wire - header, 0),
        data[header:],
    )


def _tcp_options(options: bytes) -> tuple[int | None, bool]:
    """The MSS (RFC 9293 §3.2) and whether RFC 7323 or 2018 options are offered."""
    mss, rich, at = None, False, 0
    while at < len(options):
        kind = options[at]
        if kind == 0:
            break
        if kind == 1:
            at += 1
            continue
        size = options[at + 1] if at + 1 < len(options) else 0
        if size < 2:
            break
        if kind == 2 and size == 4 and at + 4 <= len(options):
            mss = int.from_bytes(options[at + 2 : at + 4], "big")
        rich |= kind in (3, 4, 8)
        at += size
    return mss, rich


def _udp(data: bytes) -> Body | None:
    if len(data) < 8:
        return None
    sport, dport = struct.unpack_from(">HH", data)
    payload = data[8:]
    if {sport, dport} & {67, 68}:
        return _dhcp(payload)
    if 53 in (sport, dport):
        return parse_dns(payload)
    return Udp(sport, dport, payload)


def _icmp(data: bytes) -> Icmp | None:
    if len(data) < 8:
        return None
    kind, code = data[0], data[1]
    if kind not in (UNREACHABLE, TIME_EXCEEDED):
        return Icmp(kind, code, None)
    quoted = data[8:]
    header = (quoted[0] & 15) * 4 if quoted else 0
    if len(quoted) < max(header, 20) + 4:
        return Icmp(kind, code, None)
    sport, dport = struct.unpack_from(">HH", quoted, header)
    return Icmp(kind, code, (quoted[9], _ip(quoted[12:16]), sport, _ip(quoted[16:20]), dport))


def _dhcp(data: bytes) -> Dhcp | None:
    if len(data) < 240 or data[236:240] != b"\x63\x82\x53\x63" or data[1] != 1 or data[2] != 6:
        return None
    options = _dhcp_options(data[240:])
    kind = options.get(53, b"")
    lease = options.get(51, b"")
    return Dhcp(
        kind=kind[0] if kind else 0,
        xid=int.from_bytes(data[4:8], "big"),
        client_mac=mac_text(data[28:34]),
        ciaddr=_ip(data[12:16]),
        yiaddr=_ip(data[16:20]),
        relay=_ip(data[24:28]),
        server=_first(options.get(54, b"")),
        requested=_first(options.get(50, b"")),
        mask=_first(options.get(1, b"")),
        routers=_addresses(options.get(3, b"")),
        resolvers=_addresses(options.get(6, b"")),
        lease_s=int.from_bytes(lease, "big") if len(lease) == 4 else None,
        host_name=options.get(12, b"")[:64],
        parameters=options.get(55, b""),
        message=options.get(56, b"")[:128],
    )


def _dhcp_options(data: bytes) -> dict[int, bytes]:
    """Option → value (RFC 2132); repeated options are joined (RFC 3396)."""
    options: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        if at + 1 >= len(data):
            break
        value = data[at + 2 : at + 2 + data[at + 1]]
        options[data[at]] = options.get(data[at], b"") + value
        at += 2 + data[at + 1]
    return options


def _addresses(raw: bytes) -> tuple[str, ...]:
    return tuple(_ip(raw[at : at + 4]) for at in range(0, len(raw) - 3, 4))[:8]


def _first(raw: bytes) -> str:
    return _ip(raw[:4]) if len(raw) >= 4 else ""


def parse_dns(data: bytes) -> Dns | None:
    """A DNS message, read as far as it goes.

    Our own reader and not dnspython's: a message cut by the snap length must still give its
    question, and one hostile record must not hide the others.
    """
    if len(data) < 12:
        return None
    ident, flags, questions, answers = struct.unpack_from(">HHHH", data)
    name, at = _dns_name(data, 12) if questions else ("", 12)
    if at is None or at + 4 > len(data) or questions != 1:
        return None
    qtype = int.from_bytes(data[at : at + 2], "big")
    addresses, aliases = _dns_answers(data, at + 4, answers)
    return Dns(
        ident,
        bool(flags & 0x8000),
        flags & 15,
        bool(flags & 0x0200),
        name.lower(),
        qtype,
        addresses,
        aliases,
    )


def _dns_answers(data: bytes, at: int, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    addresses: list[str] = []
    aliases: list[str] = []
    for _ in range(min(count, 64)):
        _, after = _dns_name(data, at)
        if after is None or after + 10 > len(data):
            break
        kind, _class, _ttl, size = struct.unpack_from(">HHIH", data, after)
        value = after + 10
        if kind == 1 and size == 4 and value + 4 <= len(data):
            addresses.append(_ip(data[value : value + 4]))
        elif kind == 5:
            aliases.append(_dns_name(data, value)[0].lower())
        at = value + size
    return tuple(addresses), tuple(aliases)


def _dns_name(data: bytes, at: int) -> tuple[str, int | None]:
    """The name at a place and where the next field begins (None if it is broken). Follows at most
    16 pointers.
    """
    labels: list[str] = []
    after: int | None = None
    jumps = 0
    while at < len(data):
        size = data[at]
        if size == 0:
            return ".".join(labels), after if after is not None else at + 1
        if size & 0xC0 == 0xC0:
            jumps += 1
            if at + 1 >= len(data) or jumps > 16:
                break
            after = at + 2 if after is None else after
            at = (size & 0x3F) << 8 | data[at + 1]
            continue
        if size & 0xC0 or len(labels) > 127:
            break
        labels.append(data[at + 1 : at + 1 + size].decode("latin-1"))
        at += 1 + size
    return ".".join(labels), None
