"""Which network and version a live run asks about: what the user says, else the device."""

from __future__ import annotations

import pytest

from netcheck.app.sources import GatheredEvidence, read_user, with_network
from netcheck.model import Target
from netcheck.user import answers
from tests.helpers.notation import case


@pytest.mark.parametrize(
    ("said", "told", "meant"),
    [
        ("", Target(), ("", "")),
        ("dev wifi.join failed weak ssid=Home", Target(), ("Home", "")),
        ("dev wifi.network failed not_on_air >ssid:Home", Target(), ("Home", "")),
        ("dev wifi.join failed weak ssid=Home", Target(ssid="Lab"), ("Lab", "")),
        (
            "dev wifi.join failed weak ssid=Home\ndev wifi.network ok >ssid:Lab @5",
            Target(),
            ("", ""),
        ),
        ("dev device.firmware ok version=0.7.0", Target(), ("", "0.7.0")),
        ("dev device.firmware ok version=0.7.0", Target(firmware="1.5.2"), ("", "1.5.2")),
    ],
)
def test_what_the_device_names(said: str, told: Target, meant: tuple[str, str]) -> None:
    gathered = GatheredEvidence(observations=case(said, "device:log"))

    target = with_network(gathered, told)

    assert (target.ssid, target.firmware) == meant


def test_what_the_light_is_told_with_counts_too_unless_it_is_told_otherwise() -> None:
    gathered = GatheredEvidence()
    light = "slow green since the new router came, on a hotspot it works"
    read_user(gathered, [light], [answers.parse("hotspot=same")], Target(), 1.0)
    said = {o.fact: o.text("value") for o in gathered.observations}
    assert said["told.changed"] == "router"
    assert said["told.hotspot"] == "same"


def test_what_a_capture_shows_of_others_is_not_the_devices_network() -> None:
    gathered = GatheredEvidence(observations=case("ctl wifi.join ok ssid=Neighbour"))

    assert with_network(gathered, Target()).ssid == ""
