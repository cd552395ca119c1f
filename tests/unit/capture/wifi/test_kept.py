"""Joins that succeed and end again and again; and those that end as they may."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.first_cause import told
from tests.helpers.monitor import Monitor


def stays(count: int, end: str, seconds: float = 60) -> Monitor:
    """So many joins, each ended in the same way after so many seconds."""
    monitor = Monitor().beacon()
    for _ in range(count):
        monitor.probed().joined().wait(seconds)
        if end.isdigit():
            monitor.deauth(int(end)).wait(2)
        elif end == "transition":
            monitor.transition().wait(1).deauth(3, up=True).wait(2)
        elif end in ("imminent", "unrelated"):
            monitor.transition().wait(1 if end == "imminent" else 60).deauth(2).wait(2)
        elif end == "asked":
            monitor.transition().wait(60).deauth(3, up=True).wait(2)
        elif end == "lost":
            for _ in range(3):
                monitor.asks().wait(0.2)
            monitor.auth().wait(0.2).auth().wait(0.2).auth().wait(10)
        elif end == "leaves":
            monitor.deauth(3, up=True).wait(2)
        elif end == "sleeps":
            monitor.deauth(4).wait(600)
    return monitor.probed().joined()


@pytest.mark.parametrize(
    ("count", "end", "expected"),
    [
        (2, "7", "fault session_unstable likely"),
        (2, "12", "fault band_steering likely"),
        (2, "transition", "fault band_steering likely"),
        (2, "imminent", "fault band_steering likely"),
        (2, "unrelated", "fault session_unstable likely"),
        (3, "4", "fault session_unstable likely"),
        (3, "8", "fault session_unstable likely"),
        (2, "lost", "fault session_unstable likely"),
        (3, "silence", "suspected session_unstable possible"),
        (1, "7", "insufficient"),
        (2, "4", "insufficient"),
        (3, "sleeps", "insufficient"),
        (3, "asked", "insufficient"),
        (1, "transition", "insufficient"),
        (5, "leaves", "insufficient"),
        (2, "silence", "insufficient"),
    ],
)
def test_how_the_stays_end(count: int, end: str, expected: str, tmp_path: Path) -> None:
    found = told(stays(count, end), tmp_path)
    assert found.removeprefix("suspected") == expected.removeprefix("suspected") or (
        expected == "insufficient" and found == "suspected"
    )
