"""`netcheck record`: the recording, and what it shows at once."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from netcheck.app import interrupt, output, results, sources
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions
from netcheck.app.sources import GatheredEvidence
from netcheck.text.escape import safe

if TYPE_CHECKING:
    from netcheck.recording.interfaces import Place
    from netcheck.recording.recorder import RecordingRequest


def show_guide(kind: str, device: str) -> Exit:
    """Print how to record at a router, an access point or a hotspot."""
    from netcheck.recording import guide

    output.show(guide.text(guide.GuideKind(kind), sys.platform, device))
    return Exit.HEALTHY


def request(
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

    say = output.progress() or (lambda _: None)
    try:
        place = _await_hotspot(interface, say) if hotspot else interfaces.choose(interface)
        with interrupt.stop_event(signal.SIGTERM) as stop:
            done = recorder.record(place, request, say, stop)
    except interfaces.CannotRecord as error:
        raise click.ClickException(str(error)) from error
    gathered = GatheredEvidence()
    sources.read_captures(gathered, (done.path,), request.target)
    answer = (
        results.judge(gathered, request.target, prove="", sent="")
        if gathered.observations
        else None
    )
    explain = results.repeated(f"netcheck pcap {shlex.quote(safe(done.path, 200))}", options)
    if as_json:
        output.show_json(summary.entry(done, answer, explain))
    else:
        output.show(summary.text(done, answer, explain))
    return Exit.HEALTHY


def _await_hotspot(interface: str, say: Callable[[str], None]) -> Place:
    from netcheck.recording import guide, interfaces, recorder

    interfaces.need_linux(interface)
    for line in guide.text(guide.GuideKind.HOTSPOT, sys.platform, is_waiting=True).splitlines():
        say(line)
    return recorder.await_hotspot(interface, say)
