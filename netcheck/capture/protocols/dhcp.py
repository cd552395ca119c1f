"""DHCP: did the client get an address, is what came with it usable, and who else gives leases?

Exchanges are joined by client MAC, and a REQUEST to its DISCOVER by the address and server that it
names (options 50 and 54; RFC 2131 §4.3.2), for not all clients keep the transaction id: Device OS
up to 0.6.4 counts on with each state, later ones use one id for ever. A whole attempt of a Photon
ends after 15 s, so silence of that length closes an exchange too. Answers may go to the client
alone: what the client does next then says whether one came.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.records import CapturedMessage, CaptureRecord
from netcheck.model import NETWORK, Observation, Outcome, Scalar
from netcheck.photon.fingerprint import PROBE_REQUESTED_OPTIONS
from netcheck.vocabulary.user_words import understood
from netcheck.wire.addresses import is_unicast, same_subnet
from netcheck.wire.decode import Arp, Dhcp

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK = 1, 2, 3, 4, 5, 6
"""Values of option 53 (RFC 2132 §9.6)."""
_KINDS = frozenset({DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK})
ATTEMPT_S = 15.0
"""A Photon sends DISCOVER at 0, 2, 6 and 14 s and leaves the access point at 15 s (lwIP's dhcp.o in
device-os@v0.6.0:hal/src/photon).
"""
REPEATED = 3
"""Who has an offer does not send DISCOVER again: so many in one attempt had none, even where no
answer could be captured.
"""
ANSWER_S = 3.5
"""A server answers at once; dnsmasq and others ping the address for up to 3 s first (RFC 2131 §3.1,
step 2 asks for such a probe).
"""
MOST_SEARCHED = 100
"""In longer exchanges no selected offer is searched: nobody needs so many messages."""


class Exchange(msgspec.Struct, frozen=True):
    """One attempt of a client to get an address; never without a message."""

    client: str
    messages: Sequence[tuple[CapturedMessage, Dhcp]]

    def of_kind(self, *kinds: int) -> list[tuple[CapturedMessage, Dhcp]]:
        """The messages of these kinds, in order."""
        return [(captured, body) for captured, body in self.messages if body.kind in kinds]

    @property
    def start_ns(self) -> int:
        """When it was first seen: the client's question, or an answer where the capture missed the
        question.
        """
        return self.messages[0][0].at_ns

    @property
    def requests(self) -> list[tuple[CapturedMessage, Dhcp]]:
        """The messages that the client sent to get an address."""
        return self.of_kind(DISCOVER, REQUEST)

    @property
    def is_over(self) -> bool:
        """Was it acknowledged or refused?"""
        return bool(self.of_kind(ACK, NAK))


Exchanges = Mapping[str, Sequence[Exchange]]
"""Client MAC → its exchanges, in order of time."""


def without_probes(record: CaptureRecord) -> CaptureRecord:
    """The record without the DHCP questions that `netcheck` on a computer asked under another MAC,
    such as the device's, and without their replies. It wants no address: its unfinished exchange is
    not a failure of the client named.
    """
    probed = {
        (body.client_mac, body.xid)
        for captured in record.dhcp
        if isinstance(body := captured.message.body, Dhcp) and _is_probe(captured, body)
    }
    kept = tuple(
        captured
        for captured in record.dhcp
        if not (
            isinstance(body := captured.message.body, Dhcp)
            and (body.client_mac, body.xid) in probed
        )
    )
    return msgspec.structs.replace(record, dhcp=kept)


def _is_probe(captured: CapturedMessage, body: Dhcp) -> bool:
    return (
        body.kind == DISCOVER
        and body.parameters == bytes(PROBE_REQUESTED_OPTIONS)
        and captured.message.src_mac != body.client_mac
    )


def dhcp_exchanges(messages: Iterable[CapturedMessage]) -> Exchanges:
    """The exchanges of every client. `messages` in order of time."""
    found: dict[str, list[list[tuple[CapturedMessage, Dhcp]]]] = defaultdict(list)
    for captured in messages:
        body = captured.message.body
        if not isinstance(body, Dhcp) or body.kind not in _KINDS:
            continue
        own = found[body.client_mac]
        if not own or _begins_anew(Exchange(body.client_mac, own[-1]), captured, body):
            own.append([])
        own[-1].append((captured, body))
    return {
        client: tuple(Exchange(client, tuple(of_one)) for of_one in own)
        for client, own in found.items()
    }


def _begins_anew(current: Exchange, captured: CapturedMessage, body: Dhcp) -> bool:
    if body.kind in (OFFER, ACK, NAK):
        return False
    if body.kind == DECLINE:
        return not current.of_kind(OFFER, ACK)
    if body.xid != current.messages[-1][1].xid:
        return not _selects(current, captured, body)
    if current.is_over and not _is_retransmission(current, captured, body):
        return True
    return body.kind == DISCOVER and captured.at_ns - current.start_ns >= ATTEMPT_S * SECOND_NS


def _selects(current: Exchange, captured: CapturedMessage, body: Dhcp) -> bool:
    """Is it the REQUEST in which a client selects an offer of this exchange, under an id of its
    own? It then names the address, and the server or what was offered.
    """
    if body.kind != REQUEST or not body.requested or len(current.messages) > MOST_SEARCHED:
        return False
    offered = {offer.yiaddr for _, offer in current.of_kind(OFFER)}
    return (
        (bool(body.server) or body.requested in offered)
        and bool(current.of_kind(DISCOVER))
        and not current.is_over
        and captured.at_ns - current.messages[-1][0].at_ns < ATTEMPT_S * SECOND_NS
    )


def _is_retransmission(current: Exchange, captured: CapturedMessage, body: Dhcp) -> bool:
    """Does it repeat a question that was just answered?"""
    return any(
        asked.kind == body.kind and captured.at_ns - earlier.at_ns < SECOND_NS
        for earlier, asked in current.requests
    )


def read_leases(
    record: CaptureRecord, exchanges: Exchanges, sent_only: frozenset[str]
) -> Iterator[Observation]:
    """How the DHCP exchanges of every client ended, and whether the leases are usable. `sent_only`:
    clients to which nothing was captured.
    """
    in_use = _times_of_use(record)
    for client, own in exchanges.items():
        for index, exchange in enumerate(own):
            following_ns = own[index + 1].start_ns if index + 1 < len(own) else None
            if exchange.requests:
                yield from _read_exchange(
                    exchange,
                    following_ns,
                    in_use.get(client, ()),
                    record.last_ns,
                    is_one_way=client in sent_only,
                )
            else:
                yield from _declined(exchange)


def _read_exchange(
    exchange: Exchange,
    following_ns: int | None,
    in_use: Spans,
    last_ns: int,
    *,
    is_one_way: bool,
) -> Iterator[Observation]:
    """`following_ns`: when the client's next exchange begins; None if there is none."""
    acks, naks = exchange.of_kind(ACK), exchange.of_kind(NAK)
    offers, requests = exchange.of_kind(OFFER), exchange.of_kind(REQUEST)
    if acks:
        yield from _leased(exchange, acks[-1])
    elif naks:
        yield _lease(exchange, Outcome.FAILED, "nak", naks[-1][0].at_ns, [naks[-1][0]])
    else:
        questions = requests or exchange.of_kind(DISCOVER)
        shown = [captured for captured, _ in (*questions, *(() if requests else offers))]
        last_asked_ns = questions[-1][0].at_ns
        used_ns = _first_use_after(in_use, last_asked_ns) if requests or offers else None
        if used_ns is not None and (following_ns is None or used_ns < following_ns):
            # It went on to use an address: the answer passed this capture by.
            yield _lease(exchange, Outcome.UNCLEAR, "begun_before", used_ns, shown)
        elif is_one_way and (requests or len(questions) < REPEATED):
            yield _lease(exchange, Outcome.UNCLEAR, "one_direction", last_asked_ns, shown)
        else:
            end_ns = following_ns if following_ns is not None else last_ns
            is_enough = (
                len(questions) > 1
                or following_ns is not None
                or end_ns - last_asked_ns >= ANSWER_S * SECOND_NS
            )
            overdue_ns = min(end_ns, last_asked_ns + int(ANSWER_S * SECOND_NS))
            yield (
                _lease(
                    exchange,
                    Outcome.FAILED,
                    "no_ack" if requests or offers else "no_offer",
                    overdue_ns,
                    shown,
                )
                if is_enough
                else _lease(exchange, Outcome.UNCLEAR, "cut_off", end_ns, shown)
            )
    yield from _declined(exchange)
    yield from _servers(offers + acks, exchange.start_ns)


