"""DNS: did the cloud's name resolve for the client, and do other names and other clients fare
better?

A Photon asks all its resolvers at once, waits 5 s, and asks three times before it gives up
(device-os@v0.6.0:hal/src/photon/inet_hal.cpp and its DNS library). It ignores return codes:
NXDOMAIN, SERVFAIL and an empty answer are no answer to it, but not to us. One round of lookups,
until the client begins something else, is one observation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from netcheck.capture.activity import Times
from netcheck.capture.clients import NTP_NAME, AddressOwners
from netcheck.capture.names.local_names import is_local
from netcheck.capture.names.two_answers import Answers, TwoAnswers, two_answers
from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.icmp import ICMP_WITHIN_S, UDP, unreachable
from netcheck.capture.records import CapturedMessage, CaptureRecord
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wire.addresses import is_block_page, is_bogon
from netcheck.wire.decode import Dns, Icmp
from netcheck.wire.icmp import PROHIBITED_CODES

A_RECORD = 1
PATIENCE_S = 5.0
ROUND_GAP_S = 8.0
ENOUGH_S = 4.0
RCODES = {2: "servfail", 3: "nxdomain", 5: "dns_refused"}
MAX_COMPARED = 64
"""Clients and resolvers whose answer is compared with another client's."""


class Query(NamedTuple):
    """One question to one resolver, and what came back."""

    captured: CapturedMessage
    body: Dns
    answers: tuple[tuple[CapturedMessage, Dns], ...]
    error: CapturedMessage | None
    """The ICMP error about it."""


Queries = Mapping[str, Sequence[Query]]
"""Client → its questions for an address, in order of time."""
ByClient = Mapping[str, frozenset[str]]
"""Client → addresses."""


class Lookups(msgspec.Struct, frozen=True, kw_only=True):
    """The observations from DNS, and what later stages need of it."""

    observations: tuple[Observation, ...]
    resolvers_asked: ByClient
    resolved: ByClient
    """Usable addresses that each client was given, for any name."""
    test_servers: ByClient
    """Addresses of the name that the internet test of Device OS 2.0 and later asks (NTP)."""
    false_addresses: ByClient
    """Addresses that lead nowhere outside, given for a public name."""


class LookupRound(NamedTuple):
    """Queries of one client for one name that belong together, and all their answers in order of
    time.
    """

    client: str
    name: str
    queries: Sequence[Query]
    answers: Sequence[tuple[Query, CapturedMessage, Dns]]
    forged: TwoAnswers | None = None


def read_dns(
    record: CaptureRecord,
    owners: AddressOwners,
    other_activity: Times,
    cloud_addresses: frozenset[str],
    sent_only: frozenset[str],
    went_to_cloud: Times,
) -> Lookups:
    """The observations from DNS. `other_activity`: when each client began something other than a
    lookup; `cloud_addresses`: those that are known to be a cloud's by what they sent; `sent_only`:
    clients to which nothing was captured; `went_to_cloud`: when a device connected to the cloud's
    port, which it does with the answer to a lookup alone.
    """
    queries = _queries(record, owners)
    rounds = [
        _with_forged(a_round) if name == record.cloud_name else a_round
        for client, of_client in queries.items()
        for name, of_name in _by_name(of_client).items()
        if not is_local(name, record.cloud_name)
        for a_round in _rounds(
            client, name, of_name, other_activity.get(client, ()), cloud_addresses
        )
    ]
    seen = [
        _round_observation(a_round, record, cloud_addresses, _unseen(a_round, sent_only, went))
        for a_round in rounds
        for went in (went_to_cloud.get(a_round.client, ()),)
    ]
    seen += _compared(queries, record.cloud_name, cloud_addresses)
    resolved: dict[str, set[str]] = defaultdict(set)
    false: dict[str, set[str]] = defaultdict(set)
    test_servers: dict[str, set[str]] = defaultdict(set)
    for a_round in rounds:
        if a_round.name == NTP_NAME:
            test_servers[a_round.client].update(
                address for _, _, body in a_round.answers for address in body.addresses
            )
        for _, _, body in _first_addresses(a_round):
            usable = _is_usable(body, cloud_addresses)
            (resolved if usable else false)[a_round.client].update(body.addresses)
        if a_round.forged is not None:
            false[a_round.client] |= a_round.forged.addresses - cloud_addresses
    return Lookups(
        observations=tuple(seen),
        resolvers_asked={
            client: frozenset(query.captured.message.dst for query in of_client)
            for client, of_client in queries.items()
        },
        resolved=_frozen(resolved),
        test_servers=_frozen(test_servers),
        false_addresses=_frozen(false),
    )


def _frozen(sets: Mapping[str, set[str]]) -> ByClient:
    return {client: frozenset(addresses) for client, addresses in sets.items()}


# -- questions


