"""`netcheck device` at a real USB bus and a real serial driver, in a virtual machine: who is
plugged in, and what it says.

NETCHECK_VM=1 python -m pytest tests/vm
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.doubles.serial_photon import ID, MAC, SECRET
from tests.vm import machine
from tests.vm.guest import SCENES

pytestmark = pytest.mark.xdist_group("vm")

LIMIT_S = 900
PACKAGES = "qemu-system-x86 qemu-system-common seabios kmod cpio"


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of every scene, all played in one machine."""
    if absent := machine.missing():
        pytest.fail(
            f"needs these programs: {' '.join(absent)} (Debian: apt-get install"
            f" --no-install-recommends {PACKAGES})"
        )
    folder = tmp_path_factory.mktemp("vm")
    ended = machine.run([sys.executable, "-m", "tests.vm.guest", str(folder)], folder, LIMIT_S)
    assert ended.code == 0, ended.output[-4000:]
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def played(scenes: dict[str, Any], name: str) -> dict[str, Any]:
    """One scene: the exit code, what was sent, the diagnosis, and the observations by fact."""
    scene: dict[str, Any] = scenes[name]
    assert "broken" not in scene, scene["broken"]
    assert scene["document"], scene["errors"]
    seen: dict[str, Any] = {}
    for o in scene["document"]["observations"]:
        seen.setdefault(o["fact"], o | {"data": dict(o.get("data", []))})
    return scene | {"seen": seen, "diagnosis": scene["document"]["diagnoses"][0]}


@pytest.mark.parametrize(
    ("name", "firmware", "sent", "claimed"),
    [
        ("listening_0_5_3", "0.5.3", "vims", None),
        ("listening_1_5_2", "1.5.2", "vimscd", "ok"),
        ("listening_3_3_1", "3.3.1", "vimscd", "failed"),
    ],
)
def test_a_listening_device_tells_who_it_is(
    scenes: dict[str, Any], name: str, firmware: str, sent: str, claimed: str | None
) -> None:
    scene = played(scenes, name)
    device = scene["diagnosis"]["device"]
    assert (device["id"], device["mac"], device["firmware"]) == (ID, MAC, firmware)
    assert (scene["sent"], scene["harm"]) == (sent, "")
    assert scene["seen"].get("device.claimed", {}).get("outcome") == claimed
    assert scene["seen"]["usb.port"]["data"] == {"board": "photon", "port": "/dev/ttyACM0"}
    assert SECRET not in json.dumps(scene["document"])


@pytest.mark.parametrize(
    ("name", "fact", "reason"),
    [
        ("nothing", "usb.port", "absent"),
        ("no_port", "usb.port", "no_port"),
        ("denied", "usb.access", "denied"),
        ("busy", "usb.access", "busy"),
        ("pulled_out", "device.answers", "gone"),
    ],
)
def test_why_it_cannot_be_read_is_said(
    scenes: dict[str, Any], name: str, fact: str, reason: str
) -> None:
    scene = played(scenes, name)
    assert (scene["seen"][fact]["outcome"], scene["seen"][fact]["reason"]) == ("failed", reason)
    assert "run this again" in scene["diagnosis"]["headline"]
    assert scene["code"] == 3


@pytest.mark.parametrize("name", ["denied", "busy", "no_port", "pulled_out", "dfu"])
def test_the_id_is_known_from_the_bus_whether_or_not_it_can_be_opened(
    scenes: dict[str, Any], name: str
) -> None:
    assert played(scenes, name)["diagnosis"]["device"]["id"] == ID


@pytest.mark.parametrize("name", ["dfu", "dfu_old_boot_loader"])
def test_dfu_mode_shows_by_its_usb_id(scenes: dict[str, Any], name: str) -> None:
    assert played(scenes, name)["seen"]["device.mode"]["data"]["value"] == "dfu"


def test_the_number_of_an_old_boot_loader_is_no_device_id(scenes: dict[str, Any]) -> None:
    assert played(scenes, "dfu_old_boot_loader")["diagnosis"]["device"]["id"] is None


def test_a_program_that_says_nothing_is_left_alone(scenes: dict[str, Any]) -> None:
    scene = played(scenes, "program")
    assert (scene["sent"], scene["harm"], scene["seen"]["device.mode"]["data"]["value"]) == (
        "vi",
        "",
        "silent",
    )


def test_every_scene_was_played(scenes: dict[str, Any]) -> None:
    assert [name for name, scene in scenes.items() if "broken" in scene] == []
    assert set(scenes) == set(SCENES)
