"""The network as one probe is given it: counted against what it declared, stamped, and shut at the
deadline.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from netcheck.live.net.raw.arp import CLAIM_SENDINGS, most_arp_requests
from netcheck.live.net.raw.as_client import most_frames
from netcheck.live.net.raw.dhcp import most_discovers, saved
from netcheck.probing.plugin import (
    NEW_CLIENT,
    Datagram,
    Kind,
    Need,
    Net,
    Offer,
    Posed,
    Reply,
    Sighting,
    Traffic,
    Vantage,
)

T = TypeVar("T")

_QUERIES_A_LOOKUP = 2
"""What `Net.resolve` may send for one question."""

_GREETINGS_A_QUESTION = 2
"""What `Net.tls_greet` may send: the second asks whose a certificate is that nobody known vouches
for.
"""

_REPORTS_A_LISTENING = 4
"""Joining and leaving a group are each reported twice (IGMPv3, robustness 2: RFC 3376 §8.1)."""


class LimitReached(Exception):
    """The probe wanted to send more than it declared, or its time is over."""


class MeteredNet:
    """A `Net` that passes questions on and counts, before it does so, the most that each can send.

    Time limits are left as the probe set them: one cut short by the budget would read as a network
    that is silent.
    """

    def __init__(self, net: Net, sends: Sequence[Traffic], as_device: str = "") -> None:
        """`as_device`: the one MAC of another machine in whose place may be asked; empty: none."""
        self._net = net
        self._as_device = as_device
        self._allowed: Counter[Kind] = Counter()
        for traffic in sends:
            self._allowed[traffic.kind] += traffic.at_most
        self._sent: Counter[Kind] = Counter()
        self._lock = threading.Lock()
        self._shut = threading.Event()

    def shut(self) -> None:
        """Let nothing more out: a probe that hangs past its deadline must not wake up and send."""
        self._shut.set()

    @property
    def sent(self) -> dict[str, int]:
        """The most that may have been sent, by kind. An answer remembered from earlier in the run
        counts as well.
        """
        with self._lock:
            return {kind.value: count for kind, count in sorted(self._sent.items())}

    def vantage(self) -> Vantage:
        self._still_open()
        return self._net.vantage()

    def lacks(self, need: Need) -> Reply:
        self._still_open()
        return self._net.lacks(need)

    def arp_entry(self, ip: str, timeout_s: float = 3.0) -> Reply:
        return self._ask(Kind.UDP_DATAGRAM, 1, lambda: self._net.arp_entry(ip, timeout_s))

    def ping(self, ip: str, timeout_s: float = 1.0) -> Reply:
        return self._ask(Kind.ICMP_ECHO, 1, lambda: self._net.ping(ip, timeout_s))

    def resolve(self, name: str, server: str, timeout_s: float = 5.0) -> Reply:
        return self._ask(
            Kind.DNS_QUERY, _QUERIES_A_LOOKUP, lambda: self._net.resolve(name, server, timeout_s)
        )

    def connect(self, ip: str, port: int, timeout_s: float = 5.0) -> Reply:
        return self._ask(Kind.TCP_CONNECTION, 1, lambda: self._net.connect(ip, port, timeout_s))

    def connect_within(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        return self._ask(
            Kind.TCP_SYN_TTL, 1, lambda: self._net.connect_within(ip, port, hops, timeout_s)
        )

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
        return self._ask(
            Kind.TCP_CONNECTION,
            1,
            lambda: self._net.listen_after_connect(
                ip,
                port,
                want_bytes=want_bytes,
                timeout_s=timeout_s,
                patience_s=patience_s,
                quiet_s=quiet_s,
            ),
        )

    def overhear_connection(self, ip: str, port: int, patience_s: float = 2.5) -> Reply:
        return self._ask(
            Kind.TCP_CONNECTION, 1, lambda: self._net.overhear_connection(ip, port, patience_s)
        )

    def exchange(
        self, ip: str, port: int, request: bytes, *, sendings: int = 1, apart_s: float = 2.0
    ) -> Reply:
        question = partial(
            self._net.exchange, ip, port, request, sendings=sendings, apart_s=apart_s
        )
        return self._ask(Kind.UDP_DATAGRAM, sendings, question)

    def http_get(
        self,
        ip: str,
        host: str,
        path: str,
        timeout_s: float = 3.0,
        port: int = 80,
        request_bytes: int = 0,
    ) -> Reply:
        return self._ask(
            Kind.HTTP_REQUEST,
            1,
            lambda: self._net.http_get(ip, host, path, timeout_s, port, request_bytes),
        )

    def http_get_again(
        self, ip: str, host: str, path: str, idle_s: float, timeout_s: float = 3.0
    ) -> Reply:
        return self._ask(
            Kind.HTTP_REQUEST,
            2,
            lambda: self._net.http_get_again(ip, host, path, idle_s, timeout_s),
        )

    def tls_greet(self, ip: str, host: str, timeout_s: float = 3.0, port: int = 443) -> Reply:
        return self._ask(
            Kind.TLS_GREETING,
            _GREETINGS_A_QUESTION,
            lambda: self._net.tls_greet(ip, host, timeout_s, port),
        )

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
        question = partial(
            self._net.https_get, ip, host, path, accept=accept, timeout_s=timeout_s, port=port
        )
        return self._ask(Kind.HTTP_REQUEST, 1, question)

    def offered_portal(self, patience_s: float) -> str:
        self._still_open()
        return self._net.offered_portal(patience_s)

    def offered_address(self, client: str, patience_s: float) -> str:
        self._still_open()
        return self._net.offered_address(client, patience_s)

    def discover(
        self, clients: Sequence[str], listen_s: float = 4.5, sendings: int = 3
    ) -> tuple[Offer, ...]:
        self._need_leave(clients)
        self._spend(Kind.DHCP_DISCOVER, most_discovers(len(clients), sendings))
        offers = self._net.discover(clients, listen_s, sendings)
        self._give_back(Kind.DHCP_DISCOVER, saved(clients, offers, sendings))
        return offers

    def who_has(self, addresses: Sequence[str], listen_s: float = 1.0) -> dict[str, str]:
        self._spend(Kind.ARP_REQUEST, most_arp_requests(len(addresses)))
        return self._net.who_has(addresses, listen_s)

    def claimants(self, address: str, listen_s: float = 1.8) -> tuple[str, ...]:
        self._spend(Kind.ARP_REQUEST, CLAIM_SENDINGS)
        return self._net.claimants(address, listen_s)

    def overhear(self, seconds: float) -> tuple[Sighting, ...]:
        self._still_open()
        return self._net.overhear(seconds)

    def pose(
        self, mac: str, address: str, gateway: str, places: Sequence[tuple[str, int]]
    ) -> Posed:
        self._need_leave([mac])
        for kind, most in most_frames(len(places)).items():
            self._spend(kind, most)
        return self._net.pose(mac, address, gateway, places)

    def ssid(self) -> str:
        self._still_open()
        return self._net.ssid()

    def listen_multicast(self, group: str, port: int, seconds: float) -> list[Datagram]:
        self._spend(Kind.IGMP_REPORT, _REPORTS_A_LISTENING)
        return self._net.listen_multicast(group, port, seconds)

    def known_neighbours(self) -> tuple[tuple[str, str], ...] | None:
        self._still_open()
        return self._net.known_neighbours()

    def together(self, questions: Sequence[Callable[[], T]]) -> list[T]:
        self._still_open()
        return self._net.together(questions)

    def clock(self) -> float:
        return self._net.clock()

    def sleep(self, seconds: float) -> None:
        self._shut.wait(seconds)
        self._still_open()

    def _ask(self, kind: Kind, most: int, question: Callable[[], Reply]) -> Reply:
        self._spend(kind, most)
        at = self._net.clock()
        reply = question()
        return msgspec.structs.replace(reply, at=at)

    def _spend(self, kind: Kind, most: int) -> None:
        self._still_open()
        with self._lock:
            if self._sent[kind] + most > self._allowed[kind]:
                raise LimitReached(
                    f"declared {self._allowed[kind]} of {kind.value}, wanted"
                    f" {self._sent[kind] + most}"
                )
            self._sent[kind] += most

    def _give_back(self, kind: Kind, unused: int) -> None:
        with self._lock:
            self._sent[kind] -= unused

    def _need_leave(self, macs: Sequence[str]) -> None:
        """Raises LimitReached for a MAC that is neither made up, this computer's, nor the one that
        the user named.
        """
        if others := {*macs} - {NEW_CLIENT, self._as_device, self._net.vantage().mac}:
            raise LimitReached(
                f"asked in the place of {min(others)}, which only --as-device allows"
            )

    def _still_open(self) -> None:
        if self._shut.is_set():
            raise LimitReached("the time for this probe is over")
