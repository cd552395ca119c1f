"""TCP, ICMP and NTP: what the client reached, and how far its cloud connections came.

Every connection to the cloud's port becomes the steps of `handshake`; every other one only says
whether something outside answers. The device's own internet test is told apart: TCP 53 of 8.8.8.8
before 2.0, NTP from then on (device-os@v2.3.1:hal/network/util/simple_ntp_client.cpp).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from netcheck.capture.activity import Moves
from netcheck.capture.clients import Census, announced_id
from netcheck.capture.observations import SECOND_NS, saw
from netcheck.capture.protocols.dns import ICMP_WITHIN_S, PROHIBITED_CODES, Naming
from netcheck.capture.protocols.handshake import Step, Watch, steps
from netcheck.capture.protocols.nat_views import Sides
from netcheck.capture.protocols.tcp import Connection, until
from netcheck.capture.tables import FlowKey, Heard, Tables
from netcheck.model import Observation, Outcome, Scalar
from netcheck.photon.addresses import INTERNET_TEST, PHOTON_FALLBACK, is_bogon
from netcheck.wire.decode import UNREACHABLE, Icmp, Udp

NTP_ROUND_S = 10.5
"""Five requests, 2 s apart."""
CONNECT_S = 4.0
SHORT_LIVED = 24
"""A TTL that no system begins with (they take 32 and more) and no near client's packet has left
(RFC 1340: 64).
"""
TCP_PROHIBITED_CODES = PROHIBITED_CODES | {3}
"""No host answers TCP with "port unreachable": that is how firewalls reject (nft-reject, iptables
REJECT).
"""


class Reaching:
    """Observations about connections, for every client."""

    def __init__(
        self,
        tables: Tables,
        census: Census,
        devices: set[str],
        seen_sides: Sides,
        moves: Moves,
        naming: Naming,
        cloud_key: bytes,
    ) -> None:
        self.tables = tables
        self.census = census
        self.sides = seen_sides
        self.connections = seen_sides.inner
        self.moves = moves
        self.false_addresses = naming.false_addresses
        self._false_for_anyone: set[str] = set().union(*naming.false_addresses.values())
        self.given = naming.given
        self.cloud_key = cloud_key
        self.devices = devices
        self._errors = self._icmp_errors()
        self._real_clouds = self._cloud_servers()
        self._tried_clouds = self._real_clouds & {
            c.key.server for c in self.connections if c.key.server_port == tables.cloud_port
        }

    def observations(self) -> Iterator[Observation]:
        """Everything that TCP, ICMP and NTP say."""
        for connection in self.connections:
            client = self._client(connection)
            if client not in self.devices and _only_asks_the_way(connection):
                continue
            if connection.key.server_port == self.tables.cloud_port:
                yield from self._cloud(client, connection)
            elif connection.syns:
                # Where a login page answers for a host, that host was not reached.
                yield from list(self._web(client, connection)) or self._other(client, connection)
        yield from self._ntp()
        yield from self._announcements()

    # -- the cloud's port

    def _cloud(self, client: str, whole: Connection) -> Iterator[Observation]:
        connection = whole
        server = connection.key.server
        target = f"{server}:{connection.key.server_port}"
        watch = self._watch(client, connection)
        if watch.moved_on:
            connection = until(connection, watch.until_ns)
        if server in self.false_addresses.get(client, ()) or (
            is_bogon(server) and server in self._false_for_anyone
        ):
            yield from self._false_address(client, connection, target)
            return
        if client not in self.devices and server not in self._real_clouds:
            yield from self._neutral(client, connection, target)
            return
        for step in steps(connection, watch, self.cloud_key):
            if step.fact == "tcp.cloud" and step.outcome is not Outcome.OK:
                step = self._with_icmp(connection, step)
            yield saw(
                step.fact,
                step.outcome,
                step.reason,
                subject=client,
                target=target,
                at_ns=step.at_ns,
                end_ns=step.end_ns,
                data=step.data,
                places=step.packets,
            )
        yield from self._address(client, connection, target)
        yield from self.sides.left_network(whole, client, target, self.tables.files)

    def _cloud_servers(self) -> set[str]:
        """Where the devices went, and what the cloud's name gave anybody."""
        gone = {
            c.key.server
            for c in self.connections
            if c.key.server_port == self.tables.cloud_port and self._client(c) in self.devices
        }
        return gone.union(*self.given.values())

    def _client(self, connection: Connection) -> str:
        first = next((s for s in connection.segments if s.up), None)
        if first is None:
            return self.census.key_of_address(connection.key.client)
        return self.census.key_of(first.mac, connection.key.client, first.ttl)

    def _neutral(self, client: str, connection: Connection, target: str) -> Iterator[Observation]:
        """Somebody else's connection to that port of a host that is not the cloud: it shows what
        becomes of the port.
        """
        answer = connection.syn_ack or next((r for r in connection.resets if not r.up), None)
        if answer is None or not connection.syns:
            return
        outcome, reason = (Outcome.OK, "") if connection.syn_ack else (Outcome.FAILED, "refused")
        places = [connection.syns[0], answer]
        yield saw(
            "tcp.neutral_same_port",
            outcome,
            reason,
            subject=client,
            target=target,
            at_ns=connection.start_ns,
            places=places,
        )

    def _false_address(
        self, client: str, connection: Connection, target: str
    ) -> Iterator[Observation]:
        """What the client met where a false answer sent it: no word about the cloud's port."""
        reset = next((r for r in connection.resets if not r.up), None)
        outcome, reason = (
            (Outcome.FAILED, "timeout") if not connection.is_open else (Outcome.UNCLEAR, "")
        )
        places = [*connection.syns[:1], *([reset] if reset else [])]
        if reset is not None and not connection.is_open:
            reason = "refused"
        yield saw(
            "tcp.false_address",
            outcome,
            reason,
            subject=client,
            target=target,
            at_ns=connection.start_ns,
            places=places,
        )

    def _address(self, client: str, connection: Connection, target: str) -> Iterator[Observation]:
        """Did the address come from the cloud's name?"""
        server = connection.key.server
        given = self.given.get(client, set())
        if server in given or not (given or server == PHOTON_FALLBACK):
            return
        yield saw(
            "tcp.address",
            Outcome.UNCLEAR,
            "" if server == PHOTON_FALLBACK else "differs",
            subject=client,
            target=target,
            at_ns=connection.start_ns,
            data=[("address", server), ("fallback", server == PHOTON_FALLBACK)],
            places=connection.segments[:1],
        )

    def _watch(self, client: str, connection: Connection) -> Watch:
        """Until when this connection was watched: the client's next move after its last word, or
        the end of the capture.
        """
        words = connection.fresh()
        last_ns = max((s.at_ns for s in words if s.up), default=connection.start_ns)
        moves = self.moves.anew.get(client, [])
        following = bisect_right(moves, last_ns + SECOND_NS // 10)
        if following == len(moves) or any(s.at_ns > moves[following] for s in words):
            return Watch(self.tables.last_ns, False)
        return Watch(moves[following], True, moves[following] in self.moves.over.get(client, []))

    def _icmp_errors(self) -> dict[FlowKey, list[Heard]]:
        errors: dict[FlowKey, list[Heard]] = defaultdict(list)
        for heard in self.tables.icmp:
            body = heard.message.body
            if (
                isinstance(body, Icmp)
                and body.about
                and body.about[0] == 6
                and body.kind == UNREACHABLE
            ):
                errors[FlowKey(*body.about[1:])].append(heard)
        return errors

    def _with_icmp(self, connection: Connection, step: Step) -> Step:
        """A failed opening, with what a router said of it."""
        for heard in self._errors.get(connection.key, []):
            body = heard.message.body
            if (
                isinstance(body, Icmp)
                and connection.start_ns
                <= heard.at_ns
                <= connection.last_ns + ICMP_WITHIN_S * SECOND_NS
            ):
                reason = "prohibited" if body.code in TCP_PROHIBITED_CODES else "unreachable"
                data = (*step.data, ("icmp_from", heard.message.src), ("icmp_code", body.code))
                return step._replace(
                    outcome=Outcome.FAILED,
                    reason=reason,
                    end_ns=heard.at_ns,
                    data=data,
                    packets=(*step.packets, heard),
                )  # type: ignore[arg-type]  # a packet is a packet
        return step

    # -- everything else

    def _other(self, client: str, connection: Connection) -> Iterator[Observation]:
        key = connection.key
        target = f"{key.server}:{key.server_port}"
        if is_bogon(key.server):
            return
        is_test = key.server == INTERNET_TEST and key.server_port == 53
        fact = "internet.test" if is_test else "internet.reach"
        if key.server in self._tried_clouds and not is_test:
            fact = "tcp.cloud_other_port"
        start = connection.start_ns
        answer = connection.syn_ack or next((r for r in connection.resets if not r.up), None)
        if answer is not None:
            data: list[tuple[str, Scalar]] = [("ttl", answer.ttl)]
            if connection.rtt_s is not None:
                data.append(("rtt_ms", round(connection.rtt_s * 1000, 3)))
            outcome, reason = (
                (Outcome.OK, "") if connection.syn_ack else (Outcome.FAILED, "refused")
            )
            yield saw(
                fact,
                outcome,
                reason,
                subject=client,
                target=target,
                at_ns=start,
                end_ns=answer.at_ns,
                data=data,
                places=[connection.syns[0], answer],
            )
            return
        step = Step(
            fact,
            Outcome.FAILED,
            "timeout",
            start,
            min(self.tables.last_ns, start + 5 * SECOND_NS),
            tuple(connection.syns[:3]),
        )
        step = self._with_icmp(connection, step)
        if (
            step.reason == "timeout"
            and self.tables.last_ns - start < CONNECT_S * SECOND_NS
            and len(connection.syns) < 2
        ):
            step = step._replace(outcome=Outcome.UNCLEAR, reason="cut_off")
        yield saw(
            fact,
            step.outcome,
            step.reason,
            subject=client,
            target=target,
            at_ns=start,
            end_ns=step.end_ns,
            data=step.data,
            places=step.packets,
        )

    def _web(self, client: str, connection: Connection) -> Iterator[Observation]:
        """Was plain web traffic sent to a login page? (RFC 6585 §6; redirects to an address or
        another host, as RFC 8952 describes)
        """
        answer = connection.down.content
        if not answer.startswith(b"HTTP/1.") or not connection.up.content:
            return
        status = answer[9:12]
        host = _header(connection.up.content, b"host")
        place = _header(answer, b"location")
        went_to = place.split(b"//", 1)[-1].split(b"/", 1)[0].split(b":", 1)[0]
        elsewhere = bool(went_to) and b"//" in place and not _same_site(went_to, host)
        is_portal = status == b"511" or (status in (b"302", b"303", b"307") and elsewhere)
        if is_portal:
            yield saw(
                "internet.redirect",
                Outcome.FAILED,
                "portal",
                subject=client,
                target=host.decode("latin-1"),
                at_ns=connection.start_ns,
                data=[
                    ("status", status.decode("latin-1")),
                    ("location", place.decode("latin-1")[:200]),
                ],
                places=[connection.down.arrivals[0][2]],
            )

    def _ntp(self) -> Iterator[Observation]:
        """NTP requests of each client in rounds, and whether any was answered."""
        asked: dict[str, list[Heard]] = defaultdict(list)
        answered: dict[str, list[Heard]] = defaultdict(list)
        for heard in self.tables.udp:
            message, body = heard.message, heard.message.body
            if not isinstance(body, Udp):
                continue
            if body.dport == 123:
                asked[self.census.key_of(message.src_mac, message.src, message.ttl)].append(heard)
            elif body.sport == 123:
                answered[self.census.key_of_address(message.dst)].append(heard)
        for client, heards in asked.items():
            group: list[Heard] = []
            for item in [*heards, None]:
                if group and (
                    item is None or item.at_ns - group[0].at_ns > NTP_ROUND_S * SECOND_NS
                ):
                    yield self._ntp_round(client, group, answered[client])
                    group = []
                if item is not None:
                    group.append(item)

    def _ntp_round(self, client: str, group: list[Heard], answers: list[Heard]) -> Observation:
        start = group[0].at_ns
        answer = next(
            (a for a in answers if start <= a.at_ns <= group[-1].at_ns + 3 * SECOND_NS), None
        )
        target = f"{group[0].message.dst}:123"
        if answer is not None:
            return saw(
                "internet.test",
                Outcome.OK,
                subject=client,
                target=target,
                at_ns=start,
                end_ns=answer.at_ns,
                places=[group[0], answer],
            )
        enough = len(group) > 1 or self.tables.last_ns - start >= 2 * SECOND_NS
        outcome, reason = (Outcome.FAILED, "timeout") if enough else (Outcome.UNCLEAR, "cut_off")
        end_ns = min(self.tables.last_ns, group[-1].at_ns + 2 * SECOND_NS)
        return saw(
            "internet.test",
            outcome,
            reason,
            subject=client,
            target=target,
            at_ns=start,
            end_ns=end_ns,
            places=group,
        )

    def _announcements(self) -> Iterator[Observation]:
        """Each announcement, told of who sent it: two boards may bear one id."""
        for heard in self.tables.udp:
            if announced_id(heard.message) is not None:
                sender = self.census.announcer(heard.message)
                yield saw(
                    "session.announce",
                    Outcome.OK,
                    subject=sender,
                    at_ns=heard.at_ns,
                    places=[heard],
                )


def _only_asks_the_way(connection: Connection) -> bool:
    """Did its packets die on the way because they were meant to, as those of a program do that asks
    where the way leads?
    """
    ups = [s for s in connection.segments if s.up]
    return (
        bool(ups)
        and all(s.ttl <= SHORT_LIVED for s in ups)
        and len(ups) == len(connection.segments)
    )


def _header(head: bytes, name: bytes) -> bytes:
    """The value of an HTTP header in what was captured of a message's head, lower case; empty if it
    is not there.
    """
    for line in head.split(b"\r\n")[1:40]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().lower()
    return b""


def _same_site(one: bytes, other: bytes) -> bool:
    """Do two host names belong together, as example.com and www.example.com do?"""
    other = other.split(b":", 1)[0]
    return (
        one == other
        or one.endswith(b"." + other)
        or other.endswith(b"." + one)
        or one.split(b".")[-2:] == other.split(b".")[-2:]
    )
