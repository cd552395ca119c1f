"""What a probe is, and what it declares about itself.

A probe is one function that asks one question. It yields what it saw, and raises only if it could
not look. It is found through the entry point group `netcheck.probes`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

import msgspec

from netcheck.model import Outcome, Scalar, Stage, Struct, Target
from netcheck.probing.net import Need, Net, Reply
from netcheck.text.escape import safe
from netcheck.vocabulary import is_of_package

ENTRY_POINTS = "netcheck.probes"
_MOST_MEANING = 200


class Kind(StrEnum):
    """What a probe can send. A TCP connection counts once, however often the system repeats its
    packets.

    An HTTP request and a TLS handshake each have a TCP connection of their own, which is not
    counted again.
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
    """A SYN under another MAC, and the reset that ends what it opened."""
    WIFI_SCAN = "wifi_scan"
    """Wi-Fi probe requests on each channel that the adapter has and may send on."""


class Traffic(Struct, frozen=True, kw_only=True):
    """One kind of packet that a probe sends: to whom, and at most how many of them.

    `to` may name fields of the `Target` in braces, as in "{cloud_host}:{cloud_port}".
    """

    kind: Kind
    to: str
    at_most: int


class Seen(Struct, frozen=True, kw_only=True):
    """An observation as a probe yields it: the engine stamps stage, subject, source, site and time.

    Without a subject it is what this computer met, and stands on the rung in the answer where no
    Photon was seen. `model.NETWORK` says that it is true of the whole network, whoever asks: a
    fact of netcheck's vocabulary then stands on no rung and counts only for causes that ask for
    it; one of a package's own counts as this computer's. `reason` is one of
    `netcheck.vocabulary.REASONS`, empty where the outcome is ok.
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


class OwnFact(Struct, frozen=True, kw_only=True):
    """What an answer says of a package's own fact: what it asks, in plain words ("the hub takes
    connections"), and whether its failure may keep a Photon offline.
    """

    meaning: str
    stops_connection: bool = True


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
    background: bool = False
    """It takes seconds, and nothing waits for it: the probes of the rungs above run meanwhile."""
    on_request: bool = False
    """It takes so long or sends so much that it is run only for who asks for it by name."""
    facts: Mapping[str, OwnFact] = msgspec.field(default_factory=dict)
    """Words for facts of the package's own; one without is described by the probe's question."""
    package: str = ""
    """The distribution that brought it, as `find` read it; empty for netcheck's own."""

    def words_of(self, fact: str) -> tuple[tuple[str, Scalar], ...]:
        """The data that every observation of that fact carries, bounded and escaped: `meaning`, and
        `stops_connection` where it does not. Nothing for a fact of netcheck's own vocabulary.
        """
        if not is_of_package(fact):
            return ()
        own = self.facts.get(fact, OwnFact(meaning=self.ask))
        said = ("meaning", safe(own.meaning.strip(), _MOST_MEANING))
        return (said,) if own.stops_connection else (said, ("stops_connection", False))


def probe(
    *,
    stage: Stage,
    settles: Iterable[str] = (),
    needs: Iterable[Need] = (),
    sends: Iterable[Traffic] = (),
    within_s: float = 10.0,
    only_if_failed: Iterable[str] = (),
    background: bool = False,
    on_request: bool = False,
    facts: Mapping[str, OwnFact] | None = None,
) -> Callable[[ProbeFunction], Probe]:
    """Declare a function to be a probe. Its question is the first paragraph of its own or its
    module's docstring.

    `facts` are facts of the package's own with their meaning; they need not be named in `settles`
    again. `sends` is all that it may send; `within_s` its time limit. See `Probe` for the others.
    """

    def declare(function: ProbeFunction) -> Probe:
        text = function.__doc__ or sys.modules[function.__module__].__doc__ or function.__name__
        return Probe(
            name=function.__name__,
            ask=" ".join(text.strip().partition("\n\n")[0].split()),
            stage=stage,
            settles=frozenset(settles) | frozenset(facts or ()),
            needs=frozenset(needs),
            sends=tuple(sends),
            within_s=within_s,
            run=function,
            only_if_failed=frozenset(only_if_failed),
            background=background,
            on_request=on_request,
            facts=dict(facts or {}),
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


def skipped(fact: str, reason: str, target: str = "", **data: Scalar) -> Seen:
    """A fact that was not asked, and why."""
    return Seen(
        fact=fact, outcome=Outcome.SKIPPED, reason=reason, target=target, data=tuple(data.items())
    )
