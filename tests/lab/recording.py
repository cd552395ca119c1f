"""Runs `netcheck record` beside the software Photon of a scenario, and keeps what it wrote and
said.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.network import Network
from tests.lab.scenarios import SCENARIOS

LIMIT_S = 60
STARTS_WITHIN_S = 20


@dataclass(frozen=True)
class Recorded:
    """How a recording ended: exit code, what it printed (JSON), and its file."""

    code: int
    document: dict[str, Any]
    path: Path


@dataclass(frozen=True)
class Beside:
    """Two recordings of one scenario: one on the device's port, left alone, and one elsewhere,
    ended by Ctrl-C.
    """

    alone: Recorded
    interrupted: Recorded


def record_beside(name: str, elsewhere: str, folder: Path) -> Beside:
    """That scenario, from before its devices start until the first recording stops by itself."""
    with Network(name, SCENARIOS[name].plan) as network:
        network.start_hosts()
        alone = _start(network, "p-device0", folder / f"{name}.pcapng")
        interrupted = _start(network, elsewhere, folder / f"{name}-{elsewhere}.pcapng", "--whole")
        network.start_devices()
        first = _ended(*alone)
        interrupted[0].send_signal(signal.SIGINT)
        return Beside(first, _ended(*interrupted))


def _start(
    network: Network, interface: str, path: Path, *options: str
) -> tuple[subprocess.Popen[str], Path]:
    """A recorder in the router that already listens; RuntimeError where it does not come to
    that.
    """
    typed = [
        sys.executable,
        "-m",
        "netcheck",
        "record",
        interface,
        "--json",
        "--for",
        str(LIMIT_S),
        "--write",
        str(path),
        *options,
    ]
    process = subprocess.Popen(
        network.namespace("router").command(*typed),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + STARTS_WITHIN_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"netcheck record does not start: {process.communicate()[1]}")
        time.sleep(0.05)
    return process, path


def _ended(process: subprocess.Popen[str], path: Path) -> Recorded:
    out, err = process.communicate(timeout=LIMIT_S + STARTS_WITHIN_S)
    if not out:
        raise RuntimeError(f"netcheck record says nothing: {err}")
    return Recorded(process.returncode, json.loads(out), path)
