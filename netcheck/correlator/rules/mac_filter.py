"""One MAC against another: what a computer is answered as the device, as a new client and as
itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.rules.query import anyone, own, rule
from netcheck.correlator.weigh import View
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
def device_itself_reached_cloud(view: View) -> Sequence[Observation]:
    """The device, and no computer in its place, opened a connection to the cloud."""
    return [o for o in own(view, "tcp.cloud", ok=True) if not _is_asked_here(o)]


def _is_asked_here(o: Observation) -> bool:
    """Did a probe see it on its own computer's behalf?"""
    return o.source.startswith("probe:")
