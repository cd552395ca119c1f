"""Settings for every test."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest
from hypothesis import settings

from netcheck.host import rights

# The same examples in every run, and no limit on the time of one: what fails, fails each time and
# on every machine. NETCHECK_FUZZ=1 looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None, max_examples=1000)
settings.load_profile("new" if os.environ.get("NETCHECK_FUZZ") == "1" else "same")

# A shell starts what runs in the background with Ctrl-C ignored, and every process started from
# there inherits it: tests of Ctrl-C would wait for ever.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# scapy keeps a cache there, and takes an empty name for the folder in which it runs: the checkout.
if os.environ.get("XDG_CACHE_HOME") == "":
    del os.environ["XDG_CACHE_HOME"]


UNIT = Path(__file__).with_name("unit")
UNMEASURED = ("slow", "lab")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """The unit tests alone are measured, and must reach the threshold by themselves: coverage
    makes Python half as fast. The others, and what they start, run without.
    """
    running = coverage.Coverage.current()
    if running is None or _is_measured(item):
        return (yield)
    running.stop()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_START", raising=False)
        try:
            return (yield)
        finally:
            running.start()


def _is_measured(item: pytest.Item) -> bool:
    return item.path.is_relative_to(UNIT) and not any(map(item.get_closest_marker, UNMEASURED))


@pytest.fixture(autouse=True)
def keeps_its_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """No command that runs inside the test process gives that process's rights up."""
    monkeypatch.setattr(rights, "is_privileged", lambda: False)
