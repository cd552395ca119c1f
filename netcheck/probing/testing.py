"""A network for tests: a table of what each question is answered, and the questions that were
asked.

Make a `FakeNet` with the answers that a test needs, run the probe, and look at `asked`. To run it
as `netcheck` does, with the checks that your package will meet and an answer to read:

    net = FakeNet({("connect", "192.168.1.10", 8080): refusal("refused")})
    casefile.write("hub.jsonl", observe(Target(), net, [hub]))  # of netcheck, netcheck.live
    # then: netcheck case hub.jsonl

`answers` has a key for each question. What is in no table is answered with silence (`SILENCE`); a
list is used up, one answer each time.

    arp_entry(ip)                        ("arp", ip)
    ping(ip)                             ("ping", ip)
    resolve(name, server)                ("resolve", name, server)
    connect(ip, port)                    ("connect", ip, port)
    connect_with_ttl(ip, port, hops)     ("within", ip, port, hops)
    listen_after_connect(ip, port)       ("listen", ip, port)
    connect_and_read_ttls(ip, port)      ("ttls", ip, port)
    exchange(ip, port, request)          ("udp", ip, port)
    datagram_with_ttl(ip, port, hops)    ("udp_within", ip, port, hops)
    http_get(ip, host, path)             ("http", host), with request_bytes ("http", host, bytes),
                                         on a port other than 80 ("proxy", ip, port)
    http_get_again(ip, host, path, idle) ("again", host, idle)
    tls_handshake(ip, host)              ("tls", host)
    https_get(ip, host, path)            ("https", host, path)

The other questions are answered by fields of their own: `discover` by `offers`, `who_has` by
`neighbours`, `claimants` by `rivals`, `ask_as_client` by `clients`, `listen_multicast` by
`announced`, `listen_to_broadcasts` by `heard`, `known_neighbours` by `known`, `vantage` by `here`,
`ssid` by `wifi`, `wifi_scan` by `scans`, `leaves` by `held`, `dhcp_portal` by `portal`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from netcheck.probing import (
    CannotRun,
    ClientAnswers,
    Datagram,
    DhcpOffer,
    HeardNeighbour,
    Need,
    Reply,
    Vantage,
    WifiScan,
)
from netcheck.probing.net import Places

T = TypeVar("T")
Question = tuple[str | float, ...]

HOME = Vantage(
    interface="wlan0",
    mac="02:00:00:00:00:05",
    address="192.168.1.5",
    netmask="255.255.255.0",
    gateway="192.168.1.1",
    gateway_mac="02:00:00:00:00:01",
    resolvers=("192.168.1.1",),
)
SILENCE = Reply(ok=False, reason="timeout", took_s=5.0)


@dataclass
class FakeNet:
    """Answers by the table, and with silence to all else. Its clock is a second later each time."""

    answers: dict[Question, Reply | list[Reply]] = field(default_factory=dict)
    here: Vantage = HOME
    """This computer's network settings; `Vantage()` is a computer on no network."""
    missing: dict[Need, Reply] = field(default_factory=dict)
    """What is not there, with the reason: the engine skips a probe that needs it, and a question
    for raw sockets raises CannotRun.
    """
    offers: tuple[DhcpOffer, ...] = ()
    later_offers: tuple[DhcpOffer, ...] = ()
    """What a second `discover` is offered, if that differs."""
    neighbours: dict[str, str] = field(default_factory=dict)
    """Address → MAC of who answers ARP for it."""
    asked: list[Question] = field(default_factory=list)
    """Every question so far, by the keys of `answers`."""
    now: float = 1000.0
    announced: list[Datagram] = field(default_factory=list)
    """What multicast listening hears, whatever the group."""
    known: tuple[tuple[str, str], ...] | None = ()
    """(address, MAC) of each neighbour in the system's ARP cache; None where it cannot be read."""
    portal: str = ""
    """What DHCP offers name as the address of a login page's interface."""
    heard: tuple[HeardNeighbour, ...] = ()
    """Who was heard in broadcasts."""
    rivals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Address → every MAC that answers ARP for it."""
    clients: dict[str, ClientAnswers | list[ClientAnswers]] = field(default_factory=dict)
    """MAC → what a client of it is answered, always or each time; silence where it is missing."""
    held: frozenset[tuple[str, int]] = frozenset()
    """Where this computer's own rules let no connection out to."""
    wifi: str = ""
    """The name of the Wi-Fi network that this computer has joined."""
    scans: list[WifiScan] = field(default_factory=list)
    """What its Wi-Fi scan finds, and then the next ones that are asked for; none: it has no
    adapter.
    """

    def vantage(self) -> Vantage:
        return self.here

    def lacks(self, need: Need) -> Reply:
        return self.missing.get(need, Reply(ok=True))

    def arp_entry(self, ip: str, timeout_s: float = 3.0) -> Reply:
        return self._answer("arp", ip)

    def ping(self, ip: str, timeout_s: float = 1.0) -> Reply:
        return self._answer("ping", ip)

    def resolve(self, name: str, server: str, timeout_s: float = 5.0) -> Reply:
        return self._answer("resolve", name, server)

    def connect(self, ip: str, port: int, timeout_s: float = 5.0) -> Reply:
        return self._answer("connect", ip, port)

    def connect_with_ttl(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        return self._answer("within", ip, port, hops)

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
        reply = self._answer("listen", ip, port)
        if reply.ok and on_open:
            on_open(float(reply.text("rtt_ms") or 0.0) / 1000)
        return reply

    def connect_and_read_ttls(self, ip: str, port: int, patience_s: float = 2.5) -> Reply:
        self._must_have_rights()
        return self._answer("ttls", ip, port)

    def exchange(
        self, ip: str, port: int, request: bytes, *, sendings: int = 1, apart_s: float = 2.0
    ) -> Reply:
        return self._answer("udp", ip, port)

    def datagram_with_ttl(self, ip: str, port: int, hops: int, timeout_s: float = 1.5) -> Reply:
        return self._answer("udp_within", ip, port, hops)

    def http_get(
        self,
        ip: str,
        host: str,
        path: str,
        timeout_s: float = 3.0,
        port: int = 80,
        request_bytes: int = 0,
    ) -> Reply:
        if request_bytes:
            return self._answer("http", host, request_bytes)
        return self._answer("http", host) if port == 80 else self._answer("proxy", ip, port)

    def http_get_again(
        self, ip: str, host: str, path: str, idle_s: float, timeout_s: float = 3.0
    ) -> Reply:
        return self._answer("again", host, idle_s)

    def tls_handshake(self, ip: str, host: str, timeout_s: float = 3.0, port: int = 443) -> Reply:
        return self._answer("tls", host)

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
        return self._answer("https", host, path)

    def dhcp_portal(self, patience_s: float) -> str:
        return self.portal

    def dhcp_address(self, client: str, patience_s: float) -> str:
        return next((offer.address for offer in self.offers if offer.client == client), "")

    def dhcp_offer(self, patience_s: float) -> DhcpOffer | None:
        to_others = (offer for offer in self.offers if offer.client != self.here.mac)
        return next(to_others, next(iter(self.offers), None))

    def discover(
        self, clients: Sequence[str], listen_s: float = 4.5, sendings: int = 3
    ) -> tuple[DhcpOffer, ...]:
        self._must_have_rights()
        is_again = self.later_offers and any(question[0] == "discover" for question in self.asked)
        self.asked += [("discover", client) for client in clients]
        return tuple(
            offer
            for offer in (self.later_offers if is_again else self.offers)
            if offer.client in clients
        )

    def who_has(self, addresses: Sequence[str], listen_s: float = 1.0) -> dict[str, str]:
        self._must_have_rights()
        self.asked += [("who_has", address) for address in addresses]
        return {address: mac for address, mac in self.neighbours.items() if address in addresses}

    def claimants(self, address: str, listen_s: float = 1.8) -> tuple[str, ...]:
        self._must_have_rights()
        self.asked.append(("claimants", address))
        return self.rivals.get(address, ())

    def leaves(self, ip: str, port: int) -> bool:
        self._must_have_rights()
        self.asked.append(("leaves", ip, port))
        return (ip, port) not in self.held

    def listen_to_broadcasts(self, seconds: float) -> tuple[HeardNeighbour, ...]:
        self._must_have_rights()
        return self.heard

    def ask_as_client(
        self, mac: str, address: str, gateway: str, places: Places, patience_s: float = 3.2
    ) -> ClientAnswers:
        self._must_have_rights()
        self.asked.append(("as_client", mac, address))
        answer = self.clients.get(mac, ClientAnswers(arp=SILENCE))
        return answer.pop(0) if isinstance(answer, list) else answer

    def ssid(self) -> str:
        return self.wifi

    def wifi_scan(self, name: str, *, again: bool = False) -> WifiScan:
        self.asked.append(("scan", name))
        if not self.scans:
            return WifiScan(reason="absent", says="no Wi-Fi adapter")
        if again:
            first, *later = self.scans
            self.scans = [first.with_next((later or [first])[0]), *later[1:]]
        return self.scans[0]

    def _must_have_rights(self) -> None:
        if Need.RAW_SOCKETS in self.missing:
            raise CannotRun(self.missing[Need.RAW_SOCKETS].text("says"))

    def listen_multicast(self, group: str, port: int, seconds: float) -> list[Datagram]:
        self.asked.append(("multicast", group, port))
        return self.announced

    def known_neighbours(self) -> tuple[tuple[str, str], ...] | None:
        return self.known

    def together(self, questions: Sequence[Callable[[], T]]) -> list[T]:
        return [question() for question in questions]

    def as_answered(self, questions: Sequence[Callable[[], T]]) -> Iterator[T]:
        return (question() for question in questions)

    def clock(self) -> float:
        self.now += 1
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def _answer(self, *question: str | float) -> Reply:
        self.asked.append(question)
        answer = self.answers.get(question, SILENCE)
        return answer.pop(0) if isinstance(answer, list) else answer


def opened(payload: bytes = b"", ended: str = "open") -> Reply:
    """A connection that opened, and what came on it."""
    data = (
        ("rtt_ms", 30.0),
        ("local", "192.168.1.5:40000"),
        ("received_bytes", len(payload)),
        ("ended", ended),
    )
    return Reply(ok=True, took_s=2.1, data=data, payload=payload)


def refusal(reason: str, **data: str) -> Reply:
    """No connection, or no answer, for that reason."""
    return Reply(ok=False, reason=reason, took_s=0.1, data=tuple(data.items()))


def named(*addresses: str) -> Reply:
    """A resolver's answer with these addresses."""
    return Reply(
        ok=True, took_s=0.02, data=(("addresses", " ".join(addresses)), ("rcode", "NOERROR"))
    )
