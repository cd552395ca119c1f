"""While bytes of strangers are parsed, no process that parses them is root or has a capability."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from netcheck import casefile
from tests.lab import requirements
from tests.lab.network import Network
from tests.lab.plan import mac_of
from tests.lab.scenarios import SCENARIOS

pytestmark = requirements.pytestmark

RIGHTS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
USER = 12345
NAME = "healthy_1_5_2"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        with Network(NAME, SCENARIOS[NAME].plan) as network:
            network.start_hosts()
            yield network


def status_of(pid: int) -> dict[str, str]:
    """What /proc/PID/status says (proc(5)); empty once it has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))


def is_harmless(status: dict[str, str]) -> bool:
    ids = {*status["Uid"].split(), *status["Gid"].split(), *status.get("Groups", "").split()}
    return (
        "0" not in ids
        and all(int(status[right], 16) == 0 for right in RIGHTS)
        and status["NoNewPrivs"] == "1"
    )


def has_socket_beyond(pid: int, known: frozenset[str]) -> bool:
    """Has it opened one by now? Nothing is received before."""
    try:
        found = {
            target
            for entry in Path(f"/proc/{pid}/fd").iterdir()
            if (target := str(entry.readlink())).startswith("socket:")
        }
    except OSError:
        return False
    return bool(found - known)


def watched(
    network: Network, tmp_path: Path, *arguments: str, **environment: str
) -> tuple[list[dict[str, str]], int, str, str]:
    """The states of the process, and of each of its threads, from when it says that it asks or
    listens until it ends; then its exit code and output.
    """
    command = network.namespace("laptop").command(sys.executable, "-m", "netcheck", *arguments)
    terminal, its_end = os.openpty()
    states = []
    answer = tmp_path / "answer"
    with (
        answer.open("wb") as out,
        subprocess.Popen(
            command,
            stdout=out,
            stderr=its_end,
            env={**os.environ, "TERM": "dumb", **environment},  # lines, nothing drawn anew
            cwd=tmp_path,
        ) as process,
    ):
        os.close(its_end)
        said = os.read(terminal, 4096)
        while process.poll() is None:
            for thread in list(Path(f"/proc/{process.pid}/task").glob("*")):
                states.append(status_of(int(thread.name)))
            time.sleep(0.02)
    with contextlib.suppress(OSError):
        said += os.read(terminal, 1 << 16)
    os.close(terminal)
    return (
        [state for state in states if state],
        process.returncode,
        answer.read_text(),
        said.decode(),
    )


@pytest.mark.parametrize("is_sudo", [True, False])
def test_a_live_run_parses_without_rights(network: Network, tmp_path: Path, is_sudo: bool) -> None:
    environment = {"SUDO_UID": str(USER), "SUDO_GID": str(USER)} if is_sudo else {}
    saved, report = tmp_path / "case.jsonl", tmp_path / "report.json"
    states, code, out, said = watched(
        network,
        tmp_path,
        *("--json", "--as-device", mac_of(NAME, 0), "--save", str(saved)),
        *("--report", str(report), "--redact-key", str(tmp_path / "key")),
        **environment,
    )
    assert code == 0, said
    assert len(states) > 50
    assert [state for state in states if not is_harmless(state)] == []
    assert {state["Uid"].split()[0] for state in states} == {str(USER if is_sudo else 65534)}
    document = json.loads(out)
    told = [one for one in document["observations"] if one["fact"] == "probe.run"]
    assert [one for one in told if one["outcome"] not in ("ok", "skipped")] == []
    assert "DHCP DISCOVER" in document["sent"]
    assert "ARP request" in document["sent"]
    assert [one for one in told if "CAP_NET_RAW" in str(one.get("data"))] == []
    assert len(casefile.read(str(saved)).observations) == len(document["observations"])
    for file in (saved, report):
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_uid == (USER if is_sudo else 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "answer",
        "case.jsonl",
        "key",
        "report.json",
    ]


@pytest.mark.parametrize("is_sudo", [True, False])
def test_a_recording_parses_without_rights(network: Network, tmp_path: Path, is_sudo: bool) -> None:
    environment = {"SUDO_UID": str(USER), "SUDO_GID": str(USER)} if is_sudo else {}
    states, code, _, said = watched(
        network, tmp_path, "record", "eth0", "--for", "6", "--write", "x.pcapng", **environment
    )
    assert code == 0, said
    assert len(states) > 50
    assert [state for state in states if not is_harmless(state)] == []
    recording = tmp_path / "x.pcapng"
    assert recording.stat().st_mode & 0o777 == 0o600
    assert recording.stat().st_uid == (USER if is_sudo else 0)
