"""Watches a device over its serial port until its connection is settled: its log is judged as it
comes. Sends nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from netcheck.correlator import diagnose
from netcheck.device import log
from netcheck.device.usb import follow
from netcheck.device.usb.reading import DeviceError, UsbHost
from netcheck.model import Diagnosis, Observation, Target
from netcheck.recording import progress
from netcheck.recording.settled import settled

Say = Callable[[str], None]

AWAY_S = 20.0
"""A device that restarts takes its port away, and is back well before this."""
_AGAIN_S = 0.5
_JUDGING_SHARE = 10
"""At most a tenth of the time goes into judging: else the log of a program that writes much would
be read too slowly, and lines lost.
"""


class SerialWatch:
    """One watch of a serial port: until it is settled, `seconds` have passed, `stop` is set, or the
    port is gone for good.

    `say` gets a line for each try. Observations are in `seen`.
    """

    def __init__(
        self, target: Target, host: UsbHost, seconds: float, say: Say, stop: threading.Event
    ) -> None:
        self.seen: list[Observation] = []
        self._target = target
        self._machine = host
        self._end = host.now() + seconds
        self._say = say
        self._stop = stop
        self._said: list[str] = []
        self._received = self._judged = 0
        self._diagnoses: list[Diagnosis] = []
        self._next_judge = 0.0
        self._why: tuple[str, ...] = ()

    def listen(self, choice: str) -> None:
        """Listen at that port, or `auto`. Raises DeviceError, one sentence, where no port can be
        listened to.
        """
        for one in log.follow(self._lines(choice), self._target):
            self._keep(one)

    def _keep(self, one: Observation) -> None:
        """Of a long log the newest observations, and who the device is."""
        self.seen.append(one)
        self._received += 1
        if len(self.seen) >= 2 * log.MOST_OBSERVATIONS:
            old, newest = self.seen[: -log.MOST_OBSERVATIONS], self.seen[-log.MOST_OBSERVATIONS :]
            self.seen[:] = [*[o for o in old if o.fact == "device.identity"][-1:], *newest]

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
        began = self._machine.clock()
        if began >= self._next_judge:
            self._judge()
            self._next_judge = began + (self._machine.clock() - began) * _JUDGING_SHARE
        return bool(self._why)

    def _judge(self) -> None:
        """Judge what is new, and say it; is it settled by now?"""
        if self._received > self._judged:
            self._judged = self._received
            self._diagnoses = diagnose(self.seen, self._target)
            for line in progress.lines(self.seen, self._diagnoses):
                if line not in self._said:
                    self._said.append(line)
                    self._say(line)
        self._why = settled(self.seen, self._diagnoses, self._machine.now())
        for sentence in self._why:
            self._say(sentence)


def _after(
    first: tuple[float, str], rest: Iterator[tuple[float, str]]
) -> Iterator[tuple[float, str]]:
    yield first
    yield from rest
