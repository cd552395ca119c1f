"""From merged tables to observations: who is a Photon, what happened to it, and how everybody else
fared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from netcheck.capture.activity import moves_of
from netcheck.capture.clients import Census, Client, firmware
from netcheck.capture.observations import SECOND_NS, Place, saw
from netcheck.capture.protocols.address_conflicts import conflicts, static_addresses
from netcheck.capture.protocols.arp import Neighbours, gateways_of
from netcheck.capture.protocols.cloud_keys import makers_key
from netcheck.capture.protocols.dhcp import Leases, exchanges, of_clients
from netcheck.capture.protocols.dns import Naming
from netcheck.capture.protocols.handshake import NONCE, REQUEST
from netcheck.capture.protocols.nat_views import sides
from netcheck.capture.protocols.tcp import Connection, connections
from netcheck.capture.protocols.wifi_join import Joining
from netcheck.capture.reachability import Reaching
from netcheck.capture.tables import Tables
from netcheck.model import NETWORK, Observation, Outcome, Scalar, Target

MAX_CONTROLS = 64
"""Other clients whose observations are kept one by one facts summed up; the rest are counted."""


def read(tables: Tables, target: Target) -> list[Observation]:
    """Everything the tables say; `tables` is settled by this."""
    tables.settled()
    tables.dhcp = of_clients(tables.dhcp)
    seen_sides = sides(
        connection
        for key, segments in tables.flows.items()
        for connection in connections(key, segments)
    )
    census = Census(tables, seen_sides.inner, seen_sides.outer_addresses)
    links = seen_sides.inner = [link for link in seen_sides.inner if not census.is_neighbours(link)]
    photons = census.photons()
    moves = moves_of(tables, census, links)
    naming = Naming(tables, census, moves.aside, _speaking_as_cloud(tables, links))
    seen = list(naming.observations())
    seen += _about_addresses(tables, census, naming.asked)
    mine = {client.key for client in photons} | _asked_for(census, target)
    seen += Joining(tables.air).observations(mine)
    reaching = Reaching(
        tables, census, mine, seen_sides, moves, naming, target.cloud_key or makers_key()
    )
    seen += reaching.observations()
    own = [o for o in seen if o.subject in mine or o.subject == NETWORK]
    others = _summed_up(o for o in seen if o.subject not in mine and o.subject != NETWORK)
    return [*_identities(census, photons, mine), *own, *others, *_coverage(tables)]


def _about_addresses(
    tables: Tables, census: Census, asked: Mapping[str, set[str]]
) -> Iterator[Observation]:
    """What DHCP and ARP say; `asked`: client → the resolvers that it sent look-ups to."""
    tries = exchanges(tables)
    gateways = gateways_of(tables, census, tries)
    neighbours = Neighbours(tables, tries, gateways)
    yield from Leases(tables, tries).observations()
    yield from neighbours.gateway_answers()
    yield from neighbours.silent_resolvers(asked)
    yield from conflicts(tables)
    yield from static_addresses(tables, census, tries, gateways)


def _asked_for(census: Census, target: Target) -> set[str]:
    """Whoever the user means, Photon or not."""
    wanted = target.device.lower()
    return {
        c.key
        for c in census.clients.values()
        if wanted and wanted in (c.key, c.mac, c.id, *c.addresses)
    }


def _speaking_as_cloud(tables: Tables, links: Iterable[Connection]) -> set[str]:
    """Addresses at which the cloud's port answered with a nonce or carried a session: a cloud,
    wherever it stands.
    """
    return {
        link.key.server
        for link in links
        if link.key.server_port == tables.cloud_port
        and (
            link.is_begun_before
            or (
                link.down.length >= NONCE
                and len(set(link.down.content[:NONCE])) > 8
                and link.up.length in (0, REQUEST)
            )
            or link.down.length > NONCE + REQUEST
        )
    }


def _identities(census: Census, photons: list[Client], mine: set[str]) -> Iterator[Observation]:
    """Who each client we speak of is, and who is only a relative of a Photon."""
    ranked = {client.key: client.rank for client in photons}
    for key in sorted(mine):
        client = census.clients[key]
        sign = client.best_sign
        place = client.signs.get(sign) or Place(client.first_ns, "", 0)
        known = {
            "mac": client.mac,
            "id": client.id,
            "firmware": firmware(client),
            "ip": client.newest_address,
        }
        data: list[tuple[str, Scalar]] = [
            ("rank", ranked.get(key, 0)),
            ("sign", sign),
            ("first", client.first_ns / SECOND_NS),
        ]
        data += [(name, value) for name, value in known.items() if value]
        yield saw(
            "device.identity",
            Outcome.OK,
            subject=key,
            at_ns=place.at_ns,
            data=data,
            places=[place] if place.source else [],
        )
    for client in census.clients.values():
        if client.relative and not client.is_shared:
            yield saw(
                "device.relative",
                Outcome.OK,
                subject=client.key,
                at_ns=client.first_ns,
                data=[("family", client.relative)],
            )


def _summed_up(seen: Iterable[Observation]) -> Iterator[Observation]:
    """Observations about others: alike ones of one client become one that spans them, with a
    count.
    """
    groups: dict[tuple[str, ...], list[Observation]] = defaultdict(list)
    for o in seen:
        groups[o.subject, o.fact, o.outcome, o.reason].append(o)
    subjects: set[str] = set()
    for (subject, *_), members in sorted(groups.items()):
        subjects.add(subject)
        if len(subjects) > MAX_CONTROLS:
            return
        members.sort(key=lambda o: o.at)
        first = members[0]
        end = max(o.end for o in members)
        data = (*(pair for pair in first.data), ("count", len(members)))
        yield Observation(
            stage=first.stage,
            fact=first.fact,
            outcome=first.outcome,
            reason=first.reason,
            subject=subject,
            target=first.target,
            source=first.source,
            at=first.at,
            took_s=round(end - first.at, 6),
            data=data,
            ref=first.ref,
        )


LINK_NAMES = {
    0: "NULL",
    1: "EN10MB",
    101: "RAW",
    105: "IEEE802_11",
    108: "LOOP",
    113: "LINUX_SLL",
    127: "IEEE802_11_RADIO",
    192: "PPI",
    276: "LINUX_SLL2",
}


def _coverage(tables: Tables) -> Iterator[Observation]:
    """What each file spans, and what its silence cannot mean."""
    for file in tables.files:
        limits = [*file.limits, *_left_out(tables)]
        yield saw(
            "capture.coverage",
            Outcome.OK,
            subject=NETWORK,
            target=file.source,
            at_ns=file.first_ns,
            end_ns=file.last_ns,
            data=[
                ("link", " ".join(LINK_NAMES.get(link, str(link)) for link in file.links)),
                ("span_s", round((file.last_ns - file.first_ns) / SECOND_NS, 3)),
                ("packets", file.packets),
                ("relevant", file.relevant),
                ("cannot_show", " | ".join(limits)),
            ],
            places=[Place(file.first_ns, file.source, 1)],
        )


def _left_out(tables: Tables) -> Iterator[str]:
    for kind, count in sorted(tables.left_out.items()):
        yield f"{count} further {kind} messages of other traffic were counted but not looked into"


def limits_of(
    *, snaplen_cut: int, backward_steps: int, protected: int, problems: Iterable[str]
) -> tuple[str, ...]:
    """In words, what a file cannot show."""
    limits = list(problems)
    if snaplen_cut:
        limits.append(
            f"{snaplen_cut} packets were cut short by the capture's length limit: content beyond it"
            " was not seen"
        )
    if backward_steps:
        limits.append(
            f"its clock went back {backward_steps} times: times across these steps are not to be"
            " trusted"
        )
    if protected:
        limits.append(
            f"{protected} frames are encrypted by Wi-Fi: nothing above the join could be read from"
            " them"
        )
    return tuple(limits)
