"""Do this computer's own rules hold what was to be tested here?

Sends: one connection to the cloud's port and one to the web port of a neutral host, and looks
whether their first packets leave; without the right to raw frames, up to four connections and one
UDP datagram with TTL 1, at whose expiry the first router answers, and one datagram to the gateway.
Settles: computer.sends.
Cannot tell: without raw frames, a block by the access point or switch before the first router from
this computer's own.
Source: packet(7) (what is sent shows behind the firewall's output rules); RFC 792 (time exceeded),
RFC 1812 §5.3.1 (a Linux router answers before its forward rules see the packet).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import (
    CannotRun,
    Kind,
    Need,
    Net,
    Seen,
    Traffic,
    cloud_addresses,
    cloud_lookups,
    expired_at,
    is_neighbour,
    probe,
)

_WEB_PORT = 443
_CLOSED_PORT = 33434
_FIRST_ROUTER = 1
EVERYTHING = "everything"
"""The target where not only the cloud's port is held."""


@probe(
    stage=Stage.TCP,
    settles={"computer.sends"},
    needs={Need.INTERNET},
    sends=(
        *cloud_lookups(),
        Traffic(kind=Kind.TCP_CONNECTION, to="{cloud_host}:{cloud_port}", at_most=1),
        Traffic(kind=Kind.TCP_CONNECTION, to=f"{{neutral_host}}:{_WEB_PORT}", at_most=1),
        Traffic(
            kind=Kind.TCP_SYN_TTL,
            to="the first router on the way to {cloud_host}:{cloud_port}",
            at_most=2,
        ),
        Traffic(
            kind=Kind.TCP_SYN_TTL,
            to=f"the first router on the way to {{neutral_host}}:{_WEB_PORT}",
            at_most=2,
        ),
        Traffic(
            kind=Kind.UDP_DATAGRAM,
            to=f"{{neutral_host}}:{_CLOSED_PORT}, as far as the first router",
            at_most=1,
        ),
        Traffic(kind=Kind.UDP_DATAGRAM, to="the gateway, port 33434", at_most=1),
    ),
    within_s=9,
    only_if_failed={"tcp.cloud", "internet.reach"},
)
def own_firewall(target: Target, net: Net) -> Iterator[Seen]:
    place = (next(cloud_addresses(target, net)), target.cloud_port)
    control = (target.neutral_host, _WEB_PORT)
    begun = net.clock()
    try:
        left: Sequence[bool | None] = [net.leaves(*place), net.leaves(*control)]
        by = "frames"
    except CannotRun:
        left, by = [*by_first_router(net, place, control)], "ttl"
    if not any(left) and not has_gateway(net):
        return  # Nothing leaves before the gateway's MAC is known.
    cloud = f"{target.cloud_host}:{target.cloud_port}"
    # To a neighbour nothing leaves before it has answered ARP, and no router is on the way.
    has_left = left[0] or (None if is_neighbour(place[0], net.vantage()) else left[0])
    yield judged(has_left, cloud, begun, by)
    if left[1] is False:
        yield judged(False, EVERYTHING, begun, by)


def by_first_router(
    net: Net, place: tuple[str, int], control: tuple[str, int]
) -> tuple[bool | None, bool | None]:
    """Whether packets to each of these places come as far as the first router; None where nothing
    tells. One that is lost is sent again, and only silence where another is answered counts: a
    connection, or where both are silent a datagram.
    """
    within = partial(net.connect_with_ttl, hops=_FIRST_ROUTER)
    port, web = net.together([partial(within, *place), partial(within, *control)])
    if expired_at(port):
        return True, bool(expired_at(web)) or None
    if port.reason != "timeout":
        return None, None
    if not expired_at(web):
        return by_datagram(net, place, control)
    return bool(expired_at(within(*place))), True


def by_datagram(
    net: Net, place: tuple[str, int], control: tuple[str, int]
) -> tuple[bool | None, bool | None]:
    """False for both, where the first router tells of a datagram and not of connections: this
    computer holds all of TCP. Of what is sent again, one that comes so far counts.
    """
    host, _ = control
    if not expired_at(net.datagram_with_ttl(host, _CLOSED_PORT, _FIRST_ROUTER)):
        return None, None
    within = partial(net.connect_with_ttl, hops=_FIRST_ROUTER)
    port, web = net.together([partial(within, *place), partial(within, *control)])
    if not expired_at(port) and not expired_at(web):
        return False, False
    return bool(expired_at(port)), bool(expired_at(web)) or None


def has_gateway(net: Net) -> bool:
    """Does the gateway answer ARP now?"""
    gateway = net.vantage().gateway
    return gateway is not None and net.arp_entry(gateway).ok


def judged(has_left: bool | None, place: str, begun: float, by: str) -> Seen:
    """Ok where packets there leave, failed where this computer holds them, else unclear."""
    data: tuple[tuple[str, Scalar], ...] = (("by", by),)
    if has_left is False:
        return Seen(
            fact="computer.sends",
            outcome=Outcome.FAILED,
            reason="held_here",
            target=place,
            at=begun,
            data=data,
        )
    outcome = Outcome.OK if has_left else Outcome.UNCLEAR
    return Seen(fact="computer.sends", outcome=outcome, target=place, at=begun, data=data)
