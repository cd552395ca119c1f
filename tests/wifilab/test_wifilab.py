"""Every scenario played anew, and judged as the recorded ones are.

NETCHECK_WIFILAB=full python -m pytest tests/wifilab
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.wifilab import record
from tests.wifilab.judge import complaint
from tests.wifilab.scenarios import SCENARIOS

pytestmark = [
    pytest.mark.xdist_group("vm"),
    pytest.mark.lab,
    pytest.mark.skipif(
        os.environ.get("NETCHECK_WIFILAB") != "full",
        reason="half an hour in an emulated machine: NETCHECK_WIFILAB=full asks for it",
    ),
]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder with the captures, and what is true of each."""
    if absent := record.missing():
        pytest.fail(
            f"needs these programs: {' '.join(absent)} (Debian: apt-get install"
            f" --no-install-recommends {record.PACKAGES})"
        )
    folder = tmp_path_factory.mktemp("wifilab")
    rows = record.record(folder, list(SCENARIOS))
    return folder, {row["file"]: row for row in rows}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_injected_cause_comes_first(played: tuple[Path, dict[str, Any]], name: str) -> None:
    folder, truth = played
    row = truth[f"{name}.pcap"]
    assert complaint(row, folder / row["file"]) == ""
    if row["psk"]:
        assert complaint(row, folder / row["file"], is_opened=True) == ""