def _queries(record: CaptureRecord, owners: AddressOwners) -> Queries:
    """Every client's questions for an address, each with its answers and ICMP errors."""
    questions: list[tuple[CapturedMessage, Dns]] = []
    answers: dict[int, list[tuple[CapturedMessage, Dns]]] = defaultdict(list)
    newest: dict[tuple[str, str, int, str], int] = {}
    for captured in record.dns:
        message, body = captured.message, captured.message.body
        if not isinstance(body, Dns) or body.qtype != A_RECORD:
            continue
        if body.is_answer:
            index = newest.get((message.dst, message.src, body.id, body.name))
            if index is not None:
                answers[index].append((captured, body))
        else:
            newest[message.src, message.dst, body.id, body.name] = len(questions)
            questions.append((captured, body))
    errors = _resolver_errors(record.icmp)
    found: dict[str, list[Query]] = defaultdict(list)
    for index, (captured, body) in enumerate(questions):
        message = captured.message
        client = owners.key_of(message.src_mac, message.src, message.ttl)
        error = _first_error(captured, errors.get((message.src, message.dst), ()))
        found[client].append(Query(captured, body, tuple(answers[index]), error))
    return found


def _resolver_errors(
    messages: Iterable[CapturedMessage],
) -> Mapping[tuple[str, str], Sequence[CapturedMessage]]:
    """(Client's address, resolver) → the ICMP errors about lookups, in order of time."""
    found: dict[tuple[str, str], list[CapturedMessage]] = defaultdict(list)
    for key, errors in unreachable(messages, UDP).items():
        if key.server_port == 53:
            found[key.client, key.server] += errors
    return {ends: sorted(errors, key=lambda e: e.at_ns) for ends, errors in found.items()}


def _first_error(
    question: CapturedMessage, errors: Sequence[CapturedMessage]
) -> CapturedMessage | None:
    """The first of these errors that came soon after the question."""
    at = bisect_left(errors, question.at_ns, key=lambda error: error.at_ns)
    is_soon = at < len(errors) and errors[at].at_ns - question.at_ns < ICMP_WITHIN_S * SECOND_NS
    return errors[at] if is_soon else None


def _by_name(queries: Iterable[Query]) -> Mapping[str, Sequence[Query]]:
    found: dict[str, list[Query]] = defaultdict(list)
    for query in queries:
        found[query.body.name].append(query)
    return found


def _is_usable(body: Dns, cloud_addresses: frozenset[str]) -> bool:
    first = next(iter(body.addresses), "")
    is_false = is_bogon(first) or is_block_page(first)
    return bool(first) and (not is_false or first in cloud_addresses)


# -- rounds


