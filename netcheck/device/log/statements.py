"""What the parts of the log reader share: where in the log something stands, and what it says,
before it becomes an observation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from netcheck.device.log.lines import Style
from netcheck.model import Outcome, Scalar


class Mark(NamedTuple):
    """One message of the table: when (seconds since the log's first line), in which line, and with
    which values.

    `is_timed`: the log has times, so that a span between two marks means something.
    """

    at_s: float
    line: int
    style: Style
    values: Mapping[str, str]
    is_timed: bool

    def number(self, name: str) -> int | None:
        """That value as a number, None where it is missing."""
        return int(self.values[name]) if name in self.values else None


class Said(NamedTuple):
    """An observation to be: all but whose, from which file, and since when the log's own time
    counts.
    """

    fact: str
    outcome: Outcome
    reason: str
    target: str
    at_s: float
    took_s: float | None
    lines: tuple[int, ...]
    data: tuple[tuple[str, Scalar], ...]


@dataclass
class Voice:
    """Takes what is said and hands it on, in the words of an observation."""

    hand_on: Callable[[Said], None]
    given: set[str] = field(default_factory=set)
    """Addresses that the device was given for the cloud's name and that cannot be the cloud's."""

    def ok(
        self, fact: str, mark: Mark, since: Mark | None = None, target: str = "", **data: Scalar
    ) -> None:
        """It held."""
        self._say(fact, Outcome.OK, "", mark, since, target, data)

    def failed(
        self,
        fact: str,
        reason: str,
        mark: Mark,
        since: Mark | None = None,
        target: str = "",
        **data: Scalar,
    ) -> None:
        """It failed, for a reason of the closed list; empty where the log does not say why."""
        self._say(fact, Outcome.FAILED, reason, mark, since, target, data)

    def unclear(
        self,
        fact: str,
        reason: str,
        mark: Mark,
        since: Mark | None = None,
        target: str = "",
        **data: Scalar,
    ) -> None:
        """Something is said of it, but not how it went."""
        self._say(fact, Outcome.UNCLEAR, reason, mark, since, target, data)

    def _say(
        self,
        fact: str,
        outcome: Outcome,
        reason: str,
        mark: Mark,
        since: Mark | None,
        target: str,
        data: Mapping[str, Scalar],
    ) -> None:
        begin = since if since is not None and since.at_s <= mark.at_s else mark
        took_s = round(mark.at_s - begin.at_s, 3) if begin is not mark and mark.is_timed else None
        self.hand_on(
            Said(
                fact,
                outcome,
                reason,
                target,
                begin.at_s,
                took_s,
                (begin.line, mark.line),
                tuple(data.items()),
            )
        )
