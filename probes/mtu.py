"""Do packets as large as those of the device's handshake leave this network, where small ones do?

Sends: one HTTP request of 1300 bytes to a host that phones ask to check the Web. Only where no
answer comes, one to a host of another firm; and where that is silent, too, to each one of 256
bytes, as the device sends, and one of about 120. So a network without this fault costs one request,
and the fault is told from a silent host and from a dead line. It is always asked: nothing else here
sends packets of that size, so no earlier failure could call for it.
Settles: internet.mtu. A path with a limit of 1400 to 1500 bytes is ordinary, and one of 576 stops
no Photon either, whose packets have at most 296 bytes out and 424 back: only a path on which
packets of that size vanish would.
Cannot tell: what becomes of large packets on their way here; the path of the cloud's port, if a
firewall treats it otherwise; what lies beyond a web proxy that answers in the hosts' place.
Source: RFC 2923 §2.1 (black holes), RFC 1191; the handshake's 256 bytes:
device-os@v0.6.0:communication/src/handshake.cpp.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    WebCheck,
    lookups,
    probe,
    public_address,
    skipped,
)

_LARGE, _DEVICE, _SMALL = 1300, 256, 0
"""Bytes of a request: with its headers within the narrowest ordinary path, as long as the device's
own, and not made longer.
"""
CHECKS = (WEB_CHECKS[1], WEB_CHECKS[0])
"""The one with an empty answer first."""
_PATIENCE_S = 2.5
"""For the connection and for the answer: two dead hosts then hold nobody up longer than the cloud's
port does.
"""


@probe(
    stage=Stage.TCP,  # by then the hosts' names are known from another probe
    settles={"internet.mtu"},
    needs={Need.INTERNET},
    sends=tuple(
        traffic
        for check in CHECKS
        for traffic in (
            lookups(check.host, ", unless known"),
            Traffic(kind=Kind.HTTP_REQUEST, to=f"{check.host}:80", at_most=3),
        )
    ),
    within_s=16,
)
def mtu(target: Target, net: Net) -> Iterator[Seen]:
    begun = net.clock()
    places = {
        check: address for check in CHECKS if (address := public_address(check.host, target, net))
    }
    if not places:
        yield skipped("internet.mtu", "not_asked", says="no name of a web host resolved")
        return
    large = []
    for check, address in places.items():
        large.append(_ask(net, check, address, _LARGE))
        if check.is_genuine(large[-1]):
            yield _seen(Outcome.OK, "", large[-1], begun, request_bytes=_LARGE)
            return
    if len(places) == len(CHECKS) and all(map(is_lost, large)):
        questions = [
            partial(_ask, net, check, address, size)
            for size in (_DEVICE, _SMALL)
            for check, address in places.items()
        ]
        replies = net.together(questions)
        yield judged(large[0], replies[: len(CHECKS)], replies[len(CHECKS) :], begun)
    else:
        yield _seen(Outcome.UNCLEAR, large[0].reason or "differs", large[0], begun)


def judged(large: Reply, device: Sequence[Reply], small: Sequence[Reply], begun: float) -> Seen:
    """After large requests were lost: ok where one of the device's size came through, failed where
    only small ones did, to each host.
    """
    if any(map(WebCheck.is_genuine, CHECKS, device)):
        return _seen(Outcome.OK, "", large, begun, request_bytes=_DEVICE, lost_bytes=_LARGE)
    if all(map(is_lost, device)) and all(map(WebCheck.is_genuine, CHECKS, small)):
        return _seen(Outcome.FAILED, "silent", large, begun, lost_bytes=_DEVICE)
    return _seen(Outcome.UNCLEAR, "silent", large, begun)


def is_lost(reply: Reply) -> bool:
    """Did the connection open, and the request get no answer?"""
    return reply.reason == "silent"


def _ask(net: Net, check: WebCheck, address: str, size: int) -> Reply:
    return net.http_get(address, check.host, check.path, _PATIENCE_S, request_bytes=size)


def _seen(outcome: Outcome, reason: str, large: Reply, begun: float, **data: Scalar) -> Seen:
    path = tuple(pair for pair in large.data if pair[0] == "path_mtu_bytes")
    return Seen(
        fact="internet.mtu",
        outcome=outcome,
        reason=reason,
        target=large.text("remote"),
        at=begun,
        data=(*data.items(), *path),
    )
