"""Runs the command as a user types it: a process of its own, real files, real exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
SAMPLES = TOP / "samples"
NETCHECK = (sys.executable, "-m", "netcheck")
WITHIN_S = 120


def netcheck(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """How `netcheck ARGUMENTS` ended, whatever the caller's NETCHECK_ variables are; `options` go
    to the process.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("NETCHECK_")
    }
    environment |= {"PYTHONIOENCODING": "utf-8"} | options.pop("environment", {})
    command = [*NETCHECK, *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=WITHIN_S,
        check=False,
        **options,
    )


def answer(*arguments: str | Path) -> dict[str, Any]:
    """The JSON document of a run that had nothing to complain of."""
    ended = netcheck(*arguments, "--json")
    assert ended.stderr == ""
    document: dict[str, Any] = json.loads(ended.stdout)
    return document
