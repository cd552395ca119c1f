"""What a probe saw, in lines."""

from __future__ import annotations

from collections.abc import Iterable

from netcheck.model import Target
from netcheck.probing import NEW_CLIENT, DhcpOffer, Probe, Seen
from netcheck.probing.testing import FakeNet

CLOUD, OTHER_CLOUD, PUBLIC, GATEWAY = "198.51.100.7", "198.51.100.8", "8.8.8.8", "192.168.1.1"
NAME, CONTROL = "device.spark.io", "pool.ntp.org"


def home_offer(*, resolvers: tuple[str, ...], routers: tuple[str, ...] = (GATEWAY,)) -> DhcpOffer:
    """What a home router offers a new client."""
    return DhcpOffer(
        client=NEW_CLIENT,
        server=GATEWAY,
        server_mac="02:00:00:00:00:01",
        address="192.168.1.100",
        mask="255.255.255.0",
        routers=routers,
        resolvers=resolvers,
    )


def lines(probe: Probe, net: FakeNet, target: Target | None = None) -> set[str]:
    """What a probe saw, one line each: fact, outcome, reason."""
    return {line(seen) for seen in probe.run(target or Target(), net)}


def line(seen: Seen) -> str:
    return f"{seen.fact} {seen.outcome} {seen.reason}".strip()


def by_fact(seen: Iterable[Seen], fact: str) -> list[Seen]:
    return [one for one in seen if one.fact == fact]
