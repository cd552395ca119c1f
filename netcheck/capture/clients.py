"""The clients of a capture as values: what is known of each, and which client an address means.

A client is known by its MAC where the capture stands beside it, else by its IP address (raw IP, or
a capture behind a router: the TTL then says that the frame's MAC is a router's).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from netcheck.capture.observations import PacketRef
from netcheck.capture.protocols.tcp import Connection
from netcheck.photon import fingerprint
from netcheck.photon.addresses import ANNOUNCE_GROUP
from netcheck.photon.fingerprint import RANKS
from netcheck.wire.addresses import OWN_TTLS, is_bogon
from netcheck.wire.decode import Message, Udp

NTP_NAME = "pool.ntp.org"
VERSION_RANGES = {
    "dns_id_zero": ("0.4.0", "0.6.4"),
    "dhcp_host_name": ("0.7.0", ""),
    "fallback": ("0.4.9", "0.5.5"),
    "tcp_test": ("0.4.5", "1.5.4"),
    "ntp_test": ("2.0.0", ""),
    "hello_34": ("3.0.0", ""),
    "hello_18": ("", "2.3.1"),
}
"""Version mark → the Device OS versions that leave it: from, up to. Ports, TTL and DHCP numbers
alone say nothing.
"""


_SHARED_SIGNS = frozenset({"dhcp_fingerprint", "tries_cloud"})


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What a capture shows of one client."""

    key: str
    mac: str | None = None
    id: str | None = None
    """Its device id, 24 hex digits."""
    addresses: Mapping[str, tuple[int, int]]
    """IP address → when it was used, first and last, in ns."""
    marks: Mapping[str, PacketRef]
    """Mark of a Photon (`fingerprint.RANKS`) → the first packet that shows it."""
    version_marks: frozenset[str]
    relative: str = ""
    """Why it is another Particle device, such as an Electron; empty if nothing shows that."""
    is_desktop: bool = False
    """Does it open connections with options that a Photon's stack does not know?"""
    first_ns: int = 0

    @property
    def rank(self) -> int:
        """How much the best mark is worth; 0 where there is none."""
        return max((RANKS[mark] for mark in self.marks), default=0)

    @property
    def may_be_photon(self) -> bool:
        """Does it show nothing but signs that other devices leave, too, under the MAC prefix of
        another maker? Stock lwIP counts its DHCP ids from the same first one and requests the same
        options, the module maker's other firmware uses the other id, and TCP 5683 is the port of
        CoAP (RFC 8323 §7.2).
        """
        return self.mac is not None and bool(self.marks) and self.marks.keys() <= _SHARED_SIGNS

    @property
    def is_shared(self) -> bool:
        """Is it an address that a Photon's stack uses, perhaps with others (a router's, seen from
        outside)? Other packets from there may be theirs.
        """
        return self.mac is None and "syn_shape" in self.marks

    @property
    def best_mark(self) -> str:
        """The mark that is worth most; empty where there is none."""
        return max(self.marks, key=lambda mark: (RANKS[mark], mark), default="")

    @property
    def newest_address(self) -> str | None:
        """The address used last."""
        return (
            max(self.addresses, key=lambda a: (self.addresses[a][1], a)) if self.addresses else None
        )


class AddressOwners(msgspec.Struct, frozen=True, kw_only=True):
    """Which client a packet or an address belongs to."""

    by_address: Mapping[str, str]
    """IP address → the MAC that claims it most often."""
    outer: frozenset[str]
    """Addresses under which a router sends for its clients."""
    repeated: Mapping[tuple[str, str], str]
    """MAC of a repeater that puts its own into the frames of its clients, and a client's address →
    the client's own MAC, as its lease names it.
    """

    def key_of(self, mac: str | None, ip: str, ttl: int) -> str:
        """The client that sent a packet: its MAC if it sent the frame, else the owner of the
        address.
        """
        if ip in self.outer:
            return ip
        if mac is not None and ttl in OWN_TTLS and not mac.startswith("01:"):
            return self.repeated.get((mac, ip), mac)
        return self.by_address.get(ip, ip) if is_bogon(ip) else ip

    def key_of_address(self, ip: str) -> str:
        """The client that an address belongs to."""
        return self.by_address.get(ip, ip)

    def announcer(self, message: Message) -> str:
        """The client that sent a multicast: with a TTL of 1, which is no host's usual one, and
        never forwarded.
        """
        return self.key_of(message.src_mac, message.src, 255 if message.ttl == 1 else message.ttl)

    def client_of(self, connection: Connection) -> str:
        """The client that opened a connection."""
        first = next((s for s in connection.segments if s.up), None)
        if first is None:
            return self.key_of_address(connection.key.client)
        return self.key_of(first.mac, connection.key.client, first.ttl)


class Clients(msgspec.Struct, frozen=True, kw_only=True):
    """All clients of a capture."""

    by_key: Mapping[str, Client]
    services: frozenset[str]
    """Keys of those that answer DHCP or DNS, or forward for others: no devices."""
    owners: AddressOwners

    def shares_address(self, connection: Connection) -> bool:
        """Did another machine open that, behind the same router address as a Photon? Its SYN is
        not one of the Photon's stack.
        """
        client = self.by_key.get(connection.key.client)
        return (
            client is not None
            and client.is_shared
            and bool(connection.syns)
            and all(syn.rich for syn in connection.syns)
        )


def announced_id(message: Message) -> str | None:
    """The device id in a Photon's multicast announcement, as 24 hex digits; None if the message is
    not one.
    """
    body = message.body
    if not isinstance(body, Udp) or message.dst != ANNOUNCE_GROUP:
        return None
    return fingerprint.announced_id(body.payload) or None


def firmware(client: Client) -> str | None:
    """The range of Device OS versions that the marks allow, such as ">=0.4.5 <=1.5.4"; None if no
    mark limits it. Only what was seen narrows it, never what is missing.
    """
    marks = client.version_marks
    if "old_xid" not in marks:
        marks -= {"dns_id_zero"}
    bounds = [VERSION_RANGES[mark] for mark in marks if mark in VERSION_RANGES]
    low = max((low for low, _ in bounds if low), key=_version, default="")
    high = min((high for _, high in bounds if high), key=_version, default="")
    if low and high and _version(low) > _version(high):
        return None
    return " ".join(part for part in (low and f">={low}", high and f"<={high}") if part) or None


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
