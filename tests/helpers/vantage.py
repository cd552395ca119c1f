"""This computer's place, as the probe `vantage` tells it."""

from __future__ import annotations

from netcheck.model import Observation
from tests.helpers.notation import case


def live(text: str) -> list[Observation]:
    return case(text, source="probe:test/1")


HERE = "ctl computer.vantage ok @0 address=192.168.1.5 netmask=255.255.255.0 "
