"""The types that all modules share: what was seen, by whom, and what it came to.

Imports nothing of ours. All types are frozen msgspec structs, so a case file is checked as it is
read, and a diagnosis can be compared, hashed and sent between processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from operator import attrgetter

import msgspec

Scalar = str | int | float | bool


class Stage(StrEnum):
    """A place on the ladder, bottom to top; compares by height, and is written by its public name.

    A StrEnum with its own order rather than an IntEnum: a case file then says "tcp" and not 7, and
    inserting a rung would not change old files.
    """

    POWER = "power"
    RADIO = "radio"
    JOIN = "join"
    ADDRESS = "address"
    GATEWAY = "gateway"
    DNS = "dns"
    INTERNET = "internet"
    TCP = "tcp"
    HANDSHAKE = "handshake"
    SESSION = "session"
    OWNERSHIP = "ownership"

    @property
    def height(self) -> int:
        """0 for power, 10 for ownership."""
        return _HEIGHT[self]

    def __lt__(self, other: str) -> bool:
        return _HEIGHT[self] < _HEIGHT[other]

    def __le__(self, other: str) -> bool:
        return _HEIGHT[self] <= _HEIGHT[other]

    def __gt__(self, other: str) -> bool:
        return _HEIGHT[self] > _HEIGHT[other]

    def __ge__(self, other: str) -> bool:
        return _HEIGHT[self] >= _HEIGHT[other]


_HEIGHT: dict[str, int] = {stage: height for height, stage in enumerate(Stage)}


class Outcome(StrEnum):
    """What became of a question. `unclear`: asked, could not tell. `skipped`: not asked; the reason
    says why.
    """

    OK = "ok"
    FAILED = "failed"
    UNCLEAR = "unclear"
    SKIPPED = "skipped"


class State(StrEnum):
    """A rung in one diagnosis. `implied`: a higher rung held, or the device itself asked for one.

    `mixed`: both seen, or failed beneath one that held. `unreached`: a lower one failed.
    """

    PASSED = "passed"
    IMPLIED = "implied"
    FAILED = "failed"
    MIXED = "mixed"
    UNREACHED = "unreached"
    UNTESTED = "untested"


class Weight(StrEnum):
    """How much one clue says. Decisive: an artefact that is enough by itself."""

    WEAK = "weak"
    STRONG = "strong"
    DECISIVE = "decisive"


class Level(StrEnum):
    """How sure we are of a cause, best first. The first three are standing."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    CONTESTED = "contested"
    UNLIKELY = "unlikely"
    RULED_OUT = "ruled_out"


STANDING = (Level.CONFIRMED, Level.LIKELY, Level.POSSIBLE)


class Verdict(StrEnum):
    """The answer in one word; exit codes 0, 1, 3, 3."""

    HEALTHY = "healthy"
    FAULT = "fault"
    SUSPECTED = "suspected"
    INSUFFICIENT = "insufficient"


class Owner(StrEnum):
    """Who must act."""

    YOU = "you"
    ROUTER = "router"
    ISP = "isp"
    CLOUD = "cloud"
    DEVICE = "device"
    UNKNOWN = "unknown"


NETWORK = "network"
"""The subject of an observation that speaks of the network itself and of no client."""

NAMELESS = "nameless"
"""The subject of what is known of the one device that its user means, as long as none of its names
is known.
"""


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every record here."""


class Observation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing one witness saw, about one client, once.

    `subject` is a MAC (aa:bb:cc:dd:ee:ff), a device id (24 hex), an IP address where a capture
    shows neither, NETWORK or NAMELESS. `at` is UTC seconds since 1970, the moment the question was
    asked; `took_s` how long the answer (or the waiting) took. `data` holds measured values with the
    unit in the name. `ref` says where to look.
    """

    stage: Stage
    fact: str
    outcome: Outcome
    reason: str = ""
    subject: str
    target: str = ""
    source: str
    site: str = ""
    at: float
    took_s: float | None = None
    data: tuple[tuple[str, Scalar], ...] = ()
    ref: str = ""

    @property
    def ok(self) -> bool:
        """Success is said by the outcome, never read out of an empty reason."""
        return self.outcome is Outcome.OK

    @property
    def failed(self) -> bool:
        return self.outcome is Outcome.FAILED

    @property
    def end(self) -> float:
        """When the answer came or the waiting stopped; `at` where that is not known."""
        return self.at + (self.took_s or 0.0)

    def value(self, name: str) -> Scalar | None:
        """The measured value of that name, or None."""
        for key, value in self.data:
            if key == name:
                return value
        return None

    def number(self, name: str) -> float | None:
        """The measured number of that name, or None where it is missing or no number."""
        value = self.value(name)
        return (
            float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        )

    def text(self, name: str) -> str:
        """The value of that name as text; empty where it is missing."""
        value = self.value(name)
        return "" if value is None else str(value)


