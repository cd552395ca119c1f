"""From merged tables to observations: which client is a Photon, what happened to it, and how all
others fared.

Each stage is a function of the record and of earlier stages' results, and changes none of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from netcheck.capture.activity import read_activity
from netcheck.capture.clients import Client, Clients, firmware
from netcheck.capture.cloud_connections import speaking_as_cloud
from netcheck.capture.coverage import photons_left_out, read_coverage, read_directions
from netcheck.capture.identification import find_clients
from netcheck.capture.observations import SECOND_NS, PacketRef, observed
from netcheck.capture.ordering import in_order
from netcheck.capture.photons import MAX_PHOTONS, photons
from netcheck.capture.protocols.address_conflicts import address_conflicts, static_addresses
from netcheck.capture.protocols.arp import (
    arp_traffic,
    gateways_of,
    read_gateways,
    read_silent_resolvers,
)
from netcheck.capture.protocols.cloud_keys import makers_key
from netcheck.capture.protocols.dhcp import dhcp_exchanges, read_leases, without_probes
from netcheck.capture.protocols.dns import Lookups, read_dns
from netcheck.capture.protocols.nat_views import nat_views
from netcheck.capture.protocols.tcp import connections
from netcheck.capture.protocols.wifi_join import read_joins
from netcheck.capture.reachability import read_reachability
from netcheck.capture.records import CaptureRecord
from netcheck.capture.tables import Tables
from netcheck.model import NETWORK, Observation, Outcome, Scalar, Target

MAX_CONTROLS = 64
"""Other clients whose observations are kept, each fact summed up; the rest are left out."""


def read(tables: Tables, target: Target) -> list[Observation]:
    """All observations, the devices' first."""
    record = without_probes(in_order(tables))
    views = nat_views(
        connection
        for key, segments in record.conversations.items()
        for connection in connections(key, segments)
    )
    clients = find_clients(record, views)
    own = tuple(c for c in views.inner if not clients.shares_address(c))
    every = photons(clients)
    found = every[:MAX_PHOTONS]
    devices = frozenset(client.key for client in found) | _asked_for(clients, target)
    activity = read_activity(record, clients.owners, own)
    directions = read_directions(record, clients, own)
    lookups = read_dns(
        record,
        clients.owners,
        activity.other_than_lookup,
        speaking_as_cloud(own, record.cloud_port),
        directions.sent_only,
    )
    seen = [
        *lookups.observations,
        *_about_addresses(record, clients, lookups, directions.sent_only),
        *read_joins(record.networks, record.join_frames, devices),
        *read_reachability(
            record,
            clients.owners,
            own,
            views,
            activity,
            lookups,
            devices,
            target.cloud_key or makers_key(),
            directions.sent_only,
        ),
    ]
    is_kept = devices | {NETWORK}
    limits = (*directions.limits(devices), *photons_left_out(len(every) - len(found)))
    return [
        *_identities(clients, found, devices),
        *(o for o in seen if o.subject in is_kept),
        *_summed_up(o for o in seen if o.subject not in is_kept),
        *read_coverage(record, limits),
    ]


def _about_addresses(
    record: CaptureRecord, clients: Clients, lookups: Lookups, sent_only: frozenset[str]
) -> Iterator[Observation]:
    """The observations from DHCP and ARP."""
    exchanges = dhcp_exchanges(record.dhcp)
    gateways = gateways_of(record, clients.services, exchanges)
    traffic = arp_traffic(record)
    yield from read_leases(record, exchanges, sent_only)
    yield from read_gateways(record, traffic, gateways, sent_only)
    yield from read_silent_resolvers(traffic, exchanges, gateways, lookups.resolvers_asked)
    yield from address_conflicts(record)
    yield from static_addresses(record, clients.services, exchanges, gateways)


def _asked_for(clients: Clients, target: Target) -> frozenset[str]:
    """Keys of the clients that the user means, Photon or not."""
    wanted = target.device.lower()
    return frozenset(
        client.key
        for client in clients.by_key.values()
        if wanted and wanted in (client.key, client.mac, client.id, *client.addresses)
    )


def _identities(
    clients: Clients, found: Sequence[Client], devices: frozenset[str]
) -> Iterator[Observation]:
    """Who each device is, and which clients are only relatives of a Photon."""
    photon_keys = {client.key for client in found}
    for key in sorted(devices):
        yield _identity(clients.by_key[key], is_photon=key in photon_keys)
    for client in clients.by_key.values():
        if client.relative and not client.is_shared:
            yield observed(
                "device.relative",
                Outcome.OK,
                subject=client.key,
                at_ns=client.first_ns,
                data=[("family", client.relative)],
            )


def _identity(client: Client, *, is_photon: bool) -> Observation:
    mark = client.best_mark
    packet = client.marks.get(mark) or PacketRef(client.first_ns, "", 0)
    known = {
        "mac": client.mac,
        "id": client.id,
        "firmware": firmware(client),
        "ip": client.newest_address,
    }
    data: list[tuple[str, Scalar]] = [
        ("rank", client.rank if is_photon else 0),
        ("sign", mark),
        ("first", client.first_ns / SECOND_NS),
    ]
    return observed(
        "device.identity",
        Outcome.OK,
        subject=client.key,
        at_ns=packet.at_ns,
        data=[*data, *((name, value) for name, value in known.items() if value)],
        packets=[packet] if packet.source else [],
    )


def _summed_up(seen: Iterable[Observation]) -> Iterator[Observation]:
    """Observations about controls: alike ones of one client become one that spans them, with a
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
            data=(*first.data, ("count", len(members))),
            ref=first.ref,
        )
