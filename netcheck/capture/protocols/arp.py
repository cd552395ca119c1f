"""ARP (RFC 826): does the gateway answer the client, and the resolver that its lease names?

Replies go to the requester alone: a capture taken beside another host shows requests only. Silence
in it then proves nothing, unless the client itself shows by asking again that no reply came.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.dhcp import ACK, Exchanges
from netcheck.capture.protocols.retransmissions import runs
from netcheck.capture.records import CapturedMessage, CaptureRecord
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wire.addresses import is_unicast
from netcheck.wire.decode import ARP_ANSWER, ARP_ASK, Arp

ANSWER_S = 2.5
"""A neighbour answers within milliseconds; one asleep on Wi-Fi may take a few beacons, of 0.1 s
each.
"""
GAP_S = 6.0
"""A client that asks again after a longer pause has begun anew."""
REPEATED = 3
"""Who has a reply does not ask again: this many requests in a row were not answered, even if a
reply could not be seen.
"""

Gateways = Mapping[str, str]
"""Client MAC → the address of the gateway it uses."""
Messages = Sequence[CapturedMessage]


class ArpTraffic(msgspec.Struct, frozen=True, kw_only=True):
    """The ARP of a capture, by who asks whom. All in order of time."""

    requests: Mapping[tuple[str, str], Messages]
    """(Client MAC, address asked for) → requests."""
    replies: Mapping[tuple[str, str], Messages]
    """(Client MAC, address of the sender) → replies to that client."""
    broadcasts: Mapping[str, Messages]
    """Address → what its owner sent to everybody, from which its MAC is learned, too."""
    replying: frozenset[str]
    """Addresses that ever replied."""
    unicast_sent: Mapping[tuple[str, str], Sequence[int]]
    """(MAC, address of a host that answers ARP, or "" for all others) → when it sent unicast IP
    there, in ns.
    """

    def first_answer(
        self, client: str, wanted: str, since_ns: int, until_ns: int
    ) -> CapturedMessage | None:
        """The first packet of that time from which the client could learn the MAC of `wanted`."""
        reply = next(_within(self.replies.get((client, wanted), ()), since_ns, until_ns), None)
        broadcast = next(
            (
                captured
                for captured in _within(self.broadcasts.get(wanted, ()), since_ns, until_ns)
                if captured.message.src_mac != client
            ),
            None,
        )
        return min(
            (captured for captured in (reply, broadcast) if captured is not None),
            key=lambda captured: captured.at_ns,
            default=None,
        )

    def has_sent_within(self, client: str, gateway: str, since_ns: int, until_ns: int) -> bool:
        """Did the client send unicast IP to the gateway or beyond in that time? Then it knew the
        gateway's MAC. Hosts beside it answer for themselves.
        """
        for to in ("", gateway):
            sent = self.unicast_sent.get((client, to), ())
            at = bisect_left(sent, since_ns)
            if at < len(sent) and sent[at] <= until_ns:
                return True
        return False


class ArpRound(NamedTuple):
    """Requests of one client for one MAC that belong together, and the first answer to any of
    them.
    """

    client: str
    wanted: str
    requests: Messages
    answer: CapturedMessage | None
    until_ns: int
    """When the next round begins, or the capture ends."""


def _within(messages: Messages, since_ns: int, until_ns: int) -> Iterator[CapturedMessage]:
    """Those of that time; they are in order."""
    for index in range(bisect_left(messages, since_ns, key=lambda h: h.at_ns), len(messages)):
        if messages[index].at_ns > until_ns:
            return
        yield messages[index]


def gateways_of(record: CaptureRecord, services: frozenset[str], exchanges: Exchanges) -> Gateways:
    """Each client's gateway: from its newest lease, else the one address it asks ARP for."""
    found: dict[str, str] = {}
    for client, own in exchanges.items():
        for exchange in own:
            for _, body in exchange.of_kind(ACK):
                if body.routers:
                    found[client] = body.routers[0]
    wanted: dict[str, set[str]] = defaultdict(set)
    for captured in record.arp:
        arp = captured.message.body
        if (
            isinstance(arp, Arp)
            and arp.operation == ARP_ASK
            and arp.target_ip != arp.sender_ip
            and is_unicast(arp.sender_ip)
        ):
            wanted[arp.sender_mac].add(arp.target_ip)
    leased = set(found.values())
    for client, addresses in wanted.items():
        if client not in found and client not in services:
            shared = addresses & leased
            if len(shared) == 1 or len(addresses) == 1:
                found[client] = next(iter(shared or addresses))
    return found


