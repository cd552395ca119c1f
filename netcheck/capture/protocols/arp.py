"""ARP (RFC 826): does the gateway answer the client, and the resolver that its lease names?

Answers go to the asker alone: a capture taken beside another host shows questions only, and is then
no witness of silence, unless the client itself shows by asking again that nothing came.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netcheck.capture.clients import Census
from netcheck.capture.observations import SECOND_NS, saw
from netcheck.capture.protocols.dhcp import ACK, Exchange
from netcheck.capture.protocols.retransmissions import bursts
from netcheck.capture.tables import Heard, Tables
from netcheck.model import Observation, Outcome, Scalar
from netcheck.photon.addresses import is_unicast
from netcheck.wire.decode import ARP_ANSWER, ARP_ASK, Arp

ANSWER_S = 2.5
"""A neighbour answers within milliseconds; one asleep on Wi-Fi may take a few beacons, of 0.1 s
each.
"""
GAP_S = 6.0
"""A client that asks again after a longer pause has begun anew."""
REPEATED = 3
"""Who has an answer does not ask again: this many questions in a row were not answered, even if an
answer could not be seen.
"""


@dataclass(frozen=True)
class Round:
    """Questions of one client for one MAC that belong together, and the first answer to any of
    them.
    """

    client: str
    wanted: str
    asked: Sequence[Heard]
    answer: Heard | None
    until_ns: int
    """When the next round begins, or the capture ends."""


@dataclass
class _Answers:
    """Everything from which the MAC behind an address could be learned, in order of time."""

    told: dict[tuple[str, str], list[Heard]] = field(default_factory=lambda: defaultdict(list))
    """(asker's MAC, address) → answers."""
    shouted: dict[str, list[Heard]] = field(default_factory=lambda: defaultdict(list))
    """Address → what its owner sent to everybody."""

    def first(self, client: str, wanted: str, since_ns: int, until_ns: int) -> Heard | None:
        """The first word from that address in that time which the client could hear."""
        told = next(_within(self.told.get((client, wanted), ()), since_ns, until_ns), None)
        shouted = (
            h
            for h in _within(self.shouted.get(wanted, ()), since_ns, until_ns)
            if h.message.src_mac != client
        )
        return min(
            (h for h in (told, next(shouted, None)) if h is not None),
            key=lambda h: h.at_ns,
            default=None,
        )


def _within(heards: Sequence[Heard], since_ns: int, until_ns: int) -> Iterator[Heard]:
    """Those of that time; they are in order."""
    for index in range(bisect_left(heards, since_ns, key=lambda h: h.at_ns), len(heards)):
        if heards[index].at_ns > until_ns:
            return
        yield heards[index]


def gateways_of(
    tables: Tables, census: Census, tries: Mapping[str, Sequence[Exchange]]
) -> dict[str, str]:
    """Client MAC → the gateway it uses: from its newest lease, else the one address it asks ARP
    for.
    """
    found: dict[str, str] = {}
    for client, exchanges in tries.items():
        for exchange in exchanges:
            for _, body in exchange.of(ACK):
                if body.routers:
                    found[client] = body.routers[0]
    wanted: dict[str, set[str]] = defaultdict(set)
    for heard in tables.arp:
        arp = heard.message.body
        if (
            isinstance(arp, Arp)
            and arp.operation == ARP_ASK
            and arp.target_ip != arp.sender_ip
            and is_unicast(arp.sender_ip)
        ):
            wanted[arp.sender_mac].add(arp.target_ip)
    leased = set(found.values())
    for client, addresses in wanted.items():
        if client not in found and client not in census.services:
            shared = addresses & leased
            if len(shared) == 1 or len(addresses) == 1:
                found[client] = next(iter(shared or addresses))
    return found


class Neighbours:
    """Observations about what clients asked ARP for."""

    def __init__(
        self, tables: Tables, tries: Mapping[str, Sequence[Exchange]], gateways: Mapping[str, str]
    ) -> None:
        """`tables` settled; `tries` as `leases.exchanges` gives them, `gateways` as
        `gateways_of`.
        """
        self._tables = tables
        self._tries = tries
        self._gateways = gateways
        self._sent = _times_of_unicast(tables)
        self._questions: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        self._answers = _Answers()
        self._answering: set[str] = set()
        for heard in tables.arp:
            arp = heard.message.body
            if isinstance(arp, Arp):
                self._note(heard, arp)

    def _note(self, heard: Heard, arp: Arp) -> None:
        if arp.operation == ARP_ASK:
            self._questions[arp.sender_mac, arp.target_ip].append(heard)
        if arp.operation == ARP_ANSWER:
            self._answers.told[heard.message.dst_mac or "", arp.sender_ip].append(heard)
            self._answering.add(arp.sender_ip)
        elif arp.operation == ARP_ASK or arp.sender_ip == arp.target_ip:
            self._answers.shouted[arp.sender_ip].append(heard)

    # -- gateways

    def gateway_answers(self) -> Iterator[Observation]:
        """Questions for the gateway's MAC, and whether they were answered."""
        for (client, wanted), asked in self._questions.items():
            if self._gateways.get(client) == wanted:
                for one in self._rounds(client, wanted, asked):
                    yield from self._judged(one)

    def _rounds(self, client: str, wanted: str, asked: Sequence[Heard]) -> Iterator[Round]:
        """The questions in rounds; an answer or a pause ends one."""

        def is_apart(run: Sequence[Heard], item: Heard) -> bool:
            paused = item.at_ns - run[-1].at_ns > GAP_S * SECOND_NS
            return (
                paused or self._answers.first(client, wanted, run[0].at_ns, item.at_ns) is not None
            )

        runs = list(bursts(asked, is_apart))
        for run, following in zip(runs, [*runs[1:], None], strict=True):
            until_ns = following[0].at_ns if following else self._tables.last_ns
            yield Round(
                client,
                wanted,
                run,
                self._answers.first(client, wanted, run[0].at_ns, until_ns),
                until_ns,
            )

    def _judged(self, one: Round) -> Iterator[Observation]:
        """What a round says; nothing where the client went on to send through the gateway, so that
        the answer passed this capture by.
        """
        start_ns, last_ns = one.asked[0].at_ns, one.asked[-1].at_ns
        data: list[tuple[str, Scalar]] = [("gateway", one.wanted), ("asked", len(one.asked))]
        if one.answer is not None and one.answer.at_ns - last_ns <= ANSWER_S * SECOND_NS:
            data.append(("gateway_mac", one.answer.message.src_mac or ""))
            yield saw(
                "gateway.arp",
                Outcome.OK,
                subject=one.client,
                target=one.wanted,
                at_ns=start_ns,
                end_ns=one.answer.at_ns,
                data=data,
                places=[one.asked[-1], one.answer],
            )
            return
        if self._sent_within(one.client, start_ns, one.until_ns):
            return
        end_ns = min(self._tables.last_ns, last_ns + int(ANSWER_S * SECOND_NS))
        outcome, reason = (
            (Outcome.FAILED, "timeout")
            if self._asked_enough(one, end_ns)
            else (Outcome.UNCLEAR, "cut_off")
        )
        yield saw(
            "gateway.arp",
            outcome,
            reason,
            subject=one.client,
            target=one.wanted,
            at_ns=start_ns,
            end_ns=end_ns,
            data=data,
            places=one.asked,
        )

    def _asked_enough(self, one: Round, end_ns: int) -> bool:
        """Were the questions so many, or was it silent so long, that an answer would have been
        seen?
        """
        if not self._is_hidden(one.client):
            return len(one.asked) >= 2 or end_ns - one.asked[0].at_ns >= ANSWER_S * SECOND_NS
        rows = zip(one.asked, one.asked[REPEATED - 1 :], strict=False)
        return any(
            last.at_ns - first.at_ns <= REPEATED * ANSWER_S * SECOND_NS for first, last in rows
        )

    def _is_hidden(self, client: str) -> bool:
        """Do the captures show others' unicast frames, but none from or to this client? Then
        answers to it pass them by.
        """
        return bool(self._tables.unicast) and client not in self._tables.unicast

    def _sent_within(self, client: str, since_ns: int, until_ns: int) -> bool:
        """Did the client send unicast IP in that time? Then it knew where to."""
        sent = self._sent.get(client, [])
        at = bisect_left(sent, since_ns)
        return at < len(sent) and sent[at] <= until_ns

    # -- resolvers

    def silent_resolvers(self, asked: Mapping[str, set[str]]) -> Iterator[Observation]:
        """Resolvers named in a lease that nobody on the local network answers for: the look-up
        itself could not even be sent.

        `asked`: client → the resolvers that it was seen to send look-ups to.
        """
        for client, tries in self._tries.items():
            named = {
                name
                for exchange in tries
                for _, body in exchange.of(ACK)
                for name in body.resolvers
            }
            for resolver in sorted(
                named - asked.get(client, set()) - {self._gateways.get(client, "")}
            ):
                questions = self._questions.get((client, resolver), [])
                if len(questions) >= 2 and resolver not in self._answering:
                    yield from _resolver_silent(client, resolver, questions)


def _resolver_silent(
    client: str, resolver: str, questions: Sequence[Heard]
) -> Iterator[Observation]:
    """Each burst of unanswered questions for the resolver's MAC is one failed round of look-ups."""
    for run in bursts(questions, lambda run, item: item.at_ns - run[-1].at_ns > GAP_S * SECOND_NS):
        yield saw(
            "dns.resolver_arp",
            Outcome.FAILED,
            "timeout",
            subject=client,
            target=resolver,
            at_ns=run[0].at_ns,
            end_ns=run[-1].at_ns,
            data=[("resolver", resolver), ("asked", len(run))],
            places=run,
        )


def _times_of_unicast(tables: Tables) -> dict[str, list[int]]:
    """MAC → when it sent unicast IP, in ns, sorted."""
    sent: dict[str, list[int]] = defaultdict(list)
    for heard in tables.dns + tables.udp:
        dst = heard.message.dst_mac
        if heard.message.src_mac and dst and not int(dst[:2], 16) & 1:
            sent[heard.message.src_mac].append(heard.at_ns)
    for segments in tables.flows.values():
        for segment in segments:
            if segment.up and segment.mac:
                sent[segment.mac].append(segment.at_ns)
    for times in sent.values():
        times.sort()
    return sent
