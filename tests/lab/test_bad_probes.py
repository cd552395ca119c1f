"""Whatever an installed plug-in does, the answer is the same as without it, but for what was not
tested.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import requirements
from tests.lab.network import Network
from tests.lab.scenarios import SCENARIOS

# One worker runs them all: each worker that had a share would start the networks of all.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("bad probes")]

TOP = Path(__file__).parents[2]
BUDGET_S = 30
"""Enough for our own probes here, and the time for which a plug-in may hang."""

HEAD = """
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from netcheck.model import Outcome, Stage
from netcheck.probing import Kind, Seen, Traffic, probe

def made(fact):
    sends = [Traffic(kind=Kind.TCP_CONNECTION, to="the gateway, port 80", at_most=1)]
    return probe(stage=Stage.POWER, settles={fact}, sends=sends, within_s=3600)

class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError

print("FAULT: printed while it was loaded")
"""
DEEDS = {
    "hangs": "time.sleep(3600)",
    "hangs_in_a_pool": "ThreadPoolExecutor().submit(time.sleep, 3600).result()",
    "leaves_a_thread": "threading.Thread(target=time.sleep, args=(3600,)).start(); return []",
    "raises": "raise ValueError('x' * 10**6)",
    "raises_the_unspeakable": "raise Unspeakable",
    "interrupts": "raise KeyboardInterrupt",
    "exits": "sys.exit('FAULT')",
    "returns_a_number": "return 42",
    "yields_rubbish": "yield {'fact': 'tcp.cloud', 'outcome': 'failed'}",
    "yields_a_strange_fact": (
        "yield Seen(fact='tcp.cloud', outcome=Outcome.FAILED, reason='timeout')"
    ),
    "floods": "while True: yield Seen(fact='bad.floods', outcome=Outcome.OK)",
    "is_huge": "yield Seen(fact='bad.is_huge', outcome=Outcome.OK, target='x' * 10**8)",
    "prints": "print('FAULT: printed'); sys.stdout.write('FAULT: written'); return []",
    "sends_too_much": "[net.connect(net.vantage().gateway, 80) for _ in range(3)]; return []",
}
"""What a plug-in of that name does when it is run."""
ENDS = {
    "hangs": "budget",
    "hangs_in_a_pool": "budget",
    "sends_too_much": "budget",
    "leaves_a_thread": None,
    "prints": None,
    "is_huge": None,
}
"""How its run is told to have ended; all others crashed."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package of such probes, as pip leaves it."""
    folder = tmp_path_factory.mktemp("misbehaving")
    probes = (
        f"@made('bad.{name}')\ndef {name}(target, net):\n    {deed}\n"
        for name, deed in DEEDS.items()
    )
    (folder / "misbehaving.py").write_text(HEAD + "\n".join(probes))
    about = folder / "misbehaving-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: misbehaving\nVersion: 1.0\n")
    entries = (f"{name} = misbehaving:{name}\n" for name in DEEDS)
    (about / "entry_points.txt").write_text("[netcheck.probes]\n" + "".join(entries))
    return folder


@pytest.fixture(scope="module", params=["healthy_1_5_2", "dns_nxdomain"])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        with Network(request.param, SCENARIOS[request.param].plan) as network:
            yield network


def _asked(
    network: Network, *options: str, plug_ins: Path | None = None
) -> tuple[int, dict[str, Any]]:
    """Exit code and document of `netcheck --json` on the laptop; nothing else may stand on its
    standard output.
    """
    laptop = network.namespace("laptop")
    laptop.environment["PYTHONPATH"] = str(plug_ins or "")
    command = laptop.command(
        sys.executable, "-m", "netcheck", "--json", "--budget", str(BUDGET_S), *options
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUDGET_S + 10)
    return done.returncode, json.loads(done.stdout)


def _answer(document: dict[str, Any]) -> object:
    """The diagnoses without what was not tested, and without which of many witnesses, that speak
    side by side, are named for it.
    """
    return _settled(
        [
            {name: value for name, value in one.items() if name != "not_tested"}
            for one in document["diagnoses"]
        ]
    )


def _settled(value: object, name: str = "") -> object:
    if isinstance(value, dict):
        return {key: _settled(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return bool(value) if name in ("because", "refs") else [_settled(one) for one in value]
    return value


def test_the_answer_stays_the_same(network: Network, installed: Path) -> None:
    code, without = _asked(network)
    code_with, with_them = _asked(network, plug_ins=installed)
    runs = {
        one["target"]: one.get("reason")
        for one in with_them["observations"]
        if one["fact"] == "probe.run"
    }

    assert code_with == code
    assert _answer(with_them) == _answer(without)
    assert {name: runs.get(name) for name in DEEDS} == {
        name: ENDS.get(name, "crashed") for name in DEEDS
    }
    assert without["diagnoses"][0]["verdict"] == (
        "healthy" if network.name == "healthy_1_5_2" else "fault"
    )


def test_the_sample_plug_in_runs(network: Network, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(
        TOP / "samples" / "example_probe",
        source,
        ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"),
    )
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(tmp_path / "there"),
        str(source),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    _, document = _asked(network, "--only", "gateway_web", plug_ins=tmp_path / "there")

    found = [
        (one["outcome"], one["reason"], one["target"])
        for one in document["observations"]
        if one["fact"] == "example.gateway_web"
    ]
    assert found == [("failed", "refused", f"{network.plan.gateway}:80")]
