"""The hosts that clients reached, and how far their cloud connections came: every connection, NTP,
and the announcement that a device in session makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.capture.activity import Activity
from netcheck.capture.clients import AddressOwners, announced_id
from netcheck.capture.cloud_connections import CloudContext, cloud_servers, read_cloud_connection
from netcheck.capture.internet import (
    is_traceroute,
    read_ntp,
    read_other_connection,
)
from netcheck.capture.observations import observed
from netcheck.capture.protocols.dns import Lookups
from netcheck.capture.protocols.icmp import TCP, unreachable
from netcheck.capture.protocols.nat_views import NatViews
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import CapturedMessage, CaptureRecord
from netcheck.capture.web.login_pages import read_web_answers
from netcheck.capture.web.proxies import read_proxies
from netcheck.model import Observation, Outcome


def read_reachability(
    record: CaptureRecord,
    owners: AddressOwners,
    connections: Sequence[Connection],
    views: NatViews,
    activity: Activity,
    lookups: Lookups,
    devices: frozenset[str],
    cloud_key: bytes,
    sent_only: frozenset[str],
) -> Iterator[Observation]:
    """The observations from TCP, ICMP and NTP. `connections`: those of `views` to be judged;
    `devices`: keys of the clients to explain; the others are controls; `sent_only`: those to which
    nothing was captured.
    """
    servers_of_devices, servers = cloud_servers(
        connections, owners, lookups, devices, record.cloud_port
    )
    opening = frozenset(owners.client_of(c) for c in connections if c.is_open)
    context = CloudContext(
        record=record,
        devices=devices,
        views=views,
        activity=activity,
        lookups=lookups,
        false_for_anyone=frozenset().union(*lookups.false_addresses.values()),
        errors=unreachable(record.icmp, TCP),
        cloud_servers=servers,
        servers_of_devices=servers_of_devices,
        cloud_key=cloud_key,
        sent_only=sent_only,
        opening=opening,
    )
    clouds_tried = servers & {
        c.key.server for c in connections if c.key.server_port == record.cloud_port
    }
    web_answers = read_web_answers(connections, owners, context.false_for_anyone)
    proxied = read_proxies(connections, owners)
    for connection in connections:
        client = owners.client_of(connection)
        if client not in devices and is_traceroute(connection):
            continue
        if connection.key.server_port == record.cloud_port:
            yield from read_cloud_connection(client, connection, context)
        else:
            yield from read_other_connection(
                client,
                connection,
                record.last_ns,
                context.errors,
                clouds_tried,
                web_answers,
                proxied,
                is_one_way=client in sent_only,
                others_open=client in opening,
            )
    yield from read_ntp(record, owners, lookups.test_servers, sent_only)
    yield from _announcements(record.udp, owners)


def _announcements(
    messages: Iterable[CapturedMessage], owners: AddressOwners
) -> Iterator[Observation]:
    """Each announcement, reported for its sender: two boards may have one id."""
    for captured in messages:
        if announced_id(captured.message) is not None:
            yield observed(
                "session.announce",
                Outcome.OK,
                subject=owners.announcer(captured.message),
                at_ns=captured.at_ns,
                packets=[captured],
            )
