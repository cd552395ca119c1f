"""Who would be offered an address on this network, by which servers, and would that lease work?

Sends: DISCOVER for a made-up MAC, for this computer's and, with --as-device, for the device's,
which stand in the client hardware address alone, at most three for each; then ARP requests for what
was offered and for this computer's own address, and, where another machine has an offered one,
another of these DISCOVERs. Never a REQUEST: nothing is leased.
Settles: dhcp.offer, dhcp.options, dhcp.servers, address.conflict, computer.address.
Cannot tell: whether the server would also confirm what it offers. A switch that compares the two
MACs of a frame (DHCP snooping) stops the made-up and the device's, which then looks like a list of
known clients. Source: RFC 2131 §3.1, §4.4.1; RFC 5227 §2.1.1 (is an address in use); servers ping
an address for up to 3 s before they offer it, so 4.5 s are listened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from netcheck.model import NETWORK, Outcome, Scalar, Stage, Target
from netcheck.probing import (
    NEW_CLIENT,
    DhcpOffer,
    Kind,
    Need,
    Net,
    Seen,
    Traffic,
    Vantage,
    probe,
    same_subnet,
    web_address,
)

_MASK = "255.255.255.0"
_SLOW_S = 2.0
"""A server that takes longer for one client may not have come to the other within the listening."""
_AGAIN_S = 2.0
"""A server that answered within the first listening has the answer ready."""
_MOST_QUESTIONS = 6
"""Addresses asked for by ARP: those of two or three offers."""


@probe(
    stage=Stage.ADDRESS,
    settles={
        "dhcp.offer",
        "dhcp.options",
        "dhcp.servers",
        "address.conflict",
        "computer.address",
    },
    needs={Need.RAW_SOCKETS},
    sends=(
        Traffic(kind=Kind.DHCP_DISCOVER, to="everybody on this network", at_most=9),
        Traffic(
            kind=Kind.ARP_REQUEST,
            to="everybody on this network",
            at_most=2 * (_MOST_QUESTIONS + 1),
        ),
    ),
    within_s=9,
    background=True,
)
def dhcp_lease(target: Target, net: Net) -> Iterator[Seen]:
    here = net.vantage()
    asked = clients(here, target)
    begun = net.clock()
    offers = net.discover(list(asked))
    took_s = net.clock() - begun
    is_slow = any(offer.after_s > _SLOW_S for offer in offers)
    for client, asked_as in asked.items():
        said = offer_seen(
            client, asked_as, [offer for offer in offers if offer.client == client], begun, took_s
        )
        yield in_doubt(said) if said.outcome is Outcome.FAILED and is_slow else said
    told = of_best_witness(asked, offers)
    owners = net.who_has([*questions(told, here), *own_address(here)])
    for address in own_address(here):
        yield own_address_seen(address, owners.get(address), here, begun)
    if not told:
        return
    yield servers_seen(offers, told, begun)
    taken = [offer for offer in told if owners.get(offer.address, offer.client) != offer.client]
    given_away = (
        leased_since(taken, net.discover([told[0].client], _AGAIN_S, sendings=1))
        if may_ask_again(taken)
        else set()
    )
    for offer in told:
        yield options_seen(offer, owners, here, begun)
        if offer.address not in (here.address, "", *given_away):
            yield conflict_seen(offer, owners.get(offer.address), begun)


def may_ask_again(taken: Sequence[DhcpOffer]) -> bool:
    """Is there a doubt, and did the server answer before the last of a client's three DISCOVERs was
    sent?
    """
    return bool(taken) and taken[0].after_s < _SLOW_S


def leased_since(taken: Sequence[DhcpOffer], again: Sequence[DhcpOffer]) -> set[str]:
    """Which of these addresses their server, asked again, does not offer any more but others:
    it gave them to another client.

    An offer that nobody takes up binds a server to nothing (RFC 2131 §3.1).
    """
    offered = {(offer.server, offer.address) for offer in again}
    servers = {offer.server for offer in again}
    return {
        offer.address
        for offer in taken
        if offer.server in servers and (offer.server, offer.address) not in offered
    }


def clients(here: Vantage, target: Target) -> dict[str, str]:
    """The MACs to ask with, and as whom: what `asked_as` says."""
    known = {here.mac: "this_computer"} if here.mac else {}
    device = {target.as_device: "device"} if target.as_device else {}
    return {NEW_CLIENT: "new_client", **known, **device}


def offer_seen(
    client: str, asked_as: str, offers: Sequence[DhcpOffer], begun: float, took_s: float
) -> Seen:
    """Whether a server offered this MAC an address; the waiting is the whole listening, or until
    its first offer.
    """
    said = Seen(
        fact="dhcp.offer",
        outcome=Outcome.OK,
        subject=client,
        at=begun,
        took_s=round(took_s, 3),
        data=(("asked_as", asked_as),),
    )
    if not offers:
        return msgspec.structs.replace(said, outcome=Outcome.FAILED, reason="no_offer")
    servers = " ".join(dict.fromkeys(offer.server for offer in offers))
    addresses = " ".join(dict.fromkeys(offer.address for offer in offers))
    return msgspec.structs.replace(
        said,
        took_s=offers[0].after_s,
        data=(*said.data, ("servers", servers), ("addresses", addresses)),
    )


def in_doubt(said: Seen) -> Seen:
    """The same where a server needs so long for one client that its answer to another may not have
    come yet.
    """
    says = (
        f"the DHCP server needs more than {_SLOW_S:.0f} s to answer, so its silence to this MAC"
        " proves nothing"
    )
    return msgspec.structs.replace(
        said, outcome=Outcome.UNCLEAR, reason="late", data=(*said.data, ("says", says))
    )


def of_best_witness(asked: Mapping[str, str], offers: Sequence[DhcpOffer]) -> list[DhcpOffer]:
    """The first offer of each server to one MAC: the device's, else the new client's, whose lot is
    a Photon's, else this computer's.
    """
    for asked_as in ("device", "new_client", "this_computer"):
        to_one = {
            offer.server: offer for offer in reversed(offers) if asked.get(offer.client) == asked_as
        }
        if to_one:
            return list(to_one.values())
    return []


def servers_seen(offers: Sequence[DhcpOffer], told: Sequence[DhcpOffer], begun: float) -> Seen:
    """One server, or rivals that say different things of gateway, resolver or mask."""
    servers = sorted({offer.server for offer in offers})
    terms = {(offer.routers, offer.resolvers, offer.mask) for offer in told}
    is_rivalry = len(servers) > 1 and len(terms) > 1
    macs = " ".join(sorted({offer.server_mac for offer in offers}))
    return Seen(
        fact="dhcp.servers",
        outcome=Outcome.FAILED if is_rivalry else Outcome.OK,
        reason="two_servers" if is_rivalry else "",
        subject=NETWORK,
        at=begun,
        data=(("servers", " ".join(servers)), ("macs", macs)),
    )


def questions(told: Sequence[DhcpOffer], here: Vantage) -> list[str]:
    """What to ask by ARP: the addresses offered, and gateways and resolvers on the same network
    that no answer has shown yet.
    """
    wanted = [address for offer in told for address in (offer.address, *unproven(offer, here))]
    return [address for address in dict.fromkeys(wanted) if address != here.address][
        :_MOST_QUESTIONS
    ]


def unproven(offer: DhcpOffer, here: Vantage) -> list[str]:
    """Neighbours that the offer names and that are neither this computer, its gateway (asked by
    another probe) nor the server.
    """
    named = [*offer.routers[:1], *offer.resolvers[:2]]
    vouched = (here.address, here.gateway, offer.server)
    return [
        address
        for address in named
        if address not in vouched and same_subnet(offer.address, address, offer.mask or _MASK)
    ]


def options_seen(offer: DhcpOffer, owners: Mapping[str, str], here: Vantage, begun: float) -> Seen:
    """Whether gateway, mask and resolver of an offer are there, fit together, and answer ARP."""
    silent = [address for address in unproven(offer, here) if address not in owners]
    reason = options_reason(offer, silent)
    data: list[tuple[str, Scalar]] = [
        ("address", offer.address),
        ("mask", offer.mask),
        ("router", " ".join(offer.routers)),
        ("resolvers", " ".join(offer.resolvers)),
        ("server", offer.server),
        ("offer_only", True),
    ]
    data += [("lease_s", offer.lease_s)] if offer.lease_s is not None else []
    data += [("portal", web_address(offer.portal))] if offer.portal else []
    data += [("proxy_script", web_address(offer.proxy_script))] if offer.proxy_script else []
    data += [("silent", " ".join(silent))] if silent else []
    return Seen(
        fact="dhcp.options",
        outcome=Outcome.FAILED if reason else Outcome.OK,
        reason=reason,
        target=offer.server,
        subject=offer.client,
        at=begun,
        data=tuple(data),
    )


def options_reason(offer: DhcpOffer, silent: Sequence[str]) -> str:
    """What is wrong with an offer, the worst first; a silent resolver counts where no other is
    named.
    """
    if not offer.routers:
        return "missing_router"
    if not same_subnet(offer.address, offer.routers[0], offer.mask or _MASK):
        return "off_subnet"
    if offer.routers[0] in silent or (offer.resolvers and set(offer.resolvers[:2]) <= set(silent)):
        return "timeout"
    return "" if offer.resolvers else "missing_dns"


def own_address(here: Vantage) -> list[str]:
    """This computer's address, if nobody else can have it; a computer on two networks may answer
    itself.
    """
    return [here.address] if here.address and not here.other_networks else []


def own_address_seen(address: str, owner: str | None, here: Vantage, begun: float) -> Seen:
    """Whether another machine answers for this computer's address; a gateway that answers for
    everybody (proxy ARP) is not one.
    """
    said = Seen(fact="computer.address", outcome=Outcome.OK, target=address, at=begun)
    if owner in (None, here.mac, here.gateway_mac):
        return said
    data = (("address", address), ("rival_mac", owner or ""))
    return msgspec.structs.replace(said, outcome=Outcome.FAILED, reason="conflict", data=data)


def conflict_seen(offer: DhcpOffer, owner: str | None, begun: float) -> Seen:
    """Whether another machine has the address already; the device that it was offered to may well
    have it.
    """
    said = Seen(
        fact="address.conflict",
        outcome=Outcome.OK,
        target=offer.address,
        subject=offer.client,
        at=begun,
    )
    if owner is None or owner == offer.client:
        return said
    data = (("address", offer.address), ("rival_mac", owner), ("server", offer.server))
    return msgspec.structs.replace(said, outcome=Outcome.FAILED, reason="conflict", data=data)
