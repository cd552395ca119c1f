"""A command of a step has the device's names in it."""

from __future__ import annotations

import pytest

from netcheck.correlator.advice.further_tests import METHODS
from netcheck.correlator.advice.steps import with_names
from netcheck.correlator.catalogue import load
from netcheck.model import Device

CATALOGUE = load()
STEPS = {step for cause in CATALOGUE.causes.values() for step in cause.remedy} | {
    step for group in CATALOGUE.groups for step in group.remedy_first
}
MAC, ID = "e0:4f:43:00:00:01", "4e00c3d13247343232363230"
KNOWN = Device(mac=MAC, id=ID)


@pytest.mark.parametrize("device", [KNOWN, Device()], ids=["known", "unknown"])
def test_a_command_names_the_device_where_it_is_known(device: Device) -> None:
    texts = [*STEPS, *(method.how for method in METHODS)]
    named = [with_names(text, device) for text in texts]
    gaps = [text for text in named if "DEVICE_ID`" in text or "-device MAC`" in text]
    assert bool(gaps) is (device.id is None)
    if device.mac is None:
        assert named == texts


def test_who_knows_the_mac_address_need_not_read_it() -> None:
    first, *_ = CATALOGUE.causes["mac_filter"].remedy
    assert with_names(first, KNOWN) == f"Note the Photon's MAC address: {MAC}."
