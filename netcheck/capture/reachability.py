"""The hosts that clients reached, and how far their cloud connections came: every connection, NTP,
the announcement that a device in session makes, and another server that a device asks for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from netcheck.capture.activity import Activity
from netcheck.capture.clients import NTP_NAME, AddressOwners, announced_id
from netcheck.capture.cloud_connections import CloudContext, cloud_servers, read_cloud_connection
from netcheck.capture.internet import (
    DNS_PORT,
    is_traceroute,
    read_ntp,
    read_other_connection,
)
from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.dns import Lookups
from netcheck.capture.protocols.icmp import TCP, narrow_links, unreachable
from netcheck.capture.protocols.nat_views import NatViews
from netcheck.capture.protocols.retransmissions import runs
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import CapturedMessage, CaptureRecord
from netcheck.capture.web.login_pages import read_web_answers
from netcheck.capture.web.proxies import read_proxies
from netcheck.model import Observation, Outcome
from netcheck.photon.addresses import INTERNET_TEST
from netcheck.wire.decode import ARP_ASK, Arp, Dhcp, Dns


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
    for client in sorted(devices):
        yield from _other_servers(client, record, owners, connections)
    yield from narrow_links(record.icmp, owners)
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


# -- another server


WANTED_S = 30.0
"""Three lookups of 5 s each, or a connection's 5 s, come before an internet test."""
TEST_GAP_S = 3.0
"""Questions of one test follow each other sooner."""


def _other_servers(
    client: str,
    record: CaptureRecord,
    owners: AddressOwners,
    connections: Iterable[Connection],
) -> Iterator[Observation]:
    """What a device asks for in vain before its internet tests, if it never asks for the cloud: a
    name that brings no address, or a host of its network that does not answer ARP.

    It tests the Internet only after it failed to reach its server (device-os@v1.5.2 and
    v2.3.1:system/src/system_task.cpp). What it asked for once may be of its program.
    """
    names, questions = _lookups_of(client, record, owners), _neighbours_asked(client, record)
    own = [c for c in connections if owners.client_of(c) == client]
    is_cloud_asked = any(c.key.server_port == record.cloud_port for c in own) or any(
        name == record.cloud_name or name.startswith(f"{record.cloud_name}.") for name in names
    )
    tests = [c.start_ns for c in own if c.key[2:] == (INTERNET_TEST, DNS_PORT)]
    tests += [asked.at_ns for asked in names.pop(NTP_NAME, ())]
    rounds = list(runs(sorted(tests), lambda run, at_ns: at_ns - run[-1] > TEST_GAP_S * SECOND_NS))
    if is_cloud_asked or len(rounds) < 2:
        return
    for wanted, asked in (*names.items(), *questions.items()):
        since_ns = [test[0] - int(WANTED_S * SECOND_NS) for test in rounds]
        since_ns[1:] = map(max, since_ns[1:], (test[-1] for test in rounds))
        before = [
            [one for one in asked if since < one.at_ns < test[0]]
            for since, test in zip(since_ns, rounds, strict=True)
        ]
        in_vain = [packets for packets in before if len(packets) >= 2]
        if len(in_vain) < 2 or 2 * len(in_vain) < len(rounds):
            continue
        for packets in in_vain:
            yield observed(
                "tcp.other_server",
                Outcome.FAILED,
                "no_name" if wanted in names else "timeout",
                subject=client,
                target=wanted,
                at_ns=packets[0].at_ns,
                end_ns=packets[-1].at_ns,
                packets=packets,
            )


def _lookups_of(
    client: str, record: CaptureRecord, owners: AddressOwners
) -> dict[str, list[CapturedMessage]]:
    """Name → the client's questions for it; of names that brought no address, and of the name of
    the internet test.
    """
    asked: dict[str, list[CapturedMessage]] = defaultdict(list)
    answered: set[str] = set()
    for captured in record.dns:
        message, body = captured.message, captured.message.body
        if not isinstance(body, Dns):
            continue
        if (
            not body.is_answer
            and owners.key_of(message.src_mac, message.src, message.ttl) == client
        ):
            asked[body.name].append(captured)
        elif body.is_answer and body.addresses and owners.key_of_address(message.dst) == client:
            answered.add(body.name)
    return {name: seen for name, seen in asked.items() if name not in answered - {NTP_NAME}}


def _neighbours_asked(client: str, record: CaptureRecord) -> dict[str, list[CapturedMessage]]:
    """Address → the client's ARP questions for it; of hosts that never spoke, and that no lease
    named.
    """
    bodies = [captured.message.body for captured in record.dhcp]
    known = {
        address
        for body in bodies
        if isinstance(body, Dhcp)
        for address in (*body.routers, *body.resolvers)
    }
    asked: dict[str, list[CapturedMessage]] = defaultdict(list)
    for captured in record.arp:
        arp = captured.message.body
        if isinstance(arp, Arp):
            known.add(arp.sender_ip)
            if arp.operation == ARP_ASK and arp.sender_mac == client:
                asked[arp.target_ip].append(captured)
    return {address: seen for address, seen in asked.items() if address not in known}
