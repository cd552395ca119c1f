"""`netcheck` on a laptop beside each network: the right cause first, and none where all is well.

NETCHECK_WIFILAB=full python -m pytest tests/wifilab/test_live.py
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from netcheck.model import STANDING
from tests.vm import machine
from tests.wifilab import requirements
from tests.wifilab.live import SCENARIOS, WHO
from tests.wifilab.record import SCENARIO_S

pytestmark = requirements.ON_REQUEST


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was said of each, all played in one machine."""
    requirements.check()
    folder = tmp_path_factory.mktemp("live")
    command = [sys.executable, "-m", "tests.wifilab.live", str(folder)]
    limit_s = 300 + SCENARIO_S * len(SCENARIOS)
    ended = machine.run(command, folder, limit_s, processors=1)
    assert ended.code == 0, ended.output[-4000:]
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in SCENARIOS}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_right_cause_comes_first(said: dict[str, Any], name: str, who: str) -> None:
    assert "broken" not in said[name], said[name]["broken"]
    one, scenario = said[name][who], SCENARIOS[name]
    assert one["document"], one["errors"]
    findings = one["document"]["diagnoses"][0]["findings"]
    first = next((f["cause"] for f in findings if f["level"] in set(STANDING)), "")
    if scenario.is_healthy:
        assert not any(f["level"] in ("confirmed", "likely") for f in findings)
    else:
        assert first in scenario.accept
