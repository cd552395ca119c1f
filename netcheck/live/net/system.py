"""The real network: everything a probe can ask, with a time limit on each question."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from netcheck.host import interfaces, neighbours, vantage
from netcheck.host import wifi_name as ssid
from netcheck.host.neighbours import Entry, Neighbour
from netcheck.host.scan.nl80211 import OrderScan
from netcheck.host.vantage import Vantage
from netcheck.live import needs
from netcheck.live.net import (
    http,
    https,
    icmp,
    multicast,
    parallel,
    resolver,
    tcp,
    tls,
    udp,
    wifi_scan,
)
from netcheck.live.net.dhcp_offers import ReceivedOffers
from netcheck.live.net.raw import arp, as_client, connection_frames, dhcp, overheard
from netcheck.live.net.raw.link import ANY, EthernetLink, open_link
from netcheck.model import Scalar
from netcheck.probing.net import (
    CannotRun,
    ClientAnswers,
    Datagram,
    DhcpOffer,
    HeardNeighbour,
    Need,
    Places,
    Reply,
)
from netcheck.vocabulary import reason_of
from netcheck.wifi.scan import WifiScan
from netcheck.wire import bpf, links
from netcheck.wire.dhcp import CLIENT_PORT

T = TypeVar("T")

_CLOSED_PORT = 33434
"""Where traceroute's datagrams go: no service listens there, so a host that is up says so or stays
silent.
"""
_LOOK_EVERY_S = 0.05
_TO_THE_END = 1 << 16
"""More bytes than any greeting has: a connection may be cut behind it, too."""
_ROUND_TRIPS = 2
"""A server's first bytes come a round trip after the connection opened; on a slow line that is
longer than what is patience elsewhere.
"""
_LEAVES_S = 0.3
"""A packet that is let out is on its way at once; the answer is not waited for."""
_ANSWER_S = 0.5
"""A neighbour on the same network that answers at all does so by then."""


class SystemNet:
    """The network as this computer's own rights allow to ask it; see `netcheck.probing.plugin.Net`
    for what comes back.

    Make one for each run: it remembers what resolvers and DHCP offers said. With an interface,
    packets leave by that one (Linux), or at least carry its address.
    """

    def __init__(
        self,
        interface: str = "",
        packet_socket: Callable[[], socket.socket] | None = None,
        icmp_socket: Callable[[], socket.socket] | None = None,
        order_scan: OrderScan | None = None,
    ) -> None:
        """`packet_socket`, `icmp_socket`: open one where this process itself may not (see
        `open_link`, `icmp.open_echo_socket`); `order_scan` orders a Wi-Fi scan.
        """
        self._interface = interface
        self._packet_socket = packet_socket
        self._icmp_socket = icmp_socket
        self._scans = wifi_scan.RememberedScans(order_scan)
        self._answers: dict[tuple[str, str], Reply] = {}
        self._asking: dict[tuple[str, str], threading.Lock] = {}
        self._lock = threading.Lock()
        self._offers = ReceivedOffers()

    def interfaces(self) -> tuple[str, ...]:
        """Names to choose from."""
        return interfaces.names()

    def vantage(self) -> Vantage:
        return vantage.look(self._interface)

    def lacks(self, need: Need) -> Reply:
        return needs.lacking(need, self.vantage(), self._packet_socket)

    def arp_entry(self, ip: str, timeout_s: float = 3.0) -> Reply:
        """See `Net`. A neighbour that answers the datagram itself (ICMP port unreachable) has
        answered ARP, too.
        """
        if not neighbours.can_look():
            return needs.reply(
                "this system shows its neighbour table to no program; `arp -a` shows it to you"
            )
        begun = time.monotonic()
        with self._udp(ip) as sock:
            try:
                return self._await_entry(sock, ip, begun, begun + timeout_s)
            except PermissionError:
                return needs.reply("this computer's own firewall lets nothing out to the gateway")
            except OSError as error:
                return Reply(ok=False, reason=_arp_reason(error), took_s=time.monotonic() - begun)

    def ping(self, ip: str, timeout_s: float = 1.0) -> Reply:
        sock = icmp.open_echo_socket(self._icmp_socket)
        if isinstance(sock, Reply):
            return sock
        with sock:
            self._leave_by(sock, ip)
            return icmp.ping(sock, ip, timeout_s)

    def resolve(self, name: str, server: str, timeout_s: float = 5.0) -> Reply:
        with self._lock:
            asking = self._asking.setdefault((name, server), threading.Lock())
        with asking:  # Who asks the same meanwhile waits for this answer.
            known = self._answers.get((name, server))
            if known is None:
                known = resolver.ask(name, server, timeout_s, lambda: self._udp(server))
                self._answers[name, server] = known
        return known

    def connect(self, ip: str, port: int, timeout_s: float = 5.0) -> Reply:
        with self._tcp(ip) as sock:
            return tcp.connect(sock, ip, port, timeout_s)

    def connect_with_ttl(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        with self._tcp(ip) as sock:
            tcp.limit_life(sock, hops)
            return tcp.connect(sock, ip, port, timeout_s)

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
        with self._tcp(ip) as sock:
            opened = tcp.connect(sock, ip, port, timeout_s)
            if not opened.ok or opened.text("ended"):
                return opened
            if on_open and not on_open(opened.took_s):
                quiet_s = 0.0
            patience_s = max(patience_s, _ROUND_TRIPS * opened.took_s)
            heard = tcp.listen(sock, want_bytes, patience_s, quiet_s)
        return msgspec.structs.replace(
            opened,
            took_s=opened.took_s + heard.took_s,
            data=opened.data + heard.data,
            payload=heard.payload,
        )

    def connect_and_read_ttls(self, ip: str, port: int, patience_s: float = 2.5) -> Reply:
        only = bpf.tcp_from(ip, port)
        with self._link(links.IPV4, only=only) as link, self._tcp(ip) as sock:
            opened = tcp.connect(sock, ip, port, patience_s)
            local_port = sock.getsockname()[1]
            ended = tcp.listen(sock, _TO_THE_END, patience_s, 0.0).data if opened.ok else ()
            ttls = connection_frames.ttls_of_connection(link, ip, port, local_port)
            return msgspec.structs.replace(opened, data=(*opened.data, *ended, *ttls))

    def exchange(
        self, ip: str, port: int, request: bytes, *, sendings: int = 1, apart_s: float = 2.0
    ) -> Reply:
        with self._udp(ip) as sock:
            return udp.exchange(sock, ip, port, request, sendings, apart_s)

    def datagram_with_ttl(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        with self._udp(ip) as sock:
            tcp.limit_life(sock, hops)
            return udp.exchange(sock, ip, port, b"", 1, timeout_s)

    def http_get(
        self,
        ip: str,
        host: str,
        path: str,
        timeout_s: float = 3.0,
        port: int = 80,
        request_bytes: int = 0,
    ) -> Reply:
        with self._tcp(ip) as sock:
            return http.get(sock, ip, host, path, timeout_s, port, request_bytes)

    def http_get_again(
        self, ip: str, host: str, path: str, idle_s: float, timeout_s: float = 3.0
    ) -> Reply:
        with self._tcp(ip) as sock:
            return http.get_again(sock, ip, host, path, timeout_s, idle_s)

    def tls_handshake(self, ip: str, host: str, timeout_s: float = 3.0, port: int = 443) -> Reply:
        context = tls.trusting()
        if not tls.is_anyone_trusted(context):
            return needs.reply("this computer has no list of trusted authorities for certificates")
        with self._tcp(ip) as sock:
            reply = tls.greet(sock, ip, host, port, timeout_s, context)
        if reply.reason != "unknown_issuer":
            return reply
        with self._tcp(ip) as sock:
            return tls.examined(reply, tls.shown(sock, ip, host, port, timeout_s), host)

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
        with self._tcp(ip) as sock:
            return https.get(sock, ip, host, path, accept, timeout_s, port, tls.trusting())

    def dhcp_portal(self, patience_s: float) -> str:
        return self._offers.portal(patience_s)

    def dhcp_address(self, client: str, patience_s: float) -> str:
        return self._offers.of(client, patience_s)

    def dhcp_offer(self, patience_s: float) -> DhcpOffer | None:
        return self._offers.to_a_stranger(self.vantage().mac or "", patience_s)

    def discover(
        self, clients: Sequence[str], listen_s: float = 4.5, sendings: int = 3
    ) -> tuple[DhcpOffer, ...]:
        only = bpf.udp_to(CLIENT_PORT)
        with (
            self._offers.listening(),  # first: scapy may have to be loaded for the link
            self._link(links.IPV4, only=only) as link,
        ):
            return dhcp.discover(link, clients, listen_s, self._offers.add, sendings)

    def who_has(self, addresses: Sequence[str], listen_s: float = 1.0) -> dict[str, str]:
        with self._link(links.ARP) as link:
            return arp.who_has(link, tuple(addresses), listen_s)

    def claimants(self, address: str, listen_s: float = 1.8) -> tuple[str, ...]:
        with self._link(links.ARP) as link:
            return arp.claimants(link, address, listen_s)

    def listen_to_broadcasts(self, seconds: float) -> tuple[HeardNeighbour, ...]:
        with self._link(ANY) as link:
            return overheard.listen_to_broadcasts(link, seconds)

    def leaves(self, ip: str, port: int) -> bool:
        here, only = self.vantage(), bpf.tcp_to(ip, port)
        with (
            open_link(here, ANY, only=only, of_own=True, packet_socket=self._packet_socket) as link,
            self._tcp(ip) as sock,
        ):
            opened = tcp.connect(sock, ip, port, _LEAVES_S)
            local, local_port = sock.getsockname()
            if here.address != local and opened.reason != "held_here":
                raise CannotRun("packets there leave by another interface")
            return connection_frames.has_left(link, ip, port, local_port)

    def ask_as_client(
        self, mac: str, address: str, gateway: str, places: Places, patience_s: float = 3.2
    ) -> ClientAnswers:
        with self._link(ANY, of_all=True) as link:
            return as_client.BorrowedClient(link, mac, address).ask(gateway, places, patience_s)

    def ssid(self) -> str:
        return ssid.of_interface(self.vantage().interface)

    def wifi_scan(self, name: str, *, again: bool = False) -> WifiScan:
        preferred = (self._interface, self.vantage().interface)
        return self._scans.scan(preferred, name.encode("utf-8", "surrogateescape"), again=again)

    def listen_multicast(self, group: str, port: int, seconds: float) -> list[Datagram]:
        return multicast.listen(group, port, self.vantage().address or "0.0.0.0", seconds)

    def known_neighbours(self) -> tuple[tuple[str, str], ...] | None:
        if not neighbours.can_look():
            return None
        try:
            return tuple((entry.ip, entry.mac) for entry in neighbours.table() if entry.mac)
        except OSError:
            return None

    def together(self, questions: Sequence[Callable[[], T]]) -> list[T]:
        return parallel.together(questions)

    def as_answered(self, questions: Sequence[Callable[[], T]]) -> Iterator[T]:
        return parallel.as_answered(questions)

    def clock(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def _await_entry(self, sock: socket.socket, ip: str, begun: float, until: float) -> Reply:
        """Poke, then look until the neighbour's state is sure or the time is over. Raises OSError
        as the socket does.
        """
        sock.connect((ip, _CLOSED_PORT))
        sock.send(b"")
        while True:
            answered = _answered(sock, _LOOK_EVERY_S)
            entry, took_s = neighbours.look(ip), time.monotonic() - begun
            if entry and (answered or entry.is_fresh):
                return Reply(ok=True, took_s=took_s, data=_row(entry))
            if begun + took_s >= until or (entry and _is_settled(entry, took_s)):
                return Reply(
                    ok=False, reason="timeout", took_s=took_s, data=_row(entry) if entry else ()
                )

    def _link(
        self, ethertype: int, *, only: bpf.FrameFilter | None = None, of_all: bool = False
    ) -> EthernetLink:
        return open_link(
            self.vantage(), ethertype, only=only, of_all=of_all, packet_socket=self._packet_socket
        )

    def _udp(self, ip: str) -> socket.socket:
        return self._leave_by(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), ip)

    def _tcp(self, ip: str) -> socket.socket:
        return self._leave_by(socket.socket(socket.AF_INET, socket.SOCK_STREAM), ip)

    def _leave_by(self, sock: socket.socket, ip: str) -> socket.socket:
        """Hold the socket to the interface that was asked for. This computer's own services stay
        reachable.
        """
        if not self._interface or ip.startswith("127."):
            return sock
        # Linux is held by the name alone: an address would have to be looked up for each question.
        address = "" if sys.platform == "linux" else self.vantage().address or ""
        interfaces.hold(sock, self._interface, address)
        return sock


def _is_settled(entry: Entry, took_s: float) -> bool:
    """Will waiting teach nothing more? The system asks nobody while it holds a row for
    reachable.
    """
    return entry.state is Neighbour.FAILED or (
        entry.state is Neighbour.REACHABLE and took_s > _ANSWER_S
    )


def _row(entry: Entry) -> tuple[tuple[str, Scalar], ...]:
    """What the table says of a neighbour that has ever answered."""
    if entry.mac is None:
        return ()
    age = () if entry.confirmed_s is None else (("confirmed_s", entry.confirmed_s),)
    return (("mac", entry.mac), ("state", str(entry.state.name).lower()), *age)


def _answered(sock: socket.socket, wait_s: float) -> bool:
    """Did the other host itself say that the port is closed? Raises OSError where the system could
    not reach it.
    """
    sock.settimeout(wait_s)
    try:
        sock.recv(1)
    except TimeoutError:
        return False
    except ConnectionRefusedError:
        return True
    return True


def _arp_reason(error: OSError) -> str:
    """An unreachable that this computer made itself means that nobody answered its ARP requests."""
    reason = reason_of(error)
    return "timeout" if reason == "unreachable" else reason
