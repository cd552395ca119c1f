"""From a record to its clients, each with the marks by which a Photon is recognised.

Sources of the marks: device-os@v0.6.0:hal/src/photon, its lwIP (dhcp.o, tcp.o), and
device-os@v2.3.1:system/src/system_network_internal.h for the host name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from netcheck.capture.clients import (
    NTP_NAME,
    AddressOwners,
    Client,
    Clients,
    announced_id,
)
from netcheck.capture.observations import HasPacketRef, PacketRef
from netcheck.capture.protocols.cloud_steps import HELLOS, NONCE, REQUEST
from netcheck.capture.protocols.nat_views import NatViews
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import CapturedMessage, CaptureRecord
from netcheck.photon import fingerprint
from netcheck.photon.addresses import INTERNET_TEST, MAKER_PREFIXES, PHOTON_FALLBACK
from netcheck.wire.addresses import OWN_TTLS, is_bogon, is_unicast
from netcheck.wire.arp import UNSET
from netcheck.wire.decode import Arp, Dhcp, Dns, Message, Tcp, Udp

OFFER, ACK, NAK = 2, 5, 6
UDP_CLOUD_PORT = 5684
DTLS_VERSION = b"\xfe"
"""The second byte of a DTLS record (RFC 9147 §4: versions are written as ones' complement)."""
UDP_CLOUD_NAME = re.compile(r"(^|\.)udp(-mesh)?\.particle\.io$")
FRAME_HEAD = 2
"""The length of a frame stands before its encrypted blocks of 16 bytes
(device-os@v0.6.0:communication/src/lightssl_message_channel.cpp).
"""
SYN_WINDOW, SYN_MSS = 4608, 1152
"""Window and MSS of a SYN of a Photon's stack."""
LEASE_WEIGHT = 10
"""So many ARP claims count as much as one lease."""

MOST_CANDIDATES = 8_000
"""MACs and addresses that are noted while a file is read."""

_OTHER_PROTOCOLS = (b"GET ", b"POST", b"HEAD", b"SSH-", b"OPTI", b"PUT ")


def find_clients(record: CaptureRecord, views: NatViews) -> Clients:
    """Everybody who sent anything, or was given an address."""
    repeated = _behind_repeaters(record.dhcp)
    by_address = _owners(record) | {ip: client for (_, ip), client in repeated.items()}
    owners = AddressOwners(by_address=by_address, outer=views.outer_addresses, repeated=repeated)
    drafts = _Drafts(owners)
    _add_senders(drafts, record)
    _add_stations(drafts, record)
    servers = _read_dhcp(drafts, record.dhcp)
    _read_datagrams(drafts, record.udp)
    resolvers = _read_dns(drafts, record)
    services = views.outer_addresses | servers | resolvers
    _read_connections(drafts, views.inner, record.cloud_port)
    _read_prefixes(drafts, services)
    return Clients(
        by_key={draft.key: draft.finished() for draft in drafts.all()},
        services=services,
        owners=owners,
    )


def _behind_repeaters(messages: Sequence[CapturedMessage]) -> dict[tuple[str, str], str]:
    """Repeater's MAC and a client's address → the client's MAC.

    A repeater without four-address frames (IEEE 802.11-2020 §9.3.2.1) sends for its clients under
    its own MAC; their DHCP still names theirs (RFC 2131 §2, chaddr). A relay agent sends from an
    address of its own.
    """
    senders: dict[str, set[str]] = defaultdict(set)
    leases: dict[str, str] = {}
    for captured in messages:
        message, body = captured.message, captured.message.body
        if not isinstance(body, Dhcp):
            continue
        if body.kind == ACK and is_unicast(body.yiaddr):
            leases[body.yiaddr] = body.client_mac
        elif message.src == UNSET and message.src_mac and message.src_mac != body.client_mac:
            senders[body.client_mac].add(message.src_mac)
    return {
        (repeater, address): client
        for address, client in leases.items()
        for repeater in senders.get(client, ())
    }


def _owners(record: CaptureRecord) -> dict[str, str]:
    """Address → the MAC that claims it most often."""
    claims: dict[str, Counter[str]] = defaultdict(Counter)
    for captured in record.arp:
        body = captured.message.body
        if isinstance(body, Arp) and is_unicast(body.sender_ip):
            claims[body.sender_ip][body.sender_mac] += 1
    for captured in record.dhcp:
        body = captured.message.body
        if isinstance(body, Dhcp) and body.kind == ACK and is_unicast(body.yiaddr):
            claims[body.yiaddr][body.client_mac] += LEASE_WEIGHT
    for sender, span in record.senders.items():
        if sender.mac and is_unicast(sender.ip):
            own = sum(count for ttl, count in span.ttls.items() if ttl in OWN_TTLS)
            if own * 2 > span.count:
                claims[sender.ip][sender.mac] += own
    return {ip: by_mac.most_common(1)[0][0] for ip, by_mac in claims.items()}


@dataclass
class _Draft:
    """A client of which more may yet be read."""

    key: str
    mac: str | None = None
    id: str | None = None
    addresses: dict[str, tuple[int, int]] = field(default_factory=dict)
    marks: dict[str, PacketRef] = field(default_factory=dict)
    version_marks: set[str] = field(default_factory=set)
    relative: str = ""
    is_desktop: bool = False
    first_ns: int = 0

    def add_mark(self, mark: str, packet: HasPacketRef) -> None:
        """Keep the first packet that shows it."""
        if mark not in self.marks or packet.at_ns < self.marks[mark].at_ns:
            self.marks[mark] = PacketRef(packet.at_ns, packet.source, packet.number)

    def add_address(self, address: str, first_ns: int, last_ns: int) -> None:
        """Note when the address was used, unless it is not a client's."""
        if is_unicast(address):
            known = self.addresses.get(address, (first_ns, last_ns))
            self.addresses[address] = (min(known[0], first_ns), max(known[1], last_ns))

    def add_time(self, at_ns: int) -> None:
        """Note that it was seen then."""
        self.first_ns = min(self.first_ns or at_ns, at_ns)

    def finished(self) -> Client:
        """The client as a value."""
        return Client(
            key=self.key,
            mac=self.mac,
            id=self.id,
            addresses=dict(self.addresses),
            marks=dict(self.marks),
            version_marks=frozenset(self.version_marks),
            relative=self.relative,
            is_desktop=self.is_desktop,
            first_ns=self.first_ns,
        )


class _Drafts:
    """The drafts by key; `of` makes one on first use."""

    def __init__(self, owners: AddressOwners) -> None:
        self.owners = owners
        self._by_key: dict[str, _Draft] = {}

    def of(self, key: str) -> _Draft:
        if key not in self._by_key:
            is_mac = ":" in key and len(key) == 17
            self._by_key[key] = _Draft(key, mac=key if is_mac else None)
        return self._by_key[key]

    def key_of(self, message: Message) -> str:
        return self.owners.key_of(message.src_mac, message.src, message.ttl)

    def has_mark(self, key: str, mark: str) -> bool:
        return key in self._by_key and mark in self._by_key[key].marks

    def all(self) -> Iterable[_Draft]:
        return self._by_key.values()


def _add_senders(drafts: _Drafts, record: CaptureRecord) -> None:
    for sender, span in record.senders.items():
        if not is_unicast(sender.ip):
            continue
        ttl = span.ttls.most_common(1)[0][0] if span.ttls else 0
        draft = drafts.of(drafts.owners.key_of(sender.mac, sender.ip, ttl))
        draft.add_address(sender.ip, span.first_ns, span.last_ns)
        draft.add_time(span.first_ns)
    for captured in record.arp:
        body = captured.message.body
        if isinstance(body, Arp):
            draft = drafts.of(body.sender_mac)
            draft.add_address(body.sender_ip, captured.at_ns, captured.at_ns)
            draft.add_time(captured.at_ns)


def _add_stations(drafts: _Drafts, record: CaptureRecord) -> None:
    for station, frames in record.join_frames.items():
        drafts.of(station).add_time(frames[0].at_ns)


def _read_dhcp(drafts: _Drafts, messages: Iterable[CapturedMessage]) -> set[str]:
    """Reads marks and leases; the keys of the servers."""
    servers = set()
    for captured in messages:
        body = captured.message.body
        if not isinstance(body, Dhcp):
            continue
        if body.kind in (OFFER, ACK, NAK):
            servers.add(drafts.key_of(captured.message))
            if body.kind == ACK:
                draft = drafts.of(body.client_mac)
                draft.add_address(body.yiaddr, captured.at_ns, captured.at_ns)
            continue
        draft = drafts.of(body.client_mac)
        draft.add_time(captured.at_ns)
        if device_id := fingerprint.requested_id(body.parameters, body.host_name):
            draft.id = device_id
            draft.add_mark("device_id", captured)
            draft.version_marks.add("dhcp_host_name")
        if fingerprint.is_photon_request(body.parameters, body.xid):
            draft.add_mark("dhcp_fingerprint", captured)
            is_old = fingerprint.is_old_xid(body.xid)
            draft.version_marks.add("old_xid" if is_old else "fixed_xid")
    return servers


def _read_datagrams(drafts: _Drafts, messages: Iterable[CapturedMessage]) -> None:
    """The Photon's announcement, and the cloud protocol of its relatives."""
    for captured in messages:
        message, body = captured.message, captured.message.body
        if not isinstance(body, Udp):
            continue
        device_id = announced_id(message)
        if device_id is not None:
            draft = drafts.of(drafts.owners.announcer(message))
            draft.id = device_id
            draft.add_mark("device_id", captured)
        elif body.dport == UDP_CLOUD_PORT and body.payload[1:2] == DTLS_VERSION:
            draft = drafts.of(drafts.key_of(message))
            draft.relative = "DTLS over UDP 5684, as Electron, Argon, Boron and Photon 2 use"


def _read_dns(drafts: _Drafts, record: CaptureRecord) -> set[str]:
    """Reads who asks for which name; the keys of those who answer."""
    resolvers = set()
    for captured in record.dns:
        message, body = captured.message, captured.message.body
        if not isinstance(body, Dns):
            continue
        key = drafts.key_of(message)
        if body.is_answer:
            resolvers.add(key)
        elif body.name == record.cloud_name and body.qtype == 1:
            draft = drafts.of(key)
            draft.add_mark("asks_cloud", captured)
            if body.id == 0:
                draft.version_marks.add("dns_id_zero")
        elif UDP_CLOUD_NAME.search(body.name):
            drafts.of(
                key
            ).relative = (
                "looks up a name of the UDP cloud, as Electron, Argon, Boron and Photon 2 do"
            )
        elif body.name == NTP_NAME and drafts.has_mark(key, "asks_cloud"):
            drafts.of(key).version_marks.add("ntp_test")
    return resolvers


def _read_connections(drafts: _Drafts, connections: Sequence[Connection], cloud_port: int) -> None:
    tests: list[tuple[_Draft, HasPacketRef]] = []
    for connection in connections:
        first = next((s for s in connection.segments if s.up), None)
        if first is None:
            continue
        draft = drafts.of(drafts.owners.client_of(connection))
        draft.is_desktop |= any(syn.rich for syn in connection.syns)
        if connection.key.server_port == cloud_port:
            _read_cloud_connection(draft, connection, first)
        elif connection.key.server == INTERNET_TEST and connection.key.server_port == 53:
            tests.append((draft, first))
    for draft, packet in tests:
        if draft.marks.keys() & {"asks_cloud", "tries_cloud"}:
            draft.add_mark("internet_test", packet)
            draft.version_marks.add("tcp_test")
    for draft in drafts.all():
        if "ntp_test" in draft.version_marks and "asks_cloud" in draft.marks:
            draft.add_mark("internet_test", draft.marks["asks_cloud"])


def _read_cloud_connection(draft: _Draft, connection: Connection, packet: HasPacketRef) -> None:
    up, down = connection.up, connection.down
    if connection.is_begun_before:
        sizes = [s.length for s in connection.segments if s.length]
        if sizes and all(size % 16 == 2 and size > FRAME_HEAD for size in sizes):
            draft.add_mark("session", packet)
        return
    is_other_protocol = bool(up.arrivals) and (
        (up.arrivals[0][1] != REQUEST and (connection.client_speaks_first or up.length < REQUEST))
        or up.content[:4] in _OTHER_PROTOCOLS
    )
    if not is_other_protocol:
        draft.add_mark("tries_cloud", packet)
    if down.length >= NONCE and up.length >= REQUEST and not is_other_protocol:
        draft.add_mark("handshake", packet)
        hello = next((size for offset, size, _ in up.arrivals if offset == REQUEST), 0)
        if hello in HELLOS:
            draft.version_marks.add(f"hello_{hello}")
    if any(syn.window == SYN_WINDOW and syn.mss == SYN_MSS for syn in connection.syns):
        draft.add_mark("syn_shape", packet)
    if connection.key.server == PHOTON_FALLBACK:
        draft.version_marks.add("fallback")


def _read_prefixes(drafts: _Drafts, services: frozenset[str]) -> None:
    for draft in drafts.all():
        if draft.mac and draft.mac.startswith(MAKER_PREFIXES) and draft.key not in services:
            draft.add_mark("maker_prefix", PacketRef(draft.first_ns, "", 0))


# -- while a file is read


@dataclass
class Candidates:
    """MACs and IP addresses of clients that may be Photons, noted packet by packet while the rest
    is not known yet: at most MOST_CANDIDATES.
    """

    cloud_name: str
    cloud_port: int
    names: set[str]
    left_out: int = 0
    """How often there was no room for a name."""

    def note(self, message: Message) -> None:
        """Add the names of a client that this packet shows to be one."""
        body = message.body
        if isinstance(body, Arp):
            self._add(body.sender_mac, body.sender_ip, is_shown=False)
        elif isinstance(body, Dhcp):
            is_shown = fingerprint.is_photon_request(body.parameters, body.xid)
            is_shown = is_shown or bool(fingerprint.named_id(body.host_name))
            self._add(body.client_mac, body.yiaddr, is_shown=is_shown)
        else:
            is_own_mac = message.ttl in OWN_TTLS or announced_id(message) is not None
            is_shown = self._goes_to_the_cloud(message)
            if is_shown or is_bogon(message.src):  # behind a router's MAC is the Internet, too
                mac = message.src_mac if is_own_mac else None
                self._add(mac or "", message.src, is_shown=is_shown)

    def _goes_to_the_cloud(self, message: Message) -> bool:
        body = message.body
        return (
            (isinstance(body, Tcp) and body.dport == self.cloud_port)
            or (isinstance(body, Dns) and not body.is_answer and body.name == self.cloud_name)
            or announced_id(message) is not None
        )

    def _add(self, mac: str, address: str, *, is_shown: bool) -> None:
        """Both names of one client, if the packet shows it, or if its MAC does."""
        if not (is_shown or mac in self.names or mac.startswith(MAKER_PREFIXES)):
            return
        for name in (mac, address):
            if name and name not in self.names and (name == mac or is_unicast(name)):
                if len(self.names) < MOST_CANDIDATES:
                    self.names.add(name)
                else:
                    self.left_out += 1
