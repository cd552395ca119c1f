"""`netcheck record`: the recording, and what it shows at once."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from netcheck.app import interrupt, output, privileges, progress, results, sources
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions
from netcheck.app.progress import Status
from netcheck.app.sources import GatheredEvidence
from netcheck.text.escape import safe

if TYPE_CHECKING:
    from netcheck.recording.interfaces import Place
    from netcheck.recording.recorder import RecordingRequest
    from netcheck.report.answer import Answer

_JUDGING_S, _LONGEST_JUDGING_S, _POLL_S = 1.0, 30.0, 0.1
"""For judging at the end, over the time that is left of the recording's; and at most."""
_TOO_LONG = "To judge it takes longer than the time that was left."


def show_guide(kind: str, device: str) -> Exit:
    """Print how to record at a router, an access point or a hotspot."""
    from netcheck.recording import guide

    output.show(guide.text(guide.GuideKind(kind), sys.platform, device))
    return Exit.HEALTHY


def recording_request(
    options: SharedOptions,
    interface: str,
    path: str,
    seconds: float,
    most_mb: float,
    *,
    whole: bool,
) -> RecordingRequest:
    """What to record. An empty `path`: a name from the time."""
    from netcheck.recording.recorder import RecordingRequest

    return RecordingRequest(
        path=path or time.strftime("netcheck-%Y%m%d-%H%M%S.pcapng"),
        target=options.target(interface),
        seconds=seconds,
        most_bytes=int(most_mb * 1_000_000),
        whole=whole,
    )


def record(
    options: SharedOptions,
    interface: str,
    request: RecordingRequest,
    *,
    hotspot: bool,
    as_json: bool,
) -> Exit:
    """Record, judge what was recorded, and print both. Raises ClickException where that is not
    possible here.
    """
    from netcheck.recording import interfaces, recorder, summary

    status = Status(partial(_counted, request.path)) if progress.is_shown() else None
    say = status.say if status is not None else output.progress() or (lambda _: None)
    tick = status.update if status is not None else lambda: None
    try:
        with interrupt.stop_event(signal.SIGTERM) as stop:
            place = (
                _await_hotspot(interface, say, stop) if hotspot else interfaces.choose(interface)
            )
            privileges.prepare(reports=options.report)
            done = recorder.record(place, request, say, stop, privileges.give_up, tick)
    except interfaces.CannotRecord as error:
        raise click.ClickException(str(error)) from error
    finally:
        if status is not None:
            status.clear()
    answer = _within_time(done.path, request, max(request.seconds - done.seconds, 0))
    if answer is None and done.packets:
        done = msgspec.structs.replace(done, notes=(*done.notes, _TOO_LONG))
    explain = results.repeated(f"netcheck pcap {shlex.quote(safe(done.path, 200))}", options)
    if as_json:
        output.show_json(summary.entry(done, answer, explain))
    else:
        output.show(summary.text(done, answer, explain))
    return Exit.HEALTHY


def _counted(path: str, seconds: float) -> list[str]:
    """How long it has recorded, and how much was kept."""
    try:
        kept = f", {Path(path).stat().st_size / 1000:.0f} kB kept"
    except OSError:
        kept = ""
    return [progress.fitted(f"Recording: {seconds:.0f} s{kept}. Ctrl-C ends it.")]


def _within_time(path: str, request: RecordingRequest, left_s: float) -> Answer | None:
    """The answer to that recording; None where it holds nothing, or judging takes longer than what
    is left of the time. Ctrl-C ends the reading, and what was read until then is judged.
    """
    from netcheck.host.child import Child

    most_s = min(left_s + _JUDGING_S, _LONGEST_JUDGING_S)
    with interrupt.stop_event(signal.SIGTERM) as stop:
        until = time.monotonic() + most_s
        child = Child(lambda: _answer(path, request), most_s)
        try:
            was_interrupted = False
            while time.monotonic() < until:
                is_running = child.is_running
                done = child.result(_POLL_S)
                if done is not None:
                    return done[0]
                if child.has_failed:
                    return _answer(path, request)[0]
                if not is_running:
                    return None
                if stop.is_set() and not was_interrupted:
                    was_interrupted = True
                    child.interrupt()
        finally:
            child.end()
    return None


def _answer(path: str, request: RecordingRequest) -> tuple[Answer | None]:
    gathered = GatheredEvidence()
    sources.read_captures(gathered, (path,), request.target)
    if not gathered.observations:
        return (None,)
    return (results.judge(gathered, request.target, prove="", sent=""),)


def _await_hotspot(interface: str, say: Callable[[str], None], stop: threading.Event) -> Place:
    from netcheck.recording import guide, interfaces, recorder

    interfaces.need_linux(interface)
    for line in guide.text(guide.GuideKind.HOTSPOT, sys.platform, is_waiting=True).splitlines():
        say(line)
    return recorder.await_hotspot(interface, say, stop)
