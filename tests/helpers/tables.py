"""From a written wire to tables, and from observations to lines, without a file between."""

from __future__ import annotations

from collections.abc import Iterable

from netcheck.capture.records import CapturedMessage, FileCoverage
from netcheck.capture.tables import Tables
from netcheck.model import Observation
from netcheck.wire.decode import decode
from tests.helpers.wire import START_NS, Wire

ETHERNET = 1


def tables_of(wire: Wire, source: str = "x") -> Tables:
    """The tables of a capture that ends when the script does."""
    tables = Tables()
    for number, (at_ns, frame) in enumerate(wire.frames, 1):
        message = decode(ETHERNET, frame)
        if message is not None:
            tables.add(CapturedMessage(at_ns, source, number, message))
    count = len(wire.frames)
    last_ns = max(START_NS + round(wire.at * 1e9), wire.frames[-1][0])
    tables.files.append(FileCoverage(source, wire.frames[0][0], last_ns, count, count, (ETHERNET,)))
    return tables


def lines(observations: Iterable[Observation], *facts: str) -> list[str]:
    """`FACT OUTCOME REASON FROM-TO #PACKETS NAME=VALUE …` of those that begin so; times in seconds
    from the start of the script.
    """
    return [_line(o) for o in observations if o.fact.startswith(facts)]


def _line(o: Observation) -> str:
    start_s, end_s = (at - START_NS / 1e9 for at in (o.at, o.end))
    ref = o.ref.removeprefix("x")
    words = [o.fact, o.outcome, o.reason, f"{start_s:.2f}-{end_s:.2f}", ref]
    return " ".join(word for word in (*words, *(f"{k}={v}" for k, v in o.data)) if word)
