"""Runs `netcheck` on the laptop of a scenario, and keeps its answer and what the DHCP server wrote down."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.lab.live_scenarios import LIVE_ONLY, OPTIONS
from tests.lab.network import Network
from tests.lab.plan import mac_of
from tests.lab.scenarios import SCENARIOS

LIMIT_S = 60


@dataclass(frozen=True)
class LiveAnswer:
    """The exit code, the JSON document, and the lease files of all DHCP servers before and after the run."""

    code: int
    document: dict[str, Any]
    leases_before: str
    leases_after: str

    @property
    def diagnosis(self) -> dict[str, Any]:
        """The first of `diagnoses`."""
        first: dict[str, Any] = self.document["diagnoses"][0]
        return first


def run_live(name: str, *, with_raw_frames: bool = True) -> LiveAnswer:
    """That scenario, asked with the MAC of its first device, which itself stays off. RuntimeError where netcheck says nothing."""
    scenario = (SCENARIOS | LIVE_ONLY)[name]
    with Network(name, scenario.plan) as network:
        network.start_hosts()
        before = _leases(network)
        limits = [] if with_raw_frames else ["setpriv", "--bounding-set", "-net_raw"]
        command = [*limits, sys.executable, "-m", "netcheck", "--json", "--as-device", mac_of(name, 0), *OPTIONS.get(name, ())]
        done = subprocess.run(network.namespace("laptop").command(*command), capture_output=True, text=True, timeout=LIMIT_S)
        if not done.stdout:
            raise RuntimeError(f"{name}: {done.stderr}")
        return LiveAnswer(done.returncode, json.loads(done.stdout), before, _leases(network))


def _leases(network: Network) -> str:
    """What stands in dnsmasq's databases: the MACs and addresses, without the times."""
    lines = [line.split()[1:3] for path in sorted(network.folder.glob("*leases")) for line in path.read_text().splitlines()]
    return "\n".join(sorted(" ".join(words) for words in lines))
