#!/usr/bin/env python3
"""How fast and how small is reading a capture, compared with tcpdump and with the least that Python
can do?

Every command runs once a round, when the machine is idle, so that drift hits all alike; medians and
per-round ratios are printed as JSON. Only ratios travel to other machines. Needs POSIX (os.wait4).
Rows for tools that are not there are left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
IDLE_SHARE = 0.85
LONGEST_PAUSE_S = 20.0
UDP_PORTS = (53, 67, 68, 123, 5683, 5684)
TCP_PORTS = (53, 5683)
HTTP_HEADS = (
    b"GET ",
    b"POST",
    b"HEAD",
    b"PUT ",
    b"DELE",
    b"OPTI",
    b"CONN",
    b"TRAC",
    b"PATC",
    b"HTTP",
)
GATES = {"scan / tcpdump": 3.3, "command / tcpdump": 5.0, "scan / walk": 3.0}
GATE_RSS_MIB = 64


class Run(NamedTuple):
    """One run of a command: wall time and processor time in s, peak memory in MiB, how it ended and
    what it printed.
    """

    wall_s: float
    user_s: float
    sys_s: float
    rss_mib: float
    exit_code: int
    output: str


def packet_filter() -> str:
    """What the reader keeps, as far as a filter expression can say it; `vlan` shifts all behind it,
    so it comes last.
    """
    udp = " or ".join(f"udp port {port}" for port in UDP_PORTS)
    tcp = " or ".join(f"tcp port {port}" for port in TCP_PORTS)
    heads = " or ".join(
        f"tcp[((tcp[12] & 0xf0) >> 2):4] = {int.from_bytes(head)}" for head in HTTP_HEADS
    )
    ethertypes = "arp or rarp or ether proto 0x888e or ether proto 0x8864 or ether proto 0x9100"
    ip4 = f"icmp or ip[6:2] & 0x1fff != 0 or tcp[13] & 7 != 0 or (tcp port 80 and ({heads}))"
    headers = " or ".join(f"ip6[6] = {number}" for number in (0, 43, 44, 58, 60))
    ip6 = f"ip6 and ({headers} or (ip6[6] = 6 and (ip6[53] & 7 != 0 or tcp port 80)))"
    plain = f"{ethertypes} or {udp} or {tcp} or {ip4} or ({ip6})"
    return f"{plain} or (vlan and ({plain} or (vlan and ({plain}))))"


def commands(capture: Path) -> dict[str, list[str]]:
    """Name → command, of those that can be run here."""
    rows = {
        "walk": [sys.executable, str(HERE / "scan.py"), "--walk", str(capture)],
        "scan": [sys.executable, str(HERE / "scan.py"), str(capture)],
    }
    if shutil.which("tcpdump"):
        rows["tcpdump"] = ["tcpdump", "-n", "-r", str(capture), "-w", os.devnull, packet_filter()]
    if importlib.util.find_spec("netcheck.app.commands"):
        rows["command"] = [sys.executable, "-m", "netcheck", "pcap", str(capture), "--json"]
    return rows


def run(command: list[str]) -> Run:
    """Run it alone and measure that process. Its peak memory is at least this one's: so this one
    stays small.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(
            status
        )  # reaped here, so that Popen need not
        output.seek(0)
        text = output.read().decode()
    unit = 1 << 20 if platform.system() == "Darwin" else 1 << 10
    return Run(
        wall_s, usage.ru_utime, usage.ru_stime, usage.ru_maxrss / unit, process.returncode, text
    )


def wait_until_idle() -> None:
    """Pause while something else uses the processors, but not for ever; a fixed pause where no
    /proc tells.
    """
    stat = Path("/proc/stat")
    deadline = time.monotonic() + LONGEST_PAUSE_S
    while time.monotonic() < deadline:
        before = processor_times(stat)
        time.sleep(0.3)
        after = processor_times(stat)
        spent = [later - earlier for earlier, later in zip(before, after, strict=True)]
        if not spent or spent[3] >= IDLE_SHARE * sum(spent):
            return


def processor_times(stat: Path) -> list[int]:
    """user, nice, system, idle, … of all processors together; empty where the system does not
    tell.
    """
    return (
        [int(field) for field in stat.read_text().split("\n", 1)[0].split()[1:]]
        if stat.exists()
        else []
    )


def measure(rows: dict[str, list[str]], rounds: int) -> dict[str, list[Run]]:
    """Every command once a round."""
    runs: dict[str, list[Run]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, command in rows.items():
            wait_until_idle()
            runs[name].append(run(command))
    return runs


def medians(runs: dict[str, list[Run]]) -> dict[str, dict[str, float]]:
    fields = ("wall_s", "user_s", "sys_s", "rss_mib")
    return {
        name: {
            field: round(statistics.median(getattr(one, field) for one in of), 3)
            for field in fields
        }
        for name, of in runs.items()
    }


def ratios(runs: dict[str, list[Run]]) -> dict[str, float]:
    """Median over the rounds of each row's wall time over tcpdump's and the walk's in the same
    round.
    """
    found = {}
    for base in ("tcpdump", "walk"):
        for name, of in runs.items():
            if base in runs and name != base:
                pairs = zip(of, runs[base], strict=True)
                found[f"{name} / {base}"] = round(
                    statistics.median(one.wall_s / other.wall_s for one, other in pairs), 2
                )
    return found


def failures(runs: dict[str, list[Run]], truth: dict[str, int | str]) -> list[str]:
    """What misses its gate, did not run, or read another number of packets than the generator
    wrote.
    """
    found = [
        f"{name} is {ratio}, above {GATES[name]}"
        for name, ratio in ratios(runs).items()
        if ratio > GATES.get(name, ratio)
    ]
    for name in ("scan", "command"):
        peak = max((one.rss_mib for one in runs.get(name, [])), default=0.0)
        if peak > GATE_RSS_MIB:
            found.append(f"{name} needs {peak:.0f} MiB, above {GATE_RSS_MIB}")
    for name in ("walk", "scan", "tcpdump"):
        found += [
            f"{name} ended with {one.exit_code}" for one in runs.get(name, []) if one.exit_code
        ]
    wanted = {"packets": truth["packets"], "relevant": truth["relevant"]}
    found += [
        f"scan counted {one.output}, not {wanted}"
        for one in runs["scan"]
        if not one.exit_code and json.loads(one.output) != wanted
    ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--megabytes", type=float, default=1000, help="size of the capture made (default 1000)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dir", help="where to put the capture (default: a temporary directory)")
    parser.add_argument("--gate", action="store_true", help="end with 1 when a gate is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir) as directory:
        capture = Path(directory) / "office.pcap"
        made = subprocess.run(
            [sys.executable, HERE / "mkcap.py", capture, str(options.megabytes)],
            check=True,
            capture_output=True,
        )
        truth = json.loads(made.stdout)
        runs = measure(commands(capture), options.rounds)
    missed = failures(runs, truth)
    result = {
        "capture": truth,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rounds": options.rounds,
    }
    print(
        json.dumps(
            {**result, "medians": medians(runs), "ratios": ratios(runs), "missed": missed}, indent=1
        )
    )
    return 1 if options.gate and missed else 0


if __name__ == "__main__":
    sys.exit(main())
