"""Ctrl-C, the same for every command."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from netcheck.app import interrupt


@pytest.fixture(autouse=True)
def codes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The codes with which the program would have ended at once; the handlers are as before."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield codes
    for number, handler in before.items():
        signal.signal(number, handler or signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_sets_the_event_and_the_second_ends_at_once(
    codes: list[int], number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    with interrupt.stop_event(signal.SIGTERM) as stop:
        assert not stop.is_set()
        signal.raise_signal(number)
        assert (stop.is_set(), codes) == (True, [])
        signal.raise_signal(number)
    assert codes == [interrupt.INTERRUPTED] == [130]
    assert signal.getsignal(number) == before


def test_only_ctrl_c_is_taken_unless_more_is_wanted() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with interrupt.stop_event():
        assert signal.getsignal(signal.SIGTERM) == before


def test_outside_the_main_thread_no_handler_changes() -> None:
    found: list[object] = []

    def inside() -> None:
        with interrupt.stop_event() as stop:
            found.extend((stop.is_set(), signal.getsignal(signal.SIGINT)))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert found == [False, before]


def test_what_blocks_is_broken_off_once_and_then_the_program_ends(codes: list[int]) -> None:
    told: list[str] = []

    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        told.append("not reached")

    interrupt.break_off(work, lambda: told.append("partial"))
    assert (told, codes) == (["partial"], [])
    signal.raise_signal(signal.SIGINT)
    assert codes == [130]