def _rounds(
    client: str,
    name: str,
    queries: Iterable[Query],
    other_activity: Sequence[int],
    cloud_addresses: frozenset[str],
) -> Iterator[LookupRound]:
    """Queries for one name in rounds: each ends with an answer, a pause, or when the client begins
    something else.
    """
    current: list[Query] = []
    is_answered = False
    for query in queries:
        at_ns = query.captured.at_ns
        if current:
            last_ns = current[-1].captured.at_ns
            moved_on = bisect_right(other_activity, last_ns) != bisect_right(other_activity, at_ns)
            if (
                moved_on
                or at_ns - last_ns > ROUND_GAP_S * SECOND_NS
                or (is_answered and at_ns - last_ns > SECOND_NS // 2)
            ):
                yield _as_round(client, name, current)
                current, is_answered = [], False
        current.append(query)
        is_answered |= any(_is_usable(body, cloud_addresses) for _, body in query.answers)
    if current:
        yield _as_round(client, name, current)


def _as_round(client: str, name: str, queries: Sequence[Query]) -> LookupRound:
    answers = sorted(
        ((query, captured, body) for query in queries for captured, body in query.answers),
        key=lambda answer: answer[1].at_ns,
    )
    return LookupRound(client, name, tuple(queries), tuple(answers))


def _unseen(a_round: LookupRound, sent_only: frozenset[str], went: Sequence[int]) -> str:
    """Why a missing answer proves nothing; empty where it may."""
    last_ns = a_round.queries[-1].captured.at_ns
    until_ns = last_ns + PATIENCE_S * SECOND_NS
    if any(last_ns < at_ns < until_ns for at_ns in went):
        return "missed"
    return "one_direction" if a_round.client in sent_only else ""


def _with_forged(a_round: LookupRound) -> LookupRound:
    """The round, with two answers that contradict each other where one question had such."""
    asked: dict[tuple[str, int], list[Answers]] = defaultdict(list)
    for query in a_round.queries:
        asked[query.captured.message.dst, query.body.id].append(query.answers)
    pairs = (two_answers(of_one) for of_one in asked.values())
    return a_round._replace(forged=next((pair for pair in pairs if pair is not None), None))


def _round_observation(
    a_round: LookupRound, record: CaptureRecord, cloud_addresses: frozenset[str], unseen: str
) -> Observation:
    queries = a_round.queries
    first, last = queries[0].captured, queries[-1].captured
    outcome, reason, deciding = _judged(a_round, record.last_ns, cloud_addresses)
    if deciding is None and unseen:
        outcome, reason = Outcome.UNCLEAR, unseen
    data: list[tuple[str, Scalar]] = [
        ("resolver", " ".join(sorted({query.captured.message.dst for query in queries}))),
        ("queries", len(queries)),
    ]
    for captured, latency_ms, body in _first_addresses(a_round):
        data += [
            ("addresses", " ".join(body.addresses[:8])),
            ("server", captured.message.src),
            ("latency_ms", latency_ms),
        ]
    if reason == "two_answers" and a_round.forged is not None:
        data.append(("others", " ".join(a_round.forged.others[:8])))
    if deciding is not None and isinstance(deciding.message.body, Icmp):
        data += [("icmp_from", deciding.message.src), ("icmp_code", deciding.message.body.code)]
    overdue_ns = min(record.last_ns, last.at_ns + int(PATIENCE_S * SECOND_NS))
    return observed(
        _fact(a_round.name, record.cloud_name),
        outcome,
        reason,
        subject=a_round.client,
        target=a_round.name,
        at_ns=first.at_ns,
        end_ns=deciding.at_ns if deciding else overdue_ns,
        data=data,
        packets=[
            *[query.captured for query in queries][:8],
            *([a_round.forged.first] if reason == "two_answers" and a_round.forged else []),
            *([deciding] if deciding else []),
        ],
    )


def _fact(name: str, cloud_name: str) -> str:
    if name == cloud_name:
        return "dns.cloud_name"
    return "internet.name_test" if name == NTP_NAME else "dns.other_name"


def _first_addresses(a_round: LookupRound) -> Iterator[tuple[CapturedMessage, float, Dns]]:
    """The first answer of a round that gives addresses, with its latency in ms, or nothing."""
    for query, captured, body in a_round.answers:
        if body.addresses:
            yield captured, round((captured.at_ns - query.captured.at_ns) / 1e6, 3), body
            return


def _judged(
    a_round: LookupRound, last_ns: int, cloud_addresses: frozenset[str]
) -> tuple[Outcome, str, CapturedMessage | None]:
    """Outcome and reason of the round, and the packet that decides them."""
    answers = a_round.answers
    for query, captured, body in answers:
        if _is_usable(body, cloud_addresses):
            pair = a_round.forged
            if pair is not None and not pair.addresses & cloud_addresses:
                return Outcome.FAILED, "two_answers", pair.second
            is_late = captured.at_ns - query.captured.at_ns > PATIENCE_S * SECOND_NS
            return (Outcome.FAILED, "late", captured) if is_late else (Outcome.OK, "", captured)
    for _, captured, body in answers:
        if body.addresses:
            is_page = is_block_page(body.addresses[0])
            return Outcome.FAILED, "block_page" if is_page else "bogon", captured
    for reason in ("nxdomain", "dns_refused", "servfail"):
        for _, captured, body in answers:
            if RCODES.get(body.rcode) == reason:
                return Outcome.FAILED, reason, captured
    for _, captured, body in answers:
        if body.is_cut:
            return Outcome.UNCLEAR, "missed", captured
    if answers:
        _, captured, body = answers[0]
        return Outcome.FAILED, "empty" if body.rcode == 0 else "servfail", captured
    error = next((query.error for query in a_round.queries if query.error), None)
    if error is not None and isinstance(error.message.body, Icmp):
        is_rule = error.message.body.code in PROHIBITED_CODES
        return Outcome.FAILED, "prohibited" if is_rule else "unreachable", error
    watched_s = (last_ns - a_round.queries[0].captured.at_ns) / SECOND_NS
    if len(a_round.queries) > 1 or watched_s >= ENOUGH_S:
        return Outcome.FAILED, "timeout", None
    return Outcome.UNCLEAR, "cut_off", None


# -- between clients


def _compared(
    queries: Queries, cloud_name: str, cloud_addresses: frozenset[str]
) -> Iterator[Observation]:
    """Clients whose address for the cloud differs from what others were given, where only theirs
    leads to a cloud.

    Different addresses alone mean nothing: the cloud's name gives them in turn.
    """
    answers = [
        (client, query, set(body.addresses))
        for client, of_client in queries.items()
        for query in of_client
        if query.body.name == cloud_name
        for _, body in query.answers
        if body.addresses
    ]
    true = [answer for answer in answers if answer[2] & cloud_addresses]
    # One answer for each client and resolver tells as much as all of them.
    compared = list(
        {
            (client, query.captured.message.dst): (client, query, addresses)
            for client, query, addresses in reversed(true)
        }.values()
    )[::-1]
    for client, query, mine in answers:
        if mine & cloud_addresses:
            continue
        better = [
            (q, a) for other, q, a in compared[:MAX_COMPARED] if other != client and not a & mine
        ]
        if len({q.captured.message.dst for q, _ in better}) >= 2:
            yield observed(
                "dns.compare",
                Outcome.FAILED,
                "differs",
                subject=client,
                target=cloud_name,
                at_ns=query.captured.at_ns,
                data=[
                    ("addresses", " ".join(sorted(mine))),
                    ("others", " ".join(sorted(better[0][1]))),
                ],
                packets=[query.captured, *(q.captured for q, _ in better[:2])],
            )
