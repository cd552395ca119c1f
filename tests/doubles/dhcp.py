"""DHCP messages, and clients that show the manner of a Photon or of a laptop.

Sources: RFC 2131, RFC 2132; the Photon's option order, ids and timing from the lwIP archives of
device-os (dhcp.o at v0.6.0 and v3.3.1) and its 15 s limit from wiced_network.o.
"""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from tests.doubles.frames import ETHERTYPE_IPV4, LinkSocket, mac_bytes, parse_udp, udp_broadcast

CLIENT_PORT = 68
SERVER_PORT = 67
COOKIE = b"\x63\x82\x53\x63"
HEADER_BYTES = 236


class Kind(IntEnum):
    """Values of option 53 (RFC 2132 §9.6)."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    ACK = 5
    NAK = 6


class Option(IntEnum):
    """The options used here (RFC 2132)."""

    MASK = 1
    ROUTER = 3
    DNS = 6
    HOST_NAME = 12
    REQUESTED_ADDRESS = 50
    LEASE_TIME = 51
    MESSAGE_TYPE = 53
    SERVER_ID = 54
    PARAMETER_LIST = 55
    MAX_SIZE = 57
    VENDOR_CLASS = 60
    CLIENT_ID = 61


@dataclass(frozen=True)
class Message:
    """One DHCP message, as far as client and server need it."""

    reply: bool
    xid: int
    mac: bytes
    options: tuple[tuple[int, bytes], ...]
    offered: str = "0.0.0.0"

    def option(self, code: int) -> bytes | None:
        """The first option of this code, or None."""
        return next((value for key, value in self.options if key == code), None)

    @property
    def kind(self) -> int:
        """Option 53, or 0 if it is missing."""
        value = self.option(Option.MESSAGE_TYPE)
        return value[0] if value else 0

    def encode(self, options_bytes: int = 68) -> bytes:
        """On the wire, padded so that cookie and options fill `options_bytes` or more (lwIP:
        68).
        """
        fixed = struct.pack("!BBBBIHH", 2 if self.reply else 1, 1, 6, 0, self.xid, 0, 0)
        addresses = bytes(4) + socket.inet_aton(self.offered) + bytes(8)
        head = (fixed + addresses + self.mac).ljust(HEADER_BYTES, b"\0")
        body = b"".join(bytes((code, len(value))) + value for code, value in self.options)
        return head + (COOKIE + body + b"\xff").ljust(options_bytes + len(COOKIE), b"\0")


def decode(data: bytes) -> Message | None:
    """The message in a UDP payload, or None if it is none (RFC 2131 §2, RFC 2132 §2)."""
    if len(data) < HEADER_BYTES + 4 or data[HEADER_BYTES : HEADER_BYTES + 4] != COOKIE:
        return None
    return Message(
        reply=data[0] == 2,
        xid=int.from_bytes(data[4:8]),
        mac=data[28:34],
        options=_options(data[HEADER_BYTES + 4 :]),
        offered=socket.inet_ntoa(data[16:20]),
    )


def _options(data: bytes) -> tuple[tuple[int, bytes], ...]:
    found = []
    position = 0
    while position + 1 < len(data) and data[position] != 255:
        if data[position] == 0:
            position += 1
            continue
        length = data[position + 1]
        found.append((data[position], data[position + 2 : position + 2 + length]))
        position += 2 + length
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What a server gave. `router` is None and `dns` empty where the option was missing."""

    address: str
    mask: str
    router: str | None
    dns: tuple[str, ...]
    server: str


@dataclass(frozen=True, kw_only=True)
class Manner:
    """What gives a client away: its parameter list, and its options before and after it."""

    parameters: bytes
    host_name: str | None = None
    max_size: int | None = None
    vendor_class: str | None = None
    client_id: bool = False
    new_xid_in_request: bool = False
    """Does each state of an exchange take a new id, and not the exchange (lwIP's dhcp_create_msg)?
    """


PHOTON_PARAMETERS = bytes((1, 3, 28, 6))
LAPTOP = Manner(
    parameters=bytes((1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252)),
    vendor_class="MSFT 5.0",
    client_id=True,
)
"""The list that a Windows computer sends, from its own documentation of DHCP options."""


def photon_manner(host_name: str | None) -> Manner:
    """A Photon's: options 53, 57, 55 in DISCOVER; in REQUEST also 50, 54 and, from 0.7.0, the
    device id as host name.
    """
    return Manner(
        parameters=PHOTON_PARAMETERS, host_name=host_name, max_size=1500, new_xid_in_request=True
    )


