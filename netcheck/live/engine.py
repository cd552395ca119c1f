"""Find the probes, run them up the ladder under their deadlines, and stamp what they saw.

A probe that cannot look, crashes, hangs or yields something that is not a `Seen` becomes one
`probe.run` that says so, and its facts stay visibly unanswered. Whatever it does, only what it saw
is reported as a fault of the network.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import msgspec

from netcheck.host.vantage import Vantage
from netcheck.live.plugin_guard import (
    MOST_TEXT,
    InvalidObservation,
    checked,
    described,
    in_one_line,
    printable,
)
from netcheck.live.registry import find, flaw_of, order, plan
from netcheck.live.round_trip import RoundTrip
from netcheck.live.send_limits import LimitReached, MeteredNet
from netcheck.model import NETWORK, Observation, Outcome, Scalar, Stage, Struct, Target
from netcheck.probing.net import CannotRun, Net
from netcheck.probing.plugin import Probe, Seen
from netcheck.vocabulary import FACTS, REASONS

_MOST_SEEN = 200
"""One probe answers a handful of facts; more is a loop that does not end."""
_LOOK_EVERY_S = 0.1
"""How long an interruption may go unnoticed: no system wakes a waiting queue for it, and Windows
not even the signal's handler.
"""


class End(Struct, frozen=True, kw_only=True):
    """How a run ended; `data` says why where it did not end well."""

    outcome: Outcome
    reason: str = ""
    data: tuple[tuple[str, Scalar], ...] = ()


@dataclass(kw_only=True, eq=False)
class Run:
    """One probe at work. Times are monotonic seconds."""

    probe: Probe
    meter: MeteredNet
    begun: float
    at: float
    deadline: float
    at_latest: float
    """When the time for all probes is over."""
    settled: set[str] = field(default_factory=set)

    def ends(self, round_trip: RoundTrip) -> float:
        """When it must have ended."""
        return min(self.deadline + round_trip.extra_s, self.at_latest)


Outbox = queue.SimpleQueue[tuple[Run, Seen | End]]


def observe(
    target: Target,
    net: Net,
    probes: Iterable[Probe],
    *,
    budget_s: float = 25.0,
    progress: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Observation]:
    """What the probes see, as they see it, from the lowest rung up; those of one rung run together.

    A probe that runs in the `background` is waited for at the end only, one that is
    `only_if_failed` comes last on its rung. Ends within `budget_s`. Each probe also yields one
    `probe.run`, and every fact that it declared but did not settle is yielded as skipped or
    unclear. Closing the iterator stops all sending. So does setting `stop`, after which the rest is
    yielded at once, as interrupted: everything that was seen and sent is still reported.
    """
    probe_run = _ProbeRun(target, net, time.monotonic() + budget_s, stop or threading.Event())
    yield from _with_site(_run_by_stage(probe_run, _usable(probes), progress), net, target)


def _usable(probes: Iterable[Probe]) -> list[Probe]:
    """The probes. Raises ValueError for one that `find` would leave out, so that an author's test
    says so.
    """
    probes = list(probes)
    for probe in probes:
        if flaw := flaw_of(probe):
            raise ValueError(f"probe {getattr(probe, 'name', probe)}: {flaw}")
    return probes


def _run_by_stage(
    probe_run: _ProbeRun, probes: Iterable[Probe], progress: Callable[[str], None] | None
) -> Iterator[Observation]:
    try:
        for (stage, _), group in groupby(
            sorted(probes, key=order), key=lambda probe: (probe.stage, bool(probe.only_if_failed))
        ):
            together = list(group)
            for probe in together if progress else ():
                if progress and probe_run.will_ask(probe):
                    progress(f"{stage.value}: {probe.ask}")
            yield from probe_run.ask(together)
        yield from probe_run.rest()
    finally:
        probe_run.stop_sending()


def _with_site(
    observations: Iterable[Observation], net: Net, target: Target
) -> Iterator[Observation]:
    """The observations with the name of the network they were made in, all with the same.

    It is called after its gateway's MAC, which may be known only once the gateway was asked: what
    comes earlier waits.
    """
    waiting: list[Observation] = []
    site: str | None = None
    for observation in observations:
        waiting.append(observation)
        if site is None:
            site = _site(net.vantage(), target, is_final=observation.stage >= Stage.GATEWAY)
        if site is not None:
            yield from (msgspec.structs.replace(one, site=site) for one in waiting)
            waiting.clear()
    if waiting:
        site = _site(net.vantage(), target, is_final=True) or ""
        yield from (msgspec.structs.replace(one, site=site) for one in waiting)


def _site(vantage: Vantage, target: Target, *, is_final: bool) -> str | None:
    """The name that was given, else the gateway's MAC, else its address; None as long as a better
    one may come.
    """
    best = target.site or vantage.gateway_mac
    if best or is_final or not vantage.gateway:
        return best or vantage.gateway or ""
    return None


class _ProbeRun:
    """The state of one run of `observe`."""

    def __init__(self, target: Target, net: Net, deadline: float, stop: threading.Event) -> None:
        self._target = target
        self._net = net
        self._deadline = deadline
        self._stop = stop
        self._outbox: Outbox = queue.SimpleQueue()
        self._running: list[Run] = []
        self._failed: set[str] = set()
        self._round_trip = RoundTrip()

    @cached_property
    def _subject(self) -> str:
        """This computer, by its MAC or else its address."""
        vantage = self._net.vantage()
        return vantage.mac or vantage.address or NETWORK

    def will_ask(self, probe: Probe) -> bool:
        """Would it be started now: is it needed, and the run not interrupted?"""
        return self._is_needed(probe) and not self._stop.is_set()

    def _is_needed(self, probe: Probe) -> bool:
        """Does what was seen so far leave it something to ask?"""
        return not probe.only_if_failed or bool(probe.only_if_failed & self._failed)

    def ask(self, probes: Iterable[Probe]) -> Iterator[Observation]:
        """Run these side by side until each has ended or passed its deadline, except those that
        run in the background.
        """
        for run in map(self._prepare, probes):
            if self._stop.is_set() or self._is_needed(run.probe):
                self._begin(run)
            else:
                yield self._observation(run, _report(run, _not_needed(run.probe), ()))
        yield from self._collected(lambda run: not run.probe.background)

    def rest(self) -> Iterator[Observation]:
        """Wait for those that still run in the background."""
        yield from self._collected(lambda run: True)

    def stop_sending(self) -> None:
        """Let no probe send any more."""
        for run in self._running:
            run.meter.shut()

    def _begin(self, run: Run) -> None:
        self._running.append(run)
        end = self._reason_not_to_start(run)
        if end is None:
            threading.Thread(
                target=_work,
                args=(run, self._target, self._outbox),
                name=run.probe.name,
                daemon=True,
            ).start()
        else:
            self._outbox.put((run, end))

    def _collected(self, is_awaited: Callable[[Run], bool]) -> Iterator[Observation]:
        """What all that run hand over, until those awaited have ended."""
        while any(is_awaited(run) for run in self._running):
            for run, item in _next(self._outbox, self._running, self._stop, self._round_trip):
                yield from self._stamped(run, item)
                if isinstance(item, End):
                    self._running.remove(run)
                    run.meter.shut()

    def _prepare(self, probe: Probe) -> Run:
        begun = time.monotonic()
        return Run(
            probe=probe,
            meter=MeteredNet(self._net, probe.sends, self._target.as_device, self._round_trip),
            begun=begun,
            at=self._net.clock(),
            deadline=begun + probe.within_s,
            at_latest=self._deadline,
        )

    def _reason_not_to_start(self, run: Run) -> End | None:
        """Why the probe is not started; None if it can start."""
        if self._stop.is_set():
            return End(
                outcome=Outcome.SKIPPED,
                reason="interrupted",
                data=(("says", "you ended the run before this was asked"),),
            )
        if run.at_latest <= run.begun:
            return End(
                outcome=Outcome.SKIPPED,
                reason="budget",
                data=(("says", "the time for all probes was spent"),),
            )
        for need in sorted(run.probe.needs):
            reply = self._net.lacks(need)
            if not reply.ok:
                return End(outcome=Outcome.SKIPPED, reason=reply.reason or "needs", data=reply.data)
        return None

    def _stamped(self, run: Run, item: Seen | End) -> Iterator[Observation]:
        if isinstance(item, Seen):
            item = _judged_from_here(item)
            run.settled.add(item.fact)
            if item.outcome is Outcome.FAILED:
                self._failed.add(item.fact)
            yield self._observation(run, item)
            return
        open_facts = sorted(run.probe.settles - run.settled)
        if item.outcome is not Outcome.OK:
            why = tuple(
                pair for pair in item.data if pair[0] == "says"
            )  # a traceback once, in the report of the run, is enough
            for fact in open_facts:
                yield self._observation(
                    run,
                    Seen(fact=fact, outcome=item.outcome, reason=item.reason, at=run.at, data=why),
                )
        yield self._observation(run, _report(run, item, open_facts))

    def _observation(self, run: Run, seen: Seen) -> Observation:
        fact = FACTS.get(seen.fact)
        return Observation(
            stage=fact.stage if fact else run.probe.stage,
            fact=seen.fact,
            outcome=seen.outcome,
            reason=seen.reason,
            subject=seen.subject or self._subject,
            target=seen.target,
            source=f"probe:{run.probe.name}/1",
            at=seen.at if seen.at is not None else self._net.clock() - (seen.took_s or 0.0),
            took_s=seen.took_s,
            data=(*seen.data, *run.probe.words_of(seen.fact)),
            ref=seen.ref,
        )


def _judged_from_here(seen: Seen) -> Seen:
    """The same; unclear where this computer itself let nothing out, which shows nothing about the
    network.
    """
    is_own = seen.reason == "held_here" and not seen.fact.startswith("computer.")
    if not is_own or seen.outcome is not Outcome.FAILED:
        return seen
    says = (("says", REASONS["held_here"]),)
    return msgspec.structs.replace(seen, outcome=Outcome.UNCLEAR, data=(*seen.data, *says))


def _not_needed(probe: Probe) -> End:
    facts = ", ".join(sorted(probe.only_if_failed))
    return End(
        outcome=Outcome.SKIPPED,
        reason="not_asked",
        data=(("says", f"asked only where one of these failed: {facts}"),),
    )


def _next(
    outbox: Outbox, running: Sequence[Run], stop: threading.Event, round_trip: RoundTrip
) -> Iterator[tuple[Run, Seen | End]]:
    """What a running probe handed over, or the end of those whose time is over; of all, when
    interrupted. Late results are dropped.
    """
    left_s = min(run.ends(round_trip) for run in running) - time.monotonic()
    try:
        run, item = outbox.get(timeout=max(0.0, min(left_s, _LOOK_EVERY_S)))
    except queue.Empty:
        now = time.monotonic()
        for run in list(running):
            if run.ends(round_trip) <= now:
                yield (
                    run,
                    End(
                        outcome=Outcome.UNCLEAR,
                        reason="budget",
                        data=(("says", f"probe {run.probe.name} did not end in its time"),),
                    ),
                )
            elif stop.is_set():
                yield (
                    run,
                    End(
                        outcome=Outcome.UNCLEAR,
                        reason="interrupted",
                        data=(("says", "you ended the run before the answer came"),),
                    ),
                )
        return
    if run in running:
        yield run, item


def _work(run: Run, target: Target, outbox: Outbox) -> None:
    """The thread of one probe: hand over what it yields, checked, and then how it ended."""
    outbox.put((run, _outcome_of(run, target, outbox)))


def _outcome_of(run: Run, target: Target, outbox: Outbox) -> End:
    try:
        for count, item in enumerate(run.probe.run(target, run.meter.net), 1):
            if count > _MOST_SEEN:
                raise InvalidObservation(f"yielded more than {_MOST_SEEN} observations")
            outbox.put((run, checked(item, run.probe.settles)))
    except CannotRun as error:
        return End(
            outcome=Outcome.SKIPPED,
            reason="needs",
            data=(("says", printable(str(error), MOST_TEXT)),),
        )
    except LimitReached as error:
        return End(
            outcome=Outcome.UNCLEAR,
            reason="budget",
            data=(("says", f"probe {run.probe.name}: {printable(str(error), MOST_TEXT)}"),),
        )
    except (
        BaseException
    ) as error:  # a thread of its own: neither SystemExit nor KeyboardInterrupt is meant for us
        said = f"probe {run.probe.name} crashed: {in_one_line(error)}"
        return End(
            outcome=Outcome.UNCLEAR,
            reason="crashed",
            data=(("says", said), ("error", described(error))),
        )
    return End(outcome=Outcome.OK)


def _report(run: Run, end: End, open_facts: Sequence[str]) -> Seen:
    """The `probe.run` of a run: who, how it ended, what it may have sent, and which facts it left
    open.
    """
    sent = tuple(run.meter.sent.items())
    facts = (("facts", " ".join(open_facts)),) if open_facts else ()
    return Seen(
        fact="probe.run",
        outcome=end.outcome,
        reason=end.reason,
        target=run.probe.name,
        took_s=round(time.monotonic() - run.begun, 3),
        data=(("probe", run.probe.name), *sent, *facts, *end.data),
        at=run.at,
    )


__all__ = ["find", "observe", "plan"]
