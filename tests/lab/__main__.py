"""`python -m tests.lab list | run NAME… | record NAME… | live NAME… [--jobs N] [--keep FOLDER]`.
NAME `all` is every scenario. Needs root.

`live` runs netcheck on the laptop and says after how many seconds it answered what; with --jobs 1,
the default there, the seconds count: a healthy network is to take at most 5, any other 15. For it
NAME may also be `pairs`, or `healthy` for forty networks that are well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from tests.lab.healthy import HEALTHY
from tests.lab.live import LIVE, PAIRS, SINGLES, LiveAnswer, run_live
from tests.lab.live_scenarios import OPTIONS
from tests.lab.live_truth import first, wrong, wrong_without_rights
from tests.lab.namespace import sweep
from tests.lab.record import Recorded, record_by_name
from tests.lab.relay import Path as Way
from tests.lab.scenarios import SCENARIOS

RECORDED = Path(__file__).parents[1] / "recorded"
HEALTHY_S, FAULT_S, HELD_S = 5.0, 15.0, 25.0
SECONDS_MS = 2000.0
"""Way there, or back: no test is quick on such a line."""
SLOWEST_SHOWN = 10

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 if a scenario did not run or was answered wrongly or, alone on the
    machine, too late.
    """
    options = _options().parse_args(arguments)
    os.environ["PATH"] += os.pathsep + os.pathsep.join(("/usr/sbin", "/sbin"))
    if options.command == "list":
        for scenario in (SCENARIOS | LIVE).values():
            print(f"{scenario.name:34} {scenario.what}")
        return 0
    sweep()
    if options.command == "live":
        return _live(
            _named(options.names, SINGLES),
            options.jobs,
            is_root=not options.without_rights,
            folder=options.keep,
        )
    names = _named(options.names, SCENARIOS)
    if options.command == "record":
        return _record_all(names, options.out, options.jobs)
    with tempfile.TemporaryDirectory() as folder:
        return _record_all(names, Path(folder), options.jobs)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="names and what is wrong in each")
    for name, text in (
        ("run", "run and say what each device went through"),
        ("record", "the same, keeping capture, case file and truth"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("names", nargs="+", choices=["all", *SCENARIOS], metavar="NAME")
        command.add_argument("--jobs", type=int, default=8)
        command.add_argument("--out", type=Path, default=RECORDED)
    live = commands.add_parser("live", help="run netcheck on the laptop")
    live.add_argument(
        "names", nargs="+", choices=["all", "healthy", "pairs", *LIVE], metavar="NAME"
    )
    live.add_argument("--jobs", type=int, default=1)
    live.add_argument(
        "--without-rights", action="store_true", help="as a user who may send no raw frames"
    )
    live.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep each case file there, compressed"
    )
    return parser


def _named(names: Sequence[str], every: Iterable[str]) -> list[str]:
    """The names with `all`, `healthy` and `pairs` spelt out."""
    groups = {"all": list(every), "healthy": list(HEALTHY), "pairs": list(PAIRS)}
    return [name for word in names for name in groups.get(word, [word])]


def _together(
    names: Sequence[str], work: Callable[[str], T], jobs: int
) -> Iterator[tuple[str, T | str]]:
    """Name and result of each, as they come, or why there is none.

    Side by side, each in a process of its own: namespaces belong to threads, and one scenario's
    load is not another's.
    """
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        running = {pool.submit(work, name): name for name in names}
        for future in as_completed(running):
            try:
                yield running[future], future.result()
            except (OSError, RuntimeError) as error:
                yield running[future], str(error)


def _record_all(names: Sequence[str], folder: Path, jobs: int) -> int:
    failed = 0
    for name, recorded in _together(names, partial(record_by_name, folder=folder), jobs):
        if isinstance(recorded, Recorded):
            _report(name, recorded)
        else:
            failed += 1
            print(f"{name}: {recorded}", file=sys.stderr)
    return 1 if failed else 0


def _report(name: str, recorded: Recorded) -> None:
    print(f"{name} ({recorded.size_bytes} bytes)")
    for said in recorded.said:
        print("   " + " · ".join(said))


def _live(names: Sequence[str], jobs: int, *, is_root: bool, folder: Path | None) -> int:
    took: dict[str, float] = {}
    failed = 0
    for name, answer in _together(names, partial(run_live, is_root=is_root, folder=folder), jobs):
        complaints = (
            [answer]
            if isinstance(answer, str)
            else _complaints(name, answer, is_root=is_root, is_alone=jobs == 1)
        )
        failed += bool(complaints)
        if isinstance(answer, LiveAnswer):
            took[name] = answer.took_s
            said = first(answer) or answer.diagnosis["verdict"]
            print(
                f"{answer.took_s:5.1f} s  {name:50} {said} ({answer.diagnosis['owner']})",
                flush=True,
            )
        for complaint in complaints:
            print(f"         {complaint}", flush=True)
    slowest = sorted(took.items(), key=lambda item: -item[1])[:SLOWEST_SHOWN]
    print(
        f"\n{len(took)} answered, {failed} not as they should; slowest: "
        + ", ".join(f"{name} {s:.1f} s" for name, s in slowest)
    )
    return 1 if failed else 0


def _complaints(name: str, answer: LiveAnswer, *, is_root: bool, is_alone: bool) -> list[str]:
    limit_s = _limit_s(name)
    late = [f"more than {limit_s:.0f} s"] if is_alone and answer.took_s > limit_s else []
    return late + (wrong(name, answer) if is_root else wrong_without_rights(name, answer))


def _limit_s(name: str) -> float:
    """How long netcheck may take there: a slow or lossy way is no healthy network in this sense;
    longest where a round trip takes seconds, or a connection is held for 16 s on request.
    """
    scenario = LIVE[name]
    if "--also" in OPTIONS.get(name, ()) or scenario.plan.path.delay_ms >= SECONDS_MS:
        return HELD_S
    return HEALTHY_S if scenario.healthy and scenario.plan.path == Way() else FAULT_S


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
