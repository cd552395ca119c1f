"""Records scenarios in the machine: `python -m tests.wifilab.record FOLDER [NAME...]`.

Writes NAME.pcap of each, and what is true of it into truth.json. Needs root and the programs of
`requirements.py`; fetches a kernel of 70 MB once. Without names: all, which takes half an hour.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.vm import machine
from tests.wifilab.radios import MACS
from tests.wifilab.scenarios import SCENARIOS, Scenario

SCENARIO_S = 120.0
"""Of an emulated machine, with time to spare."""
TRUTH = "truth.json"


def record(folder: Path, names: list[str]) -> list[dict[str, Any]]:
    """Play them in one machine; their captures into the folder. Returns what is true of each that
    was played; RuntimeError with what the machine said where one broke.
    """
    with tempfile.TemporaryDirectory() as place:
        shared = Path(place)
        command = [sys.executable, "-m", "tests.wifilab.guest", str(shared), *names]
        ended = machine.run(command, shared, 300 + SCENARIO_S * len(names), processors=1)
        broken = sorted(shared.glob("*.broken"))
        if broken or ended.code != 0:
            why = "\n".join(path.read_text() for path in broken)
            raise RuntimeError(f"{why}\n{ended.output[-4000:]}")
        for name in names:
            shutil.copyfile(shared / f"{name}.pcap", folder / f"{name}.pcap")
        return [
            describe(SCENARIOS[name], json.loads((shared / f"{name}.json").read_text()))
            for name in names
        ]


def describe(scenario: Scenario, known: dict[str, Any]) -> dict[str, Any]:
    """What is true of a capture, in the form of truth.json."""
    ap = scenario.access_points[0]
    return {
        "file": f"{scenario.name}.pcap",
        "fault": scenario.what,
        "accept": list(scenario.accept),
        "healthy": scenario.is_healthy,
        "sta_mac": known["sta_mac"],
        "ap_bssid": MACS[ap["radio"]],  # type: ignore[index]  # a name in the data
        "ssid": ap["ssid"],
        "channel": ap["channel"],
        "psk": scenario.passphrase if scenario.network else "",
        "same_as": scenario.same_as,
    }


def main() -> None:
    """Record, and bring the truth up to date."""
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(SCENARIOS)
    write_truth(folder, record(folder, names))


def write_truth(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Those rows in place of older ones about the same files."""
    path = folder / TRUTH
    old = json.loads(path.read_text()) if path.exists() else []
    by_file = {row["file"]: row for row in (*old, *rows)}
    path.write_text(json.dumps([by_file[name] for name in sorted(by_file)], indent=1) + "\n")


if __name__ == "__main__":
    main()
