"""Does the cloud's name resolve to an address that can be the cloud's?

Sends: lookups of the name at the resolvers that DHCP offers here, at the first two of this
computer, at the gateway and at a public resolver, and of a control name at those that a Photon
would ask.
Settles: dns.cloud_name (what a Photon here would be told), dns.compare (what others say),
dns.other_name.
Cannot tell: what the device's own resolvers say where no DHCP offer was heard and this computer's
are not of this network; the gateway stands in for them, if it answers lookups at all.
Source: the Photon stores two resolvers, asks both at once, waits 5 s and takes the first A record
of the first answer that has one; a lease without resolvers makes it ask the gateway and 8.8.8.8
(device-os, WICED DNS client).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import (
    QUERIES_A_LOOKUP,
    RESOLVERS,
    Kind,
    Need,
    Net,
    Reply,
    Resolvers,
    Seen,
    Traffic,
    device_resolvers,
    is_block_page,
    is_bogon,
    is_impossible_for,
    is_unicast,
    lookups,
    probe,
    seen,
    skipped,
)

CONTROL_NAME = "pool.ntp.org"
"""Firmware 2.0 and later asks for it, too, before its internet test
(device-os@v2.3.1:system/src/system_task.cpp).
"""

_FALSE = frozenset({"bogon", "block_page"})
"""Reasons of an answer that no cloud has."""
_OFFER_S = 5.0
"""As long as another probe listens for offers; nothing on the rungs above waits for this one."""
_COMPARE_S = 2.5
"""The silence of a resolver that the device does not ask is no evidence, so it is not worth the
device's whole patience of 5 s.
"""


@probe(
    stage=Stage.DNS,
    settles={"dns.cloud_name", "dns.compare", "dns.other_name"},
    needs={Need.INTERNET},
    sends=(
        lookups("{cloud_host}"),
        Traffic(kind=Kind.DNS_QUERY, to="{cloud_host} at the gateway", at_most=QUERIES_A_LOOKUP),
        Traffic(kind=Kind.DNS_QUERY, to="{cloud_host} at {neutral_host}", at_most=QUERIES_A_LOOKUP),
        Traffic(
            kind=Kind.DNS_QUERY, to=f"{CONTROL_NAME} at {RESOLVERS}", at_most=5 * QUERIES_A_LOOKUP
        ),
    ),
    within_s=13,
    background=True,
)
def cloud_name(target: Target, net: Net) -> Iterator[Seen]:
    name = target.cloud_host
    if is_unicast(name):
        yield skipped("dns.cloud_name", "not_asked", name, says="the cloud was given by address")
        return
    answers, controls, resolvers = ask(target, net)
    servers = asked_by_device(resolvers, answers, controls)
    mine = [answers[server] for server in servers]
    is_known = resolvers.is_offered or not all(map(_is_foreign, servers))
    yield from own_answers(mine, name, is_known=is_known)
    for server, answer in answers.items():
        if server not in servers:
            yield compared(answer, mine, name)
    for server in servers:
        other = seen("dns.other_name", controls[server], CONTROL_NAME)
        yield _unsent(other) if other.reason == "held_here" else other


def ask(target: Target, net: Net) -> tuple[dict[str, Reply], dict[str, Reply], Resolvers]:
    """What each resolver says of the cloud's name, what those that a Photon may ask say of the
    other, and who they are. This computer's are asked at once, those of a DHCP offer when it came.
    """
    answers: dict[str, Reply] = {}
    controls: dict[str, Reply] = {}

    def put(server: str) -> None:
        answer, controls[server] = net.together(
            [
                partial(net.resolve, target.cloud_host, server),
                partial(net.resolve, CONTROL_NAME, server),
            ]
        )
        answers[server] = judged(answer, target)

    def put_compared(server: str) -> None:
        answers[server] = judged(net.resolve(target.cloud_host, server, _COMPARE_S), target)

    found: list[Resolvers] = []

    def await_offer() -> None:
        found.append(device_resolvers(net, target, patience_s=_OFFER_S))

    here = net.vantage()
    near = device_resolvers(net, target, patience_s=0.0)
    own = dict.fromkeys((*near.servers, *here.resolvers[:2]))
    others = [one for one in (here.gateway, *near.others) if one and one not in own]
    questions: list[Callable[[], None]] = [partial(put, server) for server in own]
    questions += [partial(put_compared, server) for server in dict.fromkeys(others)]
    net.together([*questions, await_offer])
    [resolvers] = found
    net.together([partial(put, one) for one in resolvers.servers if one not in controls])
    return answers, controls, resolvers


_NO_SERVICE = frozenset(
    {"timeout", "refused", "unreachable", "prohibited", "no_route", "held_here"}
)
"""What comes back where no resolver is, or none that serves this network."""


def asked_by_device(
    resolvers: Resolvers, answers: dict[str, Reply], controls: dict[str, Reply]
) -> list[str]:
    """Whom a Photon would ask: the resolvers that stand for its own, or where those are a gateway
    that serves no names, and only a guess, this computer's.
    """
    servers = list(resolvers.servers)
    own = [server for server in resolvers.others if server in controls]
    is_served = any(
        reply.reason not in _NO_SERVICE
        for server in servers
        for reply in (answers[server], controls[server])
    )
    return servers if resolvers.is_offered or is_served or not own else own


def _is_foreign(server: str) -> bool:
    """Is it a resolver of the Internet or of this computer itself, whoever chose it?"""
    return not is_bogon(server) or server.startswith("127.")


def judged(reply: Reply, target: Target) -> Reply:
    """The reply; not ok if its first address, which the device would take, cannot be the
    cloud's.
    """
    first = next(iter(reply.words("addresses")), "")
    if not reply.ok:
        return reply
    false = "block_page" if is_block_page(first) else "bogon"
    reason = false if is_impossible_for(first, target) else ""
    return msgspec.structs.replace(
        reply, ok=not reason, reason=reason, data=(*reply.data, ("address", first))
    )


def own_answers(answers: Sequence[Reply], name: str, *, is_known: bool = True) -> Iterator[Seen]:
    """One for each resolver. One that is silent or denies beside one that answers stops no device:
    it only compares. Where it is not known whom a device would ask, an answer proves nothing.
    """
    is_answered = any(answer.ok for answer in answers)
    for answer in answers:
        said = seen("dns.cloud_name", answer, name)
        if answer.reason == "held_here":
            yield _unsent(said)
        elif is_answered and not answer.ok and answer.reason not in _FALSE:
            yield msgspec.structs.replace(
                seen("dns.compare", answer, name), outcome=Outcome.UNCLEAR
            )
        elif answer.ok and not is_known:
            yield _in_doubt(said)
        else:
            yield said


def _in_doubt(said: Seen) -> Seen:
    """The same where a Photon may be told of other resolvers."""
    says = (
        "this computer asks name servers that are not of this network; which ones DHCP names to a"
        " Photon was not heard"
    )
    return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR, data=(*said.data, ("says", says)))


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
            if answer.reason in _FALSE
            else msgspec.structs.replace(said, outcome=Outcome.UNCLEAR)
        )
    usable = [reply for reply in own if reply.ok]
    if not usable:
        return msgspec.structs.replace(said, outcome=Outcome.FAILED, reason="differs")
    if any(set(reply.words("addresses")) & set(answer.words("addresses")) for reply in usable):
        return said
    return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR, reason="differs")
