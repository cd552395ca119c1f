"""One MAC against another: what a computer is answered as the device, as a new client and as
itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.dns import other_names_resolve
from netcheck.correlator.rules.gateways import (
    gateway_in_conflict,
    leased_gateway_differs,
    static_gateway_differs,
)
from netcheck.correlator.rules.query import anyone, controls, own, rule
from netcheck.model import Observation

_ASKED = (
    ("gateway.as_device", "gateway.as_new_client", "gateway.arp"),
    ("internet.as_device", "internet.as_new_client", "internet.reach"),
    ("tcp.as_device", "tcp.as_new_client", "tcp.cloud"),
)
"""The same question under the device's MAC, under a made-up one, and by a computer as itself."""


@rule
def device_mac_refused(view: View) -> Sequence[Observation]:
    """A client of a made-up MAC is answered; one of the device's MAC is not."""
    pairs = (
        (anyone(view, device), anyone(view, new_client, ok=True))
        for device, new_client, _ in _ASKED
    )
    return [o for silent, answered in pairs if silent and answered for o in (*silent, *answered)]


@rule
def foreign_macs_refused(view: View) -> Sequence[Observation]:
    """This computer is answered under its own MAC only."""
    found: list[Observation] = []
    for device, new_client, itself in _ASKED:
        silent = anyone(view, device), anyone(view, new_client)
        answered = [o for o in anyone(view, itself, ok=True) if _is_asked_here(o)]
        if all(silent) and answered:
            found += [*silent[0], *silent[1], *answered]
    return found


@rule
def nothing_answers_this_device_alone(view: View) -> Sequence[Observation]:
    """Neither the internet test nor a resolver that answers others answers the device, and other
    clients, most of which miss no answer, reach the Internet by the same gateway.
    """
    silent = (
        own(view, "dns.cloud_name", "timeout", "prohibited", "unreachable"),
        own(view, "internet.test", "timeout", "prohibited", "refused", "unreachable"),
    )
    has_answer = any(
        own(view, fact, ok=True)
        for fact in (
            "dns.other_name",
            "internet.name_test",
            "internet.test",
            "internet.reach",
            "tcp.cloud",
        )
    )
    if not all(silent) or has_answer or not other_names_resolve(view):
        return ()
    if gateway_in_conflict(view) or leased_gateway_differs(view) or static_gateway_differs(view):
        return ()
    reached = controls(view, "internet.reach", ok=True)
    hindered = {
        o.subject
        for fact in ("internet.reach", "dns.other_name", "dns.cloud_name")
        for o in controls(view, fact, "timeout", "unreachable")
    }
    steady = [o for o in reached if o.subject not in hindered]
    if len({o.subject for o in steady}) <= len(hindered):
        return ()
    return [*silent[0], *silent[1], *steady]


@rule
def device_itself_reached_cloud(view: View) -> Sequence[Observation]:
    """The device, and no computer in its place, opened a connection to the cloud."""
    return [o for o in own(view, "tcp.cloud", ok=True) if not _is_asked_here(o)]


def _is_asked_here(o: Observation) -> bool:
    """Did a probe see it on its own computer's behalf?"""
    return o.source.startswith("probe:")
