"""Splits observations into connection attempts and adds other clients' observations to each.

Causes are judged within a try and counted across tries; judged all at once, an intermittent block
would be ruled out by its good minute.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

from netcheck.correlator import controls, folding, sites
from netcheck.correlator.folding import OVERLAP_S
from netcheck.model import NAMELESS, NETWORK, Device, Observation, Stage
from netcheck.vocabulary import (
    FACTS,
    Role,
    decides_rung,
    is_of_light,
    is_remembered,
    is_told_by_device,
    is_told_by_user,
    names_with,
)
from netcheck.wire.addresses import is_private

OWN_CLOCK = frozenset({"device:log", "device:serial"})
"""Sources that have a clock of their own."""

BEFORE_S = 2.0
"""An ARP question this shortly before a lookup belongs to it."""


ByFact = Mapping[str, Sequence[Observation]]


@dataclass
class Attempt:
    """One connection attempt: what the device showed in it, what was still valid from earlier ones,
    and what others showed at the time.

    Put together by `attempts`; the views of it by fact are made once, on first use, when nothing
    more is added.
    """

    own: list[Observation] = field(default_factory=list)
    lasting: list[Observation] = field(default_factory=list)
    others: list[Observation] = field(default_factory=list)
    elsewhere: list[Observation] = field(default_factory=list)
    """What was seen on other networks."""
    shared: list[Observation] = field(default_factory=list)
    """Findings of the computers among the others that met the same failure."""
    offered: list[Observation] = field(default_factory=list)
    """What computers saw that the access points of the device's network offer."""
    count: int = 1
    """How many tries it stands for: all that went like this one (`folding`)."""

    @property
    def start(self) -> float:
        """When it began, seconds UTC."""
        return self.own[0].at

    @cached_property
    def end(self) -> float:
        """When its last answer came or its last waiting stopped."""
        return max(o.end for o in self.own)

    @property
    def shown(self) -> list[Observation]:
        """What the device itself showed, in this try or before."""
        return self.own + self.lasting

    @cached_property
    def device(self) -> list[Observation]:
        """All observations that apply to the device in this try, whoever made them."""
        return self.shown + self.shared + self.offered

    @cached_property
    def by_witness(self) -> Mapping[str, ByFact]:
        """Witness → fact → observations; the witnesses are those that a clue names: device,
        control, network, any, elsewhere.
        """
        clients = [o for o in self.others if o.subject != NETWORK]
        return {
            "device": by_fact(self.device),
            "control": by_fact(controls.without_shared(clients, self.shared)),
            "network": by_fact(o for o in self.others if o.subject == NETWORK),
            "any": by_fact([*self.shown, *self.others]),
            "elsewhere": by_fact(self.elsewhere),
        }

    @cached_property
    def passed_by_others(self) -> frozenset[Stage]:
        """The steps that another client was seen to pass at the time: the network lets it."""
        return frozenset(
            o.stage
            for fact, seen in by_fact(self.others).items()
            if decides_rung(fact) and not is_of_light(fact)
            for o in seen
            if o.ok
        )

    @property
    def has_failed(self) -> bool:
        """Did a rung fail?"""
        return any(o.failed and decides_rung(o.fact) for o in self.own)

    def is_settled(self, top: Stage) -> bool:
        """Did it come to an end, good or bad, or was it only cut off?"""
        return self.has_failed or any(o.ok and o.stage >= top for o in self.own)

    def got_past(self, earlier: Attempt) -> bool:
        """Did it pass the rung at which an earlier try failed first?"""
        failures = [o.stage for o in earlier.own if o.failed and decides_rung(o.fact)]
        return bool(failures) and any(
            o.ok and o.stage >= min(failures) and decides_rung(o.fact)
            for o in self.own
            if min(failures) != Stage.GATEWAY or not _is_of_own_network(o)
        )


def _is_of_own_network(o: Observation) -> bool:
    """Did a resolver inside answer, which may stand beside the gateway?"""
    return o.stage == Stage.DNS and is_private(o.text("server"))


def by_fact(observations: Iterable[Observation]) -> ByFact:
    """The observations of each fact, in their order."""
    found: dict[str, list[Observation]] = defaultdict(list)
    for o in observations:
        found[o.fact].append(o)
    return found


