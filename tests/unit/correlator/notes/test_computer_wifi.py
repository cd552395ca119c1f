"""Which notes tell of this computer's own Wi-Fi and its scan, by id; the band always first."""

from __future__ import annotations

import pytest

from netcheck.correlator.notes import computer_wifi
from netcheck.correlator.notes.wording import sentence
from tests.helpers.notation import DEV, case

ON_5 = "ctl computer.wifi ok ssid=Home band_ghz=5 channel=36 bssid=02:00:00:00:01:05"
ON_2 = "ctl computer.wifi ok ssid=Home band_ghz=2.4 channel=6 bssid=02:00:00:00:01:06"
PROBE = "probe:wifi_band/1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ON_5, ["own_band_other"]),
        (ON_2, ["own_band"]),
        ("ctl computer.wifi failed absent", []),
        ("ctl computer.wifi unclear needs ssid=Home", []),
        ("ctl computer.scan ok networks=4", []),
        ("ctl computer.scan unclear cached says=run_sudo age_s=12", ["scan_cached"]),
        ("ctl computer.scan failed absent says=none", ["scan_hindered"]),
        ("ctl computer.scan failed nothing_heard", ["scan_empty"]),
        ("ctl wifi.network ok >ssid:Home", []),
        ("ctl wifi.network unclear not_on_air >ssid:Home", ["scan_not_on_air"]),
        ("ctl wifi.network failed not_on_air >ssid:Home similar=home", ["scan_similar"]),
        ("ctl wifi.network failed only_5ghz >ssid:Home", ["scan_only_5ghz"]),
        ("ctl wifi.network failed sae_only >ssid:Home", []),
        ("ctl wifi.offer unclear hidden >ssid:Home says=hidden", ["network_offers"]),
        ("ctl wifi.offer ok >ssid:Home", []),
        (
            f"ctl wifi.offer unclear weak >ssid:Home says=weak\n{ON_5}",
            ["own_band_other", "network_offers"],
        ),
    ],
)
def test_what_is_said(text: str, expected: list[str]) -> None:
    found = list(computer_wifi.notes(case(text, PROBE), {DEV}))

    assert [one.id for one in found] == expected
    assert all(sentence(one) for one in found)


@pytest.mark.parametrize(
    ("bssid", "expected"),
    [
        ("02:00:00:00:01:06", "same_access_point"),
        ("02:00:00:00:01:05", "other_access_point"),
    ],
)
def test_whether_both_are_at_one_access_point(bssid: str, expected: str) -> None:
    joined = case(f"dev wifi.join ok >{bssid}")

    found = [one.id for one in computer_wifi.notes([*joined, *case(ON_2, PROBE)], {DEV})]

    assert found == ["own_band", expected]


def test_what_a_capture_shows_of_the_network_is_not_said_of_this_computer() -> None:
    assert list(computer_wifi.notes(case("dev wifi.network failed only_5ghz"), {DEV})) == []
