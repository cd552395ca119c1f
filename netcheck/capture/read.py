"""From merged tables to observations: which client is a Photon, what happened to it, and how all
others fared.

Each stage is a function of the record and of earlier stages' results, and changes none of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from netcheck.capture.activity import read_activity
from netcheck.capture.clients import Client, Clients, firmware
from netcheck.capture.cloud_connections import speaking_as_cloud
from netcheck.capture.coverage import photons_left_out, read_coverage, read_directions
from netcheck.capture.identification import find_clients
from netcheck.capture.observations import SECOND_NS, PacketRef, observed
from netcheck.capture.ordering import in_order
from netcheck.capture.photons import MAX_PHOTONS, may_be_photons, photons
from netcheck.capture.protocols.address_conflicts import (
    address_conflicts,
    static_addresses,
    without_ipv4,
    without_repeated,
)
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
from netcheck.capture.reachability import read_reachability
from netcheck.capture.records import CaptureRecord
from netcheck.capture.tables import Tables
from netcheck.capture.wifi.limits import radio_limits
from netcheck.capture.wifi.read import read_wifi
from netcheck.model import NAMELESS, NETWORK, Observation, Outcome, Scalar, Target

MAX_CONTROLS, SHOWN_BY = 64, 4
"""Other clients whose observations are kept, each fact summed up; the rest are left out. So many of
them, if there are, show each result.
"""


def read(tables: Tables, target: Target) -> list[Observation]:
    """All observations, the devices' first."""
    record = without_repeated(without_probes(in_order(tables)))
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
        {one: times for one, times in activity.went_to_cloud.items() if one in devices},
    )
    seen = [
        *lookups.observations,
        *_about_addresses(record, clients, lookups, directions.sent_only),
        *read_wifi(
            record.networks,
            record.join_frames,
            devices,
            record.wifi_data,
            told=target.ssid,
            farewells=record.farewells,
        ),
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
    seen = list(_without_silence_where_cut(seen, clients, record, devices))
    is_kept = devices | {NETWORK, NAMELESS}
    limits = (
        *directions.limits(devices),
        *photons_left_out(len(every) - len(found)),
        *radio_limits(record.networks, record.join_frames, devices, target.ssid),
    )
    return [
        *_identities(clients, found, devices, target),
        *(o for o in seen if o.subject in is_kept),
        *_summed_up(
            (o for o in seen if o.subject not in is_kept),
            [o for o in seen if o.subject in devices],
        ),
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
    yield from without_ipv4(record, exchanges)


def _asked_for(clients: Clients, target: Target) -> frozenset[str]:
    """Keys of the clients that the user means, Photon or not."""
    wanted = target.device.lower()
    return frozenset(
        client.key
        for client in clients.by_key.values()
        if wanted and wanted in (client.key, client.mac, client.id, *client.addresses)
    )


def _identities(
    clients: Clients, found: Sequence[Client], devices: frozenset[str], target: Target
) -> Iterator[Observation]:
    """Who each device is, and which clients are only relatives of a Photon."""
    photon_keys = {client.key for client in found}
    for key in sorted(devices):
        yield _identity(clients.by_key[key], target, is_photon=key in photon_keys)
    for client in may_be_photons(clients):
        if client.key not in devices:
            yield _perhaps_photon(client)
    for client in clients.by_key.values():
        if client.relative and not client.is_shared:
            yield observed(
                "device.relative",
                Outcome.OK,
                subject=client.key,
                at_ns=client.first_ns,
                data=[("family", client.relative)],
            )


def _perhaps_photon(client: Client) -> Observation:
    packet = client.marks[client.best_mark]
    return observed(
        "device.perhaps",
        Outcome.UNCLEAR,
        subject=client.key,
        at_ns=packet.at_ns,
        data=[("sign", client.best_mark)],
        packets=[packet] if packet.source else [],
    )


def _identity(client: Client, target: Target, *, is_photon: bool) -> Observation:
    mark = client.best_mark
    packet = client.marks.get(mark) or PacketRef(client.first_ns, "", 0)
    known = {
        "mac": client.mac,
        "id": client.id,
        "firmware": firmware(client),
        "ip": target.device if target.device in client.addresses else client.newest_address,
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


SILENT = frozenset({"timeout", "silent", "no_offer", "no_ack"})
"""Reasons that say that no answer came."""


def _without_silence_where_cut(
    seen: Iterable[Observation], clients: Clients, record: CaptureRecord, devices: frozenset[str]
) -> Iterator[Observation]:
    """The observations; those of silence at a time of which packets were left out are unclear."""
    if not record.cut_ns:
        yield from seen
        return
    until_ns: dict[str, int] = {}
    for o in seen:
        if not (o.failed and o.reason in SILENT):
            yield o
            continue
        if o.subject not in until_ns:
            is_stranger = o.subject not in devices and o.subject != NETWORK
            until_ns[o.subject] = _cut_until_ns(
                o.subject, clients, record.cut_ns, is_stranger=is_stranger
            )
        is_cut = o.at * SECOND_NS <= until_ns[o.subject]
        yield (
            msgspec.structs.replace(o, outcome=Outcome.UNCLEAR, reason="left_out") if is_cut else o
        )


def _cut_until_ns(
    subject: str, clients: Clients, cut_ns: Mapping[str, int], *, is_stranger: bool
) -> int:
    """Until when packets of that client, under any of its names, were left out; 0 for never."""
    client = clients.by_key.get(subject)
    names = (subject, *(client.addresses if client is not None else ()))
    strangers_ns = cut_ns.get("", 0) if is_stranger else 0
    return max(strangers_ns, *(cut_ns.get(name, 0) for name in names))


def _summed_up(
    seen: Iterable[Observation], of_devices: Sequence[Observation]
) -> Iterator[Observation]:
    """Observations about controls: alike ones of one client become one that spans them, with a
    count. An answer that gives a device's address of the cloud for another name is not like others.
    """
    groups: dict[str, dict[tuple[str, ...], list[Observation]]] = defaultdict(dict)
    of_cloud = _addresses(o for o in of_devices if o.fact == "dns.cloud_name")
    for o in seen:
        is_shared = o.fact == "dns.other_name" and not of_cloud.isdisjoint(_addresses([o]))
        alike = (o.fact, o.outcome, o.reason, "shared" if is_shared else "")
        groups[o.subject].setdefault(alike, []).append(o)
    start = min((o.at for o in of_devices), default=0.0)
    end = max((o.end for o in of_devices), default=start)
    for subject in _controls(groups, start, end):
        for _, members in sorted(groups[subject].items()):
            yield _summed(members)


def _addresses(lookups: Iterable[Observation]) -> set[str]:
    """The addresses that these lookups gave."""
    return {address for o in lookups for address in o.text("addresses").split()}


def _summed(members: list[Observation]) -> Observation:
    members.sort(key=lambda o: o.at)
    first = members[0]
    end = max(o.end for o in members)
    return Observation(
        stage=first.stage,
        fact=first.fact,
        outcome=first.outcome,
        reason=first.reason,
        subject=first.subject,
        target=first.target,
        source=first.source,
        at=first.at,
        took_s=round(end - first.at, 6),
        data=(*first.data, ("count", len(members))),
        ref=first.ref,
    )


ResultsOf = Mapping[str, Mapping[tuple[str, ...], Sequence[Observation]]]
"""Subject → fact, outcome and reason → its observations."""


def _controls(groups: ResultsOf, start: float, end: float) -> list[str]:
    """MAX_CONTROLS of them, in the order of their names: of a crowd first those that showed what
    hardly any other did, and those seen nearest to the time from `start` to `end` of the devices.
    """
    if len(groups) <= MAX_CONTROLS:
        return sorted(groups)

    def seconds_apart(subject: str) -> tuple[float, str]:
        shown = [o for members in groups[subject].values() for o in members]
        return min(max(start - o.end, o.at - end, 0.0) for o in shown), subject

    nearest_first = sorted(groups, key=seconds_apart)
    told_by: Counter[tuple[str, ...]] = Counter()
    kept: dict[str, None] = {}
    for wanted in (SHOWN_BY, len(groups)):
        for subject in nearest_first:
            results = groups[subject].keys()
            if (
                subject not in kept
                and len(kept) < MAX_CONTROLS
                and any(told_by[result] < wanted for result in results)
            ):
                kept[subject] = None
                told_by.update(results)
    return sorted(kept)