def attempts(own: Sequence[Observation], others: Sequence[Observation]) -> list[Attempt]:
    """The device's tries in order of time, each with the witnesses that overlap it; empty if it
    showed nothing.

    The user's reports, the light, and what the device says of itself over USB apply to all of them,
    and are a try where there is no other.
    """
    told: list[Observation] = []
    shown: list[Observation] = []
    for o in own:
        is_told = is_told_by_user(o.fact) or is_told_by_device(o.fact)
        (told if is_told else shown).append(o)
    tries = [attempt for mine in by_clock(shown).values() for attempt in _tries(mine)]
    tries.sort(key=lambda attempt: (attempt.start, attempt.own[0].ref))
    if not tries:
        has_shown = any(decides_rung(o.fact) for o in shown)
        alone = sorted((*shown, *told), key=_in_order)
        tries = [Attempt(own=alone)] if has_shown or told else []
        told = []
    _add_reports(told, tries)
    _add_witnesses(tries, others)
    tries = folding.folded(tries)
    for attempt in tries:
        attempt.others = controls.without_outdated(attempt.others, attempt.start, attempt.end)
        attempt.shared = controls.shared_findings(attempt.shown, attempt.others)
        attempt.offered = controls.offered_networks(attempt.shown, attempt.others)
    return tries


def tries_of(device: Device, observations: Sequence[Observation]) -> list[Attempt]:
    """The tries of that device alone, in order of time."""
    names = ({device.mac, device.id} - {None} or {device.ip}) | {NAMELESS}
    own = [o for o in observations if o.subject in names and o.fact != "device.identity"]
    return attempts(own, ())


def computer_tries(own: Sequence[Observation], others: Iterable[Observation]) -> list[Attempt]:
    """The runs of a computer's probes that stand in for a device, as tries, each with the witnesses
    that overlap it.
    """
    tries = [Attempt(own=run) for run in sites.runs(own)]
    _add_witnesses(tries, folding.thinned(others))
    return folding.folded(tries)


def _add_reports(told: Sequence[Observation], tries: Sequence[Attempt]) -> None:
    """Give every try what the user says and the device remembers, except what the try itself shows
    better.

    The light ends no try that the capture left open where another was seen to end.
    """
    if not told:
        return
    has_failed = [attempt.has_failed for attempt in tries]
    for attempt, failed in zip(tries, has_failed, strict=True):
        fitting = (
            told if failed or not any(has_failed) else [o for o in told if not is_of_light(o.fact)]
        )
        attempt.lasting += [
            o for o in fitting if not is_remembered(o.fact) or not _is_superseded(o, attempt)
        ]


def _is_superseded(o: Observation, attempt: Attempt) -> bool:
    """Does this try itself show more than the device remembers: that it got past there, or did not
    get so far?
    """
    rungs = [mine for mine in attempt.own if decides_rung(mine.fact)]
    if any(mine.failed and mine.stage <= o.stage for mine in rungs):
        return any(mine.failed and mine.stage < o.stage for mine in rungs)
    return any(mine.ok and mine.stage >= o.stage for mine in rungs)


def _in_order(o: Observation) -> tuple[float, int, str, str]:
    return o.at, o.stage.height, o.fact, o.ref


def by_clock(observations: Iterable[Observation]) -> dict[str, list[Observation]]:
    """The observations of each clock: a device's log has its own, all others share that of the
    computers.

    Two records of one try would otherwise interleave, and each step of one would begin a new try of
    the other.
    """
    found: dict[str, list[Observation]] = defaultdict(list)
    for o in observations:
        found[f"{o.source} {o.ref.rpartition(':')[0]}" if o.source in OWN_CLOCK else ""].append(o)
    return found


def _tries(own: Sequence[Observation]) -> list[Attempt]:
    """The tries seen by one clock, each with what is still valid from those before; empty where no
    observation is a step.
    """
    steps: list[Observation] = []
    others: list[Observation] = []
    for o in own:
        (steps if _is_step(o) else others).append(o)
    tries = _climbs(steps)
    if tries:
        _add_other_facts(others, tries)
        for attempt in tries:
            attempt.own.sort(key=_in_order)
        _carry_over(tries)
    return tries


