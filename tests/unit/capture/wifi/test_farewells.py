"""What sends everybody away ends the stays of those who are in, and of nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.first_cause import told
from tests.helpers.monitor import Monitor

ELSEWHERE = bytes.fromhex("0200000000cc")


def loop(count: int, reason: int, *, bssid: bytes | None = None) -> Monitor:
    """Joins, each with such a farewell to everybody some seconds later."""
    monitor = Monitor().beacon().everybody_away(2)
    for _ in range(count):
        monitor.probed().joined().wait(8)
        if bssid is None:
            monitor.everybody_away(reason)
        else:
            monitor.everybody_away(reason, bssid=bssid)
        monitor.wait(2)
    return monitor.probed().joined()


@pytest.mark.parametrize(
    ("count", "reason", "expected"),
    [
        (3, 1, "fault session_unstable likely"),
        (3, 12, "fault band_steering likely"),
        (1, 1, "insufficient"),
        (2, 3, "insufficient"),
    ],
)
def test_a_farewell_to_everybody(count: int, reason: int, expected: str, tmp_path: Path) -> None:
    assert told(loop(count, reason), tmp_path) == expected


def test_of_another_access_point_or_before_the_join(tmp_path: Path) -> None:
    assert told(loop(2, 1, bssid=ELSEWHERE), tmp_path) == "insufficient"
    assert told(Monitor().beacon().everybody_away(2).probed().joined(), tmp_path) == "insufficient"
