"""`python -m tests.same_answers FILE [--against OLD]`: what netcheck answers to every labelled
input, without its sentences.

Runs the installed command on recorded scenarios (as capture and as case file), development
captures, samples, support cases, phrases about the light, and the case files named by `--also`.
With `--against`, prints each input whose answer differs from the older file, and ends with 1 if
there is one. It knows nothing of the code but the command line and the JSON document, so two
versions of netcheck can be compared, each with the interpreter that it is installed for.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from unittest.mock import patch

TESTS = Path(__file__).parent
SAMPLES = TESTS.parent / "samples"
Job = tuple[str, list[str]]
"""The name of an input, and the arguments of the command."""


def main() -> int:
    """0, or 1 where an answer differs from the older one."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        jobs = [*_captures(), *_light(), *_cases(Path(folder)), *_files(options.also)]
        jobs += _as_case_files(jobs, Path(folder))
        with ProcessPoolExecutor(options.jobs) as pool:
            answers = dict(pool.map(_answer, jobs, chunksize=8))
    options.file.write_text(json.dumps(answers, indent=0, sort_keys=True))
    print(f"{len(answers)} inputs", file=sys.stderr)
    return _differ(json.loads(options.against.read_text()), answers) if options.against else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.same_answers", description=__doc__)
    parser.add_argument("file", type=Path, help="where the answers are written")
    parser.add_argument("--against", type=Path, help="answers of another version")
    parser.add_argument(
        "--also", type=Path, action="append", default=[], help="a folder of case files"
    )
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def _captures() -> Iterator[Job]:
    for folder in (
        TESTS / "recorded",
        TESTS / "captures",
        TESTS / "captures" / "wifi",
        TESTS / "captures" / "wifilab",
        SAMPLES,
    ):
        for path in sorted(folder.glob("*.pcap*")):
            yield f"{folder.name}/{path.name}", ["pcap", str(path)]


def _light() -> Iterator[Job]:
    [table] = TESTS.rglob("led_phrases.txt")
    for line in table.read_text(encoding="utf-8").splitlines():
        phrase = line.partition("=>")[0].strip()
        if phrase and not phrase.startswith("#"):
            yield f"led/{phrase}", ["case", "--led", phrase]


def _cases(folder: Path) -> Iterator[Job]:
    for case in json.loads((TESTS / "cases" / "cases.json").read_text(encoding="utf-8")):
        log = folder / f"{case['id']}.log"
        log.write_text("\n".join(case["log"] or []) + "\n", encoding="utf-8")
        given = ["--log", str(log)] if case["log"] else []
        given += ["--led", case["led_text"]] if case["led_text"] else []
        for when, told in (
            ("first", case["tell"]),
            ("asked", case["tell"] | case["tell_after_asking"]),
        ):
            pairs = [
                (key, one)
                for key, value in told.items()
                for one in (value if isinstance(value, list) else [value])
            ]
            yield (
                f"cases/{case['id']}/{when}",
                ["case", *given, *(f"--tell={key}={value}" for key, value in pairs)],
            )


def _files(folders: list[Path]) -> Iterator[Job]:
    for folder in folders:
        for path in sorted(folder.glob("*.jsonl")):
            yield f"{folder.name}/{path.name}", ["case", str(path)]


def _as_case_files(jobs: list[Job], folder: Path) -> list[Job]:
    """Each recorded capture once more, by way of a saved case file."""
    again = []
    for name, arguments in jobs:
        if name.startswith("recorded/"):
            case = folder / (Path(name).stem + ".jsonl")
            _run([*arguments, "--save", str(case), "--json"])
            again.append((f"{name} as case", ["case", str(case)]))
    return again


def _run(arguments: list[str]) -> tuple[int, str]:
    """Exit code and standard output of the command, run in this process."""
    [command] = entry_points(group="console_scripts", name="netcheck")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with (
        patch.object(sys, "argv", ["netcheck", *arguments]),
        redirect_stdout(out),
        redirect_stderr(io.StringIO()),
    ):
        try:
            command.load()()
        except SystemExit as end:
            out.seek(0)
            return int(end.code or 0), out.read()
    raise RuntimeError("the command did not end as commands do")


def _answer(job: Job) -> tuple[str, dict[str, Any]]:
    name, arguments = job
    code, printed = _run([*arguments, "--json"])
    document = json.loads(printed) if printed else {"diagnoses": []}
    return name, {
        "code": code,
        "diagnoses": [_without_sentences(one) for one in document["diagnoses"]],
    }


def _without_sentences(one: dict[str, Any]) -> dict[str, Any]:
    kept = {name: one[name] for name in ("device", "verdict", "owner", "ladder")}
    kept["findings"] = [_finding(finding) for finding in one["findings"]]
    kept["not_tested"] = [row["fact"] for row in one["not_tested"]]
    kept["unexplained"] = len(one["unexplained"])
    return kept


def _finding(finding: dict[str, Any]) -> dict[str, Any]:
    names = ("cause", "level", "stage", "owner", "stops_connection", "held_in", "out_of")
    evidence = {
        side: sorted([one["weight"], *one["refs"]] for one in finding[side])
        for side in ("support", "oppose")
    }
    return {name: finding[name] for name in names} | evidence


def _differ(old: dict[str, Any], new: dict[str, Any]) -> int:
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in names:
        print(f"{name}:")
        if name not in old or name not in new:
            print("   only in one of them")
            continue
        for before, after in zip(old[name]["diagnoses"], new[name]["diagnoses"], strict=False):
            for part in before:
                if before[part] != after.get(part):
                    print(
                        f"   {part}: {str(before[part])[:600]}\n   {' ' * len(part)}→"
                        f" {str(after.get(part))[:600]}"
                    )
    print(f"{len(names)} of {len(old.keys() | new.keys())} inputs are answered otherwise")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
