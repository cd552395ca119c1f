"""Does this network keep a connection that is idle for as long as a Photon is between two pings?

Sends: two HTTP requests with 16 s between them on one connection to each of three hosts that phones
and computers ask to check the Web; to those whose connection is then dead, a third on a new one.
Only on request, for it takes those 16 s. Not asked of the cloud: it closes connections without a
handshake.
Settles: session.idle. A web host that closed in order, or reset before the second request, says
nothing; so does one alone that is dead, for it may have dropped the connection by itself.
Cannot tell: a time limit for the cloud's port alone; who sent a reset; a limit on a proxy's far
side, if one answers for the hosts.
Source: a Photon pings after 15 s of silence
(device-os@v0.6.0:communication/src/spark_protocol.cpp); RFC 5382 §5 (REQ-5) wants connections kept
for 2 h 4 min; a limit below a Photon's silence ends its session, a longer one does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import (
    WEB_CHECKS,
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    lookups,
    probe,
    public_address,
    skipped,
)

_IDLE_S = 16.0
"""A second more than the device's ping needs: a limit above it does a Photon no harm."""
_ENOUGH = 2
"""So many hosts of different firms do not forget connections at the same age, unless something
between them and here does.
"""
CHECKS = WEB_CHECKS[:3]


@probe(
    stage=Stage.POWER,  # started first: the rungs are climbed while it waits
    settles={"session.idle"},
    needs={Need.INTERNET},
    sends=tuple(
        traffic
        for check in CHECKS
        for traffic in (
            lookups(check.host),
            Traffic(kind=Kind.HTTP_REQUEST, to=f"{check.host}:80", at_most=3),
        )
    ),
    within_s=_IDLE_S + 22,
    background=True,
    on_request=True,
)
def idle_timeout(target: Target, net: Net) -> Iterator[Seen]:
    begun = net.clock()
    addresses = net.together([partial(public_address, check.host, target, net) for check in CHECKS])
    places = [(check, address) for check, address in zip(CHECKS, addresses, strict=True) if address]
    if not places:
        yield skipped("session.idle", "not_asked", says="no name of a web host resolved")
        return
    replies = net.together(
        [
            partial(net.http_get_again, address, check.host, check.path, _IDLE_S)
            for check, address in places
        ]
    )
    kept = [
        check.host
        for (check, _), reply in zip(places, replies, strict=True)
        if check.is_genuine(reply)
    ]
    dead = [(*place, reply) for place, reply in zip(places, replies, strict=True) if is_dead(reply)]
    if kept:
        yield _seen(Outcome.OK, "", kept, begun, net)
        return
    anew = net.together(
        [partial(net.http_get, address, check.host, check.path) for check, address, _ in dead]
    )
    lost = {
        check.host: reply.reason
        for (check, _, reply), new in zip(dead, anew, strict=True)
        if check.is_genuine(new)
    }
    if len(lost) >= _ENOUGH:
        yield _seen(
            Outcome.FAILED,
            "reset" if set(lost.values()) == {"reset"} else "timeout",
            lost,
            begun,
            net,
        )
    else:
        says = (
            "the hosts were not reached, closed the connections themselves, or too few lost them:"
            " that says nothing of this network"
        )
        yield _seen(
            Outcome.UNCLEAR,
            replies[0].reason or "differs",
            [check.host for check, _ in places],
            begun,
            net,
            says=says,
        )


def is_dead(reply: Reply) -> bool:
    """Was the connection open until the second request was sent, and then silent or reset?"""
    return bool(reply.text("idle_s")) and reply.reason in ("silent", "reset")


def _seen(
    outcome: Outcome, reason: str, hosts: Iterable[str], begun: float, net: Net, **data: Scalar
) -> Seen:
    took_s = round(net.clock() - begun, 1)
    idle: dict[str, Scalar] = {"idle_s": _IDLE_S}
    return Seen(
        fact="session.idle",
        outcome=outcome,
        reason=reason,
        target=" ".join(hosts),
        at=begun,
        took_s=took_s,
        data=tuple({**idle, **data}.items()),
    )
