"""Proxies: who reaches the Web only because something else asks for it?

A request to a proxy names the whole address, or asks for a tunnel (RFC 9112 §3.2.2, §3.2.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netcheck.capture.clients import AddressOwners
from netcheck.capture.files.relevant import HTTP_PORTS, PROXY_PORTS
from netcheck.capture.observations import observed
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import FlowKey
from netcheck.model import Observation, Outcome
from netcheck.wire.addresses import is_bogon

ABSOLUTE = b"http://"
FULFILLED = b"2"
"""The first digit of the status of a request that came through (RFC 9110 §15.3); a redirect may be
the proxy's own.
"""

Proxied = Mapping[tuple[FlowKey, int, int], Observation]
"""`Connection.id` → that the Web answered through the proxy."""


def read_proxies(connections: Iterable[Connection], owners: AddressOwners) -> Proxied:
    """The connections on which a proxy passed a request on, and what came back.

    A proxy that refuses, or wants a password, tells nothing of the way behind it.
    """
    return {
        c.id: observed(
            "internet.proxy",
            Outcome.OK,
            subject=owners.client_of(c),
            target=f"{c.key.server}:{c.key.server_port}",
            at_ns=c.start_ns,
            end_ns=c.down.arrivals[0][2].at_ns,
            packets=[c.up.arrivals[0][2], c.down.arrivals[0][2]],
        )
        for c in connections
        if c.key.server_port in HTTP_PORTS and _is_passed_on(c)
    }


def _is_passed_on(connection: Connection) -> bool:
    request, answer = connection.up.content, connection.down.content
    if not answer.startswith(b"HTTP/1.") or answer[9:10] != FULFILLED:
        return False
    if request.startswith(b"CONNECT "):
        return True
    # An origin server takes such a request for itself, too.
    method, _, rest = request.partition(b" ")
    is_there = is_bogon(connection.key.server) or connection.key.server_port in PROXY_PORTS
    return method.isalpha() and rest.startswith(ABSOLUTE) and is_there
