"""Runs `netcheck` on the laptop of a scenario, and keeps its answer and what the DHCP server wrote
down.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.healthy import HEALTHY
from tests.lab.live_pairs import LIVE_PAIRS
from tests.lab.live_scenarios import LIVE_ONLY, OPTIONS
from tests.lab.network import Network
from tests.lab.plan import mac_of
from tests.lab.scenarios import SCENARIOS, Scenario

LIMIT_S = 60
_READS = "-all,+dac_read_search"
NOBODY = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"),
    *(f"--inh-caps={_READS}", f"--ambient-caps={_READS}", f"--bounding-set={_READS}"),
    *("env", "HOME=/nonexistent"),
)
"""Makes a command that of a user who has no right over the network (setpriv(1)), but may read this
checkout and its interpreter wherever they lie (CAP_DAC_READ_SEARCH, capabilities(7)).
"""

SINGLES: dict[str, Scenario] = {
    name: s for name, s in (SCENARIOS | LIVE_ONLY).items() if not name.startswith("pair_")
}
"""Networks that are well or have one fault."""
PAIRS: dict[str, Scenario] = {name: pair.scenario for name, pair in LIVE_PAIRS.items()}
LIVE: dict[str, Scenario] = SINGLES | HEALTHY | PAIRS


@dataclass(frozen=True)
class LiveAnswer:
    """The exit code, the JSON document, the lease files of all DHCP servers before and after the
    run, and its seconds.
    """

    code: int
    document: dict[str, Any]
    leases_before: str
    leases_after: str
    took_s: float

    @property
    def diagnosis(self) -> dict[str, Any]:
        """The first of `diagnoses`."""
        first: dict[str, Any] = self.document["diagnoses"][0]
        return first


def run_live(name: str, *, is_root: bool = True, folder: Path | None = None) -> LiveAnswer:
    """That scenario, asked with the MAC of its first device, which itself stays off. RuntimeError
    where netcheck says nothing. `folder`: where the case file stays, compressed.
    """
    with Network(name, LIVE[name].plan) as network:
        case = network.folder / f"{name}.jsonl"
        options = ("--as-device", mac_of(name, 0), *OPTIONS.get(name, ()))
        network.start_hosts()
        before = _leases(network)
        begun = time.monotonic()
        code, document = ask(
            network, *options, *(("--save", str(case)) if folder else ()), is_root=is_root
        )
        took_s = time.monotonic() - begun
        if folder:
            (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(case.read_bytes(), mtime=0))
        return LiveAnswer(code, document, before, _leases(network), took_s)


def ask(network: Network, *options: str, is_root: bool = True) -> tuple[int, dict[str, Any]]:
    """Exit code and document of `netcheck` on that network's laptop. RuntimeError where it says
    nothing.
    """
    command: Sequence[str] = (
        *(() if is_root else NOBODY),
        sys.executable,
        "-m",
        "netcheck",
        "--json",
        *options,
    )
    return read(
        subprocess.run(
            network.namespace("laptop").command(*command),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
    )


def read(done: subprocess.CompletedProcess[str]) -> tuple[int, dict[str, Any]]:
    """Exit code and document of a `netcheck --json` that has ended. RuntimeError where it said
    nothing.
    """
    if not done.stdout:
        raise RuntimeError(f"{' '.join(done.args)}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def _leases(network: Network) -> str:
    """What stands in dnsmasq's databases: the MACs and addresses, without the times."""
    lines = [
        line.split()[1:3]
        for path in sorted(network.folder.glob("*leases"))
        for line in path.read_text().splitlines()
    ]
    return "\n".join(sorted(" ".join(words) for words in lines))
