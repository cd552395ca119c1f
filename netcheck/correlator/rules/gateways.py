"""Gateways: the one the device wants against the ones that others use, and its rivals."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.query import anyone, controls, ever, own, rule
from netcheck.model import Observation


def _other_gateways(view: View) -> list[Observation]:
    silent = own(view, "gateway.arp", "timeout")
    wanted = {o.target for o in silent}
    others = controls(view, "gateway.arp", ok=True)
    if not silent or not others or any(o.target in wanted for o in others):
        return []
    return [*silent, *others]


def _has_lease(view: View) -> bool:
    """Was the device seen to ask for an address? A computer that stands in for it is taken to have
    asked.
    """
    return bool(view.history.own.get("dhcp.lease")) or any(
        o.source.startswith("probe:") for o in view.attempt.own
    )


@rule
def leased_gateway_differs(view: View) -> Sequence[Observation]:
    """The leased gateway is silent, and others use one that answers."""
    return _other_gateways(view) if _has_lease(view) else ()


@rule
def static_gateway_differs(view: View) -> Sequence[Observation]:
    """No lease was asked for, the gateway wanted is silent, and others use one that answers."""
    return () if _has_lease(view) else _other_gateways(view)


@rule
def leased_gateway_silent(view: View) -> Sequence[Observation]:
    """The gateway named in the lease is silent, and it is not the server that gave the lease."""
    servers = {o.text("server") for o in ever(view, "dhcp.lease", ok=True)}
    return (
        [o for o in own(view, "gateway.arp", "timeout") if o.target not in servers]
        if servers
        else ()
    )


@rule
def static_gateway_silent(view: View) -> Sequence[Observation]:
    """No lease was asked for, and the gateway wanted is silent."""
    return () if _has_lease(view) else own(view, "gateway.arp", "timeout")


_OUTSIDE = ("dns.cloud_name", "dns.other_name", "internet.test", "internet.reach", "tcp.cloud")


@rule
def gateway_in_conflict(view: View) -> Sequence[Observation]:
    """Two machines answer ARP for the device's gateway, and in this try nothing comes back through
    it. Where something does, it may be one router with two MACs, or proxy ARP.
    """
    wanted = {o.target for o in own(view, "gateway.arp", ok=True)}
    rivals = [
        o for o in anyone(view, "address.conflict", "conflict") if o.text("address") in wanted
    ]
    silent = [o for fact in _OUTSIDE for o in own(view, fact, "timeout", "unreachable")]
    if any(own(view, fact, ok=True) for fact in _OUTSIDE):
        return ()
    return [*rivals, *silent] if rivals and silent else ()
