"""No input of 3 MB takes more than 256 MB or 20 s, and what was left out is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.hostile.measure import NAMES, measured

pytestmark = pytest.mark.slow
MOST_S, MOST_MIB = 20, 256
QUICK = (
    "dns_aliases_of_cloud",
    "dns_names_from_ever_new_addresses",
    "syns_of_one_photon",
    "segments_of_one_connection",
    "auth_frames_of_one_station",
    "a_day_of_failures",
    "sites",
    "tries_of_one_device",
    "nested_unknown_field",
    "nameless_identity",
    "blank_router",
    "log_of_failures",
)
"""Those of every run; NETCHECK_HOSTILE=full takes all of them, some six minutes."""
CHOSEN = NAMES if os.environ.get("NETCHECK_HOSTILE") == "full" else QUICK


@pytest.mark.parametrize("name", CHOSEN)
def test_a_hostile_input_takes_little(name: str, tmp_path: Path) -> None:
    cost = measured(name, tmp_path)
    assert cost.code in (0, 1, 2, 3), cost.output[-1000:]
    assert cost.seconds <= MOST_S
    assert cost.mib <= MOST_MIB
