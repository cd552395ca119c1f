"""The recorded scenarios: their names, and the device that each is about."""

from __future__ import annotations

import json

from netcheck.model import Target
from tests.helpers.places import RECORDED

NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))


def first_device(name: str) -> Target:
    """The scenario's first device as the one asked about."""
    truth = json.loads((RECORDED / f"{name}.json").read_text())
    # Behind address translation there is no MAC to ask for; there is one device then.
    return Target() if truth["captured_at"] == "wan" else Target(device=truth["devices"][0]["mac"])
