"""Was the reset of an open connection made by the server, or by a middlebox on the path?

Sends: two connections to the cloud's port, and reads the TTL of the packets that open and that
reset them.
Settles: tcp.reset_origin.
Cannot tell: a middlebox that copies the server's TTL, or stands right beside it; who refuses a
connection from the start, where there is no packet of the server to compare with (blocked_where
asks that).
Source: RFC 791 §3.2 (TTL); systems begin at 64, 128 or 255, and one host's front ends may differ in
that, so hops are compared and not values, and one hop of difference is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import (
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    cloud_addresses,
    cloud_lookups,
    probe,
)

_STARTS = (64, 128, 255)
_TRIES = 2
_NEARER_HOPS = 2


@probe(
    stage=Stage.HANDSHAKE,
    settles={"tcp.reset_origin"},
    needs={Need.INTERNET, Need.RAW_SOCKETS},
    sends=(
        *cloud_lookups(),
        Traffic(kind=Kind.TCP_CONNECTION, to="{cloud_host}:{cloud_port}", at_most=_TRIES),
    ),
    within_s=9,
    only_if_failed={"handshake.nonce", "handshake.patience"},
)
def rst_origin(target: Target, net: Net) -> Iterator[Seen]:
    address = next(cloud_addresses(target, net))
    begun = net.clock()
    ask = partial(net.connect_and_read_ttls, address, target.cloud_port)
    tries = net.together([ask] * _TRIES)
    resets = [reply for reply in tries if reply.text("ttl")]
    if resets:
        yield judged(resets, f"{target.cloud_host}:{target.cloud_port}", begun)


def judged(resets: Sequence[Reply], cloud: str, begun: float) -> Seen:
    """Failed where every try was cut from clearly nearer than it was opened; ok where from as far;
    else unclear.
    """
    nearer = [hops_nearer(reply) for reply in resets]
    data: list[tuple[str, Scalar]] = [
        pair for pair in resets[0].data if pair[0] in ("ttl", "server_ttl")
    ]
    if len(nearer) == _TRIES and all(hops is not None and hops >= _NEARER_HOPS for hops in nearer):
        outcome, reason = Outcome.FAILED, "reset_near"
    elif all(hops == 0 for hops in nearer):
        outcome, reason = Outcome.OK, ""
    else:
        outcome, reason = Outcome.UNCLEAR, ""
    return Seen(
        fact="tcp.reset_origin",
        outcome=outcome,
        reason=reason,
        target=cloud,
        at=begun,
        data=(*data, ("tries", len(resets))),
    )


def hops_nearer(reply: Reply) -> int | None:
    """By how many hops the sender of the reset is nearer than the server; None where the server
    said nothing before.
    """
    values = dict(reply.data)
    reset, server = values.get("ttl"), values.get("server_ttl")
    return (
        hops(server) - hops(reset) if isinstance(reset, int) and isinstance(server, int) else None
    )


def hops(ttl: int) -> int:
    """How many routers a packet came through, if its sender began as systems do."""
    return next(start for start in _STARTS if ttl <= start) - ttl
