"""Time in a log: milliseconds since the device's start, which fall back at every restart. Becomes
seconds since the log's first line.
"""

from __future__ import annotations

RESTART_MS = 2000
"""Lines of two threads may change places by a little; time that falls back by more is a new start.
"""
LEAP_MS = 10 * 86_400_000
"""A step forward by more is a damaged figure."""
WRAP_MS = 2**32
"""The counter is of 32 bits: it begins anew after 49.7 days without a restart."""


LINE_S = 0.001
"""Between two lines of a log without times: only their order is known."""


class LogClock:
    """Feed it the times as they are read, and ask for `now_s`: seconds since the first line, which
    never fall back.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self.last_ms: int | None = None
        self.has_times = False
        self._base_s = 0.0
        self._follows = False

    def tick(self, ms: int) -> bool:
        """Take the time of a line; true where the device has restarted since the one before."""
        last = self.last_ms
        if last is None:
            self._base_s = self.now_s - ms / 1000
        elif ms - last > LEAP_MS:
            return False
        elif last - ms > WRAP_MS - LEAP_MS:
            self._base_s += WRAP_MS / 1000
        elif last - ms > RESTART_MS:
            self._base_s = self.now_s
            self._take(ms)
            return True
        self._take(ms)
        return False

    def pass_line(self) -> None:
        """A line without a time: as long as none has one, their order alone is kept."""
        if not (self.has_times or self._follows):
            self.now_s += LINE_S

    def _take(self, ms: int) -> None:
        self.last_ms = ms
        self.has_times = True
        if not self._follows:
            self.now_s = max(self.now_s, self._base_s + ms / 1000)

    def set(self, now_s: float) -> None:
        """Follow another clock: the one of the computer that reads a live port. Only restarts are
        then told by the device's own.
        """
        self._follows = True
        self.now_s = max(self.now_s, now_s)
