"""The steps to record elsewhere are there for each place and system, and can be typed as they
stand.
"""

from __future__ import annotations

import re

import pytest

from netcheck.recording.filters import everyone, one_device
from netcheck.recording.guide import GuideKind, text

MAC = "e0:4f:43:00:00:01"
SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
COMMAND = re.compile(r"^       \S", re.MULTILINE)


def titles(guide: str) -> list[str]:
    """The headings: lines after an empty one that a first step follows."""
    return re.findall(r"\n\n(.+)\n  1\. ", guide)


@pytest.mark.parametrize("kind", GuideKind)
@pytest.mark.parametrize("platform", [*SYSTEMS, "freebsd14"])
def test_there_is_a_guide_for_each_place_that_ends_in_an_analysis(
    kind: GuideKind, platform: str
) -> None:
    guide = text(kind, platform)
    assert "netcheck pcap" in guide
    assert all(len(line) <= 80 for line in guide.splitlines() if not COMMAND.match(line))


@pytest.mark.parametrize("kind", [GuideKind.ACCESS_POINT, GuideKind.HOTSPOT])
@pytest.mark.parametrize(("platform", "system"), SYSTEMS.items())
def test_all_systems_are_there_the_one_in_use_first(
    kind: GuideKind, platform: str, system: str
) -> None:
    found = titles(text(kind, platform))
    assert found[0] == system
    assert sorted(found) == sorted(SYSTEMS.values())


def test_common_routers_are_there() -> None:
    found = " ".join(titles(text(GuideKind.ROUTER, "linux")))
    assert all(
        name in found
        for name in ("OpenWrt", "FRITZ!Box", "pfSense", "OPNsense", "MikroTik", "UniFi")
    )


def test_the_router_s_filter_is_that_of_the_device_where_it_is_known() -> None:
    assert everyone() in text(GuideKind.ROUTER, "linux")
    guide = text(GuideKind.ROUTER, "linux", MAC)
    assert one_device(MAC) in guide
    assert f"filter-mac-address={MAC.upper()}/FF:FF:FF:FF:FF:FF" in guide
    assert everyone() not in guide


def test_a_hotspot_is_one_that_a_photon_takes() -> None:
    guide = text(GuideKind.HOTSPOT, "linux")
    assert "band bg channel 6 password" in guide
    assert "band 2.4 GHz" in guide
    assert "WPA2 Personal (not WPA3)" in guide
    assert len(re.findall("particle serial wifi", guide)) == 3
    assert "the usual network is to blame" in " ".join(guide.split())


def test_who_already_waits_is_shown_this_system_s_steps_without_that_of_recording() -> None:
    guide = text(GuideKind.HOTSPOT, "linux", is_waiting=True)
    assert titles(guide) == ["Linux"]
    assert "netcheck record --hotspot" not in guide
