"""Does the gateway of this network answer?

Sends: one ICMP echo and one UDP datagram to a closed port of the gateway; the system asks ARP for
both.
Settles: gateway.arp, gateway.icmp.
Cannot tell: whether the gateway forwards anything.
Source: RFC 826 (ARP), RFC 792 (echo); many gateways drop echoes, so only ARP says that one is down.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Kind, Net, Reply, Seen, Traffic, probe, seen, skipped

_STALE_S = 9.0
"""Linux doubts a stale neighbour for 5 s and asks it three times, a second apart, before it gives
it up (arp(7)).
"""
_CONFIRMED_S = 0.3


@probe(
    stage=Stage.GATEWAY,
    settles={"gateway.arp", "gateway.icmp"},
    sends=(
        Traffic(kind=Kind.ICMP_ECHO, to="the gateway", at_most=1),
        Traffic(kind=Kind.UDP_DATAGRAM, to="the gateway, port 33434", at_most=1),
    ),
    within_s=12,
)
def gateway(target: Target, net: Net) -> Iterator[Seen]:
    here = net.vantage()
    if here.address is None or here.gateway is None:
        missing = "no_address" if here.address is None else "no_route"
        yield skipped("gateway.arp", missing, interface=here.interface)
        yield skipped("gateway.icmp", missing, interface=here.interface)
        return
    echo = net.ping(here.gateway)
    arp = net.arp_entry(here.gateway, timeout_s=_CONFIRMED_S if echo.ok else _STALE_S)
    yield arp_seen(arp, echo, here.gateway)
    yield unless_missing("gateway.icmp", echo, here.gateway)


def arp_seen(arp: Reply, echo: Reply, ip: str) -> Seen:
    """The neighbour table's answer; an answered echo proves an answered ARP where the table is
    stale or not to be read.

    Unclear where it is silent now and the system goes by an answer of half a minute ago.
    """
    if echo.ok:
        return seen("gateway.arp", msgspec.structs.replace(arp, ok=True, reason=""), ip)
    said = unless_missing("gateway.arp", arp, ip)
    is_from_memory = not arp.ok and arp.text("state") == "reachable"
    return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR) if is_from_memory else said


def unless_missing(fact: str, reply: Reply, ip: str) -> Seen:
    """The reply as seen; skipped where this system does not let us look."""
    said = seen(fact, reply, ip)
    return (
        msgspec.structs.replace(said, outcome=Outcome.SKIPPED) if reply.reason == "needs" else said
    )
