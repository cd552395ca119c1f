#!/usr/bin/env python3
"""What does one more Photon in a capture cost?

Makes captures of 10, 100 and 1,000 Photons (tests/helpers/many_photons.py: healthy and faulty,
three boots each, all within minutes), runs `netcheck pcap` on each, and prints processor seconds,
peak memory, and processor time for each Photon beyond start-up, as JSON. Needs POSIX (os.wait4); it
stays small itself, for a child's peak memory is at least its parent's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from run import Run, run, wait_until_idle

ROOT = Path(__file__).parent.parent
COUNTS = (10, 100, 1_000)
GATE_GROWTH, GATE_RSS_MIB = 1.5, 150


def measured(capture: Path, rounds: int, *more: str) -> Run:
    """The quickest of so many runs."""
    runs = []
    for _ in range(rounds):
        wait_until_idle()
        runs.append(run([sys.executable, "-m", "netcheck", "pcap", str(capture), *more]))
    return min(runs, key=lambda one: one.user_s + one.sys_s)


def row(one: Run, count: int, start_s: float) -> dict[str, float]:
    cpu_s = one.user_s + one.sys_s
    return {
        "photons": count,
        "judged": int(one.output.partition(" ")[0]) if count > 1 else 1,
        "cpu_s": round(cpu_s, 2),
        "cpu_ms_per_photon": round((cpu_s - start_s) / count * 1000, 1),
        "rss_mib": round(one.rss_mib),
    }


def missed(rows: list[dict[str, float]]) -> list[str]:
    """What is above its gate."""
    found = []
    for one in rows:
        count = one["photons"]
        if one["judged"] != count:
            found.append(f"{one['judged']} of {count} Photons are judged")
        if one["rss_mib"] > GATE_RSS_MIB:
            found.append(f"{count} Photons need {one['rss_mib']} MiB")
    growth = rows[-1]["cpu_ms_per_photon"] / rows[0]["cpu_ms_per_photon"]
    if growth > GATE_GROWTH:
        found.append(f"the cost of one Photon grows {growth:.2f} times")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--gate", action="store_true", help="end with 1 when a gate is missed")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        one = Path(directory) / "1.pcap"
        for count in (1, *COUNTS):
            capture = one.with_name(f"{count}.pcap")
            make = [sys.executable, "-m", "tests.helpers.many_photons", str(capture), str(count)]
            subprocess.run(make, check=True, cwd=ROOT)
        alone = measured(one, options.rounds)
        start_s = alone.user_s + alone.sys_s
        for count in COUNTS:
            rows.append(
                row(measured(one.with_name(f"{count}.pcap"), options.rounds), count, start_s)
            )
    print(
        json.dumps({"start_s": round(start_s, 2), "rows": rows, "missed": missed(rows)}, indent=1)
    )
    return 1 if options.gate and missed(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
