"""DHCP: did the client get an address, is what came with it usable, and who else gives leases?

Exchanges are keyed by transaction id and client MAC (RFC 2131 §4.4). A Photon uses one transaction
id for ever, and a whole attempt of its ends after 15 s, so silence of that length closes an
exchange too. Answers may go to the client alone: what the client does next then says whether one
came.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from netcheck.capture.observations import SECOND_NS, saw
from netcheck.capture.tables import Heard, Tables
from netcheck.model import NETWORK, Observation, Outcome, Scalar
from netcheck.photon.addresses import is_unicast, same_subnet
from netcheck.photon.fingerprint import PROBE_WISHES
from netcheck.wire.decode import Arp, Dhcp

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK = 1, 2, 3, 4, 5, 6
"""Values of option 53 (RFC 2132 §9.6)."""
ATTEMPT_S = 15.0
"""A Photon sends DISCOVER at 0, 2, 6 and 14 s and leaves the access point at 15 s (lwIP's dhcp.o in
device-os@v0.6.0:hal/src/photon).
"""
ANSWER_S = 3.5
"""A server answers at once; dnsmasq and others ping the address for up to 3 s first (RFC 2131 §3.1,
step 2 asks for such a probe).
"""


@dataclass
class Exchange:
    """One try of a client to get an address; never without a message."""

    client: str
    messages: list[tuple[Heard, Dhcp]] = field(default_factory=list)

    def of(self, *kinds: int) -> list[tuple[Heard, Dhcp]]:
        """The messages of these kinds, in order."""
        return [(heard, body) for heard, body in self.messages if body.kind in kinds]

    @property
    def start_ns(self) -> int:
        """When it was first heard of: the client's question, or an answer where the capture missed
        the question.
        """
        return self.messages[0][0].at_ns

    @property
    def asks(self) -> list[tuple[Heard, Dhcp]]:
        """What the client sent to get an address."""
        return self.of(DISCOVER, REQUEST)

    @property
    def is_over(self) -> bool:
        """Was it acknowledged or refused?"""
        return bool(self.of(ACK, NAK))


def of_clients(heards: Iterable[Heard]) -> list[Heard]:
    """The DHCP messages without what `netcheck` on a computer asked in another's name, such as the
    device's, and was answered.

    It wants no address, so that its DISCOVER leads to nothing is no failure of whose name it bears.
    """
    heards = list(heards)
    probed = {
        (body.client_mac, body.xid)
        for heard in heards
        if isinstance(body := heard.message.body, Dhcp) and _is_probe(heard, body)
    }
    return [
        h
        for h in heards
        if not (isinstance(body := h.message.body, Dhcp) and (body.client_mac, body.xid) in probed)
    ]


def _is_probe(heard: Heard, body: Dhcp) -> bool:
    return (
        body.kind == DISCOVER
        and body.parameters == bytes(PROBE_WISHES)
        and heard.message.src_mac != body.client_mac
    )


def exchanges(tables: Tables) -> dict[str, list[Exchange]]:
    """Client MAC → its exchanges in order of time."""
    found: dict[str, list[Exchange]] = defaultdict(list)
    for heard in tables.dhcp:
        body = heard.message.body
        if not isinstance(body, Dhcp) or body.kind not in (
            DISCOVER,
            OFFER,
            REQUEST,
            DECLINE,
            ACK,
            NAK,
        ):
            continue
        mine = found[body.client_mac]
        if not mine or _begins_anew(mine[-1], heard, body):
            mine.append(Exchange(body.client_mac))
        mine[-1].messages.append((heard, body))
    return dict(found)


def _begins_anew(current: Exchange, heard: Heard, body: Dhcp) -> bool:
    if body.xid != current.messages[-1][1].xid:
        return body.kind not in (OFFER, ACK, NAK)
    if body.kind not in (DISCOVER, REQUEST):
        return False
    if current.is_over and not _repeats(current, heard, body):
        return True
    return body.kind == DISCOVER and heard.at_ns - current.start_ns >= ATTEMPT_S * SECOND_NS


def _repeats(current: Exchange, heard: Heard, body: Dhcp) -> bool:
    """Is it a repetition of a question that was just answered?"""
    return any(
        asked.kind == body.kind and heard.at_ns - earlier.at_ns < SECOND_NS
        for earlier, asked in current.asks
    )


class Leases:
    """Observations about every client's DHCP exchanges."""

    def __init__(self, tables: Tables, tries: dict[str, list[Exchange]]) -> None:
        """`tables` settled; `tries` as `exchanges` gives them."""
        self._last_ns = tables.last_ns
        self._tries = tries
        self._in_use = _times_of_use(tables)

    def observations(self) -> Iterator[Observation]:
        """Everything DHCP says."""
        for tries in self._tries.values():
            for index, exchange in enumerate(tries):
                following = tries[index + 1].start_ns if index + 1 < len(tries) else None
                if exchange.asks:
                    yield from self._exchange(exchange, following)

    def _exchange(self, exchange: Exchange, following_ns: int | None) -> Iterator[Observation]:
        """`following_ns`: when the client's next exchange begins; None if there is none."""
        acks, naks, offers, requests = (
            exchange.of(ACK),
            exchange.of(NAK),
            exchange.of(OFFER),
            exchange.of(REQUEST),
        )
        if acks:
            yield from _leased(exchange, acks[-1])
        elif naks:
            yield _lease(exchange, Outcome.FAILED, "nak", naks[-1][0].at_ns, [naks[-1][0]])
        elif requests:
            yield self._unanswered(exchange, requests, following_ns, "no_ack")
        elif offers:
            yield self._unanswered(exchange, exchange.of(DISCOVER), following_ns, "no_ack", offers)
        else:
            yield self._unanswered(exchange, exchange.of(DISCOVER), following_ns, "no_offer")
        yield from _declined(exchange)
        yield from _servers(offers + acks, exchange.start_ns)

    def _unanswered(
        self,
        exchange: Exchange,
        asks: list[tuple[Heard, Dhcp]],
        following_ns: int | None,
        reason: str,
        offers: Iterable[tuple[Heard, Dhcp]] = (),
    ) -> Observation:
        """A question that got no answer in the capture: a failure only if it was long enough, and
        the answer would have shown.
        """
        last_ns = asks[-1][0].at_ns
        end_ns = following_ns if following_ns is not None else self._last_ns
        places = [heard for heard, _ in (*asks, *offers)]
        used_ns = self._first_use_after(exchange.client, last_ns)
        if (
            reason == "no_ack"
            and used_ns is not None
            and (following_ns is None or used_ns < following_ns)
        ):
            # It went on to use an address: the answer passed this capture by.
            return _lease(exchange, Outcome.UNCLEAR, "begun_before", used_ns, places)
        asked_again = len(asks) > 1 or following_ns is not None
        if not asked_again and end_ns - last_ns < ANSWER_S * SECOND_NS:
            return _lease(exchange, Outcome.UNCLEAR, "cut_off", end_ns, places)
        return _lease(
            exchange,
            Outcome.FAILED,
            reason,
            min(end_ns, last_ns + int(ANSWER_S * SECOND_NS)),
            places,
        )

    def _first_use_after(self, client: str, at_ns: int) -> int | None:
        """When the client was first heard to use an address after that time, in ns; None if it was
        not.
        """
        spans = self._in_use.get(client, [])
        index = bisect_right(spans, at_ns, key=lambda span: span[1])
        return max(spans[index][0], at_ns) if index < len(spans) else None


