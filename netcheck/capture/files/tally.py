"""A captured packet, and the counts that a reader keeps of the file it reads."""

from __future__ import annotations

from typing import NamedTuple

from netcheck.capture.files.relevant import NOBODY, Watched
from netcheck.capture.files.window import Window

SECOND_NS = 10**9
LATEST_NS = 253_402_300_799 * SECOND_NS
"""The end of the year 9999: no calendar goes on, so later time stamps (only damaged files have
them) become this one.
"""


class CaptureError(Exception):
    """Nothing can be read; the text is one sentence for the user: what is wrong and what to do."""


class Packet(NamedTuple):
    """One captured packet.

    `number` counts every packet of the file from 1, as Wireshark does; `at_ns` is UTC in ns since
    1970; `frame` the bytes captured, `wire_len` how many there were; `interface` counts those of
    the whole file from 0.
    """

    number: int
    at_ns: int
    link: int
    frame: bytes
    wire_len: int
    interface: int


class Tally:
    """What was read of a capture so far.

    `packets` counts all, `relevant` those kept; `first_ns` and `last_ns` are the earliest and
    latest time stamp of all (None before the first); `links` the link types; `snaplen_cut` counts
    relevant packets of which not all bytes were captured, `backward_steps` how often the clock went
    back more than a second, `protected` encrypted 802.11 data frames. `trimmed` are the interfaces
    whose packets were cut on purpose, behind all that is read here: these count as whole.
    `problems` says in one sentence each what was not read.
    """

    def __init__(self, cloud_port: int, watched: Watched = NOBODY) -> None:
        self.cloud_port = cloud_port
        self.watched = watched
        self.packets = 0
        self.relevant = 0
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.links: set[int] = set()
        self.snaplen_cut = 0
        self.trimmed: set[int] = set()
        self.backward_steps = 0
        self.protected = 0
        self.problems: list[str] = []
        self._previous_ns = 0

    def tick(self, at_ns: int) -> None:
        """Count a packet's time. A reader may leave out packets whose times lie between those of
        two counted ones.
        """
        if self.first_ns is None or self.last_ns is None:
            self.first_ns = self.last_ns = at_ns
        elif at_ns < self._previous_ns - SECOND_NS:
            self.backward_steps += 1
        self.first_ns = min(self.first_ns, at_ns)
        self.last_ns = max(self.last_ns, at_ns)
        self._previous_ns = at_ns

    @property
    def latest_ns(self) -> int:
        """The time counted last; 0 before the first."""
        return self._previous_ns

    def end(self, window: Window, is_cut: bool) -> None:
        """The stream ended; `is_cut`: not between two packets."""
        if window.error:
            self.problems.append(
                f"The file {window.error}: what follows packet {self.packets} was not read."
            )
        elif is_cut:
            self.problems.append(
                f"The capture ends in the middle of a packet (byte {window.offset}): only the"
                f" {self.packets} before it were read."
            )

    def stop(self, window: Window, why: str) -> None:
        """Reading cannot go on at the window's start."""
        self.problems.append(
            f"The capture is damaged at byte {window.offset}: {why}; only the {self.packets}"
            " packets before were read."
        )
