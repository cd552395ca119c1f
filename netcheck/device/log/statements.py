"""What the modules of the log reader share: an event in the log, and what it states before that
becomes an observation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from netcheck.device.log.lines import LineFormat
from netcheck.model import Outcome, Scalar


class LogEvent(NamedTuple):
    """One message of the table: when (seconds since the log's first line), in which line, and with
    which values.

    `is_timed`: the log has times, so that a span between two marks means something.
    """

    at_s: float
    line: int
    line_format: LineFormat
    values: Mapping[str, str]
    is_timed: bool

    def number(self, name: str) -> int | None:
        """That value as a number, None where it is missing."""
        return int(self.values[name]) if name in self.values else None


class LogStatement(NamedTuple):
    """An observation without subject and file; its times are seconds of the log's own clock."""

    fact: str
    outcome: Outcome
    reason: str
    target: str
    at_s: float
    took_s: float | None
    lines: tuple[int, ...]
    data: tuple[tuple[str, Scalar], ...]


@dataclass
class StatementWriter:
    """Emits statements, in the words of an observation."""

    emit: Callable[[LogStatement], None]
    given: set[str] = field(default_factory=set)
    """Addresses that the device was given for the cloud's name and that cannot be the cloud's."""

    def ok(
        self,
        fact: str,
        event: LogEvent,
        since: LogEvent | None = None,
        target: str = "",
        **data: Scalar,
    ) -> None:
        """Emit that it worked."""
        self._write(fact, Outcome.OK, "", event, since, target, data)

    def failed(
        self,
        fact: str,
        reason: str,
        event: LogEvent,
        since: LogEvent | None = None,
        target: str = "",
        **data: Scalar,
    ) -> None:
        """Emit that it failed, for a reason of the closed list; empty where the log says none."""
        self._write(fact, Outcome.FAILED, reason, event, since, target, data)

    def unclear(
        self,
        fact: str,
        reason: str,
        event: LogEvent,
        since: LogEvent | None = None,
        target: str = "",
        **data: Scalar,
    ) -> None:
        """Emit that the log speaks of it, but not how it went."""
        self._write(fact, Outcome.UNCLEAR, reason, event, since, target, data)

    def _write(
        self,
        fact: str,
        outcome: Outcome,
        reason: str,
        event: LogEvent,
        since: LogEvent | None,
        target: str,
        data: Mapping[str, Scalar],
    ) -> None:
        begin = since if since is not None and since.at_s <= event.at_s else event
        took_s = (
            round(event.at_s - begin.at_s, 3)
            if begin is not event and event.is_timed and begin.is_timed
            else None
        )
        self.emit(
            LogStatement(
                fact,
                outcome,
                reason,
                target,
                begin.at_s,
                took_s,
                (begin.line, event.line),
                tuple(data.items()),
            )
        )
