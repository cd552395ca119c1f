"""`python -m tests.lab list | run NAME… | record NAME… [--jobs N] [--out DIR]`; NAME `all` is every scenario. Needs root."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from tests.lab.namespace import sweep
from tests.lab.record import Recorded, record_by_name
from tests.lab.scenarios import SCENARIOS, Scenario

RECORDED = Path(__file__).parents[1] / "recorded"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 if a scenario did not run."""
    options = _options().parse_args(arguments)
    if options.command == "list":
        for scenario in SCENARIOS.values():
            print(f"{scenario.name:34} {scenario.what}")
        return 0
    sweep()
    chosen = list(SCENARIOS.values()) if options.names == ["all"] else [SCENARIOS[name] for name in options.names]
    if options.command == "record":
        return _record_all(chosen, options.out, options.jobs)
    with tempfile.TemporaryDirectory() as folder:
        return _record_all(chosen, Path(folder), options.jobs)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="names and what is wrong in each")
    for name, text in (("run", "run and say what each device went through"), ("record", "the same, keeping capture, case file and truth")):
        command = commands.add_parser(name, help=text)
        command.add_argument("names", nargs="+", choices=["all", *SCENARIOS], metavar="NAME")
        command.add_argument("--jobs", type=int, default=8)
        command.add_argument("--out", type=Path, default=RECORDED)
    return parser


def _record_all(scenarios: Sequence[Scenario], folder: Path, jobs: int) -> int:
    """Side by side, each in a process of its own: namespaces belong to threads, and one scenario's load is not another's."""
    failed = 0
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        running = {pool.submit(record_by_name, scenario.name, folder): scenario.name for scenario in scenarios}
        for future in as_completed(running):
            try:
                _report(running[future], future.result())
            except (OSError, RuntimeError) as error:
                failed += 1
                print(f"{running[future]}: {error}", file=sys.stderr)
    return 1 if failed else 0


def _report(name: str, recorded: Recorded) -> None:
    print(f"{name} ({recorded.size_bytes} bytes)")
    for said in recorded.said:
        print("   " + " · ".join(said))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
