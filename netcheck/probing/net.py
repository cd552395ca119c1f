"""What a probe can ask of the network, as a few small protocols, and what comes back.

`Net` joins them; `netcheck.live.net.system` asks the real network, `netcheck.probing.testing` is a
table for tests. IPv4 throughout: the Photon knows nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from netcheck.host.vantage import Vantage
from netcheck.model import Scalar, Struct
from netcheck.wifi.scan import WifiScan

NEW_CLIENT = "02:6e:65:74:63:6b"
"""A MAC that no network knows, and always the same, so that no address pool is drained."""

QUERIES_A_LOOKUP = 3
"""What one `resolve` may send."""


class Need(StrEnum):
    """A requirement of a probe."""

    INTERNET = "internet"
    RAW_SOCKETS = "raw_sockets"
    WIFI = "wifi"
    SERIAL = "serial"


class CannotRun(Exception):
    """Raised by a probe that cannot run here; the text says what is missing and how to supply
    it.
    """


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


class DhcpOffer(Struct, frozen=True, kw_only=True):
    """What one DHCP server offers one client; no REQUEST follows, so nothing is leased.

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
    """A UDP datagram that came: from which address, when (UTC seconds), and its payload, cut."""

    sender: str
    at: float
    payload: bytes


class HeardNeighbour(Struct, frozen=True, kw_only=True):
    """A neighbour whose broadcasts were heard, and when first (UTC seconds).

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


class ClientAnswers(Struct, frozen=True, kw_only=True):
    """The answers to one client identity: the gateway's ARP, its echo, and the SYN to each place.

    Where the gateway did not answer ARP, nothing else was asked: `echo` is None, `connections` is
    empty.
    """

    arp: Reply
    echo: Reply | None = None
    connections: tuple[Reply, ...] = ()


T = TypeVar("T")
Places = Sequence[tuple[str, int]]


class Host(Protocol):
    """What this computer knows of itself and its network. Sends nothing, but for a Wi-Fi scan."""

    def vantage(self) -> Vantage:
        """The interface in use, its addresses, gateway and resolvers. Sends nothing."""

    def lacks(self, need: Need) -> Reply:
        """Is it there? Not ok: reason no_address, no_route or needs; `says` tells how to supply it.
        Sends nothing.
        """

    def ssid(self) -> str:
        """The name of the Wi-Fi that the interface is in, as its network spells it; empty: none, or
        not to be learned.
        """

    def wifi_scan(self, name: str, *, again: bool = False) -> WifiScan:
        """The access points that this computer's Wi-Fi adapter finds, and what hinders it; scanned
        once in a run, on Linux 2.4 GHz alone, then remembered. `again`: scan every band, and give
        what both found.

        A scan is probe requests on each channel, for every network and for that name. Where it is
        not allowed, the list is what the system has kept, and nothing is sent.
        """

    def known_neighbours(self) -> tuple[tuple[str, str], ...] | None:
        """Address and MAC of each neighbour that the system knows; None where it does not show
        them. Sends nothing.
        """


class Names(Protocol):
    """Lookups in DNS."""

    def resolve(self, name: str, server: str, timeout_s: float = 5.0) -> Reply:
        """The A records of the name as this resolver gives them; asked once in a run, then
        remembered.

        Data: server, addresses and cnames (in the reply's order, space between), rcode, ttl_s.
        Sends three queries at most. Raises CannotRun where the name cannot be asked for at all.
        """


class Connections(Protocol):
    """TCP connections, and what comes on them unasked."""

    def connect(self, ip: str, port: int, timeout_s: float = 5.0) -> Reply:
        """Does a TCP connection open? It is closed at once. Data: rtt_ms, local, remote; sender,
        icmp_type, icmp_code of an ICMP error.
        """

    def connect_with_ttl(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        """What becomes of a TCP connection whose packets have this TTL, so that they expire at that
        router on the path, counted from 1?

        As `connect`; the router where they expired is the `sender` of icmp_type 11. Only Linux
        tells.
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
        on_open: Callable[[float], bool] | None = None,
    ) -> Reply:
        """What arrives unasked on a TCP connection? Ok once it opened; `payload` holds what came.

        Waits `patience_s` for `want_bytes`, two round trips at least, then `quiet_s` for more. Data
        as `connect`, and received_bytes, first_byte_ms, ended (open, closed or reset). `on_open`
        learns at once after how many seconds it opened, and says whether to listen behind them.
        """

    def connect_and_read_ttls(self, ip: str, port: int, patience_s: float = 2.5) -> Reply:
        """As `listen_after_connect`, with the TTL of what came: server_ttl of the SYN-ACK, ttl of a
        reset.

        Raises CannotRun where there is no raw socket.
        """


