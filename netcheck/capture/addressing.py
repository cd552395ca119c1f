"""DHCP and ARP: did the client get an address, is it a usable one, and does the gateway answer?

Exchanges are keyed by transaction id and client MAC (RFC 2131 §4.4). A Photon uses one transaction id for ever, and a
whole attempt of its ends after 15 s, so silence of that length closes an exchange too. Answers go to the client alone:
a capture taken beside another host shows questions only, and is then no witness of silence, unless the client itself
shows by asking again that nothing came.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from netcheck.addresses import is_bogon, is_unicast, same_subnet
from netcheck.capture.conversations import Heard, Tables
from netcheck.capture.decode import Arp, Dhcp
from netcheck.capture.who import Census
from netcheck.capture.witness import SECOND_NS, saw
from netcheck.model import NETWORK, Observation, Outcome, Scalar

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK = 1, 2, 3, 4, 5, 6
ATTEMPT_S = 15.0
ANSWER_S = 3.5
"""A server answers at once; dnsmasq and others ping the address for up to 3 s first."""
ARP_ANSWER_S = 2.5
ARP_GAP_S = 6.0
REPEATED = 3
"""Who has an answer does not ask again: this many questions in a row were not answered, even if an answer could not be seen."""


@dataclass
class Exchange:
    """One try of a client to get an address."""

    client: str
    messages: list[tuple[Heard, Dhcp]] = field(default_factory=list)

    def of(self, *kinds: int) -> list[tuple[Heard, Dhcp]]:
        """The messages of these kinds, in order."""
        return [(heard, body) for heard, body in self.messages if body.kind in kinds]

    @property
    def start_ns(self) -> int:
        """When the client began to ask."""
        return self.messages[0][0].at_ns

    @property
    def asks(self) -> list[tuple[Heard, Dhcp]]:
        """What the client sent."""
        return self.of(DISCOVER, REQUEST)

    @property
    def is_over(self) -> bool:
        """Was it acknowledged or refused?"""
        return bool(self.of(ACK, NAK))


def exchanges(tables: Tables) -> dict[str, list[Exchange]]:
    """Every client's exchanges in order of time."""
    found: dict[str, list[Exchange]] = defaultdict(list)
    for heard in tables.dhcp:
        body = heard.message.body
        if not isinstance(body, Dhcp) or body.kind not in (DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK):
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
    return any(asked.kind == body.kind and heard.at_ns - earlier.at_ns < SECOND_NS for earlier, asked in current.asks)


