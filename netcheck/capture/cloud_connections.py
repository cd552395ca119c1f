"""Connections to the cloud's port: how far each came, and where it went."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from netcheck.capture.activity import Activity
from netcheck.capture.clients import AddressOwners
from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.cloud_steps import (
    CONNECT_S,
    NONCE,
    REQUEST,
    SILENCE_S,
    ConnectionWatch,
)
from netcheck.capture.protocols.dns import Lookups
from netcheck.capture.protocols.handshake import read_handshake
from netcheck.capture.protocols.icmp import Unreachable, icmp_report
from netcheck.capture.protocols.nat_views import NatViews, left_network
from netcheck.capture.protocols.tcp import Connection, until
from netcheck.capture.records import CaptureRecord
from netcheck.model import Observation, Outcome
from netcheck.photon.addresses import PHOTON_FALLBACK
from netcheck.wire.addresses import is_bogon


class CloudContext(msgspec.Struct, frozen=True, kw_only=True):
    """What earlier stages found, by which a connection to the cloud's port is judged."""

    record: CaptureRecord
    devices: frozenset[str]
    views: NatViews
    activity: Activity
    lookups: Lookups
    false_for_anyone: frozenset[str]
    """Addresses from false DNS answers to any client."""
    errors: Unreachable
    cloud_servers: frozenset[str]
    servers_of_devices: frozenset[str]
    """Where the devices connected to the cloud's port."""
    cloud_key: bytes
    sent_only: frozenset[str]
    """Clients to which nothing was captured."""
    opening: frozenset[str]
    """Clients of which some connection opened."""


def speaking_as_cloud(connections: Sequence[Connection], cloud_port: int) -> frozenset[str]:
    """Addresses at which the cloud's port answered with a nonce or carried a session: a cloud,
    wherever it stands.
    """
    return frozenset(
        connection.key.server
        for connection in connections
        if connection.key.server_port == cloud_port and _spoke_as_cloud(connection)
    )


def _spoke_as_cloud(connection: Connection) -> bool:
    up, down = connection.up, connection.down
    if connection.client_speaks_first:
        return False
    return (
        connection.is_begun_before
        or (
            down.length >= NONCE
            and len(set(down.content[:NONCE])) > 8
            and up.length in (0, REQUEST)
        )
        or down.length > NONCE + REQUEST
    )


def cloud_servers(
    connections: Sequence[Connection],
    owners: AddressOwners,
    lookups: Lookups,
    devices: frozenset[str],
    cloud_port: int,
) -> tuple[frozenset[str], frozenset[str]]:
    """Where the devices connected to the cloud's port; and these with the addresses that lookups
    gave any client.
    """
    reached = frozenset(
        c.key.server
        for c in connections
        if c.key.server_port == cloud_port and owners.client_of(c) in devices
    )
    return reached, reached.union(*lookups.resolved.values())


def read_cloud_connection(
    client: str, connection: Connection, context: CloudContext
) -> Iterator[Observation]:
    """The observations from one connection to the cloud's port."""
    key, lookups = connection.key, context.lookups
    target = f"{key.server}:{key.server_port}"
    watch = _watch(client, connection, context)
    watched = until(connection, watch.until_ns) if watch.moved_on else connection
    if key.server in lookups.false_addresses.get(client, ()) or (
        is_bogon(key.server) and key.server in context.false_for_anyone
    ):
        yield _false_address(client, watched, target)
    elif client not in context.devices and (
        key.server not in context.cloud_servers
        or (connection.client_speaks_first and key.server not in context.servers_of_devices)
    ):
        yield from _other_host(client, watched, target)
    else:
        seen = list(_handshake(client, watched, watch, target, context))
        yield from seen
        if not any(o.fact == "session.open" for o in seen):
            yield from _restart(client, watched, watch, context)
        yield from _address(client, watched, target, lookups.resolved.get(client, frozenset()))
        yield from left_network(
            context.views, connection, context.record.files, subject=client, target=target
        )


