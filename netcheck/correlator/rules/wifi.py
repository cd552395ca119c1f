"""802.11: whom an access point takes."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.rules.query import controls, own, rule
from netcheck.correlator.weigh import View
from netcheck.model import Observation


@rule
def refused_with_other_band(view: View) -> Sequence[Observation]:
    """An access point that is "full" on 2.4 GHz while its name is on another band too."""
    return [o for o in own(view, "wifi.join", "full") if o.value("other_band") is True]


@rule
def others_join(view: View) -> Sequence[Observation]:
    """Another station joined the access point that refused the device."""
    refused = {o.target for o in own(view, "wifi.join", "refused", "full", "timeout")}
    return [o for o in controls(view, "wifi.join", ok=True) if o.target in refused]


@rule
def beacons_suit(view: View) -> Sequence[Observation]:
    """The network's beacons offer what the device can do. The device's own scan does not show WPA3
    or protected management frames.
    """
    return [o for o in own(view, "wifi.network", ok=True) if o.value("security") is None]
