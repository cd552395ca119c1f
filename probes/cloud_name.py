"""Does the cloud's name resolve to an address that can be the cloud's?

Sends: lookups of the name at the first two resolvers of this computer, at the gateway and at a
public resolver, and of a control name at the first two.
Settles: dns.cloud_name, dns.compare, dns.other_name.
Cannot tell: what the device's own resolvers say, where its lease names others than this computer's.
Source: the Photon stores two resolvers, asks both at once, waits 5 s and takes the first A record
of the first answer that has one; a lease without resolvers makes it ask the gateway and 8.8.8.8
(device-os, WICED DNS client).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    Vantage,
    is_impossible_for,
    is_unicast,
    probe,
    seen,
    skipped,
)

CONTROL_NAME = "pool.ntp.org"
"""Firmware 2.0 and later asks for it, too, before its internet test
(device-os@v2.3.1:system/src/system_task.cpp).
"""

_STORED_RESOLVERS = 2
_COMPARE_S = 2.5
"""The silence of a resolver that the device does not ask is no evidence, so it is not worth the
device's whole patience of 5 s.
"""


@probe(
    stage=Stage.DNS,
    settles={"dns.cloud_name", "dns.compare", "dns.other_name"},
    needs={Need.INTERNET},
    sends=(
        Traffic(
            kind=Kind.DNS_QUERY, to="{cloud_host} at this computer's first two resolvers", at_most=4
        ),
        Traffic(kind=Kind.DNS_QUERY, to="{cloud_host} at the gateway", at_most=2),
        Traffic(kind=Kind.DNS_QUERY, to="{cloud_host} at {neutral_host}", at_most=2),
        Traffic(
            kind=Kind.DNS_QUERY,
            to=f"{CONTROL_NAME} at this computer's first two resolvers",
            at_most=4,
        ),
    ),
    within_s=8,
)
def cloud_name(target: Target, net: Net) -> Iterator[Seen]:
    name = target.cloud_host
    if is_unicast(name):
        yield skipped("dns.cloud_name", "not_asked", name, says="the cloud was given by address")
        return
    own, others = resolvers(net.vantage(), target)
    asked = [partial(net.resolve, name, server) for server in own]
    asked += [partial(net.resolve, name, server, _COMPARE_S) for server in others]
    replies = net.together(
        [*asked, *(partial(net.resolve, CONTROL_NAME, server) for server in own)]
    )
    answers = [judged(reply, target) for reply in replies[: len(own) + len(others)]]
    control = replies[len(answers) :]
    yield from own_answers(answers[: len(own)], name)
    for answer in answers[len(own) :]:
        yield compared(answer, answers[: len(own)], name)
    other = seen(
        "dns.other_name", next((reply for reply in control if reply.ok), control[0]), CONTROL_NAME
    )
    yield _unsent(other) if other.reason == "no_route" else other


def resolvers(here: Vantage, target: Target) -> tuple[list[str], list[str]]:
    """Whom the device would ask, and whom to compare with."""
    fallback = [server for server in (here.gateway, target.neutral_host) if server]
    own = list(here.resolvers[:_STORED_RESOLVERS]) or fallback
    return own, [server for server in fallback if server not in own]


def judged(reply: Reply, target: Target) -> Reply:
    """The reply; not ok if its first address, which the device would take, cannot be the
    cloud's.
    """
    first = next(iter(reply.words("addresses")), "")
    if not reply.ok:
        return reply
    reason = "bogon" if is_impossible_for(first, target) else ""
    return msgspec.structs.replace(
        reply, ok=not reason, reason=reason, data=(*reply.data, ("address", first))
    )


def own_answers(answers: Sequence[Reply], name: str) -> Iterator[Seen]:
    """One for each resolver. One that is silent or denies beside one that answers stops no device:
    it only compares.
    """
    is_answered = any(answer.ok for answer in answers)
    for answer in answers:
        if answer.reason == "no_route":
            yield _unsent(seen("dns.cloud_name", answer, name))
        elif is_answered and not answer.ok and answer.reason != "bogon":
            yield msgspec.structs.replace(
                seen("dns.compare", answer, name), outcome=Outcome.UNCLEAR
            )
        else:
            yield seen("dns.cloud_name", answer, name)


def _unsent(said: Seen) -> Seen:
    """The same where no question left this computer, which shows nothing about the network."""
    says = (
        "this computer itself lets no question out to that name server: look at its firewall or VPN"
    )
    return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR, data=(*said.data, ("says", says)))


def compared(answer: Reply, own: Sequence[Reply], name: str) -> Seen:
    """Another resolver's answer beside the device's: equal, or an address where the device gets
    none or a false one.

    Unclear where it has no answer, and where both are plausible but differ: the cloud's addresses
    change all the time.
    """
    said = seen("dns.compare", answer, name)
    if not answer.ok:
        return (
            said
            if answer.reason == "bogon"
            else msgspec.structs.replace(said, outcome=Outcome.UNCLEAR)
        )
    usable = [reply for reply in own if reply.ok]
    if not usable:
        return msgspec.structs.replace(said, outcome=Outcome.FAILED, reason="differs")
    if any(set(reply.words("addresses")) & set(answer.words("addresses")) for reply in usable):
        return said
    return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR, reason="differs")
