"""The command line with stand-ins for sources and correlator."""

from __future__ import annotations

import os

import pytest

from netcheck import capture, correlator
from netcheck.app import commands
from tests.helpers.command import CaptureError, Ended, Run, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(capture, "observe", world.observe, raising=False)
    monkeypatch.setattr(capture, "CaptureError", CaptureError, raising=False)
    monkeypatch.setattr(correlator, "diagnose", world.diagnose, raising=False)
    for name in list(os.environ):
        if name.startswith("NETCHECK_") or name == "NO_COLOR":
            monkeypatch.delenv(name)
    return world


@pytest.fixture
def run(world: World, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            commands.main(arguments)
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return run