class Target(Struct, frozen=True, kw_only=True):
    """Whose connection to explain and what it should reach. Empty or None: not said."""

    device: str = ""
    cloud_host: str = "device.spark.io"
    cloud_port: int = 5683
    cloud_key: bytes | None = None
    neutral_host: str = "8.8.8.8"
    ssid: str = ""
    """The Wi-Fi network that the device is to join."""
    firmware: str = ""
    """Its Device OS version."""
    interface: str = ""
    site: str = ""
    as_device: str = ""
    """The device's MAC, in whose place the network may be asked while the device is off."""


class Device(Struct, frozen=True, kw_only=True):
    """Who a diagnosis is about; every field may be unknown."""

    mac: str | None = None
    id: str | None = None
    ip: str | None = None
    firmware: str | None = None
    site: str | None = None


class Rung(Struct, frozen=True, kw_only=True):
    """One stage of the ladder and what it rests on."""

    stage: Stage
    state: State
    because: tuple[Observation, ...] = ()


class Clue(Struct, frozen=True, kw_only=True):
    """What a cause leads us to expect: a fact to match, or the name of a rule, which is code or
    conditions in the catalogue.

    `context` clues add to others and make no cause by themselves: that the Internet answers speaks
    for a blocked port only where the port was seen to fail.
    """

    of: str = "device"
    fact: str = ""
    outcome: Outcome | None = None
    reason: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    """Values of the observation's data `value`, of which one must be there: what a user told."""
    rule: str = ""
    context: bool = False
    weight: Weight
    says: str


class Evidence(Struct, frozen=True, kw_only=True):
    """Observations that bear on a cause, and the clue by which they do."""

    clue: Clue
    seen: tuple[Observation, ...]


class Finding(Struct, frozen=True, kw_only=True):
    """A cause with its evidence. `held_in` of `out_of` tries that could have shown it."""

    cause: str
    level: Level
    stage: Stage
    owner: Owner
    stops_connection: bool
    support: tuple[Evidence, ...] = ()
    oppose: tuple[Evidence, ...] = ()
    held_in: int = 0
    out_of: int = 0
    remedy: tuple[str, ...] = ()
    ask_it: str | None = None


class Untested(Struct, frozen=True, kw_only=True):
    """A fact that was not settled, and why."""

    fact: str
    why: str


class NextTest(Struct, frozen=True, kw_only=True):
    """What to test next, which of the standing causes it tells apart, its cost in seconds, and how
    to do it.
    """

    test: str
    settles: tuple[str, ...]
    cost_s: int
    how: str


class Diagnosis(Struct, frozen=True, kw_only=True):
    """Everything there is to say about one device's connection."""

    device: Device
    verdict: Verdict
    headline: str
    owner: Owner
    ladder: tuple[Rung, ...]
    findings: tuple[Finding, ...] = ()
    unexplained: tuple[str, ...] = ()
    not_tested: tuple[Untested, ...] = ()
    next_tests: tuple[NextTest, ...] = ()
    notes: tuple[str, ...] = ()
    leading: str = ""
    """The cause that the verdict and the headline rest on; empty where on none."""

    @property
    def best(self) -> Finding | None:
        """The best finding that stands."""
        return next((finding for finding in self.findings if finding.level in STANDING), None)


class Coverage(Struct, frozen=True, kw_only=True):
    """What one source could show: span and counts, and in words what its silence cannot mean."""

    source: str
    span_s: float = 0.0
    link: str = ""
    packets: int = 0
    relevant: int = 0
    cannot_show: tuple[str, ...] = ()


def ordered(observations: Iterable[Observation]) -> list[Observation]:
    """The observations once each, in the one order that does not depend on how they arrived."""
    # Most differ in their time already: all else is compared, or even written out, only where they
    # do not.
    in_time = sorted(observations, key=_at)
    found: list[Observation] = []
    for at_once in _runs(in_time, _at):
        found += at_once if len(at_once) == 1 else _told_apart(at_once)
    return found


_at = attrgetter("at")


def _told_apart(at_once: Sequence[Observation]) -> Iterator[Observation]:
    """These of one time, once each, in their order."""
    for alike in _runs(sorted(set(at_once), key=_place), _place):
        yield from sorted(alike, key=repr) if len(alike) > 1 else alike


def _place(o: Observation) -> tuple[int, str, str, str, str, str]:
    return _HEIGHT[o.stage], o.fact, o.subject, o.target, o.ref, o.source


def _runs(
    in_order: Sequence[Observation], place: Callable[[Observation], object]
) -> Iterator[Sequence[Observation]]:
    """Each run of observations that have one place."""
    begin = 0
    places = list(map(place, in_order))
    for index in range(1, len(in_order) + 1):
        if index == len(in_order) or places[index] != places[begin]:
            yield in_order[begin:index]
            begin = index
