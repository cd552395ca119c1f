"""Wraps the network for one probe: counts packets against `sends`, stamps replies, and refuses to
send after the deadline.
"""

from __future__ import annotations

import inspect
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from netcheck.live.net.raw.arp import CLAIM_SENDINGS, most_arp_requests
from netcheck.live.net.raw.as_client import most_frames
from netcheck.live.net.raw.dhcp import most_discovers, saved
from netcheck.live.round_trip import RoundTrip
from netcheck.model import Struct
from netcheck.probing.net import NEW_CLIENT, QUERIES_A_LOOKUP, Net, Reply
from netcheck.probing.plugin import Kind, Traffic

Given = Mapping[str, Any]
"""The arguments of one question by name, defaults filled in."""
Packets = Mapping[Kind, int]

_HANDSHAKES_A_QUESTION = 2
"""What `Net.tls_handshake` may send: the second reads a certificate that nobody known signed."""
_REPORTS_A_LISTENING = 4
"""Joining and leaving a group are each reported twice (IGMPv3, robustness 2: RFC 3376 §8.1)."""


class Cost(Struct, frozen=True, kw_only=True):
    """What one method of `Net` can send.

    `most` counts it from the arguments. `unsent` is what was counted and then not sent, from the
    arguments and the answer. `as_clients` names the client MACs that it asks under.
    """

    most: Callable[[Given], Packets]
    unsent: Callable[[Given, Any], Packets] = lambda given, answer: {}
    as_clients: Callable[[Given], Sequence[str]] = lambda given: ()


def _each(kind: Kind, count: int = 1) -> Cost:
    """So many packets of that kind, whatever is asked."""
    return Cost(most=lambda given: {kind: count})


NOTHING = Cost(most=lambda given: {})

COSTS: Mapping[str, Cost] = {
    "vantage": NOTHING,
    "lacks": NOTHING,
    "ssid": NOTHING,
    "known_neighbours": NOTHING,
    "wifi_scan": Cost(
        most=lambda given: {Kind.WIFI_SCAN: 1},
        unsent=lambda given, scan: {Kind.WIFI_SCAN: 1 - min(scan.scans, 1)},
    ),
    "resolve": _each(Kind.DNS_QUERY, QUERIES_A_LOOKUP),
    "connect": _each(Kind.TCP_CONNECTION),
    "connect_with_ttl": _each(Kind.TCP_SYN_TTL),
    "listen_after_connect": _each(Kind.TCP_CONNECTION),
    "connect_and_read_ttls": _each(Kind.TCP_CONNECTION),
    "http_get": _each(Kind.HTTP_REQUEST),
    "http_get_again": _each(Kind.HTTP_REQUEST, 2),
    "tls_handshake": _each(Kind.TLS_GREETING, _HANDSHAKES_A_QUESTION),
    "https_get": _each(Kind.HTTP_REQUEST),
    "arp_entry": _each(Kind.UDP_DATAGRAM),
    "ping": _each(Kind.ICMP_ECHO),
    "exchange": Cost(most=lambda given: {Kind.UDP_DATAGRAM: given["sendings"]}),
    "datagram_with_ttl": _each(Kind.UDP_DATAGRAM),
    "listen_multicast": _each(Kind.IGMP_REPORT, _REPORTS_A_LISTENING),
    "discover": Cost(
        most=lambda given: {
            Kind.DHCP_DISCOVER: most_discovers(len(given["clients"]), given["sendings"])
        },
        unsent=lambda given, offers: {
            Kind.DHCP_DISCOVER: saved(given["clients"], offers, given["sendings"])
        },
        as_clients=lambda given: given["clients"],
    ),
    "leaves": _each(Kind.TCP_CONNECTION),
    "dhcp_portal": NOTHING,
    "dhcp_address": NOTHING,
    "dhcp_offer": NOTHING,
    "who_has": Cost(
        most=lambda given: {Kind.ARP_REQUEST: most_arp_requests(len(given["addresses"]))}
    ),
    "claimants": _each(Kind.ARP_REQUEST, CLAIM_SENDINGS),
    "listen_to_broadcasts": NOTHING,
    "ask_as_client": Cost(
        most=lambda given: most_frames(len(given["places"])),
        as_clients=lambda given: [given["mac"]],
    ),
    "together": NOTHING,
    "as_answered": NOTHING,
    "clock": NOTHING,
    "sleep": NOTHING,
}
"""Method of `Net` → the most that it can send. A method that is missing here cannot be called."""


