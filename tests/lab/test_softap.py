"""`netcheck device --softap` in a network of its own: a computer, a Photon's access point, and a
second network with the same numbers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.doubles.softap_server import ID, READ_ONLY, Fault, SoftAp
from tests.lab import requirements
from tests.lab.namespace import Namespace
from tests.lab.sockets import release

pytestmark = requirements.pytestmark

LIMIT_S = 90
DEVICE_END, COMPUTER_END = "192.168.0.1/24", "192.168.0.7/24"
NETWORKS = (
    (b"HomeNet", -48, 4194308, 6),
    (b'Caf\xc3\xa9 "Zum \\ Eck"', -71, 4194310, 1),
    (b"\x1b[2Jcorp", -60, 37748740, 11),
)


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", requirements.PATH)


@dataclass
class Room:
    """A computer, and what it can join."""

    computer: Namespace
    made: list[Namespace]

    def netcheck(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`netcheck device --softap` on the computer."""
        command = [sys.executable, "-m", "netcheck", "device", "--softap", *arguments]
        return subprocess.run(
            self.computer.command(*command), capture_output=True, text=True, timeout=LIMIT_S
        )

    def asked(self, *arguments: str) -> dict[str, Any]:
        """Its JSON, the observations by fact."""
        document: dict[str, Any] = json.loads(self.netcheck("--json", *arguments).stdout)
        return document | {
            "seen": {
                o["fact"]: o | {"data": dict(o.get("data", []))} for o in document["observations"]
            }
        }

    def join(self, name: str, device: SoftAp | None, address: str = COMPUTER_END) -> None:
        """Another interface of the computer, in one network with that device."""
        beyond = Namespace(f"softap-{name}")
        self.made.append(beyond)
        self.computer.ip(
            "link", "add", name, "type", "veth", "peer", "name", "ap", "netns", beyond.name
        )
        self.computer.ip("address", "add", address, "dev", name)
        self.computer.ip("link", "set", name, "up")
        beyond.ip("link", "set", "ap", "up")
        if device is not None:
            beyond.ip("address", "add", DEVICE_END, "dev", "ap")
            self.listeners += beyond.evaluate(device.listen)

    listeners: list[Any]


@contextmanager
def room() -> Iterator[Room]:
    computer = Namespace("softap-pc")
    here = Room(computer, [computer], [])
    try:
        yield here
    finally:
        for listener in here.listeners:
            release(listener)
        for namespace in here.made:
            namespace.remove()


@pytest.mark.parametrize(
    "fault", [Fault.NONE, Fault.NO_TCP, Fault.THROWS_AWAY_FIRST, Fault.DRIPS, Fault.RESETS]
)
def test_it_tells_who_it_is_and_what_it_hears(fault: Fault) -> None:
    device = SoftAp(networks=NETWORKS, fault=fault, claimed=True)
    with room() as here:
        here.join("wlan0", device)
        document = here.asked("--tell", 'ssid=Café "Zum \\ Eck"')
    seen = document["seen"]
    assert document["diagnoses"][0]["device"]["id"] == ID
    assert (seen["softap.reach"]["outcome"], seen["device.claimed"]["outcome"]) == ("ok", "ok")
    assert (seen["wifi.network"]["outcome"], seen["wifi.network"]["data"]["rssi_dbm"]) == (
        "ok",
        -71,
    )
    assert seen["wifi.scan"]["data"]["networks"] == 3
    assert {asked.split()[1] for asked in device.asked} == READ_ONLY


def test_where_another_network_has_the_same_numbers_the_right_one_is_asked() -> None:
    device, router = SoftAp(networks=NETWORKS), SoftAp(fault=Fault.ROUTER)
    with room() as here:
        here.join("eth0", router, "192.168.0.20/24")
        here.join("wlan0", device)
        routes = subprocess.run(
            here.computer.command("ip", "route", "get", "192.168.0.1"),
            capture_output=True,
            text=True,
        ).stdout
        by_routes, by_name = here.asked(), here.asked("--interface", "wlan0")
        said = here.netcheck("--quiet").stdout
    assert "dev eth0" in routes
    assert by_routes["seen"]["softap.reach"]["reason"] == "route_conflict"
    assert "192.168.0.x" in said
    assert "wlan0" in said
    assert by_name["diagnoses"][0]["device"]["id"] == ID
    assert router.asked
    assert {asked.split()[1] for asked in (*router.asked, *device.asked)} <= READ_ONLY


@pytest.mark.parametrize(
    ("device", "address", "options", "reason"),
    [
        (SoftAp(fault=Fault.ROUTER), COMPUTER_END, ("--interface", "wlan0"), "not_photon"),
        (SoftAp(fault=Fault.STRANGER), COMPUTER_END, ("--interface", "wlan0"), "not_photon"),
        (None, COMPUTER_END, ("--interface", "wlan0"), "timeout"),
        (SoftAp(), "10.1.2.3/24", (), "other_network"),
        (SoftAp(), "169.254.7.7/16", ("--interface", "wlan0"), "no_address"),
        (SoftAp(), "192.168.0.1/24", (), "route_conflict"),
    ],
)
def test_why_nothing_comes(
    device: SoftAp | None, address: str, options: tuple[str, ...], reason: str
) -> None:
    with room() as here:
        here.join("wlan0", device, address)
        document = here.asked(*options)
    assert document["seen"]["softap.reach"]["reason"] == reason
    assert document["diagnoses"][0]["verdict"] == "insufficient"
    assert "and run this again" in document["diagnoses"][0]["headline"]


def test_hostile_names_and_answers_do_no_harm() -> None:
    with room() as here:
        here.join("wlan0", SoftAp(networks=NETWORKS))
        shown = here.netcheck("--tell", "ssid=[2J Corp", "--verbose")
    assert shown.returncode in (1, 3)
    assert "\x1b" not in shown.stdout + shown.stderr
    for fault in (Fault.HUGE, Fault.HOSTILE_JSON):
        with room() as here:
            here.join("wlan0", SoftAp(fault=fault))
            assert here.netcheck("--interface", "wlan0").returncode == 3


def test_a_saved_case_gives_the_same_answer(tmp_path: Any) -> None:
    case = tmp_path / "softap.jsonl"
    with room() as here:
        here.join("wlan0", SoftAp(networks=NETWORKS))
        first = here.asked("--tell", "ssid=homenet", "--save", str(case))
    again = subprocess.run(
        [sys.executable, "-m", "netcheck", "case", str(case), "--json"],
        capture_output=True,
        text=True,
    )
    assert json.loads(again.stdout)["diagnoses"] == first["diagnoses"]
    assert first["diagnoses"][0]["findings"][0]["cause"] == "ssid_not_found"