class Client:
    """One client on one interface. `new_xid` gives the id of each new exchange, or of
    each of its states.
    """

    def __init__(
        self, interface: str, mac: str, manner: Manner, new_xid: Callable[[], int]
    ) -> None:
        self._interface = interface
        self._mac = mac_bytes(mac)
        self._manner = manner
        self._new_xid = new_xid
        self._identification = 0

    def acquire(self, within_s: float = 15.0) -> Lease | None:
        """A lease, or None after the whole attempt's time; a NAK starts it over at once."""
        deadline = time.monotonic() + within_s
        with LinkSocket(self._interface, ETHERTYPE_IPV4) as link:
            while time.monotonic() < deadline:
                xid = self._new_xid()
                offer = self._ask(link, self._discover(xid), {Kind.OFFER}, deadline)
                if offer and self._manner.new_xid_in_request:
                    xid = self._new_xid()
                reply = offer and self._ask(
                    link, self._request(offer, xid), {Kind.ACK, Kind.NAK}, deadline
                )
                if reply and reply.kind == Kind.ACK:
                    return _lease(reply)
        return None

    def _ask(
        self, link: LinkSocket, message: Message, wanted: set[Kind], deadline: float
    ) -> Message | None:
        """The first reply of a wanted kind, repeating the message after 2, 4, 8 s; None at the
        deadline.
        """
        pause_s = 2.0
        while time.monotonic() < deadline:
            self._send(link, message)
            reply = self._listen(
                link, message.xid, wanted, min(deadline, time.monotonic() + pause_s)
            )
            if reply:
                return reply
            pause_s *= 2
        return None

    def _listen(
        self, link: LinkSocket, xid: int, wanted: set[Kind], until: float
    ) -> Message | None:
        while (left_s := until - time.monotonic()) > 0:
            datagram = parse_udp(link.receive(left_s) or b"")
            reply = decode(datagram.payload) if datagram and datagram.port == CLIENT_PORT else None
            if (
                reply
                and reply.reply
                and reply.xid == xid
                and reply.mac == self._mac
                and reply.kind in wanted
            ):
                return reply
        return None

    def _send(self, link: LinkSocket, message: Message) -> None:
        self._identification += 1
        link.send(
            udp_broadcast(
                self._mac, CLIENT_PORT, SERVER_PORT, message.encode(), self._identification
            )
        )

    def _discover(self, xid: int) -> Message:
        return Message(False, xid, self._mac, (*self._opening(Kind.DISCOVER), self._wishes()))

    def _request(self, offer: Message, xid: int) -> Message:
        choice = (
            (int(Option.REQUESTED_ADDRESS), socket.inet_aton(offer.offered)),
            (int(Option.SERVER_ID), offer.option(Option.SERVER_ID) or bytes(4)),
        )
        name = (
            ((int(Option.HOST_NAME), self._manner.host_name.encode()),)
            if self._manner.host_name
            else ()
        )
        return Message(
            False,
            xid,
            self._mac,
            (*self._opening(Kind.REQUEST), *choice, self._wishes(), *name),
        )

    def _opening(self, kind: Kind) -> tuple[tuple[int, bytes], ...]:
        options = [(int(Option.MESSAGE_TYPE), bytes((kind,)))]
        if self._manner.max_size:
            options.append((int(Option.MAX_SIZE), self._manner.max_size.to_bytes(2)))
        if self._manner.client_id:
            options.append((int(Option.CLIENT_ID), b"\x01" + self._mac))
        if self._manner.vendor_class:
            options.append((int(Option.VENDOR_CLASS), self._manner.vendor_class.encode()))
        return tuple(options)

    def _wishes(self) -> tuple[int, bytes]:
        return int(Option.PARAMETER_LIST), self._manner.parameters


def random_xid() -> int:
    """An id as most clients choose it (RFC 2131 §2)."""
    return random.getrandbits(32)


def _lease(ack: Message) -> Lease:
    dns = ack.option(Option.DNS) or b""
    router = ack.option(Option.ROUTER)
    return Lease(
        address=ack.offered,
        mask=socket.inet_ntoa(ack.option(Option.MASK) or b"\xff\xff\xff\x00"),
        router=socket.inet_ntoa(router[:4]) if router else None,
        dns=tuple(socket.inet_ntoa(dns[at : at + 4]) for at in range(0, len(dns) - 3, 4)),
        server=socket.inet_ntoa(ack.option(Option.SERVER_ID) or bytes(4)),
    )
