"""When each client turned, of its own accord, to something new: that is what ends a wait, not the
silence alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from netcheck.capture.clients import NTP_NAME, Census
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.tables import Tables
from netcheck.wire.decode import Dhcp, Dns

DISCOVER = 1
DNS_PORT = 53


class Moves(msgspec.Struct, frozen=True):
    """Client → times in ns, sorted."""

    aside: dict[str, list[int]]
    """To anything other than looking up the cloud's name: this ends a round of look-ups."""
    anew: dict[str, list[int]]
    """To the beginning of another try: this ends whatever connection was still open."""
    over: dict[str, list[int]]
    """To asking for an address: the device, or its Wi-Fi, started over."""


def moves_of(tables: Tables, census: Census, connections: Iterable[Connection]) -> Moves:
    """Every client's moves. The internet test of 2.0 and later comes before the end of a failed
    handshake, so it is no new try.
    """
    moves = Moves(defaultdict(list), defaultdict(list), defaultdict(list))
    for connection in connections:
        for syn in connection.syns[:1]:
            client = census.key_of(syn.mac, connection.key.client, syn.ttl)
            is_cloud = connection.key.server_port == tables.cloud_port
            if is_cloud or connection.key.server_port == DNS_PORT:
                moves.aside[client].append(syn.at_ns)
            if is_cloud:
                moves.anew[client].append(syn.at_ns)
    for heard in tables.dhcp:
        body = heard.message.body
        if isinstance(body, Dhcp) and body.kind == DISCOVER:
            for kind in (moves.aside, moves.anew, moves.over):
                kind[body.client_mac].append(heard.at_ns)
    for heard in tables.dns:
        body = heard.message.body
        if (
            isinstance(body, Dns)
            and not body.is_answer
            and body.name in (NTP_NAME, tables.cloud_name)
        ):
            kind = moves.aside if body.name == NTP_NAME else moves.anew
            kind[census.key_of(heard.message.src_mac, heard.message.src, heard.message.ttl)].append(
                heard.at_ns
            )
    for kind in (moves.aside, moves.anew, moves.over):
        for times in kind.values():
            times.sort()
    return moves
