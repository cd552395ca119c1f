"""Brings the evidence together: captures, case files, the device itself and the live probes, each
by its own reader, all as observations.

Nothing is judged here, and nothing printed but how far it came, on a terminal. Input that could not
be read becomes a sentence, and an interruption a mark.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath

import msgspec

from netcheck import casefile
from netcheck.app import interrupt, progress
from netcheck.app.options import SharedOptions
from netcheck.device import softap, usb
from netcheck.model import NAMELESS, NETWORK, Observation, Outcome, Target
from netcheck.probing.net import Net
from netcheck.probing.plugin import Probe
from netcheck.user import answers as user_answers
from netcheck.user import led, story
from netcheck.wifi.ccmp import Passphrase


@dataclass
class GatheredEvidence:
    """The evidence as it comes in. `unusable`: input of which nothing could be read; `broken`:
    parts not read; a sentence each.
    """

    observations: list[Observation] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    partial: bool = False
    cases: list[tuple[str, Sequence[Observation]]] = field(default_factory=list)
    """Each case file without its suffix, and its observations, which are among all."""
    origins: dict[str, str] = field(default_factory=dict)
    """MAC, id, address or network → the case file that alone speaks of it, without its suffix."""

    @property
    def unread(self) -> tuple[str, ...]:
        """All that was not read."""
        return (*self.unusable, *self.broken)


def read(options: SharedOptions, port: str) -> tuple[GatheredEvidence, Target]:
    """What the device says at `port` (or where the options say), then what the files and the user
    say; and the question, which may be about that device.
    """
    gathered = GatheredEvidence()
    read_device(gathered, options.serial or port, options.target(), is_asked=True)
    target = meant(gathered, options.target())
    read_files(gathered, options, target)
    return gathered, target


def read_files(gathered: GatheredEvidence, options: SharedOptions, target: Target) -> None:
    """Add what the attached captures, case files and logs say, and the user."""
    read_captures(gathered, options.pcap, target, options.wifi_passphrase)
    read_cases(gathered, options.case)
    read_logs(gathered, options.log, target)
    read_user(gathered, options.led, options.tell, target, time.time())


def read_captures(
    gathered: GatheredEvidence,
    paths: Sequence[str],
    target: Target,
    passphrase: Passphrase | None = None,
) -> None:
    """Add what the captures show, read together: an exchange may go on from one file into the next.
    `passphrase`: of the Wi-Fi whose frames are to be decrypted.
    """
    if not paths:
        return
    from netcheck import capture

    def read(opened: Sequence[str]) -> None:
        try:
            reading = capture.observe(opened, target, passphrase=passphrase)
        except capture.CaptureError as error:
            gathered.unusable.append(str(error))
            return
        gathered.observations += reading.observations
        gathered.unusable += reading.unread
        gathered.broken += reading.not_decrypted
        _mark(gathered, is_partial=reading.is_partial)

    with progress.reading(paths) as opened:
        _until_interrupted(gathered, partial(read, opened))


def read_cases(gathered: GatheredEvidence, files: Iterable[str]) -> None:
    """Add what case files say."""

    def read(file: str) -> None:
        try:
            saved = casefile.read(file)
        except casefile.CaseError as error:
            gathered.unusable.append(str(error))
            return
        gathered.observations += saved.observations
        stem = PurePath(file).stem
        gathered.cases.append((stem, saved.observations))
        gathered.broken += saved.problems
        names = {name for o in saved.observations for name in (o.subject, o.site)}
        for name in names - {"", NETWORK, NAMELESS}:
            # One that several files speak of is of none.
            gathered.origins[name] = "" if name in gathered.origins else stem
        _mark(gathered, is_partial=saved.is_partial)

    for file in files:
        _until_interrupted(gathered, partial(read, file))


def read_logs(gathered: GatheredEvidence, files: Iterable[str], target: Target) -> None:
    """Add what saved serial logs say."""
    from netcheck.device import log

    def read(file: str) -> None:
        try:
            reading = log.observe(file, target)
        except log.LogError as error:
            gathered.unusable.append(str(error))
            return
        gathered.observations += reading.observations
        gathered.broken += reading.problems
        _mark(gathered, is_partial=reading.is_partial)

    for file in files:
        _until_interrupted(gathered, partial(read, file))


def read_device(gathered: GatheredEvidence, port: str, target: Target, *, is_asked: bool) -> None:
    """Add what the device itself says over USB. `port`: its name, `auto` or `none`; `is_asked`:
    there is to be one.
    """
    if port == usb.NONE:
        return
    from netcheck.device.usb import reading

    def read() -> None:
        try:
            for observation in reading.observe(
                port, target, reading.this_computer(), is_asked=is_asked
            ):
                gathered.observations.append(observation)
        except reading.DeviceError as error:
            (gathered.unusable if is_asked else gathered.broken).append(str(error))

    with progress.shown(progress.counted("Reading the device")):
        _until_interrupted(gathered, read)


def meant(gathered: GatheredEvidence, target: Target) -> Target:
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


def with_network(gathered: GatheredEvidence, target: Target) -> Target:
    """The question with the Wi-Fi network and the Device OS version that the device itself names,
    where the user named none.
    """
    own = [o for o in gathered.observations if o.source.startswith("device:")]
    names = {o.text("ssid") for o in own if o.fact == "wifi.join"}
    names |= {o.target.removeprefix("ssid:") for o in own if o.target.startswith("ssid:")}
    versions = [o.text("version") for o in own if o.fact == "device.firmware"]
    known = sorted(names - {""})
    return msgspec.structs.replace(
        target,
        ssid=target.ssid or (known[0] if len(known) == 1 else ""),
        firmware=target.firmware or (versions[-1] if versions else ""),
    )


def read_user(
    gathered: GatheredEvidence,
    lights: Iterable[str],
    answers: Iterable[user_answers.UserAnswer],
    target: Target,
    at: float,
) -> None:
    """Add what the user saw of the light, by `--led` and `--tell led=…` together, and what else
    they say. `at`: UTC seconds since 1970.
    """
    answered = list(answers)
    newest = [text for answer in answered if (text := answer.light)][-1:]
    if seen := ". ".join([*lights, *newest]):
        gathered.observations += led.observations(led.read(seen), target, at)
        known = {answer.question.key for answer in answered}
        beside = [one for one in story.told(seen) if one.key not in (user_answers.LIGHT, *known)]
        answered += [user_answers.parse(f"{one.key}={one.value}") for one in beside]
    gathered.observations += user_answers.observations(answered, target, at)


def interview(
    gathered: GatheredEvidence,
    target: Target,
    read: Callable[[str], str | None],
    say: Callable[[str], None],
    clock: Callable[[], float],
) -> None:
    """Add what the user answers, asked one question at a time. `read`, `say` and `clock` as in
    `Conversation`.
    """
    from netcheck.user.interview.conversation import Conversation

    if interrupt.is_seen():  # who wants to stop is asked nothing more
        gathered.partial = True
        return
    conversation = Conversation(gathered.observations, target, read, say, clock)

    def ask() -> None:
        gathered.partial |= not conversation.run()

    _until_interrupted(gathered, ask)
    gathered.observations += conversation.answered


def ask_softap(
    gathered: GatheredEvidence,
    target: Target,
    wanted: softap.WantedNetworks,
    host: softap.SoftApHost,
) -> None:
    """Add what the device says over its own access point."""

    def ask() -> None:
        for observation in softap.observe(target, wanted, host):
            gathered.observations.append(observation)

    with progress.shown(progress.counted("Asking the device")):
        _until_interrupted(gathered, ask)


def look_around(
    gathered: GatheredEvidence,
    target: Target,
    net: Net,
    probes: Sequence[Probe],
    budget_s: float,
    path: progress.LiveProgress | None,
    stop: threading.Event,
) -> None:
    """Add what the probes see, until `stop` is set; `path` is told. Where the reading of files was
    interrupted, nothing more is asked.
    """
    from netcheck import live

    if gathered.partial:
        stop.set()
    seen = live.observe(
        target,
        net,
        probes,
        budget_s=budget_s,
        progress=path.ask if path is not None else None,
        stop=stop,
    )
    gathered.observations += seen if path is None else path.seen(seen)
    gathered.partial |= stop.is_set()


def leave_out(gathered: GatheredEvidence, probes: Iterable[Probe], at: float) -> None:
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


def _mark(gathered: GatheredEvidence, *, is_partial: bool) -> None:
    """Note whether a reader was interrupted, which then ended without an exception."""
    if is_partial:
        gathered.partial = True
        interrupt.next_ends_at_once()


def _until_interrupted(gathered: GatheredEvidence, work: Callable[[], None]) -> None:
    """Do a part of the gathering, which the first Ctrl-C ends, and which is partial from then
    on.
    """

    def mark() -> None:
        _mark(gathered, is_partial=True)

    interrupt.break_off(work, mark)
