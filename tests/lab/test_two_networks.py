"""A laptop is taken from one network to another, and the two runs are read together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab import faults as f
from tests.lab import requirements
from tests.lab.judge import SURE, standing
from tests.lab.live import ask, read
from tests.lab.network import Network
from tests.lab.plan import Plan

pytestmark = requirements.pytestmark

HOME = Plan(lan="192.168.1")
OFFICE = Plan(lan="192.168.1", router_mac="f4:f2:6d:aa:bb:cc")
"""The same addresses, another router."""


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The system's programs are found."""
    monkeypatch.setenv("PATH", requirements.PATH)
    yield


def _run(plan: Plan, case: Path) -> Path:
    """What the laptop saved there; it is the same one everywhere, by its MAC."""
    with Network("two networks", plan) as network:
        network.start_hosts()
        ask(network, "--save", str(case))
    return case


def _causes(*cases: Path) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and by network the causes that are sure."""
    done = subprocess.run(
        [sys.executable, "-m", "netcheck", "case", "--json", *map(str, cases)],
        capture_output=True,
        text=True,
    )
    code, document = read(done)
    return code, {one["device"]["site"]: standing(one, SURE) for one in document["diagnoses"]}


def test_the_network_that_blocks_the_port_is_named(tmp_path: Path) -> None:
    home, office = (
        _run(HOME, tmp_path / "home.jsonl"),
        _run(f.port_dropped(OFFICE), tmp_path / "office.jsonl"),
    )

    assert _causes(home, office) == (
        1,
        {HOME.router_mac: [], OFFICE.router_mac: ["cloud_port_blocked"]},
    )


def test_a_cloud_that_is_down_is_down_from_everywhere(tmp_path: Path) -> None:
    home = _run(f.cloud_host_dead(HOME), tmp_path / "home.jsonl")
    office = _run(f.cloud_host_dead(OFFICE), tmp_path / "office.jsonl")

    assert _causes(home, office) == (
        1,
        {mac: ["cloud_unreachable"] for mac in (HOME.router_mac, OFFICE.router_mac)},
    )


def test_a_run_after_the_fix_counts_more_than_the_one_before(tmp_path: Path) -> None:
    before = _run(f.port_dropped(replace(HOME)), tmp_path / "before.jsonl")
    after = _run(HOME, tmp_path / "after.jsonl")

    assert _causes(before, after) == (0, {HOME.router_mac: []})