class Web(Protocol):
    """HTTP and TLS, one question a connection."""

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
        path_mtu_bytes (Linux), status, body_bytes, location. The time limit counts for the
        connection and for the answer, each. `request_bytes`: the request is padded to that length;
        it fits one packet, which then has that length.
        """

    def http_get_again(
        self, ip: str, host: str, path: str, idle_s: float, timeout_s: float = 3.0
    ) -> Reply:
        """Is a connection on which that page came once still carried after so long a silence, so
        that it comes again?

        As `http_get`, for the second request. Data besides: idle_s where the other end sent
        nothing in that time, else ended (closed, reset, or open if it sent data) and ended_after_s.
        Two requests.
        """

    def tls_handshake(self, ip: str, host: str, timeout_s: float = 3.0, port: int = 443) -> Reply:
        """Does that host show a certificate of its own? Two handshakes at most; no page is asked
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
        also those of `tls_handshake`.
        """


class Datagrams(Protocol):
    """ICMP echoes, UDP datagrams and multicast."""

    def arp_entry(self, ip: str, timeout_s: float = 3.0) -> Reply:
        """Does a neighbour answer ARP? One UDP datagram makes the system ask. Data: mac, state,
        confirmed_s (age).

        Reason timeout if no answer came: with the state reachable, the system trusts an earlier
        answer and did not ask again. Reason needs where this system does not show its
        neighbour table.
        """

    def ping(self, ip: str, timeout_s: float = 1.0) -> Reply:
        """Does the address answer one ICMP echo? Data: rtt_ms. Reason needs where the system
        forbids asking.
        """

    def exchange(
        self, ip: str, port: int, request: bytes, *, sendings: int = 1, apart_s: float = 2.0
    ) -> Reply:
        """Does a UDP service answer? `payload` holds the first datagram that came, not judged.
        Data: rtt_ms (if sent once), remote.

        Sent again `apart_s` after a sending that was not answered, `sendings` times in all.
        """

    def datagram_with_ttl(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        """What becomes of one UDP datagram with this TTL? As `connect_with_ttl`; ok if anything
        came back from that port.
        """

    def listen_multicast(self, group: str, port: int, seconds: float) -> list[Datagram]:
        """What comes to that group and port meanwhile. The system reports joining and leaving to
        the routers (IGMP).

        Raises CannotRun where the port is taken or the group cannot be joined.
        """


class RawFrames(Protocol):
    """DHCP, ARP, and frames of or to others: what takes a raw socket."""

    def discover(
        self, clients: Sequence[str], listen_s: float = 4.5, sendings: int = 3
    ) -> tuple[DhcpOffer, ...]:
        """What every DHCP server here would offer clients of these MACs. Listens all the time,
        because a second server may be slow.

        Up to `sendings` DISCOVER for each MAC, which stands in their client hardware address alone:
        the frames carry this computer's own. Nothing is leased. Raises CannotRun where there is no
        raw socket.
        """

    def dhcp_portal(self, patience_s: float) -> str:
        """The address of a login page's interface that a DHCP offer of this run named (RFC 8910);
        empty: none did.

        Waits for it while another probe's `discover` listens. Sends nothing.
        """

    def dhcp_address(self, client: str, patience_s: float) -> str:
        """The address that a DHCP server of this run offered to that MAC; empty where no DISCOVER
        or no OFFER was sent. As `dhcp_portal`.
        """

    def dhcp_offer(self, patience_s: float) -> DhcpOffer | None:
        """The first offer of this run to a client that is not this computer, else the first of all;
        None where none came. As `dhcp_portal`.
        """

    def who_has(self, addresses: Sequence[str], listen_s: float = 1.0) -> dict[str, str]:
        """Address → MAC of the machine that answers for it, other than this one; silent addresses
        are left out.

        Two ARP requests each, with no sender address (RFC 5227 §1.1). Raises CannotRun where there
        is no raw socket.
        """

    def claimants(self, address: str, listen_s: float = 1.8) -> tuple[str, ...]:
        """The MAC of every machine that answers this computer's ARP for that address: two are a
        conflict.

        Three ARP requests, as `who_has`. Raises CannotRun where there is no raw socket.
        """

    def leaves(self, ip: str, port: int) -> bool:
        """Does the first packet of a TCP connection there leave this computer, or do its own rules
        hold it? Raises CannotRun where there is no raw socket, or it would leave by another
        interface.
        """

    def listen_to_broadcasts(self, seconds: float) -> tuple[HeardNeighbour, ...]:
        """The neighbours whose broadcasts are received meanwhile (ARP, DHCP, datagrams). Sends
        nothing.

        Raises CannotRun where there is no raw socket.
        """

    def ask_as_client(
        self, mac: str, address: str, gateway: str, places: Places, patience_s: float = 3.2
    ) -> ClientAnswers:
        """What is a client with this MAC and address answered? Its frames are made here, and ARP
        for it is answered meanwhile.

        Only for a MAC and an address that are not in use now: the network takes this computer for
        their owner. Up to three ARP requests, echoes and SYNs for each place; what opens is reset.
        Raises CannotRun where there is no raw socket.
        """


class Clock(Protocol):
    """Time, and several questions at once."""

    def clock(self) -> float:
        """UTC, seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the probe's deadline."""

    def together(self, questions: Sequence[Callable[[], T]]) -> list[T]:
        """Ask in parallel; the answers in the order of the questions."""

    def as_answered(self, questions: Sequence[Callable[[], T]]) -> Iterator[T]:
        """Ask in parallel; each answer as soon as it comes, so that a deadline loses only the
        others.
        """


class Net(Host, Names, Connections, Web, Datagrams, RawFrames, Clock, Protocol):
    """Everything that a probe can ask.

    Every method comes back within its time limit; what the network refuses is a `Reply`, whose
    reason is a word of `netcheck.vocabulary.REASONS`.
    """
