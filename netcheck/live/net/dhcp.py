"""Who would offer whom an address? DISCOVER and nothing more: no offer is taken up, so nothing is
leased.

Sources: RFC 2131 §2 (format), §4.1 (broadcast flag), §4.4.1 (DISCOVER); RFC 2132 (options); RFC
8910 (option 114).
"""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Callable, Sequence

from netcheck.live.net import raw
from netcheck.live.net.raw import Link, Packet
from netcheck.live.plugin_guard import printable
from netcheck.model import Struct
from netcheck.photon.fingerprint import PROBE_WISHES
from netcheck.probing.net import DhcpOffer

_SERVER_PORT, CLIENT_PORT = 67, 68
_FIXED = struct.Struct(
    "!BBBBIHH4s4s4s4s16s192x4s"
)  # op … chaddr, then sname and file (192 bytes), then the cookie
_COOKIE = b"\x63\x82\x53\x63"
_REQUEST, _REPLY = 1, 2
_BROADCAST_FLAG = 0x8000
"""Answers shall go to everybody: one sent to the MAC asked with would reach the device, not this
computer.
"""
_DISCOVER, _OFFER, _ASKED_FOR = 1, 2, 3
_HOST_NAME, _WANTED = 12, 50
_MASK, _ROUTER, _RESOLVER, _LEASE_TIME, _TYPE, _SERVER, _WISHES, _PORTAL = (
    1,
    3,
    6,
    51,
    53,
    54,
    55,
    114,
)
_PROXY_SCRIPT = (
    252  # private use, and by custom where a proxy script lies (draft-ietf-wrec-wpad-01 §4.4.1)
)
_PAD, _END = 0, 255
_OPTIONS_BYTES = 64
"""With padding, as old servers want it: a message has at least 300 bytes (RFC 1542 §2.1)."""
_SENDINGS_AT_S = (0.0, 1.0, 2.5)
_MOST_TEXT = 255
"""What one option can hold."""
_MOST_ADDRESSES = 8
_MOST_OFFERS = 60
"""Three MACs and twenty servers; a flood teaches nothing more."""


def discover(
    link: Link,
    clients: Sequence[str],
    listen_s: float,
    hear: Callable[[DhcpOffer], None],
    sendings: int = len(_SENDINGS_AT_S),
) -> tuple[DhcpOffer, ...]:
    """Every different offer that came for these client MACs, in the order of coming; `hear` is told
    of each at once.

    A MAC that got no offer is asked for again, `sendings` times in all, while the listening goes
    on.
    """
    begun = time.monotonic()
    asked = {random.getrandbits(32): client for client in clients}
    found: dict[tuple[str, str, str], DhcpOffer] = {}
    for end_s in (*_SENDINGS_AT_S[1:sendings], listen_s):
        served = {offer.client for offer in found.values()}
        for xid, client in asked.items():
            if client not in served:
                link.send(
                    raw.udp_broadcast(
                        link.mac, CLIENT_PORT, _SERVER_PORT, discover_message(xid, client)
                    )
                )
        for frame in link.received(begun + end_s):
            packet = raw.parse_ipv4(frame)
            offer = parse_offer(packet, asked, time.monotonic() - begun) if packet else None
            if (
                offer
                and len(found) < _MOST_OFFERS
                and (key := (offer.client, offer.server, offer.address)) not in found
            ):
                hear(offer)
                found[key] = offer
    return tuple(found.values())


def most_discovers(clients: int, sendings: int = len(_SENDINGS_AT_S)) -> int:
    """How many frames `discover` may send for so many clients."""
    return clients * sendings


def saved(
    clients: Sequence[str], offers: Sequence[DhcpOffer], sendings: int = len(_SENDINGS_AT_S)
) -> int:
    """How many of these frames were not sent, because an offer came before their time."""
    firsts = {offer.client: offer.after_s for offer in reversed(offers)}
    return sum(
        at_s > firsts[client]
        for client in clients
        if client in firsts
        for at_s in _SENDINGS_AT_S[1:sendings]
    )


