"""Does something here accept connections to an unroutable address, where no host can be?

Sends: one connection to the cloud's port and one to the web port of an address that is kept for
documentation, so that no host has it.
Settles: tcp.nowhere (for each port).
Cannot tell: a proxy that accepts only what its own server answered.
Source: RFC 5737 §3 (192.0.2.0/24 and 198.51.100.0/24 serve as made-up addresses of some firewalls,
so the third is asked). Where this connection opens, an open one elsewhere proves nothing about its
host; and a reset from here is made by a firewall or proxy.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Kind, Need, Net, Reply, Seen, Traffic, probe, seen

UNROUTABLE = "203.0.113.77"
_WEB_PORT = 443
_CONTROL_S = 3.0
_BY_A_MIDDLEBOX = frozenset({"refused", "reset"})
"""What only the host itself should say."""


@probe(
    stage=Stage.TCP,
    settles={"tcp.nowhere"},
    needs={Need.INTERNET},
    sends=(
        Traffic(
            kind=Kind.TCP_CONNECTION, to=f"{UNROUTABLE}:{{cloud_port}}, where nothing is", at_most=1
        ),
        Traffic(
            kind=Kind.TCP_CONNECTION, to=f"{UNROUTABLE}:{_WEB_PORT}, where nothing is", at_most=1
        ),
    ),
    within_s=8,
)
def nowhere(target: Target, net: Net) -> Iterator[Seen]:
    ports = dict.fromkeys((target.cloud_port, _WEB_PORT))
    replies = net.together([partial(net.connect, UNROUTABLE, port, _CONTROL_S) for port in ports])
    for port, reply in zip(ports, replies, strict=True):
        yield judged(reply, f"{UNROUTABLE}:{port}")


def judged(reply: Reply, place: str) -> Seen:
    """Failed if the connection is accepted or reset; ok if no answer comes, or a router says that
    nothing is there.

    Skipped where this computer itself has no way there.
    """
    said = seen("tcp.nowhere", reply, place)
    if reply.ok:
        return msgspec.structs.replace(said, outcome=Outcome.FAILED, reason="accepts_all")
    if reply.reason in _BY_A_MIDDLEBOX:
        return said
    has_left = reply.reason not in ("held_here", "no_route", "no_address")
    return msgspec.structs.replace(said, outcome=Outcome.OK if has_left else Outcome.SKIPPED)
