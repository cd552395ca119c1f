"""`python -m tests.helpers.told [--kind K] [--half odd|even] [--wrong]`: how many told rows hold,
for each kind of fault.

A row is what a person tells (light, answers, log) and what must hold of the answer; the files are
in tests/cases/told. It runs as a user types it, and is judged by the JSON document and the text.
"""

from __future__ import annotations

import argparse
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from netcheck.app import commands
from tests.helpers.places import TESTS

FOLDER = TESTS / "cases" / "told"
STANDING = ("confirmed", "likely", "possible")


class Row(NamedTuple):
    name: str
    kind: str
    arguments: tuple[str, ...]
    log: str
    expected: Mapping[str, Any]


class Answered(NamedTuple):
    """`standing`: the causes that stand, best first; `rungs`: stage → state."""

    standing: tuple[str, ...]
    verdict: str
    rungs: Mapping[str, str]
    text: str


@cache
def rows() -> tuple[Row, ...]:
    return tuple(
        _row(each, f"{path.stem}-{number:03d}")
        for path in (
            FOLDER / f"{name}.json"
            for name in ("inputs", "fresh", "forum", "posts", "retold", "veteran", "helpdesk")
        )
        for number, each in enumerate(json.loads(path.read_text(encoding="utf-8")), 1)
    )


def _row(row: Mapping[str, Any], name: str) -> Row:
    light = ("--led", row["led"]) if row["led"] else ()
    told = tuple(word for answer in row["tell"] for word in ("--tell", answer))
    log = row["log"] or ""
    return Row(
        name=name,
        kind=row["kind"],
        arguments=(*row.get("extra", ()), *light, *told),
        log=log if isinstance(log, str) else "\n".join(log) + "\n",
        expected=row["expect"],
    )


def failures(row: Row) -> tuple[str, ...]:
    """What does not hold of the answer, one sentence each; empty where all holds."""
    try:
        answered = _answered(row)
    except ValueError as error:
        return (str(error),)
    return tuple(_failures(row.expected, answered))


def _failures(expected: Mapping[str, Any], answered: Answered) -> Iterator[str]:
    standing = answered.standing
    for key, within in (("first", 1), ("top3", 3)):
        if key in expected and not set(expected[key]) & set(standing[:within]):
            yield f"{key} is {', '.join(standing[:within]) or 'nothing'}"
    if wrong := [cause for cause in standing if cause in expected.get("never_standing", ())]:
        yield f"stands: {', '.join(wrong)}"
    if answered.verdict not in expected.get("verdict", [answered.verdict]):
        yield f"verdict is {answered.verdict}"
    for stage, states in expected.get("rung", {}).items():
        if answered.rungs[stage] not in states:
            yield f"{stage} is {answered.rungs[stage]}"
    yield from (
        f"text lacks {part!r}" for part in expected.get("in_text", ()) if part not in answered.text
    )
    yield from (
        f"text says {part!r}" for part in expected.get("not_in_text", ()) if part in answered.text
    )


def _answered(row: Row) -> Answered:
    """The answer to that row. Raises ValueError where there is none."""
    with TemporaryDirectory() as folder:
        log = Path(folder) / "serial.log"
        log.write_text(row.log, encoding="utf-8")
        given = [*row.arguments, *(["--log", str(log)] if row.log else [])]
        diagnosis = json.loads(printed(["case", *given, "--json"]))["diagnoses"][0]
        text = printed(["case", *given, "--verbose"])
    return Answered(
        standing=tuple(
            finding["cause"] for finding in diagnosis["findings"] if finding["level"] in STANDING
        ),
        verdict=diagnosis["verdict"],
        rungs={rung["stage"]: rung["state"] for rung in diagnosis["ladder"]},
        text=" ".join(text.split()),
    )


def printed(arguments: list[str]) -> str:
    """What the command prints. Raises ValueError with its complaint where it gives no answer."""
    out, complaint = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(complaint):
            commands.main(arguments)
    except SystemExit as ended:
        if ended.code not in (0, 1, 3):
            raise ValueError(f"refused: {complaint.getvalue().strip()}") from ended
    out.flush()
    return out.buffer.getvalue().decode()


def half(row: Row) -> str:
    """The half that a row belongs to: even numbers of the fresh rows are held out."""
    is_held_out = row.name.startswith("fresh") and int(row.name[-3:]) % 2 == 0
    return "even" if is_held_out else "odd"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="", help="kinds that have this in their name")
    parser.add_argument("--half", choices=("odd", "even"), help="of the fresh rows, and `inputs`")
    parser.add_argument("--wrong", action="store_true", help="name each row that does not hold")
    options = parser.parse_args()
    asked = [
        row for row in rows() if options.kind in row.kind and options.half in (None, half(row))
    ]
    found = [(row, failures(row)) for row in asked]
    for row, wrong in found:
        if wrong and options.wrong:
            print(f"{row.name} [{row.kind}] {' '.join(row.arguments)}")
            print(*(f"    {one}" for one in wrong), sep="\n")
    count = Counter((row.kind, half(row), not wrong) for row, wrong in found)
    for kind, part in sorted({(kind, part) for kind, part, _ in count}):
        held, all_ = count[kind, part, True], count[kind, part, True] + count[kind, part, False]
        print(f"{part:5} {held:3} of {all_:3}  {kind}")
    print(f"{sum(not wrong for _, wrong in found)} of {len(found)} rows hold")


if __name__ == "__main__":
    main()
