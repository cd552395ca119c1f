"""The session in a log: online, how long, and how it ended.

Keepalives are not logged. A session that ends 15 s after it began, or 25 s, ended with the first of
them: it is sent after 15 s of quiet and waited for 10 s
(device-os@v3.3.1:communication/src/lightssl_protocol.h). Where a program publishes by itself, that
does not hold, so it is taken so only where no better is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from netcheck.device.log.codes import PING_TIMEOUT, REMOTE_CLOSED
from netcheck.device.log.statements import LogEvent, StatementWriter

AT_ONCE_S = 3.0
FIRST_PING_S = (14.5, 17.5)
FIRST_PING_LOST_S = (24.0, 28.0)
IDLE_S = 15.0


@dataclass
class Session:
    """Is the device online, and since when?"""

    writer: StatementWriter
    since: LogEvent | None = None
    place: str = ""
    is_reported: bool = False
    """Was it reported as open?"""

    def begins(self, event: LogEvent, place: str) -> None:
        """The device is online."""
        if self.since is None:
            self.since, self.place, self.is_reported = event, place, False

    def settle(self, now_s: float) -> None:
        """A session that was not lost at once is one, however long it goes on."""
        if self.since is not None and now_s - self.since.at_s >= AT_ONCE_S:
            self._report_open()

    def error(self, event: LogEvent) -> None:
        """It was lost. Several messages say so; the first counts."""
        if self.since is None:
            return
        since, code = self.since, event.number("code")
        age_s, event = event.at_s - since.at_s, event._replace(is_timed=_are_timed(since, event))
        if event.is_timed and age_s < AT_ONCE_S:
            self.since = None
            self.writer.failed(
                "session.open", "closed", event, since, self.place, lasted_s=round(age_s, 3)
            )
            return
        self._report_open()
        self.since = None
        if not event.is_timed:
            self._lost_at_unknown_age(event, since)
        elif _between(age_s, FIRST_PING_S) and code != PING_TIMEOUT:
            self.writer.failed(
                "session.keepalive", "reset", event, since, self.place, idle_s=IDLE_S
            )
        elif code == PING_TIMEOUT or _between(age_s, FIRST_PING_LOST_S):
            idle = {"idle_s": IDLE_S} if _between(age_s, FIRST_PING_LOST_S) else {}
            self.writer.failed("session.keepalive", "timeout", event, since, self.place, **idle)
        else:
            reason = "closed" if code in REMOTE_CLOSED else "reset"
            self.writer.failed(
                "session.end", reason, event, since, self.place, lasted_s=round(age_s, 1)
            )

    def error_alone(self, event: LogEvent) -> None:
        """A session that began before the log does was lost."""
        self.writer.ok("session.open", event, None, self.place)
        self._lost_at_unknown_age(event, None)

    def _lost_at_unknown_age(self, event: LogEvent, since: LogEvent | None) -> None:
        """It was lost, and the log does not show when it began: at its first ping, or any time."""
        code = event.number("code")
        reason = "closed" if code in REMOTE_CLOSED else "reset"
        self.writer.unclear(
            "session.end",
            "timeout" if code == PING_TIMEOUT else reason,
            event,
            since,
            self.place,
        )

    def app_blocks(self, event: LogEvent) -> None:
        """The program did not serve the cloud for 15 s, and so it was online."""
        since = self._ends()
        if since is None:
            since = event
            self.writer.ok("session.open", event, None, self.place)
        self.writer.failed("session.end", "no_ping", event, since, self.place)

    def link_lost(self, event: LogEvent) -> None:
        """The Wi-Fi was lost under it."""
        since = self._ends()
        if since is not None:
            self.writer.failed("session.end", "link_lost", event, since, self.place)

    def restarted(self, event: LogEvent) -> None:
        """The device began anew in the midst of it."""
        since = self._ends()
        if since is not None:
            self.writer.unclear(
                "session.end", "device_closed", event, since, self.place, restarted=True
            )

    def over(self) -> None:
        """It ended in order, or the log did."""
        self._ends()

    def _ends(self) -> LogEvent | None:
        since = self.since
        if since is not None:
            self._report_open()
        self.since = None
        return since

    def _report_open(self) -> None:
        if self.since is not None and not self.is_reported:
            self.is_reported = True
            self.writer.ok("session.open", self.since, None, self.place)


def _are_timed(*events: LogEvent) -> bool:
    """Does the log show when each of them was?"""
    return all(event.is_timed for event in events)


def _between(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