def _restart(
    client: str, connection: Connection, watch: ConnectionWatch, context: CloudContext
) -> Iterator[Observation]:
    """Did the device restart in the middle, before it had waited for as long as it does?"""
    last = connection.segments[-1]
    waits_s = SILENCE_S if connection.is_open else CONNECT_S
    is_early = watch.until_ns - last.at_ns < waits_s * SECOND_NS
    if watch.started_over and is_early and context.activity.began_anew(client, watch.until_ns):
        yield observed(
            "device.restart",
            Outcome.UNCLEAR,
            subject=client,
            at_ns=watch.until_ns,
            packets=[last],
        )


def _watch(client: str, connection: Connection, context: CloudContext) -> ConnectionWatch:
    """Until when this connection was watched: the client's next attempt after the last new content
    it sent, or the end of the capture.
    """
    fresh = connection.fresh()
    last_sent_ns = max((s.at_ns for s in fresh if s.up), default=connection.start_ns)
    is_one_way = client in context.sent_only or connection.lacks_client or connection.lacks_server
    server = connection.key.server
    others_open = client in context.opening and server != PHOTON_FALLBACK and not is_bogon(server)
    attempts = context.activity.new_attempts.get(client, ())
    following = bisect_right(attempts, last_sent_ns + SECOND_NS // 10)
    if following == len(attempts) or any(s.at_ns > attempts[following] for s in fresh):
        return ConnectionWatch(
            context.record.last_ns, False, is_one_way=is_one_way, others_open=others_open
        )
    next_ns = attempts[following]
    has_restarted = next_ns in context.activity.restarts.get(client, ())
    return ConnectionWatch(
        next_ns,
        True,
        has_restarted,
        is_one_way=is_one_way,
        others_open=others_open,
        kept_running=has_restarted and context.activity.kept_running(client, next_ns),
    )


def _handshake(
    client: str,
    connection: Connection,
    watch: ConnectionWatch,
    target: str,
    context: CloudContext,
) -> Iterator[Observation]:
    for step in read_handshake(connection, watch, context.cloud_key):
        outcome, reason, end_ns, data = step.outcome, step.reason, step.end_ns, step.data
        packets = [*step.packets]
        error = None
        if step.fact == "tcp.cloud" and outcome is not Outcome.OK:
            error = icmp_report(context.errors, connection)
        if error is not None:
            outcome, reason, end_ns = Outcome.FAILED, error.reason, error.captured.at_ns
            data = (*data, *error.data)
        yield observed(
            step.fact,
            outcome,
            reason,
            subject=client,
            target=target,
            at_ns=step.at_ns,
            end_ns=end_ns,
            data=data,
            packets=[*packets, error.captured] if error is not None else packets,
        )


def _other_host(client: str, connection: Connection, target: str) -> Iterator[Observation]:
    """A control's connection to that port of a host that is not the cloud: it shows what becomes of
    the port.
    """
    answer = connection.opened or connection.server_reset
    if answer is None or not connection.syns:
        return
    outcome, reason = (Outcome.OK, "") if connection.is_open else (Outcome.FAILED, "refused")
    yield observed(
        "tcp.neutral_same_port",
        outcome,
        reason,
        subject=client,
        target=target,
        at_ns=connection.start_ns,
        packets=[connection.syns[0], answer],
    )


def _false_address(client: str, connection: Connection, target: str) -> Observation:
    """How a connection to an address from a false DNS answer ended: this shows nothing about the
    cloud's port.
    """
    reset = connection.server_reset
    outcome, reason = Outcome.UNCLEAR, ""
    if not connection.is_open:
        outcome, reason = Outcome.FAILED, "timeout" if reset is None else "refused"
    return observed(
        "tcp.false_address",
        outcome,
        reason,
        subject=client,
        target=target,
        at_ns=connection.start_ns,
        packets=[*connection.syns[:1], *([reset] if reset else [])],
    )


def _address(
    client: str, connection: Connection, target: str, resolved: frozenset[str]
) -> Iterator[Observation]:
    """Did the address come from a lookup?"""
    server = connection.key.server
    is_fallback = server == PHOTON_FALLBACK
    if server in resolved or not (resolved or is_fallback):
        return
    yield observed(
        "tcp.address",
        Outcome.UNCLEAR,
        "" if is_fallback else "differs",
        subject=client,
        target=target,
        at_ns=connection.start_ns,
        data=[("address", server), ("fallback", is_fallback)],
        packets=connection.segments[:1],
    )
