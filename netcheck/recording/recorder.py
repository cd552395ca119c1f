"""The recording itself: frames in, a small file out, a look at it every few seconds, and an end by
itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from netcheck import capture
from netcheck.correlator import diagnose
from netcheck.model import Struct, Target
from netcheck.recording import interfaces, progress
from netcheck.recording.interfaces import CannotRecord, Place
from netcheck.recording.pcapng_writer import Writer
from netcheck.recording.settled import has_begun, settled, tries_of
from netcheck.recording.sniffer import FrameSource, Gone, Sniffer, check_rights
from netcheck.recording.trim import Trim

SECOND_NS = 10**9
Say = Callable[[str], None]

_WAIT_S = 0.25
"""How long to wait for a frame before the clock is looked at."""
_LOOK_EVERY_S = 2.0
_LOOK_SHARE = 10
"""At most a tenth of the time goes into looking, however large the file has become."""
_HOTSPOT_WITHIN_S = 900.0
_NOBODY_S = 30.0
ONLY_BROADCASTS = (
    (
        "This computer is an ordinary client here: of the Photon it hears only what that sends to"
        " everybody (DHCP, ARP), unless this is the router or a port that mirrors the Photon's."
    ),
    "`netcheck record --hotspot` has the Photon join this computer instead, and hears all.",
)
_NOBODY = (
    "no new attempt of a Photon yet: press RESET; is it powered, and does it join this network?"
)


class Stopped(StrEnum):
    """Why the recording ended."""

    SETTLED = "settled"
    TIME = "time"
    SIZE = "size"
    INTERRUPTED = "interrupted"
    GONE = "interface_gone"


class Wish(Struct, frozen=True, kw_only=True):
    """What to record: into which file, for whom, how long and how much at most; `whole` records the
    whole time.
    """

    path: str
    target: Target
    seconds: float
    most_bytes: int
    whole: bool = False


class Recording(Struct, frozen=True, kw_only=True):
    """What came of it. `heard` frames came by, `packets` were kept, `lost` came too fast; `why` is
    why nothing more was needed.

    `notes` say what cannot be heard at that place.
    """

    path: str
    interface: str
    stopped: Stopped
    seconds: float
    heard: int
    packets: int
    lost: int
    size_bytes: int
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Clock(Struct, frozen=True):
    """Time for everything here: monotonic seconds, and UTC in ns since 1970."""

    monotonic: Callable[[], float] = time.monotonic
    utc_ns: Callable[[], int] = time.time_ns


def await_hotspot(interface: str, say: Say) -> Place:
    """The hotspot that the user opens now, on this interface if one is named. Raises CannotRecord
    when none comes.
    """
    check_rights()
    say("Waiting for the hotspot.")
    until = time.monotonic() + _HOTSPOT_WITHIN_S
    while time.monotonic() < until:
        place = interfaces.hotspot(interface)
        if place is not None:
            return place
        time.sleep(1)
    raise CannotRecord(
        "No hotspot was opened on this computer; `netcheck record --guide hotspot` shows how, or"
        " name its interface."
    )


def notes_on(place: Place) -> tuple[str, ...]:
    """What somebody who records there should know."""
    return ONLY_BROADCASTS if place.hears_only_broadcasts else ()


def record(place: Place, wish: Wish, say: Say, stop: threading.Event) -> Recording:
    """Record on that interface until the question is settled, time or size is up, or `stop` is set.
    Raises CannotRecord.
    """
    clock = Clock()
    with (
        Sniffer(place.name, wish.target.cloud_port) as source,
        Writer(wish.path, source.link, place.name, clock.utc_ns()) as writer,
    ):
        for note in notes_on(place):
            say(note)
        say(
            f"Recording on {place.name}. Now press RESET on the Photon, or unplug it and plug it in"
            " again."
        )
        say(f"It stops by itself, after {wish.seconds:g} s at the latest; Ctrl-C stops it before.")
        return Recorder(source, writer, wish, say, clock, stop).run(place)


@dataclass
class Recorder:
    """One recording under way; everything that it depends on is handed to it."""

    source: FrameSource
    writer: Writer
    wish: Wish
    say: Say
    clock: Clock
    stop: threading.Event
    heard: int = 0
    why: tuple[str, ...] = ()
    _said: set[str] = field(default_factory=set)

    def run(self, place: Place) -> Recording:
        """Until there is a reason to stop."""
        begun = self.clock.monotonic()
        target = self.wish.target
        trim = Trim(target.cloud_host, target.cloud_port, target.device)
        next_look = begun + _LOOK_EVERY_S
        stopped: Stopped | None = None
        while stopped is None:
            stopped = self._take(trim) or self._limit(begun)
            now = self.clock.monotonic()
            if stopped is None and now >= next_look:
                stopped = self._look(now - begun)
                next_look = self._after(now)
        comment = (
            "Ended by the user: partial."
            if stopped is Stopped.INTERRUPTED
            else f"Ended: {stopped}."
        )
        lost = self.source.lost()
        self.writer.tell(self.clock.utc_ns(), self.heard, lost, comment)
        return Recording(
            path=self.writer.path,
            interface=place.name,
            stopped=stopped,
            seconds=round(self.clock.monotonic() - begun, 1),
            heard=self.heard,
            packets=self.writer.packets,
            lost=lost,
            size_bytes=self.writer.size_bytes,
            why=self.why,
            notes=notes_on(place),
        )

    def _take(self, trim: Trim) -> Stopped | None:
        """The next frame, if one comes in time."""
        try:
            captured = self.source.next(_WAIT_S)
        except Gone as gone:
            self.say(str(gone))
            return Stopped.GONE
        if captured is not None:
            self.heard += 1
            kept = trim.kept(self.source.link, captured.frame)
            if kept is not None:
                self.writer.add(captured.at_ns, kept, captured.wire_bytes)
        return None

    def _limit(self, begun: float) -> Stopped | None:
        if self.stop.is_set():
            return Stopped.INTERRUPTED
        if self.writer.size_bytes >= self.wish.most_bytes:
            return Stopped.SIZE
        return Stopped.TIME if self.clock.monotonic() - begun >= self.wish.seconds else None

    def _after(self, now: float) -> float:
        """When to look again, after a look that began then."""
        return now + max(_LOOK_EVERY_S, (self.clock.monotonic() - now) * _LOOK_SHARE)

    def _look(self, after_s: float) -> Stopped | None:
        """Judge the file as it is, as it will be judged afterwards; tell what is new."""
        now_ns = self.clock.utc_ns()
        self.writer.tell(now_ns, self.heard, self.source.lost())
        observations = capture.observe([self.writer.path], self.wish.target).observations
        diagnoses = diagnose(observations, self.wish.target)
        self._tell(after_s, progress.lines(observations, diagnoses))
        if after_s >= _NOBODY_S and not any(
            has_begun(tries_of(diagnosis, observations)) for diagnosis in diagnoses
        ):
            self._tell(after_s, [_NOBODY])
        if self.wish.whole:
            return None
        self.why = settled(observations, diagnoses, now_ns / SECOND_NS)
        return Stopped.SETTLED if self.why else None

    def _tell(self, after_s: float, lines: list[str]) -> None:
        """Say what was not said yet."""
        for line in lines:
            if line not in self._said:
                self.say(f"{after_s:4.0f} s  {line}")
                self._said.add(line)
