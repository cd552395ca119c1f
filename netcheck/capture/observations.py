"""From the content of a capture to observations: times, packets and the one spelling of a packet
reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from netcheck.model import Observation, Outcome, Scalar
from netcheck.vocabulary import FACTS

SECOND_NS = 10**9
MAX_PACKETS_NAMED = 12
"""Packets named in one reference: enough to find the exchange, short enough to print."""


class HasPacketRef(Protocol):
    """Anything that is somewhere in a file."""

    @property
    def at_ns(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def number(self) -> int: ...


class PacketRef(NamedTuple):
    """A packet, by when and where it is."""

    at_ns: int
    source: str
    number: int


def reference(things: Iterable[HasPacketRef]) -> str:
    """Where to look, as `lobby.pcap#12,15-17`; several files parted by "; "."""
    packets: dict[str, set[int]] = {}
    for thing in things:
        numbers = packets.setdefault(thing.source, set())
        if len(numbers) < MAX_PACKETS_NAMED:
            numbers.add(thing.number)
    return "; ".join(
        f"{source}#{_ranges(sorted(numbers))}" for source, numbers in sorted(packets.items())
    )


def _ranges(numbers: list[int]) -> str:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def observed(
    fact: str,
    outcome: Outcome,
    reason: str = "",
    *,
    subject: str,
    at_ns: int,
    end_ns: int | None = None,
    target: str = "",
    data: Iterable[tuple[str, Scalar]] = (),
    packets: Iterable[HasPacketRef] = (),
) -> Observation:
    """One observation of a capture; `places` are the packets that show it, the first of them names
    the source.
    """
    shown = list(packets)
    return Observation(
        stage=FACTS[fact].stage,
        fact=fact,
        outcome=outcome,
        reason=reason,
        subject=subject,
        target=target,
        source=f"capture:{shown[0].source}" if shown else "capture:",
        at=round(at_ns / SECOND_NS, 6),
        took_s=None if end_ns is None else round(max(end_ns - at_ns, 0) / SECOND_NS, 6),
        data=tuple(data),
        ref=reference(shown),
    )
