"""The session in a log: online, how long, and how it ended.

Keepalives are not logged. A session that ends 15 s after it began, or 25 s, ended with the first of
them: it is sent after 15 s of quiet and waited for 10 s
(device-os@v3.3.1:communication/src/lightssl_protocol.h). Where a program publishes by itself, that
does not hold, so it is taken so only where no better is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from netcheck.device.log.codes import PING_TIMEOUT, REMOTE_CLOSED
from netcheck.device.log.statements import Mark, Voice

AT_ONCE_S = 3.0
FIRST_PING_S = (14.5, 17.5)
FIRST_PING_LOST_S = (24.0, 28.0)
IDLE_S = 15.0


@dataclass
class Session:
    """Is the device online, and since when?"""

    voice: Voice
    since: Mark | None = None
    place: str = ""
    is_told: bool = False
    """Was it said that it held?"""

    def begins(self, mark: Mark, place: str) -> None:
        """The device is online."""
        if self.since is None:
            self.since, self.place, self.is_told = mark, place, False

    def settle(self, now_s: float) -> None:
        """A session that was not cut at once is one, however long it goes on."""
        if self.since is not None and now_s - self.since.at_s >= AT_ONCE_S:
            self._held()

    def error(self, mark: Mark) -> None:
        """It was lost. Several messages say so; the first counts."""
        if self.since is None:
            return
        since, age_s, code = self.since, mark.at_s - self.since.at_s, mark.number("code")
        if mark.is_timed and age_s < AT_ONCE_S:
            self.since = None
            self.voice.failed(
                "session.open", "closed", mark, since, self.place, lasted_s=round(age_s, 3)
            )
            return
        self._held()
        self.since = None
        if mark.is_timed and _between(age_s, FIRST_PING_S) and code != PING_TIMEOUT:
            self.voice.failed("session.keepalive", "reset", mark, since, self.place, idle_s=IDLE_S)
        elif code == PING_TIMEOUT or (mark.is_timed and _between(age_s, FIRST_PING_LOST_S)):
            idle = (
                {"idle_s": IDLE_S} if mark.is_timed and _between(age_s, FIRST_PING_LOST_S) else {}
            )
            self.voice.failed("session.keepalive", "timeout", mark, since, self.place, **idle)
        else:
            reason = "closed" if code in REMOTE_CLOSED else "reset"
            self.voice.failed(
                "session.end", reason, mark, since, self.place, lasted_s=round(age_s, 1)
            )

    def app_blocks(self, mark: Mark) -> None:
        """The program did not serve the cloud for 15 s."""
        since = self._ends() or mark
        self.voice.failed("session.end", "no_ping", mark, since, self.place)

    def link_lost(self, mark: Mark) -> None:
        """The Wi-Fi was lost under it."""
        since = self._ends()
        if since is not None:
            self.voice.failed("session.end", "link_lost", mark, since, self.place)

    def restarted(self, mark: Mark) -> None:
        """The device began anew in the midst of it."""
        since = self._ends()
        if since is not None:
            self.voice.unclear(
                "session.end", "device_closed", mark, since, self.place, restarted=True
            )

    def over(self) -> None:
        """It ended in order, or the log did."""
        self._ends()

    def _ends(self) -> Mark | None:
        since = self.since
        if since is not None:
            self._held()
        self.since = None
        return since

    def _held(self) -> None:
        if self.since is not None and not self.is_told:
            self.is_told = True
            self.voice.ok("session.open", self.since, None, self.place)


def _between(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
