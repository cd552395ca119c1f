"""A computer that is on no network, or has no way out of it, is told so: soon, calmly, and without
a word against a network.

With all rights and with none: what raw frames show must not turn a dead cable into a router's
fault.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab import requirements
from tests.lab.judge import SURE, standing
from tests.lab.namespace import Namespace
from tests.lab.network import Network
from tests.lab.plan import Plan
from tests.lab.scenarios import SCENARIOS

# One worker runs them all: each worker that had a share would start the networks of all.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("no network")]

LIMIT_S = 20
"""Alone on the machine it is to end within 10 s; beside other tests it may wait for its turn."""
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
"""Root as anybody: files can be read, frames cannot be sent."""

ON_NO_NETWORK = "This computer is on no network"
NO_ADDRESS = "This computer is connected (eth0) but was given no IPv4 address"
NO_WAY_OUT = "but no route out of its network"


@dataclass(frozen=True)
class Answer:
    """How a run ended, what it said, and how long it took."""

    code: int
    diagnosis: dict[str, Any]
    notes: str
    took_s: float


def _loopback_alone(machine: Namespace, wall: Namespace) -> None:
    pass


def _switched_off(machine: Namespace, wall: Namespace) -> None:
    _cable(machine, wall)
    machine.ip("link", "set", "eth0", "down")


def _unplugged(machine: Namespace, wall: Namespace) -> None:
    """With the address and the way that it had when it was plugged in, as a fixed configuration
    leaves them.
    """
    _with_gateway(machine, wall)
    wall.ip("link", "set", "port", "down")


def _without_address(machine: Namespace, wall: Namespace) -> None:
    _cable(machine, wall)


def _self_given_address(machine: Namespace, wall: Namespace) -> None:
    _cable(machine, wall)
    machine.ip("address", "add", "169.254.7.7/16", "dev", "eth0")


def _without_route(machine: Namespace, wall: Namespace) -> None:
    _cable(machine, wall)
    machine.ip("address", "add", "192.168.77.20/24", "dev", "eth0")


def _with_gateway(machine: Namespace, wall: Namespace) -> None:
    _without_route(machine, wall)
    machine.ip("route", "add", "default", "via", "192.168.77.1")


def _refused(kind: str) -> Callable[[Namespace, Namespace], None]:
    def place(machine: Namespace, wall: Namespace) -> None:
        _without_route(machine, wall)
        machine.ip("route", "add", kind, "default")

    return place


def _cable(machine: Namespace, wall: Namespace) -> None:
    """From the machine's eth0 to a socket in the wall, behind which nobody is."""
    machine.ip("link", "add", "eth0", "type", "veth", "peer", "name", "port", "netns", wall.name)
    wall.ip("link", "set", "port", "up")
    machine.ip("link", "set", "eth0", "up")


PLACES = {
    "loopback_alone": (_loopback_alone, ON_NO_NETWORK),
    "switched_off": (_switched_off, ON_NO_NETWORK),
    "unplugged": (_unplugged, ON_NO_NETWORK),
    "without_address": (_without_address, NO_ADDRESS),
    "self_given_address": (_self_given_address, NO_ADDRESS),
    "without_route": (_without_route, NO_WAY_OUT),
    "route_unreachable": (_refused("unreachable"), NO_WAY_OUT),
    "route_prohibited": (_refused("prohibit"), NO_WAY_OUT),
    "route_blackhole": (_refused("blackhole"), NO_WAY_OUT),
}
"""What a machine's network looks like → what it must be told."""


def _asked(machine: Namespace, rights: tuple[str, ...]) -> Answer:
    begun = time.monotonic()
    command = machine.command(*rights, sys.executable, "-m", "netcheck", "--json")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    took_s = time.monotonic() - begun
    assert done.stdout, done.stderr
    diagnosis = json.loads(done.stdout)["diagnoses"][0]
    return Answer(
        done.returncode, diagnosis, " ".join([diagnosis["headline"], *diagnosis["notes"]]), took_s
    )


def _at(name: str, rights: tuple[str, ...]) -> Answer:
    role = f"{name}-{len(rights)}"
    machine, wall = Namespace(role), Namespace(f"{role}-wall")
    try:
        PLACES[name][0](machine, wall)
        machine.use_resolver("192.168.77.1")
        return _asked(machine, rights)
    finally:
        machine.remove()
        wall.remove()


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[tuple[str, bool], Future[Answer]]]:
    """Every place with and without rights, four side by side."""
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as pool:
        patch.setenv("PATH", requirements.PATH)
        yield {
            (name, bool(rights)): pool.submit(_at, name, rights)
            for name in PLACES
            for rights in ((), WITHOUT_RIGHTS)
        }


@pytest.mark.parametrize("is_bare", [False, True], ids=["root", "without_rights"])
@pytest.mark.parametrize("name", PLACES)
def test_a_computer_without_a_network_is_told_so(
    name: str, is_bare: bool, answers: dict[tuple[str, bool], Future[Answer]]
) -> None:
    answer = answers[name, is_bare].result()

    assert PLACES[name][1] in answer.notes
    assert answer.code == 3
    assert not standing(answer.diagnosis, SURE)
    assert answer.diagnosis["verdict"] == "insufficient" or (
        answer.diagnosis["verdict"] == "suspected" and not is_bare
    )
    assert not {
        rung["stage"]
        for rung in answer.diagnosis["ladder"]
        if rung["state"] in ("passed", "implied", "mixed")
    }
    assert answer.took_s < LIMIT_S


@pytest.mark.parametrize("kind", ["unreachable", "prohibit", "blackhole"])
def test_of_a_network_that_is_well_a_computer_without_a_way_out_says_no_ill(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a VPN does that is to let nothing past it: the way by the gateway stays, and one that
    refuses goes before it.
    """
    monkeypatch.setenv("PATH", requirements.PATH)
    with Network("healthy_1_5_2", SCENARIOS["healthy_1_5_2"].plan) as network:
        laptop = network.namespace("laptop")
        laptop.ip("route", "del", "default")
        laptop.ip("route", "add", "default", "via", network.plan.gateway, "metric", "100")
        laptop.ip("route", "add", kind, "default", "metric", "1")
        answer = _asked(laptop, ())

    assert (answer.code, answer.diagnosis["verdict"]) == (3, "insufficient")
    assert NO_WAY_OUT in answer.diagnosis["headline"]
    assert not standing(answer.diagnosis)
    assert {
        rung["state"]
        for rung in answer.diagnosis["ladder"]
        if rung["stage"] in ("address", "gateway")
    } == {"passed"}
    assert answer.took_s < LIMIT_S


@pytest.mark.parametrize("how", ["net-unreachable", "admin-prohibited"])
def test_a_gateway_that_refuses_everybody(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", requirements.PATH)
    with Network(
        f"refusing_{how}", Plan().with_rules("forward", f"reject with icmp {how}")
    ) as network:
        answer = _asked(network.namespace("laptop"), ())

    assert (answer.code, standing(answer.diagnosis, SURE)[:1]) == (1, ["internet_down"])
    assert answer.took_s < LIMIT_S
