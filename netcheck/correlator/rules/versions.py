"""What the Device OS version that a device tells means for its failures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netcheck.correlator.rules.query import own, rule
from netcheck.correlator.weigh import View
from netcheck.model import Observation

MENDED, NO_N_ONLY = (0, 7), ((0, 7), (1, 1))
"""The version that restores a blank cloud key by itself; and those that join no access point for
802.11n alone (device-os@v1.1.0:CHANGELOG.md, #1755): from the first, before the second.
"""


@rule
def old_device_os(view: View) -> Sequence[Observation]:
    """A Device OS that lacks what networks and programs need since."""
    return [o for o in own(view, "device.firmware", ok=True) if () < _numbers(o) < MENDED]


@rule
def cannot_join_n_only(view: View) -> Sequence[Observation]:
    """A join that failed, with no word of a password, under a Device OS that joins no access point
    for 802.11n alone.
    """
    first, after = NO_N_ONLY
    versions = [o for o in own(view, "device.firmware", ok=True) if first <= _numbers(o) < after]
    failed = own(view, "device.network_error", "rejected", "not_keyed") + own(
        view, "device.radio_error", "not_on_air"
    )
    return [*failed, *versions] if failed and versions else []


def _numbers(o: Observation) -> tuple[int, ...]:
    found = re.match(r"(\d{1,4})\.(\d{1,4})", o.text("version"), re.ASCII)
    return (int(found[1]), int(found[2])) if found else ()
