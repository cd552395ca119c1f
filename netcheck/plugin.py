"""What a probe's author imports, besides `netcheck.model`.

A probe is one function that asks one question. It yields what it saw, and raises only if it could not look.
It is found through the entry point group `netcheck.probes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Protocol

from netcheck.model import Observation, Outcome, Scalar, Stage, Struct, Target

ENTRY_POINTS = "netcheck.probes"


class Need(StrEnum):
    """What must be there for a probe to be run."""

    INTERNET = "internet"
    RAW_SOCKETS = "raw_sockets"
    WIFI = "wifi"
    SERIAL = "serial"


class Reply(Struct, frozen=True, kw_only=True):
    """What came back from one question to the network. A refused connection is an answer, not an exception."""

    ok: bool
    reason: str = ""
    took_s: float = 0.0
    data: tuple[tuple[str, Scalar], ...] = ()


class Traffic(Struct, frozen=True, kw_only=True):
    """One kind of packet that a probe sends: to whom, and at most how many of them."""

    kind: str
    to: str
    at_most: int


class CannotRun(Exception):
    """Raised by a probe that cannot look here; the text says what is missing and how to supply it."""


class Net(Protocol):
    """The one door to sockets, DNS, interfaces and the clock. See `netcheck.live.net` for the real one."""


ProbeFunction = Callable[[Target, Net], Iterable["Seen"]]


class Seen(Struct, frozen=True, kw_only=True):
    """An observation as a probe yields it: the engine stamps stage, subject, source, site and time."""

    fact: str
    outcome: Outcome
    reason: str = ""
    target: str = ""
    took_s: float | None = None
    data: tuple[tuple[str, Scalar], ...] = ()
    subject: str = ""
    ref: str = ""


class Probe(Struct, frozen=True, kw_only=True):
    """A registered probe and what it declares about itself."""

    name: str
    ask: str
    stage: Stage
    settles: frozenset[str]
    needs: frozenset[Need]
    sends: tuple[Traffic, ...]
    within_s: float
    run: ProbeFunction


def probe(
    *,
    stage: Stage,
    settles: Iterable[str],
    needs: Iterable[Need] = (),
    sends: Iterable[Traffic] = (),
    within_s: float = 10.0,
) -> Callable[[ProbeFunction], Probe]:
    """Declare a function to be a probe; the first line of its module's or its own docstring is its question."""

    def declare(function: ProbeFunction) -> Probe:
        import sys

        text = function.__doc__ or sys.modules[function.__module__].__doc__ or function.__name__
        return Probe(
            name=function.__name__,
            ask=text.strip().splitlines()[0],
            stage=stage,
            settles=frozenset(settles),
            needs=frozenset(needs),
            sends=tuple(sends),
            within_s=within_s,
            run=function,
        )

    return declare


def seen(fact: str, reply: Reply, target: str = "", **data: Scalar) -> Seen:
    """A reply of the network as what was seen: ok, or failed with its reason."""
    return Seen(
        fact=fact,
        outcome=Outcome.OK if reply.ok else Outcome.FAILED,
        reason=reply.reason,
        target=target,
        took_s=reply.took_s,
        data=reply.data + tuple(data.items()),
    )


__all__ = ["CannotRun", "Need", "Net", "Observation", "Probe", "Reply", "Seen", "Traffic", "probe", "seen"]
