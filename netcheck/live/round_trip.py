"""How long the way to the Internet and back takes in a run, and what that lengthens."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from netcheck.probing.net import Reply
from netcheck.wire.addresses import is_bogon

_PATIENCE_TRIPS = 1.5
"""An answer of the usual round trip is waited for, and some more."""
_SLOW_S = 1.0
"""The time limits of probes suit every shorter round trip."""
_PROBE_TRIPS = 4.0
"""A probe asks so many questions at most one behind the other: a connection, what comes on it, and
both again.
"""
_WAITS = ("timeout_s", "patience_s", "apart_s")
_PLACES = ("ip", "server")
"""The arguments of a question that say how long it waits, and for whom."""

Arguments = Mapping[str, Any]


class RoundTrip:
    """The shortest round trip to a host outside so far. All probes of a run share one: what the
    first measured lengthens the patience of the rest.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shortest_s: float | None = None

    def note(self, given: Arguments, reply: Reply) -> None:
        """Learn from the reply to a question, if it is an answer from outside."""
        rtt_ms = reply.text("rtt_ms")
        if not reply.ok or not rtt_ms or not _is_outside(given):
            return
        with self._lock:
            known_s = self._shortest_s
            self._shortest_s = min(float(rtt_ms) / 1000, known_s if known_s is not None else 1e9)

    def lengthened(self, given: Arguments) -> dict[str, float]:
        """The time limits of a question to a host outside that are too short for this round trip,
        and what they should be.
        """
        least_s = _PATIENCE_TRIPS * self._slow_s
        if not least_s or not _is_outside(given):
            return {}
        return {name: least_s for name in _WAITS if name in given and given[name] < least_s}

    @property
    def extra_s(self) -> float:
        """By how much a probe may last longer."""
        return _PROBE_TRIPS * self._slow_s

    @property
    def _slow_s(self) -> float:
        """The round trip; 0.0 where it is none that takes more patience."""
        shortest_s = self._shortest_s or 0.0
        return shortest_s if shortest_s >= _SLOW_S else 0.0


def _is_outside(given: Arguments) -> bool:
    """Does the question go to a host outside, or to several of which one is?"""
    named = [given[name] for name in _PLACES if name in given]
    return any(not is_bogon(str(ip)) for ip in (*named, *(ip for ip, _ in given.get("places", ()))))
