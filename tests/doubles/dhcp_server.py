"""A DHCP server for what dnsmasq never does: offer an address and then refuse it.

Source: RFC 2131 §4.3.2 (DHCPNAK).
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from tests.doubles.dhcp import CLIENT_PORT, SERVER_PORT, Kind, Message, Option, decode


@dataclass(frozen=True, kw_only=True)
class RefusingServer:
    """Offers `offered` to everybody and answers each REQUEST with a NAK."""

    address: str
    offered: str
    router: str = ""
    """What it offers as gateway and resolver; empty: itself."""
    pause_s: float = 1.0
    """Wait before each answer: servers that ping an address before they offer it take about as
    long.
    """

    def serve(self, interface: str) -> None:
        """Answer on this interface until its namespace goes away (OSError)."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            sock.bind(("0.0.0.0", SERVER_PORT))
            while True:
                message = decode(sock.recv(2048))
                reply = message and self.reply_to(message)
                if reply:
                    time.sleep(self.pause_s)
                    sock.sendto(reply.encode(), ("255.255.255.255", CLIENT_PORT))

    def reply_to(self, message: Message) -> Message | None:
        """The answer to one client message, or None if none is due."""
        own = (int(Option.SERVER_ID), socket.inet_aton(self.address))
        if message.kind == Kind.DISCOVER:
            return Message(
                True,
                message.xid,
                message.mac,
                (_kind(Kind.OFFER), own, *self._terms()),
                self.offered,
            )
        if message.kind == Kind.REQUEST:
            return Message(True, message.xid, message.mac, (_kind(Kind.NAK), own))
        return None

    def _terms(self) -> tuple[tuple[int, bytes], ...]:
        router = socket.inet_aton(self.router or self.address)
        return (
            (int(Option.LEASE_TIME), (3600).to_bytes(4)),
            (int(Option.MASK), b"\xff\xff\xff\x00"),
            (int(Option.ROUTER), router),
            (int(Option.DNS), router),
        )


def _kind(kind: Kind) -> tuple[int, bytes]:
    return int(Option.MESSAGE_TYPE), bytes((kind,))
