"""The stages of reading a capture: each is a function of its inputs, which stay as they are."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec
import pytest

from netcheck.capture.activity import Activity, read_activity
from netcheck.capture.clients import AddressOwners, Client, Clients
from netcheck.capture.cloud_connections import CloudContext, speaking_as_cloud
from netcheck.capture.coverage import read_coverage, read_directions
from netcheck.capture.identification import find_clients
from netcheck.capture.many import gather_file
from netcheck.capture.ordering import in_order
from netcheck.capture.photons import photons
from netcheck.capture.protocols.address_conflicts import address_conflicts, static_addresses
from netcheck.capture.protocols.arp import (
    ArpTraffic,
    arp_traffic,
    gateways_of,
    read_gateways,
    read_silent_resolvers,
)
from netcheck.capture.protocols.cloud_keys import makers_key
from netcheck.capture.protocols.dhcp import Exchange, dhcp_exchanges, read_leases, without_probes
from netcheck.capture.protocols.dns import Lookups, read_dns
from netcheck.capture.protocols.nat_views import NatViews, nat_views
from netcheck.capture.protocols.tcp import Connection, connections
from netcheck.capture.reachability import read_reachability
from netcheck.capture.read import read
from netcheck.capture.records import CaptureRecord, FileCoverage, FlowKey, TcpSegment
from netcheck.capture.tables import Tables
from netcheck.capture.wifi.read import read_wifi
from netcheck.model import Target
from tests.helpers.places import CAPTURES

IDENTITY = "device.identity"
PATHS = [
    CAPTURES / name
    for name in ("healthy_noisy.pcap", "dns_hijack_portal.pcapng", "wifi/wrong_password.pcap")
]


def tables_of(path: Path) -> Tables:
    gathered = gather_file((str(path), path.name, Target()))
    assert gathered.tables is not None
    return gathered.tables


P = ParamSpec("P")
R = TypeVar("R")


def once(stage: Callable[P, R], *inputs: P.args, **named: P.kwargs) -> R:
    """What a stage gives, after a second call gave the same, and its inputs are as they were."""
    copies = pickle.loads(pickle.dumps(inputs))
    first, second = stage(*inputs, **named), stage(*inputs, **named)
    assert first == second
    assert inputs == copies
    return first


def many(stage: Callable[P, Iterator[R]], *inputs: P.args, **named: P.kwargs) -> list[R]:
    """The same of a stage that gives one thing after another."""

    def listed(*inputs: P.args, **named: P.kwargs) -> list[R]:
        return list(stage(*inputs, **named))

    return once(listed, *inputs, **named)


def connections_of(
    conversations: Mapping[FlowKey, tuple[TcpSegment, ...]],
) -> Iterator[Connection]:
    for key, segments in conversations.items():
        yield from connections(key, segments)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_stage_changes_its_inputs(path: Path) -> None:
    target = Target()
    record = once(without_probes, once(in_order, tables_of(path)))
    views = once(nat_views, many(connections_of, record.conversations))
    clients = once(find_clients, record, views)
    devices = frozenset(client.key for client in once(photons, clients))
    activity = once(read_activity, record, clients.owners, views.inner)
    clouds = once(speaking_as_cloud, views.inner, record.cloud_port)
    sent_only = once(read_directions, record, clients, views.inner).sent_only
    lookups = once(
        read_dns,
        record,
        clients.owners,
        activity.other_than_lookup,
        clouds,
        sent_only,
        activity.went_to_cloud,
    )
    exchanges = once(dhcp_exchanges, record.dhcp)
    gateways = once(gateways_of, record, clients.services, exchanges)
    traffic = once(arp_traffic, record)
    seen = [
        *lookups.observations,
        *many(read_leases, record, exchanges, sent_only),
        *many(read_gateways, record, traffic, gateways, sent_only),
        *many(read_silent_resolvers, traffic, exchanges, gateways, lookups.resolvers_asked),
        *many(address_conflicts, record),
        *many(static_addresses, record, clients.services, exchanges, gateways),
        *many(read_wifi, record.networks, record.join_frames, devices, record.wifi_data),
        *many(
            read_reachability,
            record,
            clients.owners,
            views.inner,
            views,
            activity,
            lookups,
            devices,
            makers_key(),
            sent_only,
        ),
        *many(read_coverage, record, ()),
    ]
    own = [o for o in read(tables_of(path), target) if o.subject in devices]
    assert [o for o in seen if o.subject in devices] == [o for o in own if o.fact != IDENTITY]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_reading_leaves_the_tables_as_they_are(path: Path) -> None:
    tables = tables_of(path)
    before = pickle.dumps(tables)
    assert read(tables, Target()) == read(tables, Target())
    assert pickle.dumps(tables) == before


def test_what_stages_give_is_frozen() -> None:
    results: list[type[msgspec.Struct]] = [
        *(Activity, AddressOwners, ArpTraffic, CaptureRecord, Client, Clients),
        *(CloudContext, Exchange, FileCoverage, Lookups, NatViews),
    ]
    assert [one for one in results if not one.__struct_config__.frozen] == []
