"""`netcheck` on the laptop while the Photon starts beside it: who is seen, whether it answers, and
who has its address.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab import faults as f
from tests.lab import requirements
from tests.lab.judge import standing
from tests.lab.network import Network
from tests.lab.plan import Change, Plan, id_of, mac_of

pytestmark = [*requirements.pytestmark, pytest.mark.usefixtures("clean")]

LIMIT_S = 90
ETH_P_ALL = "0003"


@dataclass(frozen=True)
class Beside:
    """What netcheck answered while the first device was starting."""

    code: int
    document: dict[str, Any]
    mac: str
    id: str

    @property
    def diagnosis(self) -> dict[str, Any]:
        first: dict[str, Any] = self.document["diagnoses"][0]
        return first

    def seen(self, fact: str) -> list[dict[str, Any]]:
        """What was seen of the device in that question."""
        return [
            o
            for o in self.document["observations"]
            if o["fact"] == fact and o["subject"] == self.mac
        ]


def run_beside(name: str, *changes: Change, options: tuple[str, ...] = ()) -> Beside:
    """That network: netcheck is begun, and as soon as it listens the device is switched on."""
    plan = Plan(lan="192.168.77")
    for change in changes:
        plan = change(plan)
    with Network(name, plan) as network:
        network.start_hosts()
        laptop = network.namespace("laptop")
        command = laptop.command(sys.executable, "-m", "netcheck", "--json", *options)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as running:
            until_it_listens(laptop.command("cat", "/proc/net/packet"), running)
            network.start_devices()
            out, error = running.communicate(timeout=LIMIT_S)
        assert out, error
        return Beside(running.returncode, json.loads(out), mac_of(name, 0), id_of(name, 0))


def until_it_listens(sockets: list[str], running: subprocess.Popen[str]) -> None:
    """Return once a socket for frames of every type is open there (packet(7): the fourth column is
    the type).
    """
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and running.poll() is None:
        rows = subprocess.run(
            sockets, capture_output=True, text=True, check=True
        ).stdout.splitlines()[1:]
        if any(row.split()[3] == ETH_P_ALL for row in rows):
            return
        time.sleep(0.05)
    raise AssertionError("netcheck does not listen")


@pytest.mark.parametrize("version", ["0.6.4", "2.3.1"])
def test_a_photon_that_starts_meanwhile_is_named_and_answers(version: str) -> None:
    one = run_beside(f"beside_{version}", f.firmware(version))

    device = one.diagnosis["device"]
    assert (device["mac"], device["id"]) == (one.mac, one.id)
    assert device["ip"].startswith("192.168.77.")
    assert [o["outcome"] for o in one.seen("gateway.neighbour")] == ["ok"]
    assert one.diagnosis["verdict"] == "healthy"
    assert one.code == 0


def test_two_machines_with_the_devices_address() -> None:
    one = run_beside("beside_conflict", f.address_conflict)

    assert one.diagnosis["device"]["ip"] == "192.168.77.123"
    assert standing(one.diagnosis)[:1] == ["ip_conflict"]
    assert one.code == 1


def test_clients_that_are_kept_apart() -> None:
    one = run_beside("beside_apart", f.clients_apart)

    assert standing(one.diagnosis) == ["client_isolation"]
    assert one.diagnosis["verdict"] == "healthy"


def test_a_device_of_which_nothing_is_heard_is_not_accused() -> None:
    one = run_beside("beside_apart_wholly", f.clients_apart_wholly)

    assert one.diagnosis["device"]["mac"] is None
    assert standing(one.diagnosis) == []
    assert one.diagnosis["verdict"] == "healthy"


def test_nobody_poses_as_a_device_that_is_there() -> None:
    name = "beside_as_device"
    one = run_beside(name, options=("--as-device", mac_of(name, 0)))

    assert one.seen("gateway.as_device") == []
    assert any("switch the Photon off" in open_["why"] for open_ in one.diagnosis["not_tested"])
