"""Steps that were done are not asked for again, and a command has the device's names in it."""

from __future__ import annotations

import pytest

from netcheck.correlator.advice.further_tests import METHODS
from netcheck.correlator.advice.steps import DONE, still_to_do, with_names
from netcheck.correlator.catalogue import load
from netcheck.model import Device
from tests.helpers.notation import case

CATALOGUE = load()
STEPS = {step for cause in CATALOGUE.causes.values() for step in cause.remedy} | {
    step for group in CATALOGUE.groups for step in group.remedy_first
}
MAC, ID = "e0:4f:43:00:00:01", "4e00c3d13247343232363230"
KNOWN = Device(mac=MAC, id=ID)


@pytest.mark.parametrize("row", DONE, ids=lambda row: row[0])
def test_each_row_is_about_a_step_of_the_catalogue(row: tuple[str, frozenset[str], object]) -> None:
    fact, values, words = row
    value = min(values, default="works")
    seen = case(f"nameless {fact} ok value={value}")
    fitted = {step for step in STEPS if still_to_do((step, "other"), seen) == ("other",)}
    assert fitted, words


@pytest.mark.parametrize(
    ("told", "cause", "dropped"),
    [
        ("told.hotspot ok value=works", "cloud_port_blocked", 1),
        ("told.hotspot ok value=same", "transparent_proxy", 1),
        ("told.hotspot ok value=works", "band_5ghz_only", 0),
        ("told.hotspot ok value=works", "captive_portal", 0),
        ("told.keys_server ok value=ran_ok", "device_key_mismatch", 1),
        ("told.keys_server ok value=failed", "device_key_mismatch", 0),
        ("told.keys_server ok value=ran_ok", "settings_corrupt", 0),
        ("told.tried ok value=update", "firmware_too_old", 1),
        ("told.tried ok value=restart", "firmware_too_old", 0),
        ("told.safe_mode ok value=same", "app_blocks_system", 1),
        ("told.safe_mode ok value=same", "app_crashes", 0),
        ("told.near_router ok value=works", "weak_signal", 1),
    ],
)
def test_a_step_that_was_done_is_left_out(told: str, cause: str, dropped: int) -> None:
    steps = CATALOGUE.causes[cause].remedy
    left = still_to_do(steps, case(f"nameless {told}"))
    assert len(left) == len(steps) - dropped
    assert set(left) <= set(steps)


def test_where_all_was_done_the_steps_stay() -> None:
    steps = ("Try the Photon on a phone's hotspot.",)
    assert still_to_do(steps, case("nameless told.hotspot ok value=works")) == steps


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