class LimitReached(Exception):
    """The probe wanted to send more than it declared, or its time is over."""


class MeteredNet:
    """A network that passes questions on and counts, before it does so, the most that each can
    send; `net` is the same, typed as a `Net`.

    Time limits are left as the probe set them, or lengthened where the round trip of this run takes
    it: one cut short by the budget would read as a network that is silent. A reply to what was sent
    is stamped with the time of the question.
    """

    def __init__(
        self,
        net: Net,
        sends: Sequence[Traffic],
        as_device: str = "",
        round_trip: RoundTrip | None = None,
    ) -> None:
        """`as_device`: the one MAC of another machine in whose place may be asked; empty: none.
        `round_trip`: that of this run, learnt by all its probes.
        """
        self._net = net
        self._round_trip = round_trip or RoundTrip()
        self._as_device = as_device
        self._allowed: Counter[Kind] = Counter()
        for traffic in sends:
            self._allowed[traffic.kind] += traffic.at_most
        self._sent: Counter[Kind] = Counter()
        self._lock = threading.Lock()
        self._shut = threading.Event()

    @property
    def net(self) -> Net:
        """Itself, as a probe sees it."""
        return cast(Net, self)

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

    def clock(self) -> float:
        """See `Net`. Tells the time also after the deadline."""
        return self._net.clock()

    def sleep(self, seconds: float) -> None:
        """See `Net`. Ends at the deadline."""
        self._shut.wait(seconds)
        self._need_open()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The method of that name, counted."""
        if name not in COSTS:
            raise AttributeError(f"Net has no method {name}")
        cost, method = COSTS[name], getattr(self._net, name)
        parameters = inspect.signature(getattr(Net, name))

        def counted(*args: Any, **more: Any) -> Any:
            given = parameters.bind(self, *args, **more)
            given.apply_defaults()
            if longer := self._round_trip.lengthened(given.arguments):
                given.arguments.update(longer)
                args, more = given.args[1:], given.kwargs
            return self._asked(cost, given.arguments, lambda: method(*args, **more))

        return counted

    def _asked(self, cost: Cost, given: Given, question: Callable[[], Any]) -> Any:
        self._require_permission(cost.as_clients(given))
        most = cost.most(given)
        self._spend(most)
        at = self._net.clock() if most else None
        answer = question()
        if isinstance(answer, Reply):
            self._round_trip.note(given, answer)
        self._refund_unsent(cost.unsent(given, answer))
        is_to_stamp = at is not None and isinstance(answer, Reply)
        return msgspec.structs.replace(answer, at=at) if is_to_stamp else answer

    def _spend(self, most: Packets) -> None:
        """All of it, or nothing. Raises LimitReached."""
        self._need_open()
        with self._lock:
            for kind, count in most.items():
                wanted = self._sent[kind] + count
                if count < 0 or wanted > self._allowed[kind]:
                    raise LimitReached(
                        f"sends= allows {self._allowed[kind]} {kind.value} packets; the probe"
                        f" wanted to send {wanted} (add a Traffic)"
                    )
            self._sent.update(most)

    def _refund_unsent(self, unsent: Packets) -> None:
        with self._lock:
            self._sent.subtract(unsent)

    def _require_permission(self, macs: Sequence[str]) -> None:
        """Raises LimitReached for a MAC that is neither made up, this computer's, nor the one that
        the user named.
        """
        if others := {*macs} - {NEW_CLIENT, self._as_device, *self._own_mac(macs)}:
            raise LimitReached(
                f"asked in the place of {min(others)}, which only --as-device allows"
            )

    def _own_mac(self, macs: Sequence[str]) -> set[str]:
        """This computer's own, looked up only where somebody's is used."""
        return {self._net.vantage().mac or ""} if macs else set()

    def _need_open(self) -> None:
        if self._shut.is_set():
            raise LimitReached("the time for this probe is over")
