"""The hosts that clients reached, and how far their cloud connections came: every connection, NTP,
the announcement that a device in session makes, and another server that a device asks for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

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
from netcheck.capture.records import CapturedMessage, CaptureRecord, TcpSegment
from netcheck.capture.web.login_pages import read_web_answers
from netcheck.capture.web.proxies import read_proxies
from netcheck.model import Observation, Outcome
from netcheck.photon.addresses import INTERNET_TEST
from netcheck.wire.decode import ARP_ASK, RST, Arp, Dhcp, Dns


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
    yield from _other_servers(devices, record, owners, connections)
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
Asked = Mapping[str, Sequence[CapturedMessage | TcpSegment]]
"""Name or address → the questions for it, in order of time."""


def _other_servers(
    devices: Collection[str],
    record: CaptureRecord,
    owners: AddressOwners,
    connections: Iterable[Connection],
) -> Iterator[Observation]:
    """What each device asks for in vain before its internet tests, if it never asks for the cloud:
    a name that brings no address, a host of its network that does not answer ARP, or one that opens
    no connection.

    It tests the Internet only after it failed to reach its server (device-os@v1.5.2 and
    v2.3.1:system/src/system_task.cpp). What it asked for once may be of its program.
    """
    lookups, neighbours = _lookups_of(devices, record, owners), _neighbours_asked(devices, record)
    of_client: dict[str, list[Connection]] = defaultdict(list)
    for connection in connections:
        of_client[owners.client_of(connection)].append(connection)
    for client in sorted(devices):
        names, own = lookups.get(client, {}), of_client.get(client, ())
        is_cloud_asked = any(c.key.server_port == record.cloud_port for c in own) or any(
            name == record.cloud_name or name.startswith(f"{record.cloud_name}.") for name in names
        )
        if not is_cloud_asked:
            yield from _asked_in_vain(client, names, neighbours.get(client, {}), own)


def _asked_in_vain(
    client: str, names: Asked, neighbours: Asked, connections: Iterable[Connection]
) -> Iterator[Observation]:
    """What the client asked for before at least half of its internet tests."""
    tests = [c.start_ns for c in connections if c.key[2:] == (INTERNET_TEST, DNS_PORT)]
    tests += [asked.at_ns for asked in names.get(NTP_NAME, ())]
    rounds = list(runs(sorted(tests), lambda run, at_ns: at_ns - run[-1] > TEST_GAP_S * SECOND_NS))
    if len(rounds) < 2:
        return
    unopened: dict[str, list[CapturedMessage | TcpSegment]] = defaultdict(list)
    for c in connections:
        if c.syns and not c.is_open and c.key[2:] != (INTERNET_TEST, DNS_PORT):
            unopened[f"{c.key.server}:{c.key.server_port}"] += c.segments
    others = {name: asked for name, asked in names.items() if name != NTP_NAME}
    for wanted, asked in (*others.items(), *neighbours.items(), *unopened.items()):
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
                _why(wanted in names, packets),
                subject=client,
                target=wanted,
                at_ns=packets[0].at_ns,
                end_ns=packets[-1].at_ns,
                packets=packets,
            )


def _why(is_name: bool, packets: Iterable[CapturedMessage | TcpSegment]) -> str:
    if is_name:
        return "no_name"
    is_refused = any(isinstance(p, TcpSegment) and p.flags & RST for p in packets)
    return "refused" if is_refused else "timeout"


def _lookups_of(
    devices: Collection[str], record: CaptureRecord, owners: AddressOwners
) -> Mapping[str, Asked]:
    """Device → name → its questions for it; of names that brought no address, and of the name of
    the internet test.
    """
    asked: dict[str, dict[str, list[CapturedMessage]]] = defaultdict(lambda: defaultdict(list))
    answered: set[tuple[str, str]] = set()
    for captured in record.dns:
        message, body = captured.message, captured.message.body
        if not isinstance(body, Dns):
            continue
        if not body.is_answer:
            client = owners.key_of(message.src_mac, message.src, message.ttl)
            if client in devices:
                asked[client][body.name].append(captured)
        elif body.addresses and body.name != NTP_NAME:
            answered.add((owners.key_of_address(message.dst), body.name))
    return {
        client: {name: seen for name, seen in names.items() if (client, name) not in answered}
        for client, names in asked.items()
    }


def _neighbours_asked(devices: Collection[str], record: CaptureRecord) -> Mapping[str, Asked]:
    """Device → address → its ARP questions for it; of hosts that never spoke, and that no lease
    named.
    """
    bodies = [captured.message.body for captured in record.dhcp]
    known = {
        address
        for body in bodies
        if isinstance(body, Dhcp)
        for address in (*body.routers, *body.resolvers)
    }
    asked: dict[str, dict[str, list[CapturedMessage]]] = defaultdict(lambda: defaultdict(list))
    for captured in record.arp:
        arp = captured.message.body
        if isinstance(arp, Arp):
            known.add(arp.sender_ip)
            if arp.operation == ARP_ASK and arp.sender_mac in devices:
                asked[arp.sender_mac][arp.target_ip].append(captured)
    return {
        client: {address: seen for address, seen in addresses.items() if address not in known}
        for client, addresses in asked.items()
    }
