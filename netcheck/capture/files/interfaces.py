"""The interfaces that a pcapng file was captured on: how to read their times, and how
long each was listened to.

draft-ietf-opsawg-pcapng §4.2 (Interface Description Block) and §4.6 (Interface Statistics Block).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netcheck.capture.files.tally import LATEST_NS, SECOND_NS, Tally

TRIMMED = "Of each packet only what netcheck reads was kept."
"""The comment of an interface whose packets `netcheck record` cut on purpose: nothing that would be
read is missing.
"""

OPT_COMMENT = 1
IF_TSRESOL = 9
IF_TSOFFSET = 14
ISB_STARTTIME, ISB_ENDTIME, ISB_IFDROP, ISB_OSDROP = 2, 3, 5, 7
_STATISTICS_BYTES = 20
_LONGEST_SILENCE_NS = 86_400 * SECOND_NS
"""Times of the listening further than this from every packet belong to a wrong clock."""


class Interface(NamedTuple):
    """The content of an Interface Description Block: packets are stamped in units of a second /
    `per_second`, from `offset_ns` on.
    """

    link: int
    snaplen: int
    per_second: int
    offset_ns: int
    is_trimmed: bool = False

    def at_ns(self, high: int, low: int) -> int:
        """The time of a 64-bit stamp; what lies outside the years 1970 to 9999 is cut to them."""
        at_ns = (high << 32 | low) * SECOND_NS // self.per_second + self.offset_ns
        return min(max(at_ns, 0), LATEST_NS)

    def is_like(self, other: Interface) -> bool:
        """Can packets of both be read by the same rules?"""
        return (self.link, self.per_second, self.offset_ns) == (
            other.link,
            other.per_second,
            other.offset_ns,
        )


def interface_of(block: bytes, order: str) -> Interface:
    """The interface that a block (whole, or its first part) describes; time in microseconds where
    nothing else is said.
    """
    link, _, snaplen = struct.unpack_from(order + "HHI", block.ljust(16, b"\0"), 8)
    per_second, offset_ns, is_trimmed = 10**6, 0, False
    for code, value in options(block, 16, order):
        if code == IF_TSRESOL and value:
            exponent = value[0] & 0x7F
            per_second = 2**exponent if value[0] & 0x80 else 10**exponent
        elif code == IF_TSOFFSET and len(value) == 8:
            offset_ns = int(struct.unpack(order + "q", value)[0]) * SECOND_NS
        elif code == OPT_COMMENT:
            is_trimmed |= value == TRIMMED.encode()
    return Interface(link, snaplen, per_second, offset_ns, is_trimmed)


def options(block: bytes, at: int, order: str) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option from `at` to the closing one, or to the block's trailing
    length.
    """
    end = len(block) - 4
    while at + 4 <= end:
        code, size = struct.unpack_from(order + "HH", block, at)
        if code == 0:
            return
        yield code, block[at + 4 : min(at + 4 + size, end)]
        at += 4 + (size + 3 & ~3)


class Listened:
    """The Interface Statistics Blocks of a file: several may describe one interface, each
    counting from its start.
    """

    def __init__(self) -> None:
        self._begins_ns: list[int] = []
        self._ends_ns: list[int] = []
        self._lost: dict[int, int] = {}

    def note(self, block: bytes, order: str, interfaces: Sequence[Interface], earlier: int) -> None:
        """Take in one block of a section with these interfaces; `earlier`: so many were described
        in the sections before.
        """
        if len(block) < _STATISTICS_BYTES + 4:
            return
        (number,) = struct.unpack_from(order + "I", block, 8)
        if number >= len(interfaces):
            return
        lost = 0
        for code, value in options(block, _STATISTICS_BYTES, order):
            if len(value) != 8:
                continue
            if code in (ISB_STARTTIME, ISB_ENDTIME):
                high, low = struct.unpack(order + "II", value)
                (self._begins_ns if code == ISB_STARTTIME else self._ends_ns).append(
                    interfaces[number].at_ns(high, low)
                )
            elif code in (ISB_IFDROP, ISB_OSDROP):
                lost += int(struct.unpack(order + "Q", value)[0])
        self._lost[earlier + number] = max(lost, self._lost.get(earlier + number, 0))

    def tell(self, tally: Tally) -> None:
        """Widen the tally's span by the listening before its first and behind its last packet, and
        name the packets lost.
        """
        if tally.first_ns is not None and tally.last_ns is not None:
            first_ns, last_ns = tally.first_ns, tally.last_ns
            tally.first_ns = min(
                [first_ns, *(at for at in self._begins_ns if at >= first_ns - _LONGEST_SILENCE_NS)]
            )
            tally.last_ns = max(
                [last_ns, *(at for at in self._ends_ns if at <= last_ns + _LONGEST_SILENCE_NS)]
            )
        if lost := sum(self._lost.values()):
            tally.problems.append(
                f"{lost} packets were lost where this was captured: what seems to be missing may"
                " have been among them."
            )
