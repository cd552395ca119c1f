"""Addresses: who gets one, who is offered one, and from which server."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.rules.query import anyone, controls, ever, own, rule
from netcheck.correlator.weigh import View
from netcheck.model import Observation, Stage

FRESH_S = 300.0
"""A server that lived so long ago is taken to live still."""


def _first_silence(view: View) -> float | None:
    """When the device was first left without an address; None if this try did not fail so."""
    reasons = ("no_offer", "nak", "no_lease")
    if not own(view, "dhcp.lease", *reasons):
        return None
    return min(o.at for o in ever(view, "dhcp.lease", *reasons))


def _new_leases(view: View) -> list[Observation]:
    """Leases that others got by DISCOVER, not by renewing one they had."""
    return [o for o in controls(view, "dhcp.lease", ok=True) if (o.number("discovers") or 0) > 0]


@rule
def new_client_served_meanwhile(view: View) -> Sequence[Observation]:
    """Another client got a lease by DISCOVER after the device was first left without an answer."""
    since = _first_silence(view)
    return [] if since is None else [o for o in _new_leases(view) if o.end >= since]


@rule
def served_before_only(view: View) -> Sequence[Observation]:
    """Others got new leases before the device asked, and nobody since."""
    since = _first_silence(view)
    if since is None or new_client_served_meanwhile(view):
        return ()
    return _new_leases(view)


@rule
def other_servers_lease_fails(view: View) -> Sequence[Observation]:
    """Two servers differ, and with what this one gave the device gets no farther than its gateway
    or resolver.
    """
    two = anyone(view, "dhcp.servers", "two_servers")
    stuck = own(view, "gateway.arp", "timeout") + own(
        view, "dns.cloud_name", "timeout", "unreachable"
    )
    stuck += own(view, "dns.resolver_arp", "timeout")
    stuck += own(view, "dhcp.options")
    return [*two, *stuck] if two and stuck else ()


@rule
def own_lease_is_fresh(view: View) -> Sequence[Observation]:
    """A DHCP server gave or renewed this computer's own address minutes ago."""
    return [
        o
        for o in anyone(view, "dhcp.own_lease", ok=True)
        if (o.number("renewed_s") or 0.0) <= FRESH_S
    ]


@rule
def fresh_lease_and_no_offer(view: View) -> Sequence[Observation]:
    """The same, and nobody offers a new client one."""
    fresh, silent = own_lease_is_fresh(view), _offers(view, "new_client", ok=False)
    return [*fresh, *silent] if fresh and silent else ()


def _offers(view: View, asked_as: str, *, ok: bool) -> list[Observation]:
    """What DISCOVER under that MAC met: new_client, this_computer or device."""
    return [o for o in anyone(view, "dhcp.offer", ok=ok) if o.text("asked_as") == asked_as]


@rule
def nobody_is_offered_an_address(view: View) -> Sequence[Observation]:
    """DISCOVER stayed without an answer under every MAC asked with, a new client's among them."""
    silent = _offers(view, "new_client", ok=False)
    return anyone(view, "dhcp.offer") if silent and not anyone(view, "dhcp.offer", ok=True) else ()


@rule
def nothing_here_answers(view: View) -> Sequence[Observation]:
    """DISCOVER stayed without an answer, and so did everything else on this network, whoever asked;
    the device itself was not seen to.
    """
    answered = any(
        o.ok and o.stage >= Stage.JOIN
        for seen in view.attempt.by_witness["any"].values()
        for o in seen
    )
    return () if answered or own(view, "dhcp.lease") else _offers(view, "new_client", ok=False)


@rule
def somebody_is_offered_an_address(view: View) -> Sequence[Observation]:
    """A DHCP server is there: it offered somebody an address."""
    return anyone(view, "dhcp.offer", ok=True)


@rule
def new_client_is_offered_an_address(view: View) -> Sequence[Observation]:
    """A client that the server never saw before is offered an address."""
    return _offers(view, "new_client", ok=True)


@rule
def only_known_clients_are_offered(view: View) -> Sequence[Observation]:
    """This computer is offered an address, and a new client none; nor was the device's MAC seen to
    bring an offer.
    """
    silent, known = _offers(view, "new_client", ok=False), _offers(view, "this_computer", ok=True)
    return [*silent, *known] if silent and known and not _offers(view, "device", ok=True) else ()


@rule
def device_alone_is_not_offered(view: View) -> Sequence[Observation]:
    """A new client is offered an address, and the device, by DISCOVER with its MAC or in its own
    words, none.
    """
    silent = _offers(view, "device", ok=False) + own(view, "dhcp.lease", "no_offer", "no_lease")
    served = _offers(view, "new_client", ok=True)
    return [*silent, *served] if silent and served else ()


@rule
def device_is_offered_an_address(view: View) -> Sequence[Observation]:
    """DISCOVER with the device's MAC brings an offer."""
    return _offers(view, "device", ok=True)


@rule
def rival_offers_nothing_of_use(view: View) -> Sequence[Observation]:
    """Two servers answer one client: what one offers is of use, what the other offers is not."""
    two, useless = anyone(view, "dhcp.servers", "two_servers"), anyone(view, "dhcp.options")
    useful = anyone(view, "dhcp.options", ok=True)
    pairs = [
        (bad, good)
        for bad in useless
        for good in useful
        if bad.subject == good.subject and bad.target != good.target
    ]
    return [*two, *pairs[0]] if two and pairs else ()


@rule
def offered_neighbour_silent(view: View) -> Sequence[Observation]:
    """The only server here offers leases whose gateway or resolver nobody answers for."""
    return (
        () if anyone(view, "dhcp.servers", "two_servers") else own(view, "dhcp.options", "timeout")
    )


@rule
def ipv6_and_no_offer(view: View) -> Sequence[Observation]:
    """A router offers IPv6, and nobody offers an IPv4 address to anybody who asks."""
    only = anyone(view, "address.ipv4")
    silent = anyone(view, "dhcp.offer") + anyone(view, "dhcp.lease", "no_offer")
    return [*only, *silent] if only and silent else ()
