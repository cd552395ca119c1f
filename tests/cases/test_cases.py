"""Support threads with a known end, told as a user tells them: how often the true cause comes
first, and among the first three.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from netcheck.app import commands

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
STANDING = ("confirmed", "likely", "possible")
FIGURES = {("at once", 1): 18, ("at once", 3): 20, ("after asking", 1): 20, ("after asking", 3): 22}
"""Published in README.md, and a floor: when told, within how many places → cases right, of 22."""


def told(case: Mapping[str, Any], when: str) -> dict[str, Any]:
    """The answers by then: one given after asking replaces the earlier one."""
    answers: dict[str, Any] = case["tell"] | (
        case["tell_after_asking"] if when == "after asking" else {}
    )
    return answers


def options(case: Mapping[str, Any], when: str, folder: Path) -> Iterator[str]:
    """The case as its user types it; `folder` is for its log."""
    if case["log"]:
        (folder / "serial.log").write_text("\n".join(case["log"]) + "\n", encoding="utf-8")
        yield from ("--log", str(folder / "serial.log"))
    if case["led_text"]:
        yield from ("--led", case["led_text"])
    for key, answers in told(case, when).items():
        for answer in answers if isinstance(answers, list) else [answers]:
            yield from ("--tell", f"{key}={answer}")


@cache
def standing(number: int, when: str) -> tuple[str, ...]:
    """The standing causes of that case, best first."""
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with (
        TemporaryDirectory() as folder,
        redirect_stdout(printed),
        pytest.raises(SystemExit) as ended,
    ):
        commands.main(["case", *options(CASES[number], when, Path(folder)), "--json"])
    assert ended.value.code in (0, 1, 3)
    findings = json.loads(printed.buffer.getvalue())["diagnoses"][0]["findings"]
    return tuple(finding["cause"] for finding in findings if finding["level"] in STANDING)


def is_right(number: int, when: str, within: int) -> bool:
    accepted = {cause for causes in CASES[number]["accept"] for cause in causes}
    return bool(accepted & set(standing(number, when)[:within]))


@pytest.mark.parametrize(("when", "within"), FIGURES)
def test_the_true_cause_comes_as_often_as_published(when: str, within: int) -> None:
    wrong = [
        CASES[number]["id"] for number in range(len(CASES)) if not is_right(number, when, within)
    ]
    assert len(CASES) - len(wrong) >= FIGURES[when, within], f"wrong: {', '.join(wrong)}"


def test_the_aim_is_kept() -> None:
    assert FIGURES["after asking", 3] >= 0.85 * len(CASES)


def test_the_figures_are_published() -> None:
    lines = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    for when in ("at once", "after asking"):
        row = next(line for line in lines if line.startswith("|") and when in line)
        assert [int(cell.split()[0]) for cell in row.split("|")[2:4]] == [
            FIGURES[when, 1],
            FIGURES[when, 3],
        ]