def arp_traffic(record: CaptureRecord) -> ArpTraffic:
    """The ARP of a capture, sorted by who asks whom."""
    requests: dict[tuple[str, str], list[CapturedMessage]] = defaultdict(list)
    replies: dict[tuple[str, str], list[CapturedMessage]] = defaultdict(list)
    broadcasts: dict[str, list[CapturedMessage]] = defaultdict(list)
    for captured in record.arp:
        arp = captured.message.body
        if not isinstance(arp, Arp):
            continue
        if arp.operation == ARP_ASK:
            requests[arp.sender_mac, arp.target_ip].append(captured)
        if arp.operation == ARP_ANSWER:
            replies[captured.message.dst_mac or "", arp.sender_ip].append(captured)
        elif arp.operation == ARP_ASK or arp.sender_ip == arp.target_ip:
            broadcasts[arp.sender_ip].append(captured)
    replying = frozenset(address for _, address in replies)
    return ArpTraffic(
        requests=requests,
        replies=replies,
        broadcasts=broadcasts,
        replying=replying,
        unicast_sent=_times_of_unicast(record, replying),
    )


def _times_of_unicast(
    record: CaptureRecord, replying: frozenset[str]
) -> Mapping[tuple[str, str], Sequence[int]]:
    sent: dict[tuple[str, str], list[int]] = defaultdict(list)
    for captured in record.dns + record.udp:
        dst = captured.message.dst_mac
        if captured.message.src_mac and dst and not int(dst[:2], 16) & 1:
            to = captured.message.dst
            sent[captured.message.src_mac, to if to in replying else ""].append(captured.at_ns)
    for key, segments in record.conversations.items():
        to = key.server if key.server in replying else ""
        for segment in segments:
            if segment.up and segment.mac:
                sent[segment.mac, to].append(segment.at_ns)
    return {ends: sorted(times) for ends, times in sent.items()}


# -- gateways


def read_gateways(
    record: CaptureRecord, traffic: ArpTraffic, gateways: Gateways, sent_only: frozenset[str]
) -> Iterator[Observation]:
    """Requests for the gateway's MAC, and whether they were answered. `sent_only`: clients to which
    nothing was captured.
    """
    shown = frozenset(name for ends in record.unicast for name in ends)
    for (client, wanted), requests in traffic.requests.items():
        if gateways.get(client) == wanted:
            is_hidden = client in sent_only or (bool(shown) and client not in shown)
            for a_round in _rounds(traffic, client, wanted, requests, record.last_ns):
                yield from _judged(a_round, traffic, record.last_ns, is_hidden=is_hidden)


def _rounds(
    traffic: ArpTraffic, client: str, wanted: str, requests: Messages, last_ns: int
) -> Iterator[ArpRound]:
    """The requests in rounds; an answer or a pause ends one."""

    def is_apart(run: Messages, item: CapturedMessage) -> bool:
        return (
            item.at_ns - run[-1].at_ns > GAP_S * SECOND_NS
            or traffic.first_answer(client, wanted, run[0].at_ns, item.at_ns) is not None
        )

    found = list(runs(requests, is_apart))
    for run, following in zip(found, [*found[1:], None], strict=True):
        until_ns = following[0].at_ns if following else last_ns
        answer = traffic.first_answer(client, wanted, run[0].at_ns, until_ns)
        yield ArpRound(client, wanted, run, answer, until_ns)


