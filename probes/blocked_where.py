"""Where on the path are packets to the cloud's port dropped, and who owns that place?

Sends: connections with TTL 1, 2, 3 …, so that each router on the path answers when they expire: to
the cloud's port and to the web port of the same address; where both end alike, also to another
host.
Settles: tcp.blocked_where.
Cannot tell: the place where routers keep silent, which then count for the one before them; nor
which of two neighbours drops the packets, the last that answers or the next.
Source: RFC 792 (time exceeded), RFC 1812 §5.3.1; a Linux router answers before its forward rules
see the packet, so the last one that answers is the one that drops it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.model import Outcome, Scalar, Stage, Struct, Target
from netcheck.probing import (
    CannotRun,
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    Vantage,
    cloud_addresses,
    cloud_lookups,
    connections_by_ttl,
    expired_at,
    is_neighbour,
    is_private,
    probe,
)

_MOST_HOPS = 20
"""Most of the Internet is nearer."""
_WEB_PORT, _DNS_PORT = 443, 53
_FAR_HOPS = 3
"""A path of so many hops has left the local network."""
_NEAR_THE_END = 2
"""A path that ends so many hops before that to another host may be complete; a shorter
one is unclear.
"""


class Trace(Struct, frozen=True, kw_only=True):
    """How far connections came: the last hop that answered (0: none) and its address; the hop of a
    first other answer.
    """

    hop: int = 0
    sender: str = ""
    ended: int | None = None
    reason: str = ""

    @property
    def has_opened(self) -> bool:
        """Was that answer an open connection?"""
        return self.ended is not None and not self.reason


@probe(
    stage=Stage.TCP,
    settles={"tcp.blocked_where"},
    needs={Need.INTERNET},
    sends=(
        *cloud_lookups(),
        Traffic(
            kind=Kind.TCP_SYN_TTL,
            to="the routers on the way to {cloud_host}:{cloud_port}",
            at_most=_MOST_HOPS,
        ),
        Traffic(
            kind=Kind.TCP_SYN_TTL,
            to=f"the routers on the way to {{cloud_host}}:{_WEB_PORT}",
            at_most=_MOST_HOPS,
        ),
        Traffic(
            kind=Kind.TCP_SYN_TTL,
            to=f"the routers on the way to {{neutral_host}}:{_DNS_PORT}",
            at_most=_MOST_HOPS,
        ),
    ),
    within_s=8,
    only_if_failed={"tcp.cloud"},
)
def blocked_where(target: Target, net: Net) -> Iterator[Seen]:
    ip = next(cloud_addresses(target, net))
    if is_neighbour(ip, net.vantage()):
        raise CannotRun("the server has an address of this network: no router is on the way")
    begun = net.clock()
    port, web = traces(net, [(ip, target.cloud_port), (ip, _WEB_PORT)])
    neutral = None if web.hop > port.hop else traces(net, [(target.neutral_host, _DNS_PORT)])[0]
    if not max(port.hop, web.hop, neutral.hop if neutral else 0):
        raise CannotRun(
            "no router on the way answers, or this system does not tell; only Linux does"
        )
    yield judged(
        port, web, neutral, net.vantage(), f"{target.cloud_host}:{target.cloud_port}", begun
    )


def traces(net: Net, places: Sequence[tuple[str, int]]) -> list[Trace]:
    """How far connections to each of these addresses and ports come."""
    return [trace(replies) for replies in connections_by_ttl(net, places, _MOST_HOPS)]


def trace(replies: Sequence[Reply]) -> Trace:
    """The path as its replies tell it, that to TTL 1 first. What routers say beyond the first other
    answer is not counted.
    """
    farthest = Trace()
    for hop, reply in enumerate(replies, 1):
        if router := expired_at(reply):
            farthest = Trace(hop=hop, sender=router)
        elif reply.ok or reply.reason in ("refused", "prohibited", "unreachable"):
            return Trace(
                hop=farthest.hop,
                sender=reply.text("sender") or farthest.sender,
                ended=hop,
                reason=reply.reason,
            )
    return farthest


def judged(
    port: Trace, web: Trace, neutral: Trace | None, here: Vantage, cloud: str, begun: float
) -> Seen:
    """Failed where the path to the port ends before another does; ok where it leads into the
    Internet as far; else unclear, as where the port opens meanwhile: what stopped it is over.

    `neutral` is None where it was not asked.
    """
    place = place_of(port, here)
    other = neutral or Trace()
    differs = difference(port, web, other, place)
    is_open = (
        not differs
        and not port.has_opened
        and place == "isp"
        and port.hop >= max(_FAR_HOPS, other.hop - _NEAR_THE_END)
    )
    data: list[tuple[str, Scalar]] = [
        ("hop", port.hop),
        ("sender", port.sender),
        ("place", place),
        ("web_hop", web.hop),
    ]
    data += [("neutral_hop", neutral.hop)] if neutral else []
    data += [("differs", differs)] if differs else []
    return Seen(
        fact="tcp.blocked_where",
        outcome=Outcome.FAILED if differs else Outcome.OK if is_open else Outcome.UNCLEAR,
        reason=(port.reason or "timeout") if differs else port.reason,
        target=cloud,
        at=begun,
        data=tuple(data),
        ref=f"behind hop {port.hop} {port.sender}".strip(),
    )


def difference(port: Trace, web: Trace, neutral: Trace, place: str) -> str:
    """From what the path to the port differs by ending sooner: from that of another port, or of
    another host; empty if from neither.

    Paths to other hosts have other lengths, so the host counts only where the path ends on the
    local network.
    """
    if web.hop > port.hop:
        return "port"
    return "host" if place != "isp" and neutral.hop > port.hop else ""


def place_of(port: Trace, here: Vantage) -> str:
    """The place of the block: the router of this network (or this computer's own rules), the
    building's, or the provider's.
    """
    if port.hop <= 1 and port.sender in ("", here.gateway):
        return "router"
    return "building" if is_private(port.sender) else "isp"
