"""Which adapter scans, and whether it is on, by a folder like Linux's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from netcheck.host.scan import adapters

UP, DOWN = "0x1003", "0x1002"


def adapter(
    root: Path, name: str, flags: str = UP, kind: int = 1, switches: Mapping[str, str] | None = None
) -> None:
    place = root / name
    (place / "phy80211").mkdir(parents=True)
    (place / "flags").write_text(flags)
    (place / "type").write_text(str(kind))
    if switches:
        (place / "phy80211" / "rfkill0").mkdir()
        for one, value in switches.items():
            (place / "phy80211" / "rfkill0" / one).write_text(value)


def test_the_preferred_interface_if_it_can_scan(tmp_path: Path) -> None:
    for name, flags in (("wlan0", DOWN), ("wlan1", UP), ("wlan2", UP)):
        adapter(tmp_path, name, flags)
    (tmp_path / "eth0").mkdir()

    assert adapters.wireless(["eth0", "wlan2"], tmp_path) == "wlan2"
    assert adapters.wireless(["eth0"], tmp_path) == "wlan1"
    assert adapters.wireless(["wlan0"], tmp_path) == "wlan0"


def test_no_adapter_and_one_that_only_listens(tmp_path: Path) -> None:
    (tmp_path / "eth0").mkdir()
    adapter(tmp_path, "mon0", kind=803)

    assert adapters.wireless([], tmp_path) == ""
    assert adapters.wireless([], tmp_path / "nowhere") == ""


@pytest.mark.parametrize(
    ("flags", "switches", "says"),
    [
        (UP, {"hard": "0", "soft": "0"}, ""),
        (UP, {}, ""),
        (DOWN, {"hard": "1", "soft": "0"}, "switch or key"),
        (DOWN, {"hard": "0", "soft": "1"}, "rfkill unblock wifi"),
        (DOWN, {"hard": "0", "soft": "0"}, "ip link set wlan0 up"),
    ],
)
def test_why_it_is_off(tmp_path: Path, flags: str, switches: dict[str, str], says: str) -> None:
    adapter(tmp_path, "wlan0", flags, switches=switches)

    told = adapters.switched_off("wlan0", tmp_path)

    assert says in told
    assert bool(told) == bool(says)
