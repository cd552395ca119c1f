"""The recorded scenarios: their names, and the device that each is about; what live runs saw."""

from __future__ import annotations

import gzip
import json
import tempfile
from functools import cache
from pathlib import Path

from netcheck import casefile
from netcheck.model import Observation, Target
from tests.helpers.places import RECORDED, RUNS

NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
RUN_NAMES = sorted(path.name.partition(".")[0] for path in RUNS.glob("*.jsonl.gz"))


def first_device(name: str) -> Target:
    """The scenario's first device as the one asked about."""
    truth = json.loads((RECORDED / f"{name}.json").read_text())
    # Behind address translation there is no MAC to ask for; there is one device then.
    return Target() if truth["captured_at"] == "wan" else Target(device=truth["devices"][0]["mac"])


@cache
def seen_in_run(name: str) -> tuple[Observation, ...]:
    """What a live run of netcheck on that scenario's laptop saw."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / f"{name}.jsonl"
        case.write_bytes(gzip.decompress((RUNS / f"{name}.jsonl.gz").read_bytes()))
        saved = casefile.read(str(case))
    assert not saved.problems
    return tuple(saved.observations)
