"""Do hosts of the web show their own certificates here, or does a proxy answer in their place?

Sends: a TLS handshake to each of two hosts, which asks for no page (a second one where no known
authority signed the certificate), and lookups of their names at two resolvers.
Settles: internet.tls, internet.reach (by a host that showed its own).
Cannot tell: what the device would meet, which knows no TLS; nor that the web is blocked on purpose:
a company that inspects traffic shows certificates of its own, and a wrong clock here refuses good
ones.
Source: Android's NetworkMonitor asks www.google.com by HTTPS, too, since portals seldom can;
api.particle.io is what the maker's tools talk to (particle-cli@3.49.2:settings.js), and no portal
lets it through so that phones shall not notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import (
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    lookups,
    named_address,
    probe,
    seen,
    skipped,
)

HOSTS = ("www.google.com", "api.particle.io")
_PORT = 443
_LEFT_OPEN = frozenset({"not_in_date", "needs"})
"""Reasons that say nothing about the network."""


@probe(
    stage=Stage.INTERNET,
    settles={"internet.tls", "internet.reach"},
    needs={Need.INTERNET},
    sends=tuple(
        traffic
        for host in HOSTS
        for traffic in (
            lookups(host),
            Traffic(kind=Kind.TLS_GREETING, to=f"{host}:{_PORT}", at_most=2),
        )
    ),
    within_s=16,
    background=True,
)
def web_tls(target: Target, net: Net) -> Iterator[Seen]:
    replies = net.together([partial(greeted, host, target, net) for host in HOSTS])
    asked = {host: reply for host, reply in zip(HOSTS, replies, strict=True) if reply is not None}
    if not asked:
        says = "no name of a web host resolved to an address on the Internet or on this network"
        yield skipped("internet.tls", "not_asked", says=says)
    is_web_open = any(reply.ok for reply in asked.values())
    for host, reply in asked.items():
        if reply.ok:
            yield seen("internet.reach", reply, f"{host}:{_PORT}")
        yield told(host, reply, is_web_open)


def greeted(host: str, target: Target, net: Net) -> Reply | None:
    """How that host greets; None where its name has no address to be asked."""
    address = named_address(host, target, net)
    return net.tls_handshake(address, host) if address else None


def told(host: str, reply: Reply, is_web_open: bool) -> Seen:
    """What one greeting says. Where another host shows its own certificate, one that fails is a
    filter's affair, not the web's.
    """
    said = seen("internet.tls", reply, f"{host}:{_PORT}")
    if reply.reason == "needs":
        return msgspec.structs.replace(said, outcome=Outcome.SKIPPED)
    is_unclear = not reply.ok and (is_web_open or reply.reason in _LEFT_OPEN)
    return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR) if is_unclear else said
