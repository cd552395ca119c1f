"""Work in a process of its own: its result, its failure, and its end."""

from __future__ import annotations

import os
import sys
import time
from typing import TypeVar

import pytest

from netcheck.host.child import Child

T = TypeVar("T")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")


def finished(child: Child[T]) -> T | None:
    until = time.monotonic() + 10
    while child.is_running and time.monotonic() < until:
        time.sleep(0.01)
    return child.result()


def test_its_result_comes_when_it_is_done() -> None:
    child = Child(lambda: 6 * 7, 10)
    assert finished(child) == 42
    child.end()


def test_a_large_result_comes_whole() -> None:
    child = Child(lambda: bytes(1 << 20), 10)
    assert child.result(10) == bytes(1 << 20)
    child.end()


def test_nothing_waits_for_it() -> None:
    begun = time.monotonic()
    child = Child(lambda: time.sleep(60), 60)
    assert child.result() is None and child.is_running
    child.end()
    assert time.monotonic() - begun < 5


def test_its_failure_shows_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise ValueError("a bug")

    child = Child(fail, 10)
    assert finished(child) is None and child.has_failed
    child.end()
    assert capfd.readouterr() == ("", "")


def test_a_process_that_dies_leaves_no_result() -> None:
    def die() -> int:
        os._exit(1)

    child = Child(die, 10)
    assert child.result(10) is None and finished(child) is None
    child.end()


def test_it_ends_by_itself_where_nobody_ends_it() -> None:
    def hang() -> int:
        time.sleep(60)
        return 1

    child = Child(hang, 0)
    assert finished(child) is None and not child.is_running
    child.end()


def test_a_ctrl_c_is_passed_on() -> None:
    def work() -> int:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            return 1
        return 0

    child = Child(work, 60)
    time.sleep(0.3)
    child.interrupt()
    assert child.result(10) == 1
    child.end()
