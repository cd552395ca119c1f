"""DNS: did the cloud's name resolve for the client, and do other names and other clients fare
better?

A Photon asks all its resolvers at once, waits 5 s, and asks three times before it gives up
(device-os@v0.6.0:hal/src/photon/inet_hal.cpp and its DNS library). It looks at no return code:
NXDOMAIN, SERVFAIL and an empty answer are silence to it, but not to us. One round of asking, until
the client turns to something else, is one observation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from netcheck.capture.clients import NTP_NAME, Census
from netcheck.capture.observations import SECOND_NS, saw
from netcheck.capture.tables import Heard, Tables
from netcheck.model import Observation, Outcome, Scalar
from netcheck.photon.addresses import is_bogon
from netcheck.wire.decode import UNREACHABLE, Dns, Icmp

PATIENCE_S = 5.0
ROUND_GAP_S = 8.0
ENOUGH_S = 4.0
RCODES = {2: "servfail", 3: "nxdomain", 5: "dns_refused"}
LOCAL_DOMAINS = frozenset(
    (
        "arpa",
        "corp",
        "example",
        "fritz",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "private",
        "test",
    )
)
"""Top labels that the public name service does not know (RFC 6761, 6762, 8375, and what routers
hand out).
"""
MAX_COMPARED = 64
"""Clients and resolvers whose answer is held against another client's."""
ICMP_WITHIN_S = 5.0
"""A router that finds no neighbour says so after its own three questions, about 3 s."""
PROHIBITED_CODES = frozenset({9, 10, 13})
"""ICMP type 3 codes by which a router says that its rules forbid it (RFC 1812 §5.2.7.1)."""


@dataclass
class Query:
    """One question to one resolver, and what came back."""

    heard: Heard
    body: Dns
    port: int
    answers: list[tuple[Heard, Dns]] = field(default_factory=list)
    error: Heard | None = None


