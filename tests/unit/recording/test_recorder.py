"""The recording's loop, fed frames by hand on a clock of its own: when it ends, what it keeps, what
it says.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netcheck.capture import observe
from netcheck.capture.files.stream import open_capture
from netcheck.model import Target
from netcheck.recording.interfaces import Place
from netcheck.recording.pcapng.writer import Writer
from netcheck.recording.recorder import (
    Judgement,
    Recorder,
    Recording,
    RecordingClock,
    RecordingRequest,
    Start,
    Stopped,
)
from netcheck.recording.sniffer import Captured, Gone
from tests.helpers.capture_files import frames_of
from tests.helpers.packets import ETHER, ip4, tcp, udp
from tests.helpers.places import RECORDED

SCENARIOS = RECORDED
T0_NS = 1_750_000_000 * 10**9
LAN = Place(name="br0", serves=True)


class Fake:
    """A source of frames and its clock: waiting for a frame is what makes time pass."""

    link = 1

    def __init__(
        self,
        frames: list[tuple[int, bytes]],
        at: dict[float, Callable[[], None]] | None = None,
        lost: int = 0,
    ) -> None:
        first_ns = frames[0][0] if frames else 0
        self._frames = [(at_ns - first_ns + 10**9, frame) for at_ns, frame in frames]
        self._at = dict(at or {})
        self._lost = lost
        self.now_ns = 0

    def next(self, timeout_s: float) -> Captured | None:
        until_ns = self.now_ns + int(timeout_s * 10**9)
        for moment in [moment for moment in self._at if moment * 10**9 <= self.now_ns]:
            self._at.pop(moment)()
        if self._frames and self._frames[0][0] <= until_ns:
            at_ns, frame = self._frames.pop(0)
            self.now_ns = max(at_ns, self.now_ns)
            return Captured(T0_NS + at_ns, frame, len(frame))
        self.now_ns = until_ns
        return None

    def lost(self) -> int:
        return self._lost

    @property
    def clock(self) -> RecordingClock:
        return RecordingClock(
            monotonic=lambda: self.now_ns / 10**9, utc_ns=lambda: T0_NS + self.now_ns
        )


class Done:
    """Work that is done as soon as it is begun."""

    is_running = False

    def __init__(self, work: Callable[[], Judgement]) -> None:
        self._result = work()

    def result(self, wait_s: float = 0.0) -> Judgement | None:
        return self._result

    def end(self) -> None:
        pass


class Endless(Done):
    """Work that is never done."""

    is_running = True
    ended = 0

    def __init__(self, work: Callable[[], Judgement]) -> None:
        pass

    def result(self, wait_s: float = 0.0) -> Judgement | None:
        return None

    def end(self) -> None:
        Endless.ended += 1


class Lost(Endless):
    """Work whose process died."""

    is_running = False


def run(
    source: Fake,
    folder: Path,
    *,
    said: list[str] | None = None,
    stop: threading.Event | None = None,
    place: Place = LAN,
    start: Start = Done,
    **request: Any,
) -> Recording:
    path = folder / "x.pcapng"
    usual: dict[str, Any] = {"target": Target(), "seconds": 60.0, "most_bytes": 10**6}
    requested = RecordingRequest(path=str(path), **usual | request)
    with Writer(str(path), source.link, place.name, T0_NS) as writer:
        say = (said if said is not None else []).append
        return Recorder(
            source, writer, requested, say, source.clock, stop or threading.Event(), start
        ).run(place)


def scenario(name: str) -> list[tuple[int, bytes]]:
    return frames_of(SCENARIOS / f"{name}.pcap")


def test_it_stops_when_the_question_is_settled_and_tells_each_step(tmp_path: Path) -> None:
    said: list[str] = []
    done = run(Fake(scenario("port_dropped")), tmp_path, said=said)
    assert (done.stopped, done.why) == (
        Stopped.SETTLED,
        ("cloud_port_blocked is likely, seen in 3 of 3 tries",),
    )
    assert done.seconds < 40
    assert any("try 1: address, gateway, the cloud's name ok" in line for line in said)
    assert len(said) == len({line.split("  ", 1)[1] for line in said})


def test_the_file_holds_what_was_kept_until_then(tmp_path: Path) -> None:
    source = Fake(scenario("port_dropped"), lost=2)
    done = run(source, tmp_path)
    capture = open_capture(done.path)
    assert len(list(capture)) == done.packets <= done.received
    assert (done.size_bytes, done.lost) == (Path(done.path).stat().st_size, 2)
    assert capture.last_ns == T0_NS + source.now_ns
    assert any("lost" in problem for problem in capture.problems)


def test_whole_means_the_whole_time(tmp_path: Path) -> None:
    done = run(Fake(scenario("port_dropped")), tmp_path, whole=True)
    assert (done.stopped, done.why) == (Stopped.TIME, ())
    assert done.seconds == pytest.approx(60, abs=0.3)


def test_silence_until_the_end_counts(tmp_path: Path) -> None:
    """What is read afterwards knows how long was listened: a DISCOVER alone, and nothing for half a
    minute, is an unanswered one.
    """
    [first, *_] = [frame for frame in scenario("no_dhcp_server") if frame[1][12:14] == b"\x08\x00"]
    done = run(Fake([first]), tmp_path, seconds=30.0)
    assert done.packets == 1
    assert any(
        (o.fact, o.reason) == ("dhcp.lease", "no_offer")
        for o in observe([done.path], Target()).observations
    )


def test_it_stops_at_the_size_wished(tmp_path: Path) -> None:
    done = run(Fake(scenario("healthy_busy_lan")), tmp_path, most_bytes=4000)
    assert done.stopped is Stopped.SIZE
    assert 4000 <= done.size_bytes < 6000


def test_asked_to_end_it_ends_and_marks_the_file(tmp_path: Path) -> None:
    stop = threading.Event()
    done = run(Fake(scenario("port_dropped"), at={3.0: stop.set}), tmp_path, stop=stop)
    assert done.stopped is Stopped.INTERRUPTED
    assert done.seconds < 4
    assert open_capture(done.path).problems == []
    assert b"Ended by the user: partial." in Path(done.path).read_bytes()


def test_an_interface_that_goes_ends_it(tmp_path: Path) -> None:
    def go() -> None:
        raise Gone("The interface br0 is gone.")

    said: list[str] = []
    done = run(Fake(scenario("port_dropped"), at={5.0: go}), tmp_path, said=said)
    assert done.stopped is Stopped.GONE
    assert done.packets > 0
    assert said[-1] == "The interface br0 is gone."


def test_when_nobody_tries_it_says_so_once(tmp_path: Path) -> None:
    said: list[str] = []
    done = run(Fake([]), tmp_path, said=said)
    assert (done.stopped, done.packets) == (Stopped.TIME, 0)
    assert [line for line in said if "no new attempt of a Photon yet" in line] == said
    assert len(said) == 1


@pytest.mark.parametrize(
    ("place", "is_told"),
    [
        (Place(name="wlan0", is_wireless=True), True),
        (Place(name="wlan0", is_wireless=True, is_client=True), True),
        (Place(name="eth0", is_client=True), True),
        (Place(name="wlan0", is_wireless=True, serves=True), False),
        (Place(name="wlan0", is_wireless=True, is_monitor=True), False),
        (Place(name="eth1"), False),
    ],
)
def test_who_hears_only_broadcasts_is_told(tmp_path: Path, place: Place, is_told: bool) -> None:
    assert bool(run(Fake([]), tmp_path, place=place, seconds=1.0).notes) == is_told


class Flood(Fake):
    """Frames without a pause, each a millisecond apart and each new."""

    def __init__(self, link: int, frame: bytes, number_at: int) -> None:
        super().__init__([])
        self.link = link
        self._frame, self._number_at = frame, number_at

    def next(self, timeout_s: float) -> Captured | None:
        self.now_ns += 10**6
        number = (self.now_ns // 10**6).to_bytes(4, "big")
        at = self._number_at
        frame = self._frame[:at] + number + self._frame[at + 4 :]
        return Captured(T0_NS + self.now_ns, frame, len(frame))


AUTHENTICATION = bytes([0xB0, 0]) + bytes(22) + b"\0\0\1\0\0\0"
SYN = ETHER + ip4(6, tcp(40000, 5683, 0x02))
LOOKUP = ETHER + ip4(
    17, udp(40000, 53) + bytes.fromhex("000001000001000000000000056c6f6f6b750000010001")
)
FLOODS = {"syn": (1, SYN, 38), "dns": (1, LOOKUP, 42), "auth": (105, AUTHENTICATION, 12)}


@pytest.mark.parametrize("start", [Endless, Lost])
@pytest.mark.parametrize("flood", FLOODS)
def test_a_judging_that_never_ends_does_not_delay_the_end(
    tmp_path: Path, start: Start, flood: str
) -> None:
    before = Endless.ended
    done = run(Flood(*FLOODS[flood]), tmp_path, start=start, seconds=5.0, most_bytes=10**9)
    assert (done.stopped, done.seconds, done.packets) == (Stopped.TIME, 5.0, 5000)
    assert Endless.ended > before


def test_judging_begins_anew_after_a_process_that_died(tmp_path: Path) -> None:
    begun: list[float] = []
    source = Fake(scenario("port_dropped"))

    def start(work: Callable[[], Judgement]) -> Done:
        begun.append(source.now_ns / 10**9)
        return Lost(work) if len(begun) < 3 else Done(work)

    assert run(source, tmp_path, start=start).stopped is Stopped.SETTLED
    assert len(begun) > 3 and begun[1] - begun[0] >= 2
