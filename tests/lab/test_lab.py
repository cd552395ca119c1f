"""Scenarios as they happen: captures made a moment before, and what a run leaves behind.

A handful by default; with NETCHECK_LAB=full every scenario is recorded, eight side by side, and
judged. What `netcheck` says on the laptop of the lab is in test_live_matrix.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import requirements
from tests.lab.judge import Truth, complaints
from tests.lab.live import ask, read
from tests.lab.network import Network
from tests.lab.record import record
from tests.lab.scenarios import SCENARIOS

pytestmark = [*requirements.pytestmark, pytest.mark.usefixtures("clean")]

RECORDED_NOW = ("healthy_2_3_1", "port_admin_prohibited", "device_key_stale")


def _netcheck(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "netcheck", *arguments]


def test_typed_without_an_option_it_finds_a_healthy_network_healthy() -> None:
    with Network("healthy_1_5_2", SCENARIOS["healthy_1_5_2"].plan) as network:
        network.start_hosts()
        done = subprocess.run(
            network.namespace("laptop").command(*_netcheck()),
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "✓ HEALTHY"), (
        done.stdout + done.stderr
    )


def test_who_may_not_even_ping_is_told_so_and_the_gateway_is_found_all_the_same() -> None:
    with Network("healthy_1_5_2", SCENARIOS["healthy_1_5_2"].plan) as network:
        network.start_hosts()
        network.namespace("laptop").write_setting(
            "ipv4/ping_group_range", "1 0"
        )  # the kernel's own default: nobody
        code, document = ask(network, is_root=False)
    (one,) = document["diagnoses"]
    assert (code, one["verdict"]) == (0, "healthy")
    assert "ping_group_range" in next(
        entry["why"] for entry in one["not_tested"] if entry["fact"] == "gateway.icmp"
    )
    assert next(rung["state"] for rung in one["ladder"] if rung["stage"] == "gateway") == "passed"


@pytest.mark.parametrize("name", RECORDED_NOW)
def test_a_capture_made_now_is_judged_rightly(name: str, tmp_path: Path) -> None:
    recorded = record(SCENARIOS[name], tmp_path)
    assert not _wrong(recorded.capture, recorded.truth)


def _wrong(capture: Path, truth_file: Path) -> list[str]:
    truth = json.loads(truth_file.read_text())
    named = (
        () if truth["captured_at"] == "wan" else ("--device", truth["devices"][0]["mac"])
    )  # behind NAT there is no MAC
    command = _netcheck("pcap", str(capture), "--json", *named)
    _, document = read(subprocess.run(command, capture_output=True, text=True, timeout=120))
    return complaints(document["diagnoses"][0], Truth.load(truth))


if os.environ.get("NETCHECK_LAB") == "full":
    # Defined only when asked for (it takes about 15 minutes): a skipped lab test always means that
    # something is missing.

    def test_every_scenario(tmp_path: Path) -> None:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.lab",
                "record",
                "all",
                "--jobs",
                "8",
                "--out",
                str(tmp_path),
            ],
            check=True,
        )
        wrong = {
            name: _wrong(tmp_path / f"{name}.pcap", tmp_path / f"{name}.json") for name in SCENARIOS
        }
        assert not {name: what for name, what in wrong.items() if what}


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with Network("healthy_1_5_2", SCENARIOS["healthy_1_5_2"].plan) as network:
        name = network.namespace("router").name
        folder = network.folder
    listed = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
    assert name not in listed
    assert not folder.exists()
    assert not Path("/etc/netns", name).exists()
