"""Which clients are there, which of them is a Photon, and by what signs?

A client is known by its MAC where the capture stands beside it, else by its IP address (raw IP, or
a capture behind a router: the TTL then says that the frame's MAC is a router's). Signs are ranked;
a firmware line is only narrowed by what was seen, never by what is missing. Signs:
device-os@v0.6.0:hal/src/photon, its lwIP (dhcp.o, tcp.o), and
device-os@v2.3.1:system/src/system_network_internal.h for the host name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from netcheck.capture.observations import HasPacketRef, PacketRef
from netcheck.capture.protocols.handshake import HELLOS, NONCE, REQUEST
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.tables import CapturedMessage, Tables
from netcheck.photon import fingerprint
from netcheck.photon.addresses import (
    ANNOUNCE_GROUP,
    INTERNET_TEST,
    MAKER_PREFIXES,
    PHOTON_FALLBACK,
    is_bogon,
    is_private,
    is_unicast,
)
from netcheck.photon.fingerprint import RANKS
from netcheck.wire.decode import Arp, Dhcp, Dns, Message, Udp

OWN_TTLS = frozenset({32, 64, 128, 255})
"""What hosts send (RFC 1340 and common systems); a forwarded packet has less. A Photon sends 255.
"""

FORWARD_NS = 1_500_000_000
"""A resolver passes a question on within this time."""

RELATIVE_NAME = re.compile(r"(^|\.)udp(-mesh)?\.particle\.io$")
NTP_NAME = "pool.ntp.org"

MAX_PHOTONS = 200
"""Clients taken for Photons at most, the best identified: more are a forgery or a crowd nobody
reads about one by one.
"""


@dataclass
class Client:
    """One client as the tables know it."""

    key: str
    mac: str | None = None
    id: str | None = None
    addresses: dict[str, tuple[int, int]] = field(default_factory=dict)
    signs: dict[str, PacketRef] = field(default_factory=dict)
    relative: str = ""
    is_desktop: bool = False
    eras: set[str] = field(default_factory=set)
    first_ns: int = 0

    @property
    def rank(self) -> int:
        """The worth of the best sign."""
        return max((RANKS[sign] for sign in self.signs), default=0)

    @property
    def is_shared(self) -> bool:
        """Is it an address behind which a Photon's stack speaks, and maybe others': what else is
        said from there may be theirs?
        """
        return self.mac is None and "syn_shape" in self.signs

    @property
    def best_sign(self) -> str:
        """The sign that is worth most; empty where there is none."""
        return max(self.signs, key=lambda sign: (RANKS[sign], sign), default="")

    def note(self, sign: str, place: HasPacketRef) -> None:
        """A sign, with the first packet that shows it."""
        if sign not in self.signs or place.at_ns < self.signs[sign].at_ns:
            self.signs[sign] = PacketRef(place.at_ns, place.source, place.number)

    def uses(self, address: str, first_ns: int, last_ns: int) -> None:
        """An address the client was seen with."""
        if is_unicast(address):
            known = self.addresses.get(address, (first_ns, last_ns))
            self.addresses[address] = (min(known[0], first_ns), max(known[1], last_ns))

    @property
    def newest_address(self) -> str | None:
        """The address used last."""
        return (
            max(self.addresses, key=lambda a: (self.addresses[a][1], a)) if self.addresses else None
        )


class Census:
    """All clients of the tables, by key; and who is meant by an address."""

    def __init__(
        self, tables: Tables, connections: list[Connection], outer_addresses: set[str]
    ) -> None:
        """`outer_addresses`: those under which a router sends for its clients; they are services,
        no devices.
        """
        self.clients: dict[str, Client] = {}
        self.services: set[str] = set(outer_addresses)
        self._owners: dict[str, str] = {}
        self._tables = tables
        self._outer = outer_addresses
        self._find_owners()
        self._count()
        self._read_air()
        self._read_dhcp()
        self._read_announcements()
        self._read_names()
        self._read_connections(connections)
        self._read_prefixes()

    # -- addresses

    def key_of(self, mac: str | None, ip: str, ttl: int) -> str:
        """The client that sent a packet: its MAC if the frame is its own, else whoever is known by
        the address.
        """
        if ip in self._outer:
            return ip
        if mac is not None and ttl in OWN_TTLS and not mac.startswith("01:"):
            return mac
        return self._owners.get(ip, ip) if is_bogon(ip) else ip

    def key_of_address(self, ip: str) -> str:
        """The client that an address belongs to."""
        return self._owners.get(ip, ip)

    def announcer(self, message: Message) -> str:
        """The client that sent a multicast: its frame is its own, though its TTL of 1 is no host's
        usual one.
        """
        return self.key_of(message.src_mac, message.src, 255 if message.ttl == 1 else message.ttl)

    def client(self, key: str) -> Client:
        """The client of that key, made known if it was not."""
        if key not in self.clients:
            self.clients[key] = Client(key, mac=key if ":" in key and len(key) == 17 else None)
        return self.clients[key]

    def _find_owners(self) -> None:
        """Address → the MAC that claimed it oftenest; a lease counts as ten claims."""
        claims: dict[str, Counter[str]] = defaultdict(Counter)
        for captured in self._tables.arp:
            body = captured.message.body
            if isinstance(body, Arp) and is_unicast(body.sender_ip):
                claims[body.sender_ip][body.sender_mac] += 1
        for captured in self._tables.dhcp:
            body = captured.message.body
            if isinstance(body, Dhcp) and body.kind == 5 and is_unicast(body.yiaddr):
                claims[body.yiaddr][body.client_mac] += 10
        for sender, span in self._tables.senders.items():
            if sender.mac and is_unicast(sender.ip):
                own = sum(count for ttl, count in span.ttls.items() if ttl in OWN_TTLS)
                if own * 2 > span.count:
                    claims[sender.ip][sender.mac] += own
        self._owners = {ip: by_mac.most_common(1)[0][0] for ip, by_mac in claims.items()}

    def _count(self) -> None:
        for sender, span in self._tables.senders.items():
            if not is_unicast(sender.ip):
                continue
            ttl = span.ttls.most_common(1)[0][0] if span.ttls else 0
            client = self.client(self.key_of(sender.mac, sender.ip, ttl))
            client.uses(sender.ip, span.first_ns, span.last_ns)
            client.first_ns = min(client.first_ns or span.first_ns, span.first_ns)
        for captured in self._tables.arp:
            body = captured.message.body
            if isinstance(body, Arp):
                client = self.client(body.sender_mac)
                client.uses(body.sender_ip, captured.at_ns, captured.at_ns)
                client.first_ns = min(client.first_ns or captured.at_ns, captured.at_ns)

    # -- signs

    def _read_air(self) -> None:
        for station, frames in self._tables.wifi.stations.items():
            client = self.client(station)
            first = min(frames)
            client.first_ns = min(client.first_ns or first.at_ns, first.at_ns)

    def _read_dhcp(self) -> None:
        for captured in self._tables.dhcp:
            body = captured.message.body
            if not isinstance(body, Dhcp):
                continue
            if body.kind in (2, 5, 6):
                self.services.add(
                    self.key_of(
                        captured.message.src_mac, captured.message.src, captured.message.ttl
                    )
                )
                if body.kind == 5:
                    self.client(body.client_mac).uses(body.yiaddr, captured.at_ns, captured.at_ns)
                continue
            client = self.client(body.client_mac)
            client.first_ns = min(client.first_ns or captured.at_ns, captured.at_ns)
            self._read_dhcp_signs(client, captured, body)

    def _read_dhcp_signs(self, client: Client, captured: CapturedMessage, body: Dhcp) -> None:
        if device_id := fingerprint.named_id(body.host_name):
            client.id = device_id
            client.note("device_id", captured)
            client.eras.add("dhcp_host_name")
        if fingerprint.is_photon_request(body.parameters, body.xid):
            client.note("dhcp_fingerprint", captured)
            client.eras.add("old_xid" if fingerprint.is_old_xid(body.xid) else "fixed_xid")

    def _read_announcements(self) -> None:
        for captured in self._tables.udp:
            message, body = captured.message, captured.message.body
            if not isinstance(body, Udp):
                continue
            device_id = announced_id(message)
            if device_id is not None:
                client = self.client(self.announcer(message))
                client.id = device_id
                client.note("device_id", captured)
            elif body.dport == 5684 and body.payload[1:2] == b"\xfe":
                client = self.client(self.key_of(message.src_mac, message.src, message.ttl))
                client.relative = "DTLS over UDP 5684, as Electron, Argon, Boron and Photon 2 use"

    def _read_names(self) -> None:
        for captured in self._tables.dns:
            message, body = captured.message, captured.message.body
            if not isinstance(body, Dns):
                continue
            if body.is_answer:
                self.services.add(self.key_of(message.src_mac, message.src, message.ttl))
                continue
            key = self.key_of(message.src_mac, message.src, message.ttl)
            if body.name == self._tables.cloud_name and body.qtype == 1:
                client = self.client(key)
                client.note("asks_cloud", captured)
                if body.id == 0:
                    client.eras.add("dns_id_zero")
            elif RELATIVE_NAME.search(body.name):
                self.client(
                    key
                ).relative = (
                    "looks up a name of the UDP cloud, as Electron, Argon, Boron and Photon 2 do"
                )
            elif (
                body.name == NTP_NAME
                and key in self.clients
                and "asks_cloud" in self.clients[key].signs
            ):
                self.client(key).eras.add("ntp_test")

    def _read_connections(self, connections: list[Connection]) -> None:
        tests: list[tuple[Client, HasPacketRef]] = []
        for connection in connections:
            first = next((s for s in connection.segments if s.up), None)
            if first is None:
                continue
            client = self.client(self.key_of(first.mac, connection.key.client, first.ttl))
            client.is_desktop |= any(syn.rich for syn in connection.syns)
            if connection.key.server_port == self._tables.cloud_port:
                self._read_cloud_signs(client, connection, first)
            elif connection.key.server == INTERNET_TEST and connection.key.server_port == 53:
                tests.append((client, first))
        for client, place in tests:
            if client.signs.keys() & {"asks_cloud", "tries_cloud"}:
                client.note("internet_test", place)
                client.eras.add("tcp_test")
        for client in self.clients.values():
            if "ntp_test" in client.eras and "asks_cloud" in client.signs:
                client.note("internet_test", client.signs["asks_cloud"])

    def _read_cloud_signs(
        self, client: Client, connection: Connection, place: HasPacketRef
    ) -> None:
        up, down = connection.up, connection.down
        asked = up.arrivals[0] if up.arrivals else None
        if connection.is_begun_before:
            sizes = [s.length for s in connection.segments if s.length]
            if sizes and all(size % 16 == 2 for size in sizes):
                client.note("session", place)
            return
        spoke_otherwise = asked is not None and (
            (asked[1] != REQUEST and up.length < REQUEST) or up.content[:4] in _OTHER_PROTOCOLS
        )
        if not spoke_otherwise:
            client.note("tries_cloud", place)
        if down.length >= NONCE and up.length >= REQUEST and not spoke_otherwise:
            client.note("handshake", place)
            hello = next((size for offset, size, _ in up.arrivals if offset == REQUEST), 0)
            if hello == HELLOS[1]:
                client.eras.add("hello_34")
            elif hello == HELLOS[0]:
                client.eras.add("hello_18")
        if any(syn.window == 4608 and syn.mss == 1152 for syn in connection.syns):
            client.note("syn_shape", place)
        if connection.key.server == PHOTON_FALLBACK:
            client.eras.add("fallback")

    def _read_prefixes(self) -> None:
        for client in self.clients.values():
            if (
                client.mac
                and client.mac.startswith(MAKER_PREFIXES)
                and client.key not in self.services
            ):
                client.note("maker_prefix", PacketRef(client.first_ns, "", 0))

    # -- who is meant

    def photons(self) -> list[Client]:
        """The Photons, best identified first; without a better sign, the clients that only have the
        maker's prefix.
        """
        signed = [
            client
            for client in self.clients.values()
            if client.rank >= 2
            and (client.is_shared or not client.relative)
            and client.key not in self._outer
        ]
        signed = sorted(signed, key=_by_merit)[:MAX_PHOTONS]
        chosen = [client for client in signed if not self._is_bystander(client, signed)]
        if not chosen:
            chosen = [
                client
                for client in self.clients.values()
                if client.rank == 1 and not client.relative
            ]
        return sorted(chosen, key=_by_merit)[:MAX_PHOTONS]

    def is_neighbours(self, connection: Connection) -> bool:
        """Did another machine open that which a router hides behind the address of a Photon? Its
        SYN is none of the Photon's stack.
        """
        client = self.clients.get(connection.key.client)
        return (
            client is not None
            and client.is_shared
            and bool(connection.syns)
            and all(syn.rich for syn in connection.syns)
        )

    def _is_bystander(self, client: Client, signed: list[Client]) -> bool:
        """A computer that tests the cloud's port, or a router that forwards a query, is no Photon
        if a better one is there.
        """
        if "maker_prefix" in client.signs or "syn_shape" in client.signs or client.rank > 4:
            return False
        if any(self._forwards_for(client, other) for other in signed if other is not client):
            return True
        # Computers look for pool.ntp.org and 8.8.8.8:53 as well, `netcheck` on one of them right
        # after the cloud's name.
        is_tester = client.is_desktop and {sign for sign in client.signs if RANKS[sign] > 3} == {
            "internet_test"
        }
        if client.rank > 3 and not is_tester:
            return False
        if client.key in self.services or client.is_desktop:
            return any(other is not client for other in signed)
        return any(
            other.rank > 3 or "maker_prefix" in other.signs
            for other in signed
            if other is not client
        )

    def _forwards_for(self, client: Client, other: Client) -> bool:
        """Does this one only repeat, moments later and elsewhere, what the other asks? Then it is a
        router seen from beyond.
        """
        mine, theirs = client.signs.get("asks_cloud"), other.signs.get("asks_cloud")
        if (
            mine is None
            or theirs is None
            or mine.source == theirs.source
            or client.signs.keys() & {"handshake", "session"}
        ):
            return False
        is_inside = any(is_private(address) for address in other.addresses)
        return is_inside and (
            not any(is_private(address) for address in client.addresses)
            or 0 <= mine.at_ns - theirs.at_ns < FORWARD_NS
        )


def _by_merit(client: Client) -> tuple[int, int, str]:
    """Best identified first, then first seen so; for clients with a sign."""
    return -client.rank, min(place.at_ns for place in client.signs.values()), client.key


def announced_id(message: Message) -> str | None:
    """The device id in a Photon's multicast announcement, as 24 hex digits; None if the message is
    none.
    """
    body = message.body
    if not isinstance(body, Udp) or message.dst != ANNOUNCE_GROUP:
        return None
    return fingerprint.announced_id(body.payload) or None


_OTHER_PROTOCOLS = (b"GET ", b"POST", b"HEAD", b"SSH-", b"OPTI", b"PUT ")


ERAS = {
    "dns_id_zero": ("0.4.0", "0.6.4"),
    "dhcp_host_name": ("0.7.0", ""),
    "fallback": ("0.4.9", "0.5.5"),
    "tcp_test": ("0.4.5", "1.5.4"),
    "ntp_test": ("2.0.0", ""),
    "hello_34": ("3.0.0", ""),
    "hello_18": ("", "2.3.1"),
}
"""What a sign says of the Device OS version: from, up to. Ports, TTL and DHCP numbers alone say
nothing.
"""


def firmware(client: Client) -> str | None:
    """The range of Device OS versions that the positive signs allow, such as ">=0.4.5 <=1.5.4";
    None if nothing says.
    """
    eras = set(client.eras)
    if "old_xid" not in eras:
        eras.discard("dns_id_zero")
    bounds = [ERAS[era] for era in eras if era in ERAS]
    low = max((low for low, _ in bounds if low), key=_version, default="")
    high = min((high for _, high in bounds if high), key=_version, default="")
    if low and high and _version(low) > _version(high):
        return None
    return " ".join(part for part in (low and f">={low}", high and f"<={high}") if part) or None


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
