"""Scenarios that only `netcheck` on the laptop can tell apart: what differs is the laptop, not what the device sends."""

from __future__ import annotations

from tests.lab import faults as f
from tests.lab.scenarios import SYN_UNANSWERED, Scenario, any_of

_LIVE_ONLY = (
    Scenario(
        name="port_dropped_laptop_vpn",
        what="The router drops what goes to 5683; the laptop's VPN goes around it, and must not call it healthy.",
        faults=(f.port_dropped, f.laptop_on_vpn),
        expected=SYN_UNANSWERED,
        healthy=None,
    ),
    Scenario(
        name="gateway_silent_laptop_vpn",
        what="The router answers no ARP request; the laptop's VPN is up all the same.",
        faults=(f.gateway_silent, f.laptop_on_vpn),
        expected=any_of("gateway_unreachable"),
    ),
)
LIVE_ONLY: dict[str, Scenario] = {scenario.name: scenario for scenario in _LIVE_ONLY}
