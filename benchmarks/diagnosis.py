#!/usr/bin/env python3
"""How long does judging a large case file take, beyond reading it?

Makes case files of 10,000 observations from recorded scenarios: one device that tries all night,
and one device among many other clients. Prints medians as JSON; `--gate` ends with 1 where judging
takes longer than its gate.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from netcheck import casefile
from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import Observation, Target

RECORDED = Path(__file__).parent.parent / "tests" / "recorded"
COUNT = 10_000
GATE_MS = 50.0
PAUSE_S = 600.0
ROUNDS = 5


def all_night(scenario: Sequence[Observation]) -> Iterator[Observation]:
    """The scenario again and again, ten minutes apart."""
    for number in range(COUNT // len(scenario) + 1):
        yield from (replace(o, at=o.at + number * PAUSE_S) for o in scenario)


def among_others(scenario: Sequence[Observation]) -> Iterator[Observation]:
    """The scenario once, and the same of other clients."""
    yield from scenario
    for number in range(1, COUNT // len(scenario) + 1):
        mac = f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"
        yield from (replace(o, subject=mac) for o in scenario if o.fact != "device.identity")


def main() -> int:
    """0, or 1 where a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gate", action="store_true", help="end with 1 where judging takes longer")
    options = parser.parse_args()
    device = json.loads((RECORDED / "port_dropped.json").read_text())["devices"][0]["mac"]
    target = Target(device=device)
    scenario = observe([str(RECORDED / "port_dropped.pcap")], target).observations
    ways = {"all night": all_night, "among others": among_others}
    found = {name: measured(list(way(scenario))[:COUNT], target) for name, way in ways.items()}
    print(json.dumps(found, indent=1))
    missed = [name for name, row in found.items() if row["judging_ms"] > GATE_MS]
    print(*(f"{name}: judging takes longer than {GATE_MS:.0f} ms" for name in missed), sep="\n")
    return 1 if missed and options.gate else 0


def measured(observations: Sequence[Observation], target: Target) -> dict[str, float]:
    """Milliseconds of processor time to read a case file of these, and to judge them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.jsonl"
        casefile.write(str(file), observations)
        diagnose(observations[:10], target)  # the catalogue is read once
        return {
            "observations": len(observations),
            "reading_ms": _median_ms(lambda: casefile.read(str(file))),
            "judging_ms": _median_ms(lambda: diagnose(observations, target)),
        }


def _median_ms(run: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        run()
        times.append((time.process_time() - begin) * 1000)
    return round(statistics.median(times), 1)


if __name__ == "__main__":
    sys.exit(main())
