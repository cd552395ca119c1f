"""One connection seen on both sides of a router: the same SYN number towards the same server, from
two addresses.

Address translation (RFC 3022) changes the client's address and port, not its sequence numbers nor
what it says. So a capture from beyond the router adds no device; it says which of the device's
openings left the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from netcheck.capture.observations import SECOND_NS, saw
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.tables import FileCoverage
from netcheck.model import Observation, Outcome

SAME_NS = 3600 * SECOND_NS
"""Clocks of two capture points differ by less than this."""
NEAREST_VIEWS = 32
"""Of the connections with one SYN number to one server, so many before and after are looked at:
more are a forgery.
"""


@dataclass
class Sides:
    """`inner`: every connection once, as near to its client as it was seen. `beyond`: where inner
    ones were seen again.
    """

    inner: list[Connection]
    beyond: dict[int, Connection] = field(default_factory=dict)
    outer_addresses: set[str] = field(default_factory=set)
    outer_files: set[str] = field(default_factory=set)

    def left_network(
        self, connection: Connection, subject: str, target: str, files: Iterable[FileCoverage]
    ) -> Iterator[Observation]:
        """Did that opening leave the network? Says something only where a capture beyond the router
        watched at the time.
        """
        outer = self.beyond.get(id(connection))
        if outer is not None:
            places = [connection.segments[0], outer.segments[0]]
            yield saw(
                "tcp.left_network",
                Outcome.OK,
                subject=subject,
                target=target,
                at_ns=connection.start_ns,
                places=places,
            )
            return
        inside = connection.segments[0].source
        watching = [
            file
            for file in files
            if file.source in self.outer_files
            and file.source != inside
            and file.first_ns + SECOND_NS <= connection.start_ns <= file.last_ns - SECOND_NS
        ]
        if watching and connection.syns:
            yield saw(
                "tcp.left_network",
                Outcome.FAILED,
                "timeout",
                subject=subject,
                target=target,
                at_ns=connection.start_ns,
                places=connection.syns[:1],
            )


def sides(connections: Iterable[Connection]) -> Sides:
    """The connections, each with the views of it from beyond a router put aside."""
    alike: dict[tuple[str, int, int], list[Connection]] = defaultdict(list)
    found = Sides([])
    for connection in connections:
        if connection.syns:
            alike[connection.key.server, connection.key.server_port, connection.syns[0].seq].append(
                connection
            )
        else:
            found.inner.append(connection)
    for views in alike.values():
        views.sort(key=lambda view: (view.start_ns, view.key))
        for index, view in enumerate(views):
            nearest = _same_nearer(index, views)
            if nearest is None:
                found.inner.append(view)
                continue
            found.beyond.setdefault(id(nearest), view)
            found.outer_addresses.add(view.key.client)
            found.outer_files.add(view.segments[0].source)
    found.inner = [c for c in found.inner if c.key.client not in found.outer_addresses]
    found.inner.sort(key=lambda c: (c.start_ns, c.key))
    return found


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
