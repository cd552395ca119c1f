"""Addresses: who gets one, who is offered one, and from which server."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.query import anyone, controls, ever, own, rule
from netcheck.model import Observation, Stage


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
    """Others got new leases before the device asked, and no client since. A server that offers an
    address, or refuses one, is no server without any.
    """
    since = _first_silence(view)
    if since is None or own(view, "dhcp.lease", "nak") or new_client_served_meanwhile(view):
        return ()
    return _new_leases(view)


def _offers(view: View, asked_as: str, *, ok: bool) -> list[Observation]:
    """The offers to a DISCOVER under that MAC: new_client, this_computer or device."""
    return [o for o in anyone(view, "dhcp.offer", ok=ok) if o.text("asked_as") == asked_as]


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
def leased_settings_lead_to_cloud(view: View) -> Sequence[Observation]:
    """The device reached the cloud, or a computer did that has the gateway which DHCP offers here,
    and was given the cloud's name by a resolver of the offer: another shows nothing about a lease.
    """
    reached = own(view, "tcp.cloud", ok=True)
    return [o for o in reached if not o.source.startswith("probe:") or _has_offered(view, o)]


def _has_offered(view: View, o: Observation) -> bool:
    """Has that computer what each server here offers? Yes where that is not known."""
    gateways = {
        place.text("gateway")
        for place in anyone(view, "computer.vantage", ok=True)
        if place.subject == o.subject
    }
    answered = {one.text("server") for one in own(view, "dns.cloud_name", ok=True)}
    offers = [
        offer
        for offer in (*anyone(view, "dhcp.options", ok=True), *anyone(view, "dhcp.options"))
        if offer.value("offer_only")
    ]
    return all(
        gateways <= {*offer.text("router").split()[:1]}
        and (not offer.text("resolvers") or bool(answered & {*offer.text("resolvers").split()}))
        for offer in offers
    )
