"""Every scenario played anew, and judged as the recorded ones are.

NETCHECK_WIFILAB=full python -m pytest tests/wifilab
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.wifilab import record, requirements
from tests.wifilab.judge import complaint
from tests.wifilab.scenarios import SCENARIOS

pytestmark = requirements.ON_REQUEST


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder with the captures, and what is true of each."""
    requirements.check()
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
