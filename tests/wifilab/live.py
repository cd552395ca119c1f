"""`netcheck` inside the machine, on a laptop that is joined on 5 GHz: what it says of a Photon that
blinks green, for one network on 2.4 GHz after the other.

python -m tests.wifilab.live FOLDER
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.lab.namespace import Namespace
from tests.vm import split_off
from tests.wifilab.radios import Radios
from tests.wifilab.scenarios import (
    HEALTHY_AP,
    LAPTOP,
    ON_5GHZ,
    PHOTON,
    SSID,
    Scenario,
    read,
)
from tests.wifilab.supplicant import Supplicant, start_access_points

SCENARIOS = read(Path(__file__).with_name("live.toml"))
WHO = {"root": 0, "anyone": split_off.NOBODY}
"""Who runs it; anyone may read what the kernel has kept of a scan, and order none."""
LAPTOPS_SSID = "LabNet at 5"
JOINS_S = 40.0
ARGUMENTS = (
    *("--json", "--serial", "none", "--interface", "wlan6"),
    *("--only", "wifi_scan", "--only", "wifi_band"),
    *("--tell", f"ssid={SSID}", "--tell", "board=photon", "--led", "blinking green"),
)
_CLONE_NEWNS, _MS_REC, _MS_SLAVE, _MNT_DETACH = 0x20000, 0x4000, 0x80000, 2


def ask(laptop: Namespace, user: int = 0) -> dict[str, Any]:
    """What `netcheck` says, run there as that user."""

    def prepare() -> None:
        _enter(laptop)
        split_off.become(user, reads_everything=True)

    return split_off.run(ARGUMENTS, prepare)


def _enter(laptop: Namespace) -> None:
    """Its network, and a /sys that shows it, as `ip netns exec` has it."""
    libc = ctypes.CDLL(None, use_errno=True)
    laptop.enter()
    if libc.unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no mount namespace")
    libc.mount(b"none", b"/", None, _MS_REC | _MS_SLAVE, None)
    libc.umount2(b"/sys", _MNT_DETACH)
    if libc.mount(b"sysfs", b"/sys", b"sysfs", 0, None):
        raise OSError(ctypes.get_errno(), "no /sys")


def play(scenario: Scenario) -> dict[str, Any]:
    """One network; what was said of it to whom. With `laptop` in the data, that one is in a network
    of the name asked for.
    """
    with Radios() as radios, tempfile.TemporaryDirectory() as place:
        home, laptop = Namespace("router"), Namespace("laptop")
        try:
            subprocess.run(["iw", "reg", "set", scenario.country], check=True)
            for step in scenario.before:
                _prepare(step, radios, Path(place))
            for role in ("ap", "ap5"):
                radios.move(role, home)
            radios.move("laptop", laptop)
            own = SSID if scenario.laptop is not None else LAPTOPS_SSID
            five = {**HEALTHY_AP, **ON_5GHZ, "ssid": own, "country_code": scenario.country}
            settings = {
                radios.interface("ap"): scenario.access_points[0],
                radios.interface("ap5"): five,
            }
            start_access_points(home, settings, Path(place), bridge="")
            _join(laptop, radios, own, Path(place), scenario.country)
            return {who: ask(laptop, user) for who, user in WHO.items()}
        finally:
            laptop.remove()
            home.remove()


def _prepare(step: str, radios: Radios, folder: Path) -> None:
    verb, name, rest = step.split(" ", 2)
    if verb == "file":
        (folder / name).write_text(rest + "\n")
    elif verb == "loudness":
        radios.set_loudness(name, int(rest))  # type: ignore[arg-type]  # a role in the data


def _join(laptop: Namespace, radios: Radios, ssid: str, folder: Path, country: str) -> None:
    settings = {**PHOTON, **LAPTOP, "ssid": f'"{ssid}"', "scan_freq": "5180"}
    station = Supplicant(laptop, radios.interface("laptop"), settings, folder, country)
    deadline = time.monotonic() + JOINS_S
    while not station.is_joined and time.monotonic() < deadline:
        time.sleep(0.2)


def main(folder: Path, names: list[str]) -> None:
    """What was said of each, into NAME.json."""
    split_off.preload()
    for name in names or SCENARIOS:
        started = time.monotonic()
        try:
            said = play(SCENARIOS[name])
        except Exception as error:  # one that breaks leaves the others alone
            said = {"broken": f"{type(error).__name__}: {error}"}
        (folder / f"{name}.json").write_text(json.dumps(said))
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
