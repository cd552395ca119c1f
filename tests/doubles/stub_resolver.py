"""The Photon's DNS client.

Source: Lib_DNS.a (dns.o) and WICED_LwIP_Interface.a of device-os at v0.6.0 and v3.3.1: one A
question to every server at once, 5 s a look-up, no repeats, return code not looked at, first A
record wins.
"""

from __future__ import annotations

import random
import socket
import time
from dataclasses import dataclass, field

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype

from tests.doubles.firmware import FirmwareLine

LOOKUP_S = 5.0
DNS_PORT = 53
_ROLLING_START = 49152
_LOWEST_START = 4096


@dataclass
class StubResolver:
    """Asks the servers of one lease; keeps the rolling source port of the newer stack."""

    line: FirmwareLine
    servers: tuple[str, ...]
    _port: int = field(default=_ROLLING_START)

    def look_up(self, name: str) -> str | None:
        """The first A record for `name` (aliases followed inside the reply), or None after 5 s."""
        query_id = random.getrandbits(16) if self.line.new_stack else 0
        query = dns.message.make_query(name, "A", id=query_id).to_wire()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            self._bind(sock)
            for server in self.servers[:2]:
                _send(sock, query, server)
            return _first_address(sock, time.monotonic() + LOOKUP_S)

    def _bind(self, sock: socket.socket) -> None:
        """Lowest free port from 4096 (old stack), or the next one upward from 49152."""
        port = self._port if self.line.new_stack else _LOWEST_START
        while True:
            try:
                sock.bind(("0.0.0.0", port))
            except OSError:
                port += 1
            else:
                self._port = port + 1
                return


def _send(sock: socket.socket, query: bytes, server: str) -> None:
    try:
        sock.sendto(query, (server, DNS_PORT))
    except OSError:
        return  # no route: to the device the same as silence


def _first_address(sock: socket.socket, deadline: float) -> str | None:
    while (left_s := deadline - time.monotonic()) > 0:
        sock.settimeout(left_s)
        try:
            data = sock.recv(2048)
        except OSError:
            continue
        address = _address_in(data)
        if address:
            return address
    return None


def _address_in(data: bytes) -> str | None:
    try:
        reply = dns.message.from_wire(data)
    except dns.exception.DNSException:
        return None
    if not reply.flags & dns.flags.QR:
        return None
    records = (
        record for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A for record in rrset
    )
    return next((record.to_text() for record in records), None)
