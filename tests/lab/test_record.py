"""`netcheck record` in the router while the software Photon starts: it stops by itself, and its
file gives the right answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from netcheck.capture.files.relevant import exact
from netcheck.capture.files.stream import open_capture
from netcheck.recording.filters import everyone, one_device
from tests.lab import requirements
from tests.lab.judge import Truth, complaints
from tests.lab.namespace import sweep
from tests.lab.plan import mac_of
from tests.lab.recording import LIMIT_S, Beside, record_beside
from tests.lab.scenarios import SCENARIOS

# One worker runs them all: each worker that had a share would start the networks of all.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("record")]

CHOSEN = {"healthy_1_5_2": "wan0", "port_dropped": "lan"}
"""Scenario → where else it is recorded: wan0 is a tunnel, whose packets come without a link-layer
header.
"""
CAPTURES = Path(__file__).parents[1] / "captures"
SMALL_BYTES = 60_000


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Beside]]]:
    """Both, already running, each in a process of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        sweep()
        folder = tmp_path_factory.mktemp("recorded")
        with ProcessPoolExecutor(
            len(CHOSEN), mp_context=get_context("spawn"), max_tasks_per_child=1
        ) as pool:
            yield {
                name: pool.submit(record_beside, name, elsewhere, folder)
                for name, elsewhere in CHOSEN.items()
            }


def judged(path: Path, name: str) -> tuple[list[str], dict[str, Any]]:
    """What is wrong with `netcheck pcap` on that file, and its document."""
    named = (
        () if path.stem.endswith("wan0") else ("--device", mac_of(name, 0))
    )  # behind address translation there is no MAC
    command = [sys.executable, "-m", "netcheck", "pcap", str(path), "--json", *named]
    document = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=False).stdout
    )
    scenario = SCENARIOS[name]
    truth = Truth(scenario.healthy, scenario.expected, scenario.forbidden, scenario.also)
    return complaints(document["diagnoses"][0], truth), document


@pytest.mark.parametrize("name", CHOSEN)
def test_it_stops_by_itself_and_its_small_file_says_the_cause(
    name: str, recorded: dict[str, Future[Beside]]
) -> None:
    alone = recorded[name].result().alone
    told = alone.document["recording"]
    wrong, document = judged(alone.path, name)

    assert (alone.code, told["stopped"], wrong) == (0, "settled", [])
    assert alone.document["diagnoses"][0]["verdict"] == document["diagnoses"][0]["verdict"]
    assert told["seconds"] < LIMIT_S
    assert told["size_bytes"] == alone.path.stat().st_size < SMALL_BYTES
    assert told["lost"] == 0
    assert document["coverage"][0]["cannot_show"] == []


@pytest.mark.parametrize("name", CHOSEN)
def test_after_ctrl_c_the_file_is_whole(name: str, recorded: dict[str, Future[Beside]]) -> None:
    interrupted = recorded[name].result().interrupted
    wrong, document = judged(interrupted.path, name)

    assert (interrupted.code, interrupted.document["recording"]["stopped"]) == (0, "interrupted")
    assert wrong == []
    assert document["coverage"][0]["packets"] == interrupted.document["recording"]["packets"] > 0


@pytest.mark.parametrize("name", CHOSEN)
def test_wireshark_reads_it_without_complaint(
    name: str, recorded: dict[str, Future[Beside]]
) -> None:
    for one in (recorded[name].result().alone, recorded[name].result().interrupted):
        read = subprocess.run(
            ["tshark", "-r", str(one.path), "-T", "fields", "-e", "frame.number"],
            capture_output=True,
            text=True,
        )
        assert (read.returncode, len(read.stdout.split())) == (
            0,
            one.document["recording"]["packets"],
        )
        assert [line for line in read.stderr.splitlines() if "root" not in line] == []


@pytest.mark.parametrize("expression", [everyone(), one_device("6c:0b:84:00:11:22")])
def test_the_expressions_for_other_recorders_are_understood(expression: str) -> None:
    subprocess.run(["tcpdump", "-y", "EN10MB", "-d", expression], check=True, capture_output=True)


def test_other_recorders_keep_all_that_is_read(tmp_path: Path) -> None:
    for path in sorted(CAPTURES.glob("*.pcap*")):
        kept = tmp_path / f"{path.stem}.pcap"
        subprocess.run(
            ["tcpdump", "-r", str(path), "-w", str(kept), everyone()],
            check=True,
            capture_output=True,
        )
        whole, passed = open_capture(str(path)), open_capture(str(kept))
        read = [
            packet.frame
            for packet in whole
            if packet.frame[12:14] != b"\x86\xdd" and exact(packet.link, packet.frame)
        ]
        assert [packet.frame for packet in passed if packet.frame[12:14] != b"\x86\xdd"] == read, (
            path.name
        )
