"""`python -m tests.fuzz --minutes N --seed S`: random hostile input for everything that netcheck
reads, each held to bounds: no crash, 20 s, 256 MiB more, nothing unescaped, and what is saved reads
again as it is.

An input is made from kind, seed and number alone. One that broke a bound is kept in the folder
`--keep` beside a text that says what it broke; `--again FILE` tries it again. Ends with 1 where
there was any.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import netcheck
from tests.fuzz.bounds import Fault, broken, tried
from tests.fuzz.inputs import KINDS, made, warm

SLICE_S = 10.0
"""Of the processor, for one kind, before the next has its turn in a new process."""
REPORT_EVERY_S = 300
MOST_ALIKE = 3
"""So many of a sort are kept."""


def main() -> int:
    """0, or 1 where an input broke a bound."""
    options = _options()
    for module in pkgutil.walk_packages(netcheck.__path__, "netcheck."):
        if not module.name.endswith("__main__"):  # before the code may change under long runs
            importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as folder:
        for file in options.again:
            what = broken(file.name.partition("-")[0], file.read_bytes(), Path(folder))
            print(f"{file.name}: {what or 'holds'}")
        return 0 if options.again else _fuzz(options, Path(folder))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--kinds", default=",".join(KINDS), help="default: all, one after the other"
    )
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    parser.add_argument("--again", type=Path, nargs="*", default=())
    return parser.parse_args()


def _fuzz(options: argparse.Namespace, folder: Path) -> int:
    kinds, faults = options.kinds.split(","), 0
    tries, seconds = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0.0)
    kinds_of_fault: Counter[str] = Counter()
    list(warm())
    end = time.monotonic() + options.minutes * 60
    reported = time.monotonic()
    while time.monotonic() < end:
        for kind in kinds:
            begun = time.monotonic()
            done, found = tried(kind, options.seed, tries[kind], SLICE_S, folder)
            tries[kind] += done
            seconds[kind] += time.monotonic() - begun
            faults += len(found)
            for fault in found:
                kinds_of_fault[_sort(fault)] += 1
                if kinds_of_fault[_sort(fault)] <= MOST_ALIKE:
                    _keep(options.keep, options.seed, fault)
        if time.monotonic() - reported > REPORT_EVERY_S:
            reported = time.monotonic()
            _report(tries, seconds, faults)
    _report(tries, seconds, faults)
    return 1 if faults else 0


def _sort(fault: Fault) -> str:
    """What is the same for inputs that break the same."""
    return fault.kind + re.sub("[^a-z ]", "", fault.what[-300:])


def _keep(folder: Path, seed: int, fault: Fault) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{fault.kind}-{seed}-{fault.number}"
    (folder / name).write_bytes(made(fault.kind, seed, fault.number))
    (folder / f"{name}.txt").write_text(f"{fault.what}\n", encoding="utf-8")
    print(f"{name}: {fault.what[-200:]!r}", flush=True)


def _report(tries: dict[str, int], seconds: dict[str, float], faults: int) -> None:
    rows = (f"{kind} {count} in {seconds[kind]:.0f} s" for kind, count in tries.items())
    print(f"{', '.join(rows)}: {faults} broke a bound", flush=True)


if __name__ == "__main__":
    sys.exit(main())
