"""The recording itself: frames in, a small file out, judged every few seconds, until it ends by
itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from netcheck import capture
from netcheck.correlator import diagnose
from netcheck.correlator.attempts import tries_of
from netcheck.host.child import Child, Pending
from netcheck.model import Struct, Target
from netcheck.recording import interfaces, progress
from netcheck.recording.interfaces import CannotRecord, Place
from netcheck.recording.pcapng.writer import Writer
from netcheck.recording.settled import has_begun, settled
from netcheck.recording.sniffer import FrameSource, Gone, Sniffer, check_rights
from netcheck.recording.trim import Trim

SECOND_NS = 10**9
Say = Callable[[str], None]

_WAIT_S = 0.25
"""How long to wait for a frame before the time is checked."""
_JUDGE_EVERY_S, _LOOK_EVERY_S = 2.0, 0.1
_JUDGING_SHARE = 10
"""At most a tenth of the time goes into judging, however large the file has become. It is done in a
process of its own, and never waited for.
"""
_HOTSPOT_WITHIN_S = 900.0
_NO_ATTEMPT_S = 30.0
ONLY_BROADCASTS = (
    (
        "This computer is an ordinary client here: it receives only the Photon's broadcasts (DHCP,"
        " ARP), unless it is the router or on a port that mirrors the Photon's."
    ),
    "With `netcheck record --hotspot` the Photon joins this computer, which then receives all.",
)
_NO_ATTEMPT = (
    "no new attempt of a Photon yet: press RESET. Does it have power? Does it join this network?"
)


class Stopped(StrEnum):
    """Why the recording ended."""

    SETTLED = "settled"
    TIME = "time"
    SIZE = "size"
    INTERRUPTED = "interrupted"
    GONE = "interface_gone"


class RecordingRequest(Struct, frozen=True, kw_only=True):
    """What to record: into which file, about which device, how long and how much at most; `whole`
    records the whole time, settled or not.
    """

    path: str
    target: Target
    seconds: float
    most_bytes: int
    whole: bool = False


class Recording(Struct, frozen=True, kw_only=True):
    """The result of a recording. `received` frames arrived, `packets` were kept, `lost` came too
    fast; `why` is why nothing more was needed.

    `notes` say what cannot be received at that place.
    """

    path: str
    interface: str
    stopped: Stopped
    seconds: float
    received: int = msgspec.field(name="heard")
    packets: int
    lost: int
    size_bytes: int
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Judgement(Struct, frozen=True, kw_only=True):
    """What the recording shows so far: a line for each try, whether there was any, and why nothing
    more is needed.
    """

    lines: tuple[str, ...]
    has_begun: bool
    why: tuple[str, ...]


Start = Callable[[Callable[[], Judgement]], Pending[Judgement]]
"""Begins work beside the recording."""


class RecordingClock(Struct, frozen=True):
    """Time for everything here: monotonic seconds, and UTC in ns since 1970."""

    monotonic: Callable[[], float] = time.monotonic
    utc_ns: Callable[[], int] = time.time_ns


def await_hotspot(interface: str, say: Say, stop: threading.Event) -> Place:
    """The hotspot that the user opens now, on this interface if one is named. Raises CannotRecord
    when none comes, or `stop` is set before.
    """
    check_rights()
    say("Waiting for the hotspot.")
    until = time.monotonic() + _HOTSPOT_WITHIN_S
    while time.monotonic() < until:
        place = interfaces.hotspot(interface)
        if place is not None:
            return place
        if stop.wait(1):
            raise CannotRecord("Ended before a hotspot was opened; nothing was recorded.")
    raise CannotRecord(
        "No hotspot was opened on this computer; `netcheck record --guide hotspot` shows how, or"
        " name its interface."
    )


def notes_on(place: Place) -> tuple[str, ...]:
    """What to know before recording there."""
    return ONLY_BROADCASTS if place.hears_only_broadcasts else ()


def record(
    place: Place,
    request: RecordingRequest,
    say: Say,
    stop: threading.Event,
    give_up_rights: Callable[[], None] = lambda: None,
    tick: Callable[[], None] = lambda: None,
) -> Recording:
    """Record on that interface until the question is settled, time or size is up, or `stop` is set.
    `give_up_rights` is called once socket and file are open, `tick` several times a second. Raises
    CannotRecord.
    """
    clock = RecordingClock()
    with (
        Sniffer(place.name, request.target.cloud_port) as source,
        Writer(request.path, source.link, place.name, clock.utc_ns()) as writer,
    ):
        give_up_rights()
        for note in notes_on(place):
            say(note)
        say(
            f"Recording on {place.name}. Now press RESET on the Photon, or unplug it and plug it in"
            " again."
        )
        say(f"It stops by itself, after {request.seconds:g} s at most; Ctrl-C stops it before.")
        recorder = Recorder(source, writer, request, say, clock, stop, _beside(request), tick)
        return recorder.run(place)


def _beside(request: RecordingRequest) -> Start:
    """In a process of its own, for as long as the recording goes on at most."""
    return lambda work: Child(work, request.seconds)


@dataclass
class Recorder:
    """One recording under way; everything that it depends on is handed to it."""

    source: FrameSource
    writer: Writer
    request: RecordingRequest
    say: Say
    clock: RecordingClock
    stop: threading.Event
    start: Start
    tick: Callable[[], None] = lambda: None
    received: int = 0
    why: tuple[str, ...] = ()
    _said: set[str] = field(default_factory=set)
    _judging: Pending[Judgement] | None = None
    _begun: float = 0.0
    _judging_since: float = 0.0
    _next_judging: float = 0.0

    def run(self, place: Place) -> Recording:
        """Until there is a reason to stop."""
        self._begun = self.clock.monotonic()
        try:
            stopped = self._until_stopped()
        finally:
            if self._judging is not None:
                self._judging.end()
        comment = (
            "Ended by the user: partial."
            if stopped is Stopped.INTERRUPTED
            else f"Ended: {stopped}."
        )
        lost = self.source.lost()
        self.writer.tell(self.clock.utc_ns(), self.received, lost, comment)
        return Recording(
            path=self.writer.recording,
            interface=place.name,
            stopped=stopped,
            seconds=round(self.clock.monotonic() - self._begun, 1),
            received=self.received,
            packets=self.writer.packets,
            lost=lost,
            size_bytes=self.writer.size_bytes,
            why=self.why,
            notes=notes_on(place),
        )

    def _until_stopped(self) -> Stopped:
        target = self.request.target
        trim = Trim(target.cloud_host, target.cloud_port, target.device)
        self._next_judging = self._begun + _JUDGE_EVERY_S
        while True:
            self.tick()
            stopped = self._take(trim) or self._limit() or self._judge()
            if stopped is not None:
                return stopped

    def _take(self, trim: Trim) -> Stopped | None:
        """The next frame, if one comes in time."""
        try:
            captured = self.source.next(_WAIT_S)
        except Gone as gone:
            self.say(str(gone))
            return Stopped.GONE
        if captured is not None:
            self.received += 1
            kept = trim.kept(self.source.link, captured.frame)
            if kept is not None:
                self.writer.add(captured.at_ns, kept, captured.wire_bytes)
        return None

    def _limit(self) -> Stopped | None:
        if self.stop.is_set():
            return Stopped.INTERRUPTED
        if self.writer.size_bytes >= self.request.most_bytes:
            return Stopped.SIZE
        return (
            Stopped.TIME if self.clock.monotonic() - self._begun >= self.request.seconds else None
        )

    def _judge(self) -> Stopped | None:
        """Begin to judge the file when it is time, as it will be judged afterwards; say what came
        of it when it is done.
        """
        now = self.clock.monotonic()
        if now < self._next_judging:
            return None
        self._next_judging = now + _LOOK_EVERY_S
        if self._judging is None:
            self._judging, self._judging_since = self.start(self._work()), now
        is_running = self._judging.is_running
        done = self._judging.result()
        if done is None and is_running:
            return None
        self._judging.end()
        self._judging = None
        self._next_judging = now + max(_JUDGE_EVERY_S, (now - self._judging_since) * _JUDGING_SHARE)
        return self._judged(done, self._judging_since - self._begun) if done is not None else None

    def _work(self) -> Callable[[], Judgement]:
        """Judge what is in the file now."""
        now_ns, path, target = self.clock.utc_ns(), self.writer.recording, self.request.target
        self.writer.tell(now_ns, self.received, self.source.lost())
        return lambda: judged(path, target, now_ns / SECOND_NS)

    def _judged(self, done: Judgement, after_s: float) -> Stopped | None:
        self._tell(after_s, done.lines)
        if after_s >= _NO_ATTEMPT_S and not done.has_begun:
            self._tell(after_s, [_NO_ATTEMPT])
        if self.request.whole:
            return None
        self.why = done.why
        return Stopped.SETTLED if self.why else None

    def _tell(self, after_s: float, lines: Iterable[str]) -> None:
        """Say what was not said yet."""
        for line in lines:
            if line not in self._said:
                self.say(f"{after_s:4.0f} s  {line}")
                self._said.add(line)


def judged(path: str, target: Target, now: float) -> Judgement:
    """What that recording shows. `now`: until when frames were recorded, UTC seconds since 1970."""
    observations = capture.observe([path], target).observations
    diagnoses = diagnose(observations, target)
    return Judgement(
        lines=tuple(progress.lines(observations, diagnoses)),
        has_begun=any(has_begun(tries_of(one.device, observations)) for one in diagnoses),
        why=settled(observations, diagnoses, now),
    )