def _times_of_use(tables: Tables) -> dict[str, list[tuple[int, int]]]:
    """MAC → the spans (first and last, in ns) in which it used an address, apart from each other
    and in order of time.
    """
    heard: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in tables.arp:
        arp = one.message.body
        if isinstance(arp, Arp) and is_unicast(arp.sender_ip):
            heard[arp.sender_mac].append((one.at_ns, one.at_ns))
    for speaker, span in tables.speakers.items():
        if speaker.mac and is_unicast(speaker.ip):
            heard[speaker.mac].append((span.first_ns, span.last_ns))
    return {mac: _united(spans) for mac, spans in heard.items()}


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch become one."""
    apart: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], last))
        else:
            apart.append((first, last))
    return apart


def _lease(
    exchange: Exchange,
    outcome: Outcome,
    reason: str,
    end_ns: int,
    places: Iterable[Heard],
    data: Iterable[tuple[str, Scalar]] = (),
) -> Observation:
    facts = [*data, ("discovers", len(exchange.of(DISCOVER)))]
    message = next((body.message for _, body in exchange.of(NAK) if body.message), b"")
    if message:
        facts.append(("message", message.decode("latin-1")))
    shown = [exchange.messages[0][0], *places]
    start = exchange.start_ns
    return saw(
        "dhcp.lease",
        outcome,
        reason,
        subject=exchange.client,
        at_ns=start,
        end_ns=end_ns,
        data=facts,
        places=shown,
    )


def _leased(exchange: Exchange, ack: tuple[Heard, Dhcp]) -> Iterator[Observation]:
    """The lease, and its options. An ACK of an INFORM or a bare renewal may carry no address: then
    only the lease.
    """
    heard, body = ack
    data: list[tuple[str, Scalar]] = [
        ("server", body.server or heard.message.src),
        ("address", body.yiaddr),
    ]
    if body.lease_s is not None:
        data.append(("lease_s", body.lease_s))
    yield _lease(exchange, Outcome.OK, "", heard.at_ns, [heard], data)
    if body.yiaddr != "0.0.0.0":
        yield _options(exchange.client, heard, body)


def _options(client: str, heard: Heard, body: Dhcp) -> Observation:
    """Are the lease's options complete, and do they fit together?"""
    data: list[tuple[str, Scalar]] = [
        ("address", body.yiaddr),
        ("mask", body.mask),
        ("router", " ".join(body.routers)),
        ("resolvers", " ".join(body.resolvers)),
    ]
    reason = ""
    if not body.routers:
        reason = "missing_router"
    elif not same_subnet(body.yiaddr, body.routers[0], body.mask):
        reason = "off_subnet"
    elif not body.resolvers:
        reason = "missing_dns"
    outcome = Outcome.FAILED if reason else Outcome.OK
    return saw(
        "dhcp.options",
        outcome,
        reason,
        subject=client,
        at_ns=heard.at_ns,
        data=data,
        places=[heard],
    )


def _declined(exchange: Exchange) -> Iterator[Observation]:
    """An address refused by the client because somebody else has it (RFC 2131 §3.1, step 5)."""
    for heard, _ in exchange.of(DECLINE)[:1]:
        yield saw(
            "address.conflict",
            Outcome.FAILED,
            "declined",
            subject=exchange.client,
            at_ns=heard.at_ns,
            places=[heard],
        )


def _servers(answers: list[tuple[Heard, Dhcp]], start_ns: int) -> Iterator[Observation]:
    """Who answered, and whether rivals say the same."""
    servers = {body.server: heard for heard, body in answers if body.server}
    if not servers:
        return
    offered = {(body.routers, body.resolvers, body.mask) for _, body in answers}
    outcome, reason = (
        (Outcome.FAILED, "two_servers")
        if len(servers) > 1 and len(offered) > 1
        else (Outcome.OK, "")
    )
    yield saw(
        "dhcp.servers",
        outcome,
        reason,
        subject=NETWORK,
        at_ns=start_ns,
        data=[("servers", " ".join(sorted(servers)))],
        places=list(servers.values()),
    )
