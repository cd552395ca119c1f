"""What a probe's author imports, besides `netcheck.model`.

A probe is one function that asks one question. It yields what it saw, and raises only if it could
not look. It is found through the entry point group `netcheck.probes`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeVar

from netcheck.model import Observation, Outcome, Scalar, Stage, Struct, Target
from netcheck.photon.addresses import ANNOUNCE_GROUP, INTERNET_TEST, MAKER_PREFIXES, NO_PORTAL
from netcheck.photon.fingerprint import RANKS, announced_id
from netcheck.probing.webchecks import WEB_CHECKS, WebCheck
from netcheck.wire.ipv4 import is_bogon, is_private, is_shared, is_unicast, same_subnet

ENTRY_POINTS = "netcheck.probes"

CONNECT_PATIENCE_S = 5.0
"""How long a Photon waits for a TCP connection to open, and for a name
(device-os@v0.6.0:hal/src/photon/socket_hal.cpp, inet_hal.cpp).
"""
NEW_CLIENT = "02:6e:65:74:63:6b"
"""A MAC for a client that nobody knows: locally administered, and always the same, so that no pool
is drained.
"""
_TIME_EXCEEDED = "11"  # ICMP type, RFC 792


class Need(StrEnum):
    """What must be there for a probe to be run."""

    INTERNET = "internet"
    RAW_SOCKETS = "raw_sockets"
    WIFI = "wifi"
    SERIAL = "serial"


class Kind(StrEnum):
    """What a probe can send. A TCP connection counts once, however often the system repeats its
    packets.

    An HTTP request and a TLS greeting each have a TCP connection of their own, which is not counted
    again.
    """

    TCP_CONNECTION = "tcp_connection"
    DNS_QUERY = "dns_query"
    ICMP_ECHO = "icmp_echo"
    UDP_DATAGRAM = "udp_datagram"
    HTTP_REQUEST = "http_request"
    TLS_GREETING = "tls_greeting"
    IGMP_REPORT = "igmp_report"
    DHCP_DISCOVER = "dhcp_discover"
    ARP_REQUEST = "arp_request"
    TCP_SYN_TTL = "tcp_syn_ttl"
    ARP_REPLY = "arp_reply"
    TCP_SYN = "tcp_syn"
    """The opening of a connection under another MAC, and the reset that ends what it opened."""


class Traffic(Struct, frozen=True, kw_only=True):
    """One kind of packet that a probe sends: to whom, and at most how many of them.

    `to` may name fields of the `Target` in braces, as in "{cloud_host}:{cloud_port}".
    """

    kind: Kind
    to: str
    at_most: int


class Reply(Struct, frozen=True, kw_only=True):
    """What came back from one question to the network. A refused connection is an answer, not an
    exception.

    `at` is when the question was asked (UTC seconds), stamped by the engine. `payload` holds bytes
    that came, for the probe to judge: it is never recorded.
    """

    ok: bool
    reason: str = ""
    took_s: float = 0.0
    data: tuple[tuple[str, Scalar], ...] = ()
    at: float | None = None
    payload: bytes = b""

    def text(self, name: str) -> str:
        """The value of that name as text; empty where it is missing."""
        return str(dict(self.data).get(name, ""))

    def words(self, name: str) -> tuple[str, ...]:
        """The value of that name as the list it is: `addresses`, `cnames`. Empty where it is
        missing.
        """
        return tuple(self.text(name).split())


class Vantage(Struct, frozen=True, kw_only=True):
    """Where this computer stands in the network. None: not there, or not to be learned on this
    system.
    """

    interface: str = ""
    mac: str | None = None
    address: str | None = None
    netmask: str | None = None
    gateway: str | None = None
    gateway_mac: str | None = None
    resolvers: tuple[str, ...] = ()
    is_linked: bool = True
    """Is the interface connected: its cable in, or its Wi-Fi joined? True where the system does not
    tell.
    """
    reached_here: tuple[str, ...] = ()
    """Resolvers, and the gateway, on this interface's own subnet that are reached by it, whatever a
    VPN takes.
    """
    way_out: str = ""
    """The interface by which packets leave for the Internet; empty: none, or not to be learned."""
    is_refused: bool = False
    """Do this computer's own routes refuse its packets the way to the Internet, although there is a
    gateway?
    """
    is_tunnelled: bool = False
    """Is that a VPN or another tunnel, so that what lies outside is not seen from this network?"""
    ipv6_gateway: str | None = None
    lease_renewed_s: float | None = None
    """How long ago a DHCP server last confirmed the address; None: it is set by hand, or this
    system does not tell (Linux does).
    """
    proxies: tuple[str, ...] = ()
    """Web proxies that this computer's programs are told to use, as host:port. Nothing here uses
    them.
    """
    is_wireless: bool = False
    """Is the interface known to be a Wi-Fi one? Only Linux tells."""


class Offer(Struct, frozen=True, kw_only=True):
    """What one DHCP server would give one client; nobody has taken it up.

    `client` is the MAC asked with. `routers` and `resolvers` are empty, `lease_s` None and `mask`,
    `portal` (the address of a login page's interface, RFC 8910) and `proxy_script` (WPAD) empty
    where the server named none. `after_s` counts from the first DISCOVER.
    """

    client: str
    server: str
    server_mac: str
    address: str
    mask: str = ""
    routers: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    lease_s: int | None = None
    portal: str = ""
    proxy_script: str = ""
    after_s: float = 0.0


class Datagram(Struct, frozen=True, kw_only=True):
    """A UDP datagram that came: from which address, when (UTC seconds), and what it held, cut."""

    sender: str
    at: float
    payload: bytes


class Sighting(Struct, frozen=True, kw_only=True):
    """A neighbour that was overheard speaking to everybody, and when first (UTC seconds).

    `said` is arp, dhcp or datagram. `address` is its own, in a DHCP request the one it wants; empty
    where none is named. `id` is the device id that it named, `is_photon` whether its DHCP message
    has a Photon's form.
    """

    mac: str
    said: str
    at: float
    address: str = ""
    id: str = ""
    is_photon: bool = False


class Posed(Struct, frozen=True, kw_only=True):
    """What a client of some MAC was answered: the gateway's ARP, its echo, and the opening of a
    connection to each place.

    Where the gateway did not answer ARP, nothing else was asked: `echo` is None, `connections` is
    empty.
    """

    arp: Reply
    echo: Reply | None = None
    connections: tuple[Reply, ...] = ()


class CannotRun(Exception):
    """Raised by a probe that cannot look here; the text says what is missing and how to supply
    it.
    """


T = TypeVar("T")


class Net(Protocol):
    """The one door to sockets, DNS, interfaces and the clock. See `netcheck.live.net.system` for
    the real one.

    IPv4 throughout: the Photon knows nothing else. Every method comes back within its time limit;
    what the network refuses is a `Reply`, whose reason is a word of `netcheck.vocabulary.REASONS`.
    """

    def vantage(self) -> Vantage:
        """The interface in use, its addresses, gateway and resolvers. Sends nothing."""

    def lacks(self, need: Need) -> Reply:
        """Is it there? Not ok: reason no_address, no_route or needs; `says` tells how to supply it.
        Sends nothing.
        """

    def arp_entry(self, ip: str, timeout_s: float = 3.0) -> Reply:
        """Does a neighbour answer ARP? One UDP datagram makes the system ask. Data: mac, state,
        confirmed_s (age).

        Reason timeout where nobody answered: with the state reachable, the system holds an earlier
        answer for good and did not ask again. Reason needs where this system does not show its
        neighbour table.
        """

    def ping(self, ip: str, timeout_s: float = 1.0) -> Reply:
        """Does the address answer one ICMP echo? Data: rtt_ms. Reason needs where the system
        forbids asking.
        """

    def resolve(self, name: str, server: str, timeout_s: float = 5.0) -> Reply:
        """The A records of the name as this resolver gives them; asked once in a run, then
        remembered.

        Data: server, addresses and cnames (in the reply's order, space between), rcode, ttl_s.
        Sends two queries at most. Raises CannotRun where the name cannot be asked for at all.
        """

    def connect(self, ip: str, port: int, timeout_s: float = 5.0) -> Reply:
        """Does a TCP connection open? It is closed at once. Data: rtt_ms, local, remote; sender,
        icmp_type, icmp_code of an ICMP error.
        """

    def connect_within(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        """What becomes of a TCP connection whose packets die at that router on the way, counted
        from 1?

        As `connect`; a router where they died is the `sender` of icmp_type 11. Only Linux tells.
        """

    def listen_after_connect(
        self,
        ip: str,
        port: int,
        *,
        want_bytes: int,
        timeout_s: float = 5.0,
        patience_s: float = 5.0,
        quiet_s: float = 2.0,
    ) -> Reply:
        """What arrives unasked on a TCP connection? Ok once it opened; `payload` holds what came.

        Waits `patience_s` for `want_bytes`, then `quiet_s` for more. Data as `connect`, and
        received_bytes, first_byte_ms, ended (open, closed or reset).
        """

    def overhear_connection(self, ip: str, port: int, patience_s: float = 2.5) -> Reply:
        """Like `listen_after_connect`, and of what came the TTL: server_ttl of the packet that
        opened the connection, ttl of a reset.

        Raises CannotRun where frames cannot be seen.
        """

    def exchange(
        self, ip: str, port: int, request: bytes, *, sendings: int = 1, apart_s: float = 2.0
    ) -> Reply:
        """Does a UDP service answer? `payload` holds the first datagram that came, not judged.
        Data: rtt_ms (if sent once), remote.

        Sent again `apart_s` after a sending that was not answered, `sendings` times in all.
        """

    def http_get(
        self,
        ip: str,
        host: str,
        path: str,
        timeout_s: float = 3.0,
        port: int = 80,
        request_bytes: int = 0,
    ) -> Reply:
        """What does the web server at that address answer when asked for this page of this host? No
        redirect is followed.

        Ok if an HTTP response came; `payload` holds its body, cut. Data: those of `connect`,
        path_mtu_bytes (Linux), status, body_bytes, location. The time limit holds for the
        connection and for the answer, each. `request_bytes`: the request is made up to that length,
        which is less than a packet holds and so is that of its packet.
        """

    def http_get_again(
        self, ip: str, host: str, path: str, idle_s: float, timeout_s: float = 3.0
    ) -> Reply:
        """Is a connection on which that page came once still carried after so long a silence, so
        that it comes again?

        As `http_get`, for the second request. Data besides: idle_s where the silence was over
        before the other end said anything, else ended (closed, reset, or open if it spoke) and
        ended_after_s. Two requests.
        """

    def tls_greet(self, ip: str, host: str, timeout_s: float = 3.0, port: int = 443) -> Reply:
        """Does that host show a certificate of its own? Two greetings at most; no page is asked
        for.

        Data: those of `connect`, and tls_ms. Reasons: those of a connection that does not open;
        other_host and unknown_issuer (data: names, issuer), not_in_date (so may this computer's
        clock be wrong); silent, closed, reset, malformed; needs.
        """

    def https_get(
        self,
        ip: str,
        host: str,
        path: str,
        *,
        accept: str = "*/*",
        timeout_s: float = 3.0,
        port: int = 443,
    ) -> Reply:
        """As `http_get`, by HTTPS, and only where the host shows a certificate of its own. Reasons:
        also those of `tls_greet`.
        """

    def offered_portal(self, patience_s: float) -> str:
        """The address of a login page's interface that a DHCP offer of this run named (RFC 8910);
        empty: none did.

        Waits for it while another probe's `discover` listens. Sends nothing.
        """

    def offered_address(self, client: str, patience_s: float) -> str:
        """The address that a DHCP server of this run offered to that MAC; empty: nobody asked, or
        nobody offered. As `offered_portal`.
        """

    def discover(
        self, clients: Sequence[str], listen_s: float = 4.5, sendings: int = 3
    ) -> tuple[Offer, ...]:
        """What every DHCP server here would offer clients of these MACs. Listens all the time, for
        a second server may be slow.

        Up to `sendings` DISCOVER for each MAC, which stands in their client hardware address alone:
        the frames carry this computer's own. Nothing is leased. Raises CannotRun where frames
        cannot be sent.
        """

    def who_has(self, addresses: Sequence[str], listen_s: float = 1.0) -> dict[str, str]:
        """Address → MAC of the machine that answers for it, other than this one; silent addresses
        are left out.

        Two ARP requests each, which tell nobody an address of ours. Raises CannotRun where frames
        cannot be sent.
        """

    def claimants(self, address: str, listen_s: float = 1.8) -> tuple[str, ...]:
        """The MAC of every machine that answers this computer's ARP for that address: two are a
        conflict.

        Three ARP requests, as `who_has`. Raises CannotRun where frames cannot be sent.
        """

    def overhear(self, seconds: float) -> tuple[Sighting, ...]:
        """Who says what to everybody on this network meanwhile (ARP, DHCP, datagrams). Sends
        nothing.

        Raises CannotRun where frames cannot be seen.
        """

    def pose(
        self, mac: str, address: str, gateway: str, places: Sequence[tuple[str, int]]
    ) -> Posed:
        """What is a client of this MAC and address answered? Its frames are made here, and ARP for
        it is answered meanwhile.

        For a MAC and an address that nobody uses now: the network would take this computer for
        their owner. Up to three ARP requests, echoes and openings for each place; what opens is
        reset. Raises CannotRun where frames cannot be sent.
        """

    def ssid(self) -> str:
        """The name of the Wi-Fi that the interface is in, as its network spells it; empty: none, or
        not to be learned.
        """

    def listen_multicast(self, group: str, port: int, seconds: float) -> list[Datagram]:
        """What comes to that group and port meanwhile. The system reports joining and leaving to
        the routers (IGMP).

        Raises CannotRun where the port is taken or the group cannot be joined.
        """

    def known_neighbours(self) -> tuple[tuple[str, str], ...] | None:
        """Address and MAC of each neighbour that the system knows; None where it does not show
        them. Sends nothing.
        """

    def together(self, questions: Sequence[Callable[[], T]]) -> list[T]:
        """Ask side by side; the answers in the order of the questions."""

    def clock(self) -> float:
        """UTC, seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the probe's deadline."""


class Seen(Struct, frozen=True, kw_only=True):
    """An observation as a probe yields it: the engine stamps stage, subject, source, site and time.

    Without a subject it is about this computer; a probe that speaks of the network says
    `model.NETWORK`.
    """

    fact: str
    outcome: Outcome
    reason: str = ""
    target: str = ""
    took_s: float | None = None
    data: tuple[tuple[str, Scalar], ...] = ()
    subject: str = ""
    ref: str = ""
    at: float | None = None


ProbeFunction = Callable[[Target, Net], Iterable[Seen]]


class Probe(Struct, frozen=True, kw_only=True):
    """A registered probe and what it declares about itself."""

    name: str
    ask: str
    stage: Stage
    settles: frozenset[str]
    needs: frozenset[Need]
    sends: tuple[Traffic, ...]
    within_s: float
    run: ProbeFunction
    only_if_failed: frozenset[str] = frozenset()
    """Facts of which one must have failed before for the question to make sense; empty: it always
    does.
    """
    beside: bool = False
    """It takes seconds, and nobody needs to wait for it: the rungs above are climbed meanwhile."""
    on_request: bool = False
    """It takes so long or sends so much that it is run only for who asks for it by name."""


def probe(
    *,
    stage: Stage,
    settles: Iterable[str],
    needs: Iterable[Need] = (),
    sends: Iterable[Traffic] = (),
    within_s: float = 10.0,
    only_if_failed: Iterable[str] = (),
    beside: bool = False,
    on_request: bool = False,
) -> Callable[[ProbeFunction], Probe]:
    """Declare a function to be a probe; the first line of its own or its module's docstring is its
    question.
    """

    def declare(function: ProbeFunction) -> Probe:
        text = function.__doc__ or sys.modules[function.__module__].__doc__ or function.__name__
        return Probe(
            name=function.__name__,
            ask=text.strip().splitlines()[0],
            stage=stage,
            settles=frozenset(settles),
            needs=frozenset(needs),
            sends=tuple(sends),
            within_s=within_s,
            run=function,
            only_if_failed=frozenset(only_if_failed),
            beside=beside,
            on_request=on_request,
        )

    return declare


def seen(fact: str, reply: Reply, target: str = "", **data: Scalar) -> Seen:
    """A reply of the network as what was seen: ok, or failed with its reason."""
    return Seen(
        fact=fact,
        outcome=Outcome.OK if reply.ok else Outcome.FAILED,
        reason=reply.reason,
        target=target,
        took_s=reply.took_s,
        data=reply.data + tuple(data.items()),
        at=reply.at,
    )


def not_looked(fact: str, reason: str, target: str = "", **data: Scalar) -> Seen:
    """A fact that was not looked at, and why."""
    return Seen(
        fact=fact, outcome=Outcome.SKIPPED, reason=reason, target=target, data=tuple(data.items())
    )


def is_false(address: str, target: Target) -> bool:
    """Can it not be an address of that cloud? The maker's is public; one that the user named may
    live anywhere.
    """
    return (
        is_bogon(address) if target.cloud_host == Target().cloud_host else not is_unicast(address)
    )


def cloud_addresses(target: Target, net: Net) -> Iterator[str]:
    """The cloud's addresses as the first two resolvers of this computer, and then a public one,
    give them; each once.

    Raises CannotRun where there is none.
    """
    if is_unicast(target.cloud_host):
        yield target.cloud_host
        return
    given: set[str] = set()
    for server in dict.fromkeys([*net.vantage().resolvers[:2], target.neutral_host]):
        for address in net.resolve(target.cloud_host, server).words("addresses"):
            if not is_false(address, target) and address not in given:
                given.add(address)
                yield address
    if not given:
        raise CannotRun("no usable address for the cloud's name is known")


def addresses_of(name: str, target: Target, net: Net, timeout_s: float = 2.0) -> Iterator[str]:
    """The name's addresses as those resolvers give them that a Photon here would ask; a later one
    is asked only if need be.
    """
    for server in device_resolvers(net.vantage(), target):
        yield from net.resolve(name, server, timeout_s).words("addresses")


def public_address(name: str, target: Target, net: Net) -> str:
    """The first of them that a host on the Internet can have; empty where there is none."""
    return next(
        (address for address in addresses_of(name, target, net) if not is_bogon(address)), ""
    )


def short_lives(net: Net, places: Sequence[tuple[str, int]], hops: int) -> list[list[Reply]]:
    """What becomes of connections to each of these addresses and ports whose packets die at router
    1, 2 … on the way; asked together.
    """
    lives = range(1, hops + 1)
    replies = net.together(
        [partial(net.connect_within, ip, port, life) for ip, port in places for life in lives]
    )
    return [replies[count * hops : (count + 1) * hops] for count in range(len(places))]


def died_at(reply: Reply) -> str:
    """The address of the router at which a packet's life ended, as it says itself; empty for any
    other answer.
    """
    return reply.text("sender") if reply.text("icmp_type") == _TIME_EXCEEDED else ""


def device_resolvers(here: Vantage, target: Target) -> list[str]:
    """Whom a Photon with this computer's lease asks: the first two resolvers, or without any the
    gateway and a public one.

    Source: device-os, WICED DNS client (two servers are stored; the fallback is compiled in).
    """
    return list(here.resolvers[:2]) or [
        server for server in (here.gateway, target.neutral_host) if server
    ]


def named_address(host: str, target: Target, net: Net) -> str:
    """The first of them that another host can have, or the name itself if it is an address; empty
    where there is none.
    """
    if is_unicast(host):
        return host
    given = addresses_of(host, target, net)
    return next(
        (address for address in given if is_unicast(address) and not address.startswith("127.")), ""
    )


__all__ = [
    "ANNOUNCE_GROUP",
    "CONNECT_PATIENCE_S",
    "INTERNET_TEST",
    "MAKER_PREFIXES",
    "NEW_CLIENT",
    "NO_PORTAL",
    "RANKS",
    "WEB_CHECKS",
    "CannotRun",
    "Datagram",
    "Kind",
    "Need",
    "Net",
    "Observation",
    "Offer",
    "Posed",
    "Probe",
    "Reply",
    "Seen",
    "Sighting",
    "Traffic",
    "Vantage",
    "WebCheck",
    "addresses_of",
    "announced_id",
    "cloud_addresses",
    "device_resolvers",
    "died_at",
    "is_bogon",
    "is_false",
    "is_private",
    "is_shared",
    "is_unicast",
    "named_address",
    "not_looked",
    "probe",
    "public_address",
    "same_subnet",
    "seen",
    "short_lives",
]
