"""One connection captured on both sides of a router: the same SYN number towards the same server,
from two addresses.

Address translation (RFC 3022) changes the client's address and port, not its sequence numbers nor
its content. So a capture from outside the router adds no device; it says which of the device's
connections left the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import FileCoverage, FlowKey
from netcheck.model import Observation, Outcome
from netcheck.wire.addresses import is_public

SAME_NS = 3600 * SECOND_NS
"""Clocks of two capture points differ by less than this."""
NEAREST_VIEWS = 32
"""Of the connections with one SYN number to one server, so many before and after are compared: more
are a forgery.
"""


class NatViews(msgspec.Struct, frozen=True, kw_only=True):
    """Every connection once, and where it was seen again."""

    inner: tuple[Connection, ...]
    """Each connection as near to its client as it was captured, in order of time."""
    outer: Mapping[tuple[FlowKey, int, int], Connection]
    """`Connection.id` of an inner one → the same connection outside the router."""
    outer_addresses: frozenset[str]
    """Addresses under which a router sends for its clients."""
    outer_files: frozenset[str]


def nat_views(connections: Iterable[Connection]) -> NatViews:
    """The connections, each with the views of it from outside a router put aside."""
    alike: dict[tuple[str, int, int], list[Connection]] = defaultdict(list)
    inner: list[Connection] = []
    for connection in connections:
        if connection.syns:
            key = connection.key
            alike[key.server, key.server_port, connection.syns[0].seq].append(connection)
        else:
            inner.append(connection)
    outer: dict[tuple[FlowKey, int, int], Connection] = {}
    repeated: list[Connection] = []
    for views in alike.values():
        views.sort(key=_by_time)
        for index, view in enumerate(views):
            nearest = _same_nearer(index, views)
            if nearest is None:
                inner.append(view)
            else:
                outer.setdefault(nearest.id, view)
                repeated.append(view)
    outer_addresses = frozenset(view.key.client for view in repeated)
    return NatViews(
        inner=tuple(
            sorted((c for c in inner if c.key.client not in outer_addresses), key=_by_time)
        ),
        outer=outer,
        outer_addresses=outer_addresses,
        outer_files=frozenset(view.segments[0].source for view in repeated),
    )


def _by_time(connection: Connection) -> tuple[int, FlowKey]:
    return connection.start_ns, connection.key


def _same_nearer(index: int, views: Sequence[Connection]) -> Connection | None:
    """Of the views that are alike, in order of time, the one of this very connection from nearer to
    its client, if there is one.

    A router takes one from the TTL (RFC 1812 §5.3.1). Two clients that just started may use the
    same numbers (a Photon counts from 6510), but then neither is farther away.
    """
    view = views[index]
    ttl = view.syns[0].ttl
    nearer = [
        other
        for other in views[max(index - NEAREST_VIEWS, 0) : index + NEAREST_VIEWS + 1]
        if other.key.client != view.key.client
        and other.syns[0].ttl > ttl
        and abs(other.start_ns - view.start_ns) < SAME_NS
    ]
    return min(
        nearer,
        key=lambda other: (-other.syns[0].ttl, abs(other.start_ns - view.start_ns), other.key),
        default=None,
    )


def left_network(
    views: NatViews,
    connection: Connection,
    files: Iterable[FileCoverage],
    *,
    subject: str,
    target: str,
) -> Iterator[Observation]:
    """Did that connection leave the network? Says something only where a capture outside the router
    was running at the time, or is all there is: then a client without a MAC sends from a public
    address.
    """
    outside = views.outer.get(connection.id)
    if outside is None and connection.opened is None and is_public(subject):
        outside = connection
    if outside is not None:
        yield observed(
            "tcp.left_network",
            Outcome.OK,
            subject=subject,
            target=target,
            at_ns=connection.start_ns,
            data=[("answered", True)] if outside.opened is not None else [],
            packets=list(dict.fromkeys((connection.segments[0], outside.segments[0]))),
        )
    elif connection.syns and _was_running(views, connection, files):
        yield observed(
            "tcp.left_network",
            Outcome.FAILED,
            "timeout",
            subject=subject,
            target=target,
            at_ns=connection.start_ns,
            packets=connection.syns[:1],
        )


def _was_running(views: NatViews, connection: Connection, files: Iterable[FileCoverage]) -> bool:
    """Did a capture outside the router run when that connection began, with a second to spare?"""
    return any(
        file.source in views.outer_files
        and file.source != connection.segments[0].source
        and file.first_ns + SECOND_NS <= connection.start_ns <= file.last_ns - SECOND_NS
        for file in files
    )