def _is_step(o: Observation) -> bool:
    """Is it a step of a connection attempt? A renewed lease is not; the gateway only where it does
    not answer.
    """
    fact = o.fact
    if fact == "gateway.arp":
        return o.failed
    is_renewed = fact == "dhcp.lease" and o.ok and o.number("discovers") == 0
    return fact in _STEP_NUMBERS and not is_renewed


def _step_number(o: Observation) -> int:
    """Its step number in a connection attempt, from 1; 0 if it is not a step."""
    return _STEP_NUMBERS.get(o.fact, 0)


_STEP_NUMBERS = {name: fact.climb for name, fact in FACTS.items() if fact.climb}


def _climbs(climbing: Iterable[Observation]) -> list[Attempt]:
    tries: list[Attempt] = []
    reached = inf
    for o in sorted(climbing, key=lambda o: (o.at, _step_number(o), o.ref)):
        step = _step_number(o)
        if tries and _is_asked_after_lookup(o, tries[-1], reached):
            tries[-1].own.append(o)
            continue
        if not tries or step <= reached:
            tries.append(Attempt())
        tries[-1].own.append(o)
        reached = step
    return tries


def _is_asked_after_lookup(o: Observation, attempt: Attempt, reached: float) -> bool:
    """Is the gateway asked only now in this try, because a resolver beside it came first?"""
    return (
        o.fact == "gateway.arp"
        and reached == FACTS["dns.cloud_name"].climb
        and not any(step.fact == o.fact for step in attempt.own)
    )


def _add_other_facts(others: Iterable[Observation], tries: Sequence[Attempt]) -> None:
    """Put observations that are not steps into the try that was going on, or into the one that they
    introduce.
    """
    starts = [attempt.own[0].at for attempt in tries]
    first_steps = [attempt.own[0].stage for attempt in tries]
    for o in others:
        index = bisect_right(starts, o.at) - 1
        if (
            index + 1 < len(tries)
            and starts[index + 1] - o.at <= BEFORE_S
            and o.stage < first_steps[index + 1]
        ):
            index += 1
        tries[max(index, 0)].own.append(o)


_LASTING = frozenset(names_with(Role.LASTING))


def _carry_over(tries: Sequence[Attempt]) -> None:
    known: dict[tuple[str, str], Observation] = {}
    for attempt in tries:
        if any(o.fact == "dhcp.lease" for o in attempt.own):
            known.clear()
        if known:
            mine = {(o.fact, o.target) for o in attempt.own}
            attempt.lasting = [o for key, o in known.items() if key not in mine]
        known.update({(o.fact, o.target): o for o in attempt.own if o.fact in _LASTING})


def _add_witnesses(tries: Sequence[Attempt], others: Sequence[Observation]) -> None:
    """Add each other witness to the tries that it overlaps in time; one that overlaps none, to the
    newest.
    """
    starts = [attempt.start - OVERLAP_S for attempt in tries]
    ends = [attempt.end + OVERLAP_S for attempt in tries]
    there = {o.site for o in others} - {""}
    mine = {o.site for attempt in tries for o in attempt.own} if there else set()
    is_one = not there or (there <= mine and len(mine) == 1)
    names = [frozenset[str]()] * len(tries) if is_one else _networks(tries)
    for o in others:
        first, behind = bisect_left(ends, o.at), bisect_right(starts, o.end)
        near = tries[first:behind] or tries[-1:]
        if is_one or not o.site:
            for attempt in near:
                attempt.others.append(o)
            continue
        here = names[first:behind] or names[-1:]
        for attempt, network in zip(near, here, strict=True):
            is_far = sites.is_elsewhere(o, network)
            (attempt.elsewhere if is_far else attempt.others).append(o)


def _networks(tries: Sequence[Attempt]) -> list[frozenset[str]]:
    """The names of the network of each try; of one that does not show its own, those of all."""
    names = [sites.names_of(attempt.own) for attempt in tries]
    every = frozenset[str]().union(*names)
    return [own or every for own in names]