def _judged(
    a_round: ArpRound, traffic: ArpTraffic, last_ns: int, *, is_hidden: bool
) -> Iterator[Observation]:
    """The observation of a round; none where the client went on to send through the gateway, so
    that the reply passed this capture by.

    `is_hidden`: the capture shows others' unicast frames, but none from or to this client, so no
    replies to it either.
    """
    requests, answer = a_round.requests, a_round.answer
    start_ns, last_request_ns = requests[0].at_ns, requests[-1].at_ns
    data: list[tuple[str, Scalar]] = [("gateway", a_round.wanted), ("asked", len(requests))]
    if answer is not None and answer.at_ns - last_request_ns <= ANSWER_S * SECOND_NS:
        until_ns = min(a_round.until_ns, answer.at_ns + int(ANSWER_S * SECOND_NS))
        replies = traffic.replies.get((a_round.client, a_round.wanted), ())
        if len({r.message.src_mac for r in _within(replies, start_ns, until_ns)}) < 2:
            data.append(("gateway_mac", answer.message.src_mac or ""))
        yield observed(
            "gateway.arp",
            Outcome.OK,
            subject=a_round.client,
            target=a_round.wanted,
            at_ns=start_ns,
            end_ns=answer.at_ns,
            data=data,
            packets=[requests[-1], answer],
        )
        return
    if traffic.has_sent_within(a_round.client, a_round.wanted, start_ns, a_round.until_ns):
        return
    end_ns = min(last_ns, last_request_ns + int(ANSWER_S * SECOND_NS))
    is_enough = (
        _is_asked_in_a_row(requests)
        if is_hidden
        else len(requests) >= 2 or end_ns - start_ns >= ANSWER_S * SECOND_NS
    )
    outcome, reason = (Outcome.FAILED, "timeout") if is_enough else (Outcome.UNCLEAR, "cut_off")
    yield observed(
        "gateway.arp",
        outcome,
        reason,
        subject=a_round.client,
        target=a_round.wanted,
        at_ns=start_ns,
        end_ns=end_ns,
        data=data,
        packets=requests,
    )


def _is_asked_in_a_row(requests: Messages) -> bool:
    """Were there so many requests, one soon after another, that none was answered?"""
    rows = zip(requests, requests[REPEATED - 1 :], strict=False)
    return any(last.at_ns - first.at_ns <= REPEATED * ANSWER_S * SECOND_NS for first, last in rows)


# -- resolvers


def read_silent_resolvers(
    traffic: ArpTraffic,
    exchanges: Exchanges,
    gateways: Gateways,
    resolvers_asked: Mapping[str, frozenset[str]],
) -> Iterator[Observation]:
    """Resolvers named in a lease that do not answer ARP: the lookup itself could not be sent.

    `resolvers_asked`: client → the resolvers that it sent lookups to.
    """
    for client, own in exchanges.items():
        named = {
            resolver
            for exchange in own
            for _, body in exchange.of_kind(ACK)
            for resolver in body.resolvers
        }
        known = resolvers_asked.get(client, frozenset()) | {gateways.get(client, "")}
        for resolver in sorted(named - known - traffic.replying):
            requests = traffic.requests.get((client, resolver), ())
            if len(requests) >= 2:
                yield from _resolver_silent(client, resolver, requests)


def _resolver_silent(client: str, resolver: str, requests: Messages) -> Iterator[Observation]:
    """Each run of unanswered requests for the resolver's MAC is one failed round of lookups."""
    for run in runs(requests, lambda run, item: item.at_ns - run[-1].at_ns > GAP_S * SECOND_NS):
        yield observed(
            "dns.resolver_arp",
            Outcome.FAILED,
            "timeout",
            subject=client,
            target=resolver,
            at_ns=run[0].at_ns,
            end_ns=run[-1].at_ns,
            data=[("resolver", resolver), ("asked", len(run))],
            packets=run,
        )
