"""From one small message back to the bytes of a frame: the inverse of `decode`, for recordings.

What is written is what `decode` reads. All other fields are zero, checksums, VLAN tags, addresses
that are not read, and unknown options too. Lengths are true, so that other programs read it. Never
longer than the frame it was read from, but where a DNS name had been compressed.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv6Address
from socket import inet_aton

from netcheck.wire import links
from netcheck.wire.addresses import mac_bytes
from netcheck.wire.arp import encode_arp
from netcheck.wire.decode import (
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    Arp,
    Body,
    Dhcp,
    Dns,
    Fragment,
    Icmp,
    Message,
    RouterAdvertisement,
    Tcp,
    Udp,
)
from netcheck.wire.dhcp import BOOT_REPLY, SERVER_PORT, encode_dhcp
from netcheck.wire.dns import encode_dns
from netcheck.wire.dot11 import DATA, dot11_frame
from netcheck.wire.icmp import encode_advertisement, encode_icmp

_DNS_PORT = 53
_IPV4_BYTES = 20
_IPV4 = struct.Struct(">BBHHHBBH4s4s")
_TCP = struct.Struct(">HHIIBBHHH")
_ipv4 = lru_cache(maxsize=1024)(inet_aton)
_mac = lru_cache(maxsize=1024)(mac_bytes)
_LONGEST = 0xFFFF
_NO_MAC = bytes(6)
_SNAP = b"\xaa\xaa\x03\0\0\0"
_AF_INET, _AF_INET6 = b"\2\0\0\0", b"\x18\0\0\0"


def encode(link_type: int, message: Message) -> bytes | None:
    """A frame of that link type from which `decode` reads the message; None where there is no such
    frame.
    """
    if isinstance(message.body, Arp):
        return _framed(link_type, message, links.ARP, encode_arp(message.body))
    transport = _transport(message.body)
    if transport is None:
        return None
    protocol, content, wire_bytes = transport
    if ":" in message.src:
        head = struct.pack(
            ">IHBB", 6 << 28, min(wire_bytes, _LONGEST), protocol, message.ttl
        ) + b"".join(IPv6Address(address).packed for address in (message.src, message.dst))
        return _framed(link_type, message, links.IPV6, head + content)
    head = _IPV4.pack(
        0x45,
        0,
        min(_IPV4_BYTES + wire_bytes, _LONGEST),
        message.ip_id,
        0,
        message.ttl,
        protocol,
        0,
        _ipv4(message.src),
        _ipv4(message.dst),
    )
    return _framed(link_type, message, links.IPV4, head + content)


def _framed(link_type: int, message: Message, ethertype: int, data: bytes) -> bytes | None:
    src = _mac(message.src_mac) if message.src_mac else b""
    dst = _mac(message.dst_mac) if message.dst_mac else _NO_MAC
    kind = ethertype.to_bytes(2, "big")
    if link_type == links.ETHERNET:
        return dst + (src or _NO_MAC) + kind + data
    if link_type == links.COOKED:
        return bytes(4) + len(src).to_bytes(2, "big") + src.ljust(8, b"\0") + kind + data
    if link_type == links.COOKED_V2:
        return kind + bytes(9) + bytes([len(src)]) + src.ljust(8, b"\0") + data
    if link_type in links.RADIO and message.src_mac:
        # In the form of an ad-hoc network, whose addresses are those two alone.
        return dot11_frame(link_type, DATA, (dst, src), _SNAP + kind + data)
    if ethertype == links.ARP:
        return None
    if link_type in links.LOOPBACK:
        return (_AF_INET if ethertype == links.IPV4 else _AF_INET6) + data
    return data if link_type in links.RAW_IP else None


def _transport(body: Body) -> tuple[int, bytes, int] | None:
    """Protocol, the payload of the IP packet, and its length on the wire."""
    match body:
        case Tcp():
            head = _tcp_header(body)
            return TCP, head + body.payload, len(head) + body.length
        case Icmp():
            content = encode_icmp(body)
            return ICMP, content, len(content)
        case RouterAdvertisement():
            content = encode_advertisement(body)
            return ICMPV6, content, len(content)
        case Dhcp():
            return _served(SERVER_PORT, encode_dhcp(body), is_reply=body.op == BOOT_REPLY)
        case Dns():
            dns = encode_dns(body)
            return None if dns is None else _served(_DNS_PORT, dns, is_reply=body.is_answer)
        case Udp():
            return _udp(body.sport, body.dport, body.payload)
        case Arp() | Fragment():
            return None


def _served(port: int, payload: bytes, *, is_reply: bool) -> tuple[int, bytes, int]:
    """A datagram of which the server's port alone is read."""
    return _udp(port, 0, payload) if is_reply else _udp(0, port, payload)


def _udp(sport: int, dport: int, payload: bytes) -> tuple[int, bytes, int]:
    size = 8 + len(payload)
    return UDP, struct.pack(">HHHH", sport, dport, min(size, _LONGEST), 0) + payload, size


def _tcp_header(tcp: Tcp) -> bytes:
    """Options: the MSS, and SACK-permitted in place of all that a Photon's stack does not offer."""
    options = b"" if tcp.mss is None else struct.pack(">BBH", 2, 4, tcp.mss)
    options += b"\4\2\0\0" if tcp.rich_options else b""
    return (
        _TCP.pack(
            tcp.sport,
            tcp.dport,
            tcp.seq,
            tcp.ack,
            (5 + len(options) // 4) << 4,
            tcp.flags,
            tcp.window,
            0,
            0,
        )
        + options
    )