class Naming:
    """Observations about names, for every client."""

    def __init__(
        self, tables: Tables, census: Census, moves: dict[str, list[int]], vindicated: set[str]
    ) -> None:
        """`moves`: when each client turned to something other than a look-up; `vindicated`:
        addresses that spoke as a cloud does.
        """
        self.tables = tables
        self.census = census
        self.moves = moves
        self.vindicated = vindicated
        self.asked: dict[str, set[str]] = defaultdict(set)
        self.false_addresses: dict[str, set[str]] = defaultdict(set)
        self.given: dict[str, set[str]] = defaultdict(set)

    def observations(self) -> Iterator[Observation]:
        """Everything DNS says."""
        by_client: dict[str, dict[str, list[Query]]] = defaultdict(lambda: defaultdict(list))
        for client, query in self._queries():
            by_client[client][query.body.name].append(query)
        for client, names in by_client.items():
            for name, queries in names.items():
                if self._is_local(name):
                    continue
                fact = self._fact(name)
                for round_ in self._rounds(client, queries):
                    yield self._round(client, name, fact, round_)
        yield from self._compared(by_client)

    def _compared(
        self, by_client: Mapping[str, Mapping[str, list[Query]]]
    ) -> Iterator[Observation]:
        """Clients whose address for the cloud differs from what others were given, where only
        theirs leads to a cloud.

        Different addresses alone mean nothing: the cloud's name gives them in turn.
        """
        answers = [
            (client, query, set(body.addresses))
            for client, names in by_client.items()
            for query in names.get(self.tables.cloud_name, ())
            for _, body in query.answers
            if body.addresses
        ]
        true = [answer for answer in answers if answer[2] & self.vindicated]
        # One answer for each client and resolver tells as much as all of them.
        told = list(
            {
                (client, query.heard.message.dst): (client, query, given)
                for client, query, given in reversed(true)
            }.values()
        )[::-1]
        for client, query, mine in answers:
            if mine & self.vindicated:
                continue
            better = [
                (q, a) for other, q, a in told[:MAX_COMPARED] if other != client and not a & mine
            ]
            if len({q.heard.message.dst for q, _ in better}) >= 2:
                yield saw(
                    "dns.compare",
                    Outcome.FAILED,
                    "differs",
                    subject=client,
                    target=self.tables.cloud_name,
                    at_ns=query.heard.at_ns,
                    data=[
                        ("addresses", " ".join(sorted(mine))),
                        ("others", " ".join(sorted(better[0][1]))),
                    ],
                    places=[query.heard, *(q.heard for q, _ in better[:2])],
                )

    def _is_local(self, name: str) -> bool:
        """A name that exists nowhere outside, or the cloud's with a search domain behind it: denied
        everywhere, and rightly.
        """
        labels = name.split(".")
        return (
            len(labels) < 2
            or labels[-1] in LOCAL_DOMAINS
            or labels[0] == "wpad"
            or name.startswith(f"{self.tables.cloud_name}.")
        )

    def _fact(self, name: str) -> str:
        if name == self.tables.cloud_name:
            return "dns.cloud_name"
        return "internet.name_test" if name == NTP_NAME else "dns.other_name"

    def _queries(self) -> Iterator[tuple[str, Query]]:
        """Questions for an address, each with its answers and ICMP errors."""
        open_queries: dict[tuple[str, str, int, str], list[Query]] = defaultdict(list)
        made: list[tuple[str, Query]] = []
        for heard in self.tables.dns:
            message, body = heard.message, heard.message.body
            if not isinstance(body, Dns) or body.qtype != 1:
                continue
            if body.is_answer:
                waiting = open_queries.get((message.dst, message.src, body.id, body.name), [])
                for query in waiting[-1:]:
                    query.answers.append((heard, body))
            else:
                query = Query(heard, body, 0)
                open_queries[message.src, message.dst, body.id, body.name].append(query)
                client = self.census.key_of(message.src_mac, message.src, message.ttl)
                self.asked[client].add(message.dst)
                made.append((client, query))
        self._note_errors(made)
        yield from made

    def _note_errors(self, made: list[tuple[str, Query]]) -> None:
        """Give each question the first ICMP error that speaks of its resolver and came soon
        after.
        """
        errors: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        for heard in self.tables.icmp:
            body = heard.message.body
            if (
                isinstance(body, Icmp)
                and body.kind == UNREACHABLE
                and body.about
                and body.about[0] == 17
                and body.about[4] == 53
            ):
                errors[body.about[1], body.about[3]].append(heard)
        for _, query in made:
            asked = query.heard
            told = errors.get((asked.message.src, asked.message.dst), [])
            for heard in told[
                (at := bisect_left(told, asked.at_ns, key=lambda h: h.at_ns)) : at + 1
            ]:
                if heard.at_ns - asked.at_ns < ICMP_WITHIN_S * SECOND_NS:
                    query.error = heard

    def _rounds(self, client: str, queries: list[Query]) -> Iterator[list[Query]]:
        """Queries for one name that belong to one try."""
        moves = self.moves.get(client, [])
        current: list[Query] = []
        answered = False
        for query in queries:
            at = query.heard.at_ns
            if current:
                last = current[-1].heard.at_ns
                moved = bisect_right(moves, last) != bisect_right(moves, at)
                if (
                    moved
                    or at - last > ROUND_GAP_S * SECOND_NS
                    or (answered and at - last > SECOND_NS // 2)
                ):
                    yield current
                    current, answered = [], False
            current.append(query)
            answered |= any(self._usable(body) for _, body in query.answers)
        if current:
            yield current

    def _usable(self, body: Dns) -> bool:
        return bool(body.addresses) and (
            not is_bogon(body.addresses[0]) or body.addresses[0] in self.vindicated
        )

    def _round(self, client: str, name: str, fact: str, queries: list[Query]) -> Observation:
        first, last = queries[0].heard, queries[-1].heard
        answers = sorted(
            ((query, heard, body) for query in queries for heard, body in query.answers),
            key=lambda a: a[1].at_ns,
        )
        data: list[tuple[str, Scalar]] = [
            ("resolver", " ".join(sorted({query.heard.message.dst for query in queries}))),
            ("queries", len(queries)),
        ]
        outcome, reason, witness = self._judged(queries, answers)
        places = [query.heard for query in queries][:8] + ([witness] if witness else [])
        end_ns = (
            witness.at_ns
            if witness
            else min(self.tables.last_ns, last.at_ns + int(PATIENCE_S * SECOND_NS))
        )
        for query, heard, body in answers:
            if body.addresses:
                data += [
                    ("addresses", " ".join(body.addresses[:8])),
                    ("latency_ms", round((heard.at_ns - query.heard.at_ns) / 1e6, 3)),
                ]
                (self.given if self._usable(body) else self.false_addresses)[client].update(
                    body.addresses
                )
                break
        if witness is not None and isinstance(witness.message.body, Icmp):
            data += [("icmp_from", witness.message.src), ("icmp_code", witness.message.body.code)]
        return saw(
            fact,
            outcome,
            reason,
            subject=client,
            target=name,
            at_ns=first.at_ns,
            end_ns=end_ns,
            data=data,
            places=places,
        )

    def _judged(
        self, queries: list[Query], answers: list[tuple[Query, Heard, Dns]]
    ) -> tuple[Outcome, str, Heard | None]:
        """What the round came to, and the packet that decides it."""
        for query, heard, body in answers:
            if self._usable(body):
                late = heard.at_ns - query.heard.at_ns > PATIENCE_S * SECOND_NS
                return (Outcome.FAILED, "late", heard) if late else (Outcome.OK, "", heard)
        for _, heard, body in answers:
            if body.addresses:
                return Outcome.FAILED, "bogon", heard
        for reason in ("nxdomain", "dns_refused", "servfail"):
            for _, heard, body in answers:
                if RCODES.get(body.rcode) == reason:
                    return Outcome.FAILED, reason, heard
        if answers:
            return (
                Outcome.FAILED,
                "empty" if answers[0][2].rcode == 0 else "servfail",
                answers[0][1],
            )
        error = next((query.error for query in queries if query.error), None)
        if error is not None and isinstance(error.message.body, Icmp):
            return (
                Outcome.FAILED,
                "prohibited" if error.message.body.code in PROHIBITED_CODES else "unreachable",
                error,
            )
        watched_s = (self.tables.last_ns - queries[0].heard.at_ns) / SECOND_NS
        if len(queries) > 1 or watched_s >= ENOUGH_S:
            return Outcome.FAILED, "timeout", None
        return Outcome.UNCLEAR, "cut_off", None
