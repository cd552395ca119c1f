"""Brings the evidence together: captures, case files, the device itself and the live probes, each
by its own reader, all as observations.

Nothing is printed or judged here. Input that could not be read becomes a sentence, and an
interruption a mark.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from netcheck import casefile
from netcheck.device import softap, usb
from netcheck.model import NETWORK, Observation, Outcome, Target
from netcheck.probing.net import Net
from netcheck.probing.plugin import Probe
from netcheck.user import answers as told
from netcheck.user import led

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


@dataclass
class Gathered:
    """Evidence as it comes in. `unusable`: input of which nothing could be read; `broken`: parts
    not read; a sentence each.
    """

    observations: list[Observation] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    partial: bool = False

    @property
    def unread(self) -> tuple[str, ...]:
        """All that was not read."""
        return (*self.unusable, *self.broken)


def read_captures(gathered: Gathered, paths: Sequence[str], target: Target) -> None:
    """Add what the captures show, read together: an exchange may go on from one file into the
    next.
    """
    if not paths:
        return
    from netcheck import capture

    with _until_interrupted(gathered):
        try:
            reading = capture.observe(paths, target)
        except capture.CaptureError as error:
            gathered.unusable.append(str(error))
            return
        gathered.observations += reading.observations
        gathered.unusable += reading.unread
        if reading.is_partial:
            _mark_interrupted(gathered)


def read_cases(gathered: Gathered, files: Iterable[str]) -> None:
    """Add what case files say."""
    for file in files:
        with _until_interrupted(gathered):
            try:
                saved = casefile.read(file)
            except casefile.CaseError as error:
                gathered.unusable.append(str(error))
                continue
            gathered.observations += saved.observations
            gathered.broken += saved.problems


def read_logs(gathered: Gathered, files: Iterable[str], target: Target) -> None:
    """Add what saved serial logs say."""
    from netcheck.device import log

    for file in files:
        with _until_interrupted(gathered):
            try:
                reading = log.observe(file, target)
            except log.LogError as error:
                gathered.unusable.append(str(error))
                continue
            gathered.observations += reading.observations
            gathered.broken += reading.problems


def read_device(gathered: Gathered, port: str, target: Target, *, is_asked: bool) -> None:
    """Add what the device itself says over USB. `port`: its name, `auto` or `none`; `is_asked`:
    there is to be one.
    """
    if port == usb.NONE:
        return
    from netcheck.device.usb import reading

    with _until_interrupted(gathered):
        try:
            for observation in reading.observe(
                port, target, reading.this_computer(), is_asked=is_asked
            ):
                gathered.observations.append(observation)
        except reading.DeviceError as error:
            (gathered.unusable if is_asked else gathered.broken).append(str(error))


def meant(gathered: Gathered, target: Target) -> Target:
    """The question asked about the device at this computer's USB port, where the user named no
    other and its MAC is known.
    """
    macs = {
        o.text("mac")
        for o in gathered.observations
        if o.fact == "device.identity" and o.source.startswith("device:")
    } - {""}
    return (
        msgspec.structs.replace(target, device=min(macs))
        if len(macs) == 1 and not target.device
        else target
    )


def read_user(
    gathered: Gathered,
    lights: Iterable[str],
    answers: Iterable[told.Answer],
    target: Target,
    at: float,
) -> None:
    """Add what the user saw of the light, by `--led` and `--tell led=…` together, and what he
    tells. `at`: UTC seconds since 1970.
    """
    answered = list(answers)
    newest = [text for answer in answered if (text := answer.light)][-1:]
    if seen := ". ".join([*lights, *newest]):
        gathered.observations += led.observations(led.read(seen), target, at)
    gathered.observations += told.observations(answered, target, at)


def interview(
    gathered: Gathered,
    target: Target,
    read: Callable[[str], str | None],
    say: Callable[[str], None],
    clock: Callable[[], float],
) -> None:
    """Add what the user answers, asked one question at a time. `read`, `say` and `clock` as in
    `Conversation`.
    """
    from netcheck.user.interview.conversation import Conversation

    conversation = Conversation(gathered.observations, target, read, say, clock)
    with _until_interrupted(gathered):
        gathered.partial |= not conversation.run()
    gathered.observations += conversation.said


def ask_softap(
    gathered: Gathered, target: Target, wanted: softap.Wanted, machine: softap.Machine
) -> None:
    """Add what the device says over its own access point."""
    with _until_interrupted(gathered):
        for observation in softap.observe(target, wanted, machine):
            gathered.observations.append(observation)


def look_around(
    gathered: Gathered,
    target: Target,
    net: Net,
    probes: Sequence[Probe],
    budget_s: float,
    progress: Callable[[str], None] | None,
    stop: threading.Event,
) -> None:
    """Add what the probes see, until `stop` is set. Where the reading of files was interrupted,
    nothing more is asked.
    """
    from netcheck import live

    if gathered.partial:
        stop.set()
    gathered.observations += live.observe(
        target, net, probes, budget_s=budget_s, progress=progress, stop=stop
    )
    gathered.partial |= stop.is_set()


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C inside sets, and does nothing else; the next one ends the
    program at once.
    """
    stop = threading.Event()

    def interrupt(*_: object) -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        stop.set()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def leave_out(gathered: Gathered, probes: Iterable[Probe], at: float) -> None:
    """Add, for probes that were not run, that their questions were not asked. `at`: UTC seconds
    since 1970.
    """
    gathered.observations += [
        Observation(
            stage=probe.stage,
            fact=fact,
            outcome=Outcome.SKIPPED,
            reason="not_asked" if probe.on_request else "not_chosen",
            subject=NETWORK,
            source=f"probe:{probe.name}/1",
            at=at,
            data=(
                *(
                    (("says", f"asked only on request: --also {probe.name}"),)
                    if probe.on_request
                    else ()
                ),
                *probe.words_of(fact),
            ),
        )
        for probe in probes
        for fact in sorted(probe.settles)
    ]


@contextmanager
def _until_interrupted(gathered: Gathered) -> Iterator[None]:
    """The first Ctrl-C ends the gathering and marks it partial; the next one ends the program at
    once.
    """
    try:
        yield
    except KeyboardInterrupt:
        _mark_interrupted(gathered)


def _mark_interrupted(gathered: Gathered) -> None:
    gathered.partial = True
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
