"""Watches a device over its serial port until its connection is settled: its log is judged as it comes. Sends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from netcheck.correlator import diagnose
from netcheck.device import follow, log
from netcheck.device.reading import DeviceError, Machine
from netcheck.model import Observation, Target
from netcheck.recording import progress
from netcheck.recording.settled import settled

Say = Callable[[str], None]

AWAY_S = 20.0
"""A device that restarts takes its port away, and is back well before this."""
_AGAIN_S = 0.5


class Watch:
    """One listening: until it is settled, `seconds` have passed, somebody set `stop`, or the port is gone for good.

    `say` is told what each try came to. Observations are in `seen`.
    """

    def __init__(self, target: Target, machine: Machine, seconds: float, say: Say, stop: threading.Event) -> None:
        self.seen: list[Observation] = []
        self._target = target
        self._machine = machine
        self._end = machine.now() + seconds
        self._say = say
        self._stop = stop
        self._said: list[str] = []
        self._judged = 0
        self._why: tuple[str, ...] = ()

    def listen(self, choice: str) -> None:
        """Listen at that port, or `auto`. Raises DeviceError, one sentence, where no port can be listened to."""
        for one in log.follow(self._lines(choice), self._target):
            self.seen.append(one)

    def _lines(self, choice: str) -> Iterator[tuple[float, str]]:
        """The lines of the port, also after it was away, until there is a reason to end."""
        lines = follow.lines(choice, self._target, self._machine)
        while True:
            for at, line in lines:
                yield at, line
                if self._is_over():
                    return
            self._say("the device restarts, or was unplugged: waiting for it")
            again = self._back(choice)
            if again is None:
                return
            lines = again

    def _back(self, choice: str) -> Iterator[tuple[float, str]] | None:
        """The lines of the port that came back; None where it did not."""
        until = min(self._machine.now() + AWAY_S, self._end)
        while self._machine.now() < until and not self._stop.wait(_AGAIN_S):
            lines = follow.lines(choice, self._target, self._machine)
            try:
                first = next(lines, None)
            except DeviceError:
                continue
            if first is not None:
                return _after(first, lines)
        return None

    def _is_over(self) -> bool:
        if self._stop.is_set() or self._machine.now() >= self._end:
            return True
        diagnoses = diagnose(self.seen, self._target) if self.seen else []
        if len(self.seen) > self._judged:
            self._judged = len(self.seen)
            for line in progress.lines(self.seen, diagnoses):
                if line not in self._said:
                    self._said.append(line)
                    self._say(line)
        self._why = settled(self.seen, diagnoses, self._machine.now())
        for sentence in self._why:
            self._say(sentence)
        return bool(self._why)


def _after(first: tuple[float, str], rest: Iterator[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    yield first
    yield from rest
