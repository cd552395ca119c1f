"""Does the public Internet begin right behind this network's router, or does another private
network lie between?

Sends: four connections with TTL 1 to 4 to a neutral host, so that the first routers on the path say
who they are.
Settles: internet.nat, which stops nothing: it says in how many places a rule or a time limit may
have to be changed.
Cannot tell: whether the next router translates addresses, too, or only has a private one, as some
providers' have inside their own network; nor anything where the routers keep silent.
Source: RFC 792 (time exceeded), RFC 1918 (private addresses), RFC 6598 (100.64.0.0/10: a provider's
own translation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import (
    CannotRun,
    Kind,
    Need,
    Net,
    Seen,
    Traffic,
    Vantage,
    connections_by_ttl,
    expired_at,
    is_private,
    is_shared,
    probe,
    same_subnet,
)

_HOPS = 4
"""A private network behind the first router shows at the second; one in the building and one of the
provider at the third.
"""
_PORT = 53


@probe(
    stage=Stage.INTERNET,
    settles={"internet.nat"},
    needs={Need.INTERNET},
    sends=(
        Traffic(
            kind=Kind.TCP_SYN_TTL,
            to=f"the routers on the way to {{neutral_host}}:{_PORT}",
            at_most=_HOPS,
        ),
    ),
    within_s=4,
)
def nat(target: Target, net: Net) -> Iterator[Seen]:
    begun = net.clock()
    (replies,) = connections_by_ttl(net, [(target.neutral_host, _PORT)], _HOPS)
    routers = [expired_at(reply) for reply in replies]
    if not any(reply.text("sender") for reply in replies):
        raise CannotRun(
            "no router on the way answers, or this system does not tell; only Linux does"
        )
    yield judged(
        routers, net.vantage(), target.neutral_host, begun, silence=replies[-1].reason or "timeout"
    )


def judged(routers: Sequence[str], here: Vantage, towards: str, begun: float, silence: str) -> Seen:
    """Failed with a private address behind the first router; ok where the first to answer there has
    a public one; else unclear.

    `silence` is the reason why no other router was heard of.
    """
    private = before_the_internet(routers)
    is_public = any(router and router not in private for router in routers[1:])
    data: list[tuple[str, Scalar]] = []
    if private:
        place = "isp" if any(map(is_shared, private)) else "building"
        data = [
            ("hop", routers.index(private[-1]) + 1),
            ("private_hops", " ".join(private)),
            ("place", place),
        ]
        data += [("same_subnet", any(is_of(here, router) for router in private))]
    return Seen(
        fact="internet.nat",
        outcome=Outcome.FAILED if private else Outcome.OK if is_public else Outcome.UNCLEAR,
        reason="second_router" if private else "" if is_public else silence,
        target=towards,
        at=begun,
        data=tuple(data),
    )


def before_the_internet(routers: Sequence[str]) -> list[str]:
    """The private addresses behind the first router, up to the first public one: what comes later
    is the provider's own affair.
    """
    private: list[str] = []
    for router in filter(None, routers[1:]):
        if not (is_private(router) or is_shared(router)):
            break
        private.append(router)
    return private


def is_of(here: Vantage, address: str) -> bool:
    """Is it an address of this computer's own network?"""
    return bool(here.address and here.netmask) and same_subnet(
        here.address or "", address, here.netmask or ""
    )
