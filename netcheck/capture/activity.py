"""When each client began something new of its own accord: that ends a wait, not silence alone."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from netcheck.capture.clients import NTP_NAME, AddressOwners
from netcheck.capture.protocols.tcp import Connection, relative
from netcheck.capture.records import CaptureRecord
from netcheck.photon.addresses import PHOTON_FALLBACK
from netcheck.wire.decode import Dhcp, Dns

DISCOVER = 1
DNS_PORT = 53
FIRST_SEQ, YOUNG = 6510, 64
"""The sequence number from which a stack that just started counts, and how far in its first seconds
(LwIP.a, tcp.o).
"""
NEXT_PORTS = 16
"""A stack that counts its ports on was hardly seen to leave out more of them; that a random one is
so near happens once in a thousand times (LwIP.a, tcp.o: random from 4097 or 49153 on, then + 1).
"""

Times = Mapping[str, tuple[int, ...]]
"""Client → times in ns, sorted."""


class ClientOpening(NamedTuple):
    """The first SYN of a connection."""

    at_ns: int
    port: int
    """The client's."""
    seq: int


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """When each client began something new, by kind."""

    other_than_lookup: Times
    """Anything other than a lookup of the cloud's name: it ends a round of lookups."""
    new_attempts: Times
    """Another attempt to reach the cloud: it ends whatever connection was still open."""
    restarts: Times
    """A request for an address: the device, or its Wi-Fi, started over."""
    went_to_cloud: Times
    """A connection to the cloud's port at an address that is not built into any firmware."""
    openings: Mapping[str, tuple[ClientOpening, ...]]
    """How each client opened its connections, whatever their port, in order of time."""

    def kept_running(self, client: str, at_ns: int) -> bool:
        """Did the client start over at that time without a restart? Then its stack counts on: the
        next connection has one of the next ports, and a higher sequence number. After a restart a
        Photon begins at any port, and at 6510.
        """
        around = self._openings_around(client, at_ns)
        if around is None:
            return False
        before, after = around
        return _is_next(before, after) and relative(after.seq, before.seq) > 0

    def began_anew(self, client: str, at_ns: int) -> bool:
        """Did the client's stack begin to count again after that time, from another port?"""
        around = self._openings_around(client, at_ns)
        if around is None:
            return False
        before, after = around
        is_young = 0 <= after.seq - FIRST_SEQ < YOUNG
        counts_on = not is_young and relative(after.seq, before.seq) > 0
        return not _is_next(before, after) and not counts_on

    def _openings_around(
        self, client: str, at_ns: int
    ) -> tuple[ClientOpening, ClientOpening] | None:
        """The client's last opening until that time, and the first after it."""
        openings = self.openings.get(client, ())
        following = bisect_right(openings, at_ns, key=lambda opening: opening.at_ns)
        if not 0 < following < len(openings):
            return None
        return openings[following - 1], openings[following]


def _is_next(before: ClientOpening, after: ClientOpening) -> bool:
    return 0 < after.port - before.port <= NEXT_PORTS


def read_activity(
    record: CaptureRecord, owners: AddressOwners, connections: Iterable[Connection]
) -> Activity:
    """Every client's activity. The internet test of 2.0 and later comes before the end of a failed
    handshake, so it is no new attempt.
    """
    other: dict[str, list[int]] = defaultdict(list)
    attempts: dict[str, list[int]] = defaultdict(list)
    restarts: dict[str, list[int]] = defaultdict(list)
    went_to_cloud: dict[str, list[int]] = defaultdict(list)
    openings: dict[str, list[ClientOpening]] = defaultdict(list)
    for connection in connections:
        for syn in connection.syns[:1]:
            client = owners.key_of(syn.mac, connection.key.client, syn.ttl)
            openings[client].append(ClientOpening(syn.at_ns, connection.key.client_port, syn.seq))
            is_cloud = connection.key.server_port == record.cloud_port
            if is_cloud or connection.key.server_port == DNS_PORT:
                other[client].append(syn.at_ns)
            if is_cloud:
                attempts[client].append(syn.at_ns)
                if connection.key.server != PHOTON_FALLBACK:
                    went_to_cloud[client].append(syn.at_ns)
    for captured in record.dhcp:
        body = captured.message.body
        if isinstance(body, Dhcp) and body.kind == DISCOVER:
            for times in (other, attempts, restarts):
                times[body.client_mac].append(captured.at_ns)
    for captured in record.dns:
        message, body = captured.message, captured.message.body
        if (
            isinstance(body, Dns)
            and not body.is_answer
            and body.name in (NTP_NAME, record.cloud_name)
        ):
            times = other if body.name == NTP_NAME else attempts
            client = owners.key_of(message.src_mac, message.src, message.ttl)
            times[client].append(captured.at_ns)
    return Activity(
        other_than_lookup=_in_order(other),
        new_attempts=_in_order(attempts),
        restarts=_in_order(restarts),
        went_to_cloud=_in_order(went_to_cloud),
        openings={client: tuple(sorted(of_client)) for client, of_client in openings.items()},
    )


def _in_order(times: Mapping[str, list[int]]) -> Times:
    return {client: tuple(sorted(of_client)) for client, of_client in times.items()}