Spans = Sequence[tuple[int, int]]
"""First and last time in ns, apart from each other and in order of time."""


def _first_use_after(in_use: Spans, at_ns: int) -> int | None:
    """When an address was first used after that time, in ns; None if it was not."""
    index = bisect_right(in_use, at_ns, key=lambda span: span[1])
    return max(in_use[index][0], at_ns) if index < len(in_use) else None


def _times_of_use(record: CaptureRecord) -> Mapping[str, Spans]:
    """MAC → when it used an address."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for captured in record.arp:
        arp = captured.message.body
        if isinstance(arp, Arp) and is_unicast(arp.sender_ip):
            spans[arp.sender_mac].append((captured.at_ns, captured.at_ns))
    for sender, span in record.senders.items():
        if sender.mac and is_unicast(sender.ip):
            spans[sender.mac].append((span.first_ns, span.last_ns))
    return {mac: _united(of_one) for mac, of_one in spans.items()}


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
    packets: Iterable[CapturedMessage],
    data: Iterable[tuple[str, Scalar]] = (),
) -> Observation:
    facts = [*data, ("discovers", len(exchange.of_kind(DISCOVER)))]
    message = next((body.message for _, body in exchange.of_kind(NAK) if body.message), b"")
    if words := understood(message.decode("latin-1")):
        facts.append(("message", words))
    shown = [exchange.messages[0][0], *packets]
    start = exchange.start_ns
    return observed(
        "dhcp.lease",
        outcome,
        reason,
        subject=exchange.client,
        at_ns=start,
        end_ns=end_ns,
        data=facts,
        packets=shown,
    )


def _leased(exchange: Exchange, ack: tuple[CapturedMessage, Dhcp]) -> Iterator[Observation]:
    """The lease, and its options. An ACK of an INFORM or a bare renewal may carry no address: then
    only the lease.
    """
    captured, body = ack
    data: list[tuple[str, Scalar]] = [
        ("server", body.server or captured.message.src),
        ("address", body.yiaddr),
    ]
    if body.lease_s is not None:
        data.append(("lease_s", body.lease_s))
    yield _lease(exchange, Outcome.OK, "", captured.at_ns, [captured], data)
    if body.yiaddr != "0.0.0.0":
        yield _options(exchange.client, captured, body)


def _options(client: str, captured: CapturedMessage, body: Dhcp) -> Observation:
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
    return observed(
        "dhcp.options",
        outcome,
        reason,
        subject=client,
        at_ns=captured.at_ns,
        data=data,
        packets=[captured],
    )


def _declined(exchange: Exchange) -> Iterator[Observation]:
    """An address refused by the client because another machine has it (RFC 2131 §3.1, step 5)."""
    for captured, _ in exchange.of_kind(DECLINE)[:1]:
        yield observed(
            "address.conflict",
            Outcome.FAILED,
            "declined",
            subject=exchange.client,
            at_ns=captured.at_ns,
            packets=[captured],
        )


def _servers(answers: list[tuple[CapturedMessage, Dhcp]], start_ns: int) -> Iterator[Observation]:
    """Who answered, and whether rivals say the same."""
    servers = {body.server: captured for captured, body in answers if body.server}
    if not servers:
        return
    offered = {(body.routers, body.resolvers, body.mask) for _, body in answers}
    outcome, reason = (
        (Outcome.FAILED, "two_servers")
        if len(servers) > 1 and len(offered) > 1
        else (Outcome.OK, "")
    )
    yield observed(
        "dhcp.servers",
        outcome,
        reason,
        subject=NETWORK,
        at_ns=start_ns,
        data=[("servers", " ".join(sorted(servers)))],
        packets=list(servers.values()),
    )