class Addressing:
    """Observations about addresses and gateways, for every client."""

    def __init__(self, tables: Tables, census: Census) -> None:
        self.tables = tables
        self.census = census
        self.exchanges = exchanges(tables)
        self._arps = [(heard, heard.message.body) for heard in tables.arp if isinstance(heard.message.body, Arp)]
        self.gateways = self._gateways()
        self._sent = self._unicasts()

    def observations(self) -> Iterator[Observation]:
        """Everything DHCP and ARP say."""
        for client, tries in self.exchanges.items():
            for index, exchange in enumerate(tries):
                following = tries[index + 1].start_ns if index + 1 < len(tries) else None
                yield from self._exchange(client, exchange, following)
        yield from self._gateway_arp()
        yield from self._conflicts()
        yield from self._static()

    # -- dhcp

    def _exchange(self, client: str, exchange: Exchange, following_ns: int | None) -> Iterator[Observation]:
        acks, naks, offers, requests = exchange.of(ACK), exchange.of(NAK), exchange.of(OFFER), exchange.of(REQUEST)
        if not exchange.asks:
            return
        start = exchange.start_ns
        if acks:
            yield from self._leased(client, exchange, acks[-1])
        elif naks:
            yield self._lease(client, exchange, Outcome.FAILED, "nak", naks[-1][0].at_ns, [naks[-1][0]])
        elif requests:
            yield self._unanswered(client, exchange, requests, following_ns, "no_ack")
        elif offers:
            yield self._unanswered(client, exchange, exchange.of(DISCOVER), following_ns, "no_ack", offers)
        else:
            yield self._unanswered(client, exchange, exchange.of(DISCOVER), following_ns, "no_offer")
        yield from self._spoilt(client, exchange)
        yield from self._servers(offers + acks, start)

    @staticmethod
    def _spoilt(client: str, exchange: Exchange) -> Iterator[Observation]:
        """An address refused by the client because somebody else has it (RFC 2131 §3.1, step 5)."""
        declined = exchange.of(DECLINE)
        if declined:
            where = [declined[0][0]]
            yield saw("address.conflict", Outcome.FAILED, "declined", subject=client, at_ns=where[0].at_ns, places=where)

    @staticmethod
    def _servers(answers: list[tuple[Heard, Dhcp]], start_ns: int) -> Iterator[Observation]:
        """Who answered, and whether rivals say the same."""
        servers = {body.server: heard for heard, body in answers if body.server}
        if not servers:
            return
        offered = {(body.routers, body.resolvers, body.mask) for _, body in answers}
        outcome, reason = (Outcome.FAILED, "two_servers") if len(servers) > 1 and len(offered) > 1 else (Outcome.OK, "")
        yield saw(
            "dhcp.servers",
            outcome,
            reason,
            subject=NETWORK,
            at_ns=start_ns,
            data=[("servers", " ".join(sorted(servers)))],
            places=list(servers.values()),
        )

    def _leased(self, client: str, exchange: Exchange, ack: tuple[Heard, Dhcp]) -> Iterator[Observation]:
        heard, body = ack
        data: list[tuple[str, Scalar]] = [("server", body.server or heard.message.src), ("address", body.yiaddr)]
        if body.lease_s is not None:
            data.append(("lease_s", body.lease_s))
        yield self._lease(client, exchange, Outcome.OK, "", heard.at_ns, [heard], data)
        if body.yiaddr != "0.0.0.0":
            yield _options(client, heard, body)

    def _unanswered(
        self,
        client: str,
        exchange: Exchange,
        asks: list[tuple[Heard, Dhcp]],
        following_ns: int | None,
        reason: str,
        offers: list[tuple[Heard, Dhcp]] | None = None,
    ) -> Observation:
        """A question that got no answer in the capture: a failure only if it was long enough, and the answer would have shown."""
        last_ns = asks[-1][0].at_ns
        end_ns = following_ns if following_ns is not None else self.tables.last_ns
        places = [heard for heard, _ in asks] + [heard for heard, _ in offers or []]
        spoke_ns = self._first_word_after(client, last_ns)
        if reason == "no_ack" and spoke_ns is not None and (following_ns is None or spoke_ns < following_ns):
            # It went on to use an address: the answer passed this capture by.
            return self._lease(client, exchange, Outcome.UNCLEAR, "begun_before", spoke_ns, places)
        asked_again = len(asks) > 1 or following_ns is not None
        if not asked_again and end_ns - last_ns < ANSWER_S * SECOND_NS:
            return self._lease(client, exchange, Outcome.UNCLEAR, "cut_off", end_ns, places)
        return self._lease(client, exchange, Outcome.FAILED, reason, min(end_ns, last_ns + int(ANSWER_S * SECOND_NS)), places)

    def _lease(
        self,
        client: str,
        exchange: Exchange,
        outcome: Outcome,
        reason: str,
        end_ns: int,
        places: Iterable[Heard],
        data: Iterable[tuple[str, Scalar]] = (),
    ) -> Observation:
        first = exchange.messages[0][0]
        discovers = exchange.of(DISCOVER)
        facts = [*data, ("discovers", len(discovers))]
        message = next((body.message for _, body in exchange.of(NAK) if body.message), b"")
        if message:
            facts.append(("message", message.decode("latin-1")))
        return saw(
            "dhcp.lease", outcome, reason, subject=client, at_ns=exchange.start_ns, end_ns=end_ns, data=facts, places=[first, *places]
        )

    def _first_word_after(self, client: str, at_ns: int) -> int | None:
        """When the client was first heard to use an address after that time."""
        words = [
            h.at_ns
            for h in self.tables.arp
            if h.at_ns > at_ns
            and isinstance(h.message.body, Arp)
            and h.message.body.sender_mac == client
            and is_unicast(h.message.body.sender_ip)
        ]
        words += [
            max(span.first_ns, at_ns)
            for speaker, span in self.tables.speakers.items()
            if speaker.mac == client and is_unicast(speaker.ip) and span.last_ns > at_ns
        ]
        return min(words, default=None)

    # -- gateway

    def _gateways(self) -> dict[str, str]:
        """Client → the gateway it uses: from its lease, else the one address it asks ARP for."""
        found: dict[str, str] = {}
        for client, tries in self.exchanges.items():
            for exchange in tries:
                for _, body in exchange.of(ACK):
                    if body.routers:
                        found[client] = body.routers[0]
        asked: dict[str, set[str]] = defaultdict(set)
        for heard in self.tables.arp:
            arp = heard.message.body
            if isinstance(arp, Arp) and arp.operation == 1 and arp.target_ip != arp.sender_ip and is_unicast(arp.sender_ip):
                asked[arp.sender_mac].add(arp.target_ip)
        known = set(found.values())
        for client, targets in asked.items():
            if client not in found and client not in self.census.services:
                shared = targets & known
                if len(shared) == 1 or len(targets) == 1:
                    found[client] = next(iter(shared or targets))
        return found

    def _gateway_arp(self) -> Iterator[Observation]:
        """Questions for the gateway's MAC, and whether they were answered."""
        questions: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        answers: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        for heard in self.tables.arp:
            body = heard.message.body
            if not isinstance(body, Arp):
                continue
            if body.operation == 1 and self.gateways.get(body.sender_mac) == body.target_ip:
                questions[body.sender_mac, body.target_ip].append(heard)
            if body.operation == 2:
                answers[heard.message.dst_mac or "", body.sender_ip].append(heard)
            elif body.sender_ip == body.target_ip or body.operation == 1:
                answers["", body.sender_ip].append(heard)
        for (client, gateway), asked in questions.items():
            heard_back = answers[client, gateway] + [h for h in answers["", gateway] if h.message.src_mac != client]
            yield from self._arp_rounds(client, gateway, asked, sorted(heard_back, key=lambda h: h.at_ns))

    def _arp_rounds(self, client: str, gateway: str, asked: list[Heard], answered: list[Heard]) -> Iterator[Observation]:
        group: list[Heard] = []
        for index, heard in enumerate(asked):
            group.append(heard)
            following = asked[index + 1] if index + 1 < len(asked) else None
            until_ns = following.at_ns if following else self.tables.last_ns
            answer = next((a for a in answered if group[0].at_ns <= a.at_ns <= until_ns), None)
            if answer or following is None or following.at_ns - heard.at_ns > ARP_GAP_S * SECOND_NS:
                yield from self._arp_round(client, gateway, group, answer, following)
                group = []

    def _arp_round(
        self, client: str, gateway: str, group: list[Heard], answer: Heard | None, following: Heard | None
    ) -> Iterator[Observation]:
        start = group[0].at_ns
        data: list[tuple[str, Scalar]] = [("gateway", gateway), ("asked", len(group))]
        if answer is not None and answer.at_ns - group[-1].at_ns <= ARP_ANSWER_S * SECOND_NS:
            data.append(("gateway_mac", answer.message.src_mac or ""))
            yield saw(
                "gateway.arp",
                Outcome.OK,
                subject=client,
                target=gateway,
                at_ns=start,
                end_ns=answer.at_ns,
                data=data,
                places=[group[-1], answer],
            )
            return
        end_ns = min(self.tables.last_ns, group[-1].at_ns + int(ARP_ANSWER_S * SECOND_NS))
        if self._was_reached(client, group[0].at_ns, following.at_ns if following else self.tables.last_ns + 1):
            return  # it went on to send through the gateway: the answer passed this capture by
        if self._is_hidden(client):
            rows = zip(group, group[REPEATED - 1 :], strict=False)
            enough = any(last.at_ns - first.at_ns <= REPEATED * ARP_ANSWER_S * SECOND_NS for first, last in rows)
        else:
            enough = len(group) >= 2 or end_ns - start >= ARP_ANSWER_S * SECOND_NS
        outcome, reason = (Outcome.FAILED, "timeout") if enough else (Outcome.UNCLEAR, "cut_off")
        yield saw("gateway.arp", outcome, reason, subject=client, target=gateway, at_ns=start, end_ns=end_ns, data=data, places=group)

    def _is_hidden(self, client: str) -> bool:
        """Do the captures show others' unicast frames, but none from or to this client? Then answers to it pass them by."""
        return bool(self.tables.unicast) and client not in self.tables.unicast

    def _was_reached(self, client: str, since_ns: int, until_ns: int) -> bool:
        """Did the client send unicast IP in that time? Then it knew where to."""
        sent = self._sent[client]
        at = bisect_left(sent, since_ns)
        return at < len(sent) and sent[at] < until_ns

    def _unicasts(self) -> dict[str, list[int]]:
        """When each client sent unicast IP, sorted."""
        sent: dict[str, list[int]] = defaultdict(list)
        for heard in self.tables.dns + self.tables.udp:
            dst = heard.message.dst_mac
            if heard.message.src_mac and dst and not int(dst[:2], 16) & 1:
                sent[heard.message.src_mac].append(heard.at_ns)
        for segments in self.tables.flows.values():
            for segment in segments:
                if segment.up and segment.mac:
                    sent[segment.mac].append(segment.at_ns)
        for times in sent.values():
            times.sort()
        return sent

    # -- conflicts and static addresses

    def _conflicts(self) -> Iterator[Observation]:
        """Two MACs that claim one address at the same time."""
        claims: dict[str, dict[str, list[Heard]]] = defaultdict(lambda: defaultdict(list))
        for heard in self.tables.arp:
            body = heard.message.body
            if isinstance(body, Arp) and is_unicast(body.sender_ip):
                claims[body.sender_ip][body.sender_mac].append(heard)
        for address, by_mac in claims.items():
            if len(by_mac) < 2:
                continue
            spans = {mac: (heards[0].at_ns, heards[-1].at_ns) for mac, heards in by_mac.items()}
            for mac, heards in by_mac.items():
                others = [
                    other
                    for rival, other in by_mac.items()
                    if rival != mac and spans[rival][0] <= spans[mac][1] and spans[mac][0] <= spans[rival][1]
                ]
                if others:
                    yield saw(
                        "address.conflict",
                        Outcome.FAILED,
                        "conflict",
                        subject=mac,
                        target=address,
                        at_ns=others[0][0].at_ns,
                        data=[("address", address), ("rival_mac", others[0][0].message.src_mac or "")],
                        places=[heards[0], others[0][0]],
                    )

    def _static(self) -> Iterator[Observation]:
        """Clients that use an address nobody was seen to give them: does it fit the network of the others?"""
        neighbours = self._networks()
        for client, gateway in self.gateways.items():
            if client in self.exchanges or client in self.census.services:
                continue
            asked = [(heard, arp) for heard, arp in self._arps if arp.sender_mac == client and arp.operation == 1]
            address = next((arp.sender_ip for _, arp in asked if is_unicast(arp.sender_ip)), "")
            others = {net for who, net in neighbours if who != client}
            start = self._start_without_dhcp(asked)
            if not address or not (others or start):
                continue
            fits = not others or any(same_subnet(own, router, mask) for router, mask in others for own in (gateway, address))
            outcome, reason = (Outcome.UNCLEAR, "") if fits else (Outcome.FAILED, "off_subnet")
            yield saw(
                "address.static",
                outcome,
                reason,
                subject=client,
                target=address,
                at_ns=asked[0][0].at_ns,
                data=[
                    ("address", address),
                    ("gateway", gateway),
                    ("others", " ".join(sorted(router for router, _ in others))),
                    ("start_seen", start is not None),
                ],
                places=[start] if start else [heard for heard, _ in asked[:2]],
            )

    def _start_without_dhcp(self, asked: Iterable[tuple[Heard, Arp]]) -> Heard | None:
        """The announcement of an address just taken (RFC 5227 §2.3) by a client that asked no server for it."""
        since_ns = self.tables.first_ns + int(ANSWER_S * SECOND_NS)
        return next((heard for heard, arp in asked if arp.sender_ip == arp.target_ip and heard.at_ns >= since_ns), None)

    # -- resolvers

    def resolvers(self, asked: Mapping[str, set[str]]) -> Iterator[Observation]:
        """Resolvers named in a lease that nobody on the local network answers for: the look-up itself could not even be sent.

        `asked`: client → the resolvers that it was seen to send look-ups to.
        """
        for client, tries in self.exchanges.items():
            named = {name for exchange in tries for _, body in exchange.of(ACK) for name in body.resolvers}
            for resolver in sorted(named - asked.get(client, set()) - {self.gateways.get(client, "")}):
                questions = [heard for heard, arp in self._arps if (arp.operation, arp.sender_mac, arp.target_ip) == (1, client, resolver)]
                answered = any(arp.operation == 2 and arp.sender_ip == resolver for _, arp in self._arps)
                if len(questions) >= 2 and not answered:
                    yield from _resolver_silent(client, resolver, questions)

    def _networks(self) -> set[tuple[str, tuple[str, str]]]:
        """(client, (gateway, mask)) for every client whose gateway answered or was leased."""
        found: set[tuple[str, tuple[str, str]]] = set()
        for client, tries in self.exchanges.items():
            for exchange in tries:
                for _, body in exchange.of(ACK, OFFER):
                    if body.routers:
                        found.add((client, (body.routers[0], body.mask)))
        for heard in self.tables.arp:
            arp = heard.message.body
            if isinstance(arp, Arp) and arp.operation == 2 and is_bogon(arp.sender_ip):
                found.add((heard.message.dst_mac or "", (arp.sender_ip, "255.255.255.0")))
        return found


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
    elif not same_subnet(body.yiaddr, body.routers[0], body.mask or "255.255.255.0"):
        reason = "off_subnet"
    elif not body.resolvers:
        reason = "missing_dns"
    outcome = Outcome.FAILED if reason else Outcome.OK
    return saw("dhcp.options", outcome, reason, subject=client, at_ns=heard.at_ns, data=data, places=[heard])


def _resolver_silent(client: str, resolver: str, questions: list[Heard]) -> Iterator[Observation]:
    """Each burst of unanswered questions for the resolver's MAC is one failed round of look-ups."""
    group: list[Heard] = []
    for index, heard in enumerate(questions):
        group.append(heard)
        following = questions[index + 1] if index + 1 < len(questions) else None
        if following is None or following.at_ns - heard.at_ns > ARP_GAP_S * SECOND_NS:
            yield saw(
                "dns.resolver_arp",
                Outcome.FAILED,
                "timeout",
                subject=client,
                target=resolver,
                at_ns=group[0].at_ns,
                end_ns=group[-1].at_ns,
                data=[("resolver", resolver), ("asked", len(group))],
                places=group,
            )
            group = []