def discover_message(xid: int, client: str) -> bytes:
    """A DISCOVER for that MAC with the wishes of a Photon, and options 114 and 252, which a Photon
    does not ask for.
    """
    chaddr = bytes.fromhex(client.replace(":", "")).ljust(16, b"\0")
    none = bytes(4)
    fixed = _FIXED.pack(
        _REQUEST, 1, 6, 0, xid, 0, _BROADCAST_FLAG, none, none, none, none, chaddr, _COOKIE
    )
    options = bytes((_TYPE, 1, _DISCOVER, _WISHES, len(PROBE_WISHES), *PROBE_WISHES, _END))
    return fixed + options.ljust(_OPTIONS_BYTES, b"\0")


def parse_offer(packet: Packet, asked: dict[int, str], after_s: float) -> DhcpOffer | None:
    """The offer in a packet, if it is one for a client that was asked for (`asked`: transaction id
    → MAC).
    """
    if packet.protocol != raw.UDP or packet.payload[2:4] != CLIENT_PORT.to_bytes(2, "big"):
        return None
    message = packet.payload[8:]
    if len(message) < _FIXED.size:
        return None
    op, _, _, _, xid, _, _, _, yiaddr, _, _, chaddr, cookie = _FIXED.unpack_from(message)
    options = parse_options(message[_FIXED.size :])
    client = chaddr[:6].hex(":")
    if (op, cookie, options.get(_TYPE)) != (_REPLY, _COOKIE, bytes((_OFFER,))) or asked.get(
        xid
    ) != client:
        return None
    lease = options.get(_LEASE_TIME, b"")
    return DhcpOffer(
        client=client,
        server=next(iter(_addresses(options.get(_SERVER, b""))), packet.source),
        server_mac=packet.source_mac,
        address=socket.inet_ntoa(yiaddr),
        mask=next(iter(_addresses(options.get(_MASK, b""))), ""),
        routers=_addresses(options.get(_ROUTER, b"")),
        resolvers=_addresses(options.get(_RESOLVER, b"")),
        lease_s=int.from_bytes(lease, "big") if len(lease) == 4 else None,
        portal=_text(options.get(_PORTAL, b"")),
        proxy_script=_text(options.get(_PROXY_SCRIPT, b"")),
        after_s=round(after_s, 3),
    )


class Request(Struct, frozen=True, kw_only=True):
    """What a client asks a DHCP server. `address` is the one it has, or of a REQUEST the one it
    wants; unset in a DISCOVER.
    """

    client: str
    xid: int
    address: str
    host_name: bytes
    parameters: bytes


def parse_request(packet: Packet) -> Request | None:
    """The client's message in a UDP packet; None where it is none."""
    if packet.payload[2:4] != _SERVER_PORT.to_bytes(2, "big"):
        return None
    message = packet.payload[8:]
    if len(message) < _FIXED.size:
        return None
    op, _, _, _, xid, _, _, ciaddr, _, _, _, chaddr, cookie = _FIXED.unpack_from(message)
    if (op, cookie) != (_REQUEST, _COOKIE):
        return None
    options = parse_options(message[_FIXED.size :])
    wanted = options.get(_WANTED, b"") if options.get(_TYPE) == bytes((_ASKED_FOR,)) else b""
    return Request(
        client=chaddr[:6].hex(":"),
        xid=xid,
        address=socket.inet_ntoa(wanted if len(wanted) == 4 else ciaddr),
        host_name=options.get(_HOST_NAME, b"")[:_MOST_TEXT],
        parameters=options.get(_WISHES, b""),
    )


def parse_options(data: bytes) -> dict[int, bytes]:
    """Code → value; the parts of an option given twice are put together (RFC 3396). Ends where a
    length makes no sense.
    """
    found: dict[int, bytes] = {}
    place = 0
    while place < len(data) and data[place] != _END:
        if data[place] == _PAD:
            place += 1
            continue
        if place + 2 > len(data) or place + 2 + data[place + 1] > len(data):
            break
        code, length = data[place], data[place + 1]
        found[code] = found.get(code, b"") + data[place + 2 : place + 2 + length]
        place += 2 + length
    return found


def _text(value: bytes) -> str:
    """The value as text; some servers end it with a zero byte or a line."""
    return printable(value.decode("latin-1").strip("\0\r\n "), _MOST_TEXT)


def _addresses(value: bytes) -> tuple[str, ...]:
    places = range(0, min(len(value), 4 * _MOST_ADDRESSES) - 3, 4)
    return tuple(socket.inet_ntoa(value[place : place + 4]) for place in places)
