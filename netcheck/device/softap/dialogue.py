"""The questions to the device's own access point, in their order, over TCP or HTTP, whichever
answers.

Some firmware lets the first question after joining go unanswered, and old ones serve one connection
at a time: each question is asked a second time, after a pause, where a connection opened and
nothing that can be understood came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from netcheck.device.softap import answers, framing
from netcheck.device.softap.answers import DeviceKey, Identity, Scan, UnreadableKey
from netcheck.model import Struct

TCP, HTTP = "tcp", "http"
PAUSE_S = 0.5
MOST_TRIES = 2
MOST_QUESTIONS = MOST_TRIES * (len(framing.COMMANDS) + 1)
"""The first one may be asked over both."""

NOT_OPENED = ("refused", "timeout", "unreachable", "prohibited", "no_route", "no_address")

T = TypeVar("T")


class SoftApReply(Struct, frozen=True, kw_only=True):
    """What came back. `ended`: whole, closed, silent, reset, or a word of NOT_OPENED."""

    payload: bytes = b""
    ended: str

    @property
    def has_opened(self) -> bool:
        """Did the connection open?"""
        return self.ended not in NOT_OPENED


class SoftApTransport(Protocol):
    """What a dialogue needs: one question over TCP or HTTP, held to the device's own network."""

    def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
        """What came back for a command of framing.COMMANDS, at the latest when it is whole.
        Raises ForbiddenCommand for others.
        """
        ...


class SoftApReading(Struct, frozen=True, kw_only=True):
    """What came of a dialogue. `reason`: why nothing was understood; empty where something was.

    None: not answered.
    """

    over: str = ""
    reason: str = ""
    identity: Identity | None = None
    version: int | None = None
    scan: Scan | None = None
    key: DeviceKey | UnreadableKey | None = None
    questions: int = 0
    unanswered: tuple[str, ...] = ()


class SoftApDialogue:
    """One dialogue; `pause` waits so many seconds."""

    def __init__(self, transport: SoftApTransport, pause: Callable[[float], None]) -> None:
        self._transport, self._pause = transport, pause
        self._replies: list[SoftApReply] = []
        self.reading = SoftApReading()

    def run(self) -> None:
        """Ask everything; `reading` has what is known, also after an interruption."""
        for over in (TCP, HTTP):
            identity = self._ask(over, "device-id", answers.identity)
            if identity is not None:
                self._note(over=over, identity=identity)
                self._ask_all(over)
                return
        self._note(reason=why_silent(self._replies))

    def _ask_all(self, over: str) -> None:
        self._note(version=self._answered(over, "version", answers.version))
        self._note(scan=self._answered(over, "scan-ap", answers.scan))
        self._note(key=self._answered(over, "public-key", answers.key))

    def _answered(
        self, over: str, command: str, understand: Callable[[bytes], T | None]
    ) -> T | None:
        understood = self._ask(over, command, understand)
        if understood is None:
            self._note(unanswered=(*self.reading.unanswered, command))
        return understood

    def _ask(self, over: str, command: str, understand: Callable[[bytes], T | None]) -> T | None:
        """The answer as it is understood; None if there is none. A list that comes in pieces is
        waited for to its end.
        """
        unframed = framing.of_tcp if over == TCP else framing.of_http

        def is_whole(received: bytes) -> bool:
            understood = understand(unframed(received))
            return understood is not None and not (
                isinstance(understood, Scan) and not understood.is_whole
            )

        for attempt in range(MOST_TRIES):
            if attempt:
                self._pause(PAUSE_S)
            self._note(questions=self.reading.questions + 1)
            reply = self._transport.ask(over, command, is_whole)
            self._replies.append(reply)
            understood = understand(unframed(reply.payload))
            is_hopeless = (
                not reply.has_opened if self.reading.identity is None else reply.ended == "silent"
            )
            if understood is not None or is_hopeless:
                return understood
        return None

    def _note(self, **what: object) -> None:
        self.reading = msgspec.structs.replace(self.reading, **what)


def why_silent(replies: Sequence[SoftApReply]) -> str:
    """Why nothing was understood: the most telling of what came."""
    ended = {one.ended for one in replies}
    if any(one.payload for one in replies) or ended <= {"refused"}:
        return "not_photon"
    if any(one.has_opened for one in replies):
        return "silent"
    return next(
        (reason for reason in ("prohibited", "no_route", "no_address") if reason in ended),
        "timeout",
    )
