"""Sizes and time limits of the cloud protocol, and how one step of a cloud connection ended.
Sources: as in `handshake`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from netcheck.capture.observations import SECOND_NS
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import TcpSegment
from netcheck.model import Outcome, Scalar
from netcheck.wire.decode import ACK, RST

NONCE, REQUEST, KEY = 40, 256, 384
HEAD = 8
"""How many leading bytes of a 128-byte number are compared: they do not show which of two is larger
in one pair of 10^19.
"""
HELLOS = (18, 34)
WELCOME = 18
DOWN_KEY = NONCE + KEY
DOWN_WELCOME = DOWN_KEY + WELCOME

CONNECT_S = 5.0
ANSWER_S = 20.0
REFUSAL_S = 4.0
"""A server that refuses does so at once; one that closes later ran into its own time limit (10 s or
30 s in open-source clouds).
"""
WELCOME_S = 4.0
OLD_WELCOME_S = 2.0
SILENCE_S = 8.0
"""A healthy cloud answers within a second or two; after this long an answer is overdue, even if the
device would wait on.
"""


Data = tuple[tuple[str, Scalar], ...]


class CloudStep(NamedTuple):
    """How one step ended; `packets` show it."""

    fact: str
    outcome: Outcome
    reason: str
    at_ns: int
    end_ns: int
    packets: tuple[TcpSegment, ...]
    data: Data = ()


def between(
    fact: str, reason: str, first: TcpSegment, last: TcpSegment, data: Data = ()
) -> CloudStep:
    """The step that these two segments decide: failed for that reason, or passed without one."""
    outcome = Outcome.FAILED if reason else Outcome.OK
    return CloudStep(fact, outcome, reason, first.at_ns, last.at_ns, (first, last), data)


@dataclass(frozen=True)
class ConnectionWatch:
    """Until when the capture shows this connection, and whether the device had moved on by then, or
    even started over.
    """

    until_ns: int
    moved_on: bool
    started_over: bool = False
    is_one_way: bool = False
    """Was nothing captured of one direction? Then no silence means anything."""
    others_open: bool = False
    """Did another connection of the device open, and is this one to a host outside that a lookup
    may have named? Then a SYN that it sends again had no answer, even where none could be captured.
    """

    kept_running: bool = False
    """Did its network alone start over then, and the device itself run on?"""

    def waited(self, since_ns: int, patience_s: float) -> bool:
        """Was the silence since then long enough to mean something? A device that gives up tries
        again; one that starts over before its patience is at an end was stopped by something else.
        """
        gave_up = self.moved_on and not self.started_over
        return gave_up or self.until_ns - since_ns >= patience_s * SECOND_NS


def unanswered(
    fact: str,
    reason: str,
    watch: ConnectionWatch,
    since: TcpSegment,
    patience_s: float,
    data: Data = (),
) -> CloudStep:
    """The step that nothing decides: failed for that reason if the silence was long enough."""
    outcome = Outcome.FAILED if watch.waited(since.at_ns, patience_s) else Outcome.UNCLEAR
    shown = reason if outcome is Outcome.FAILED else "cut_off"
    if watch.is_one_way:
        outcome, shown = Outcome.UNCLEAR, "one_direction"
    return CloudStep(fact, outcome, shown, since.at_ns, watch.until_ns, (since,), data)


def closed_by_server(
    fact: str, connection: Connection, closer: TcpSegment, since: TcpSegment, data: Data = ()
) -> CloudStep:
    """The step that the server's FIN or RST ends, or one in its name."""
    reason = "reset" if closer.flags & RST else "closed"
    return between(fact, reason, since, closer, data + how_closed(connection, closer, since))


def how_closed(connection: Connection, closer: TcpSegment, since: TcpSegment) -> Data:
    """Time, TTL and sequence number of the end of a connection: they tell the server apart from a
    firewall or proxy.
    """
    data: list[tuple[str, Scalar]] = [
        ("after_ms", round((closer.at_ns - since.at_ns) / 1e6, 3)),
        ("ttl", closer.ttl),
    ]
    own = [s.ttl for s in connection.segments if not s.up and not s.flags & RST]
    if own and closer.flags & RST:
        data.append(("server_ttl", own[0]))
    if connection.rtt_s is not None:
        data.append(("rtt_ms", round(connection.rtt_s * 1000, 3)))
    return tuple(data)


def last_ack(connection: Connection) -> TcpSegment:
    """Where content itself was not captured, the last segment that stands for it."""
    return next(
        (s for s in reversed(connection.segments) if s.flags & ACK), connection.segments[-1]
    )
