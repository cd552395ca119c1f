"""Weigh clues into levels: within each try, then over all tries, then within look-alike groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from netcheck.correlator import led
from netcheck.correlator.attempts import Attempt, ByFact, by_fact
from netcheck.correlator.catalogue import Catalogue, Cause
from netcheck.model import (
    STANDING,
    Clue,
    Evidence,
    Finding,
    Level,
    Observation,
    Rung,
    Stage,
    State,
    Weight,
)
from netcheck.vocabulary import is_hearsay

POINTS = {Weight.WEAK: 1, Weight.STRONG: 3, Weight.DECISIVE: 10}
LIKELY_POINTS = POINTS[Weight.STRONG]
FAR_MS = 8.0
"""Below this a round trip to the Internet cannot be told from one in the building."""
SILENCE = ("timeout", "silent")
RESENT_MS = 900.0
"""What is answered so much later than an echo was sent again: systems do so after 1 s (RFC 6298
§2).
"""
ENOUGH_ANSWERS = 5
"""Of so many questions one would have had to be sent again, where half of all packets get lost."""
RARELY = 0.25
"""A cause seen in fewer of the tries than this, with the newest fine, is hardly what the user
means.
"""

_ORDER = {level: index for index, level in enumerate(Level)}


class History:
    """All tries, indexed once: a long capture has thousands, and every rule may ask about them."""

    def __init__(self, tries: Sequence[Attempt]) -> None:
        self.tries = tries
        self._picked: dict[tuple[bool, str, tuple[str, ...], bool], tuple[Observation, ...]] = {}

    @cached_property
    def own(self) -> ByFact:
        """What the device showed in any try, by fact."""
        return by_fact(dict.fromkeys(o for attempt in self.tries for o in attempt.device))

    @cached_property
    def others(self) -> ByFact:
        """What others showed during any try, by fact."""
        return by_fact(dict.fromkeys(o for attempt in self.tries for o in attempt.others))

    def ever(
        self, fact: str, *reasons: str, ok: bool, others: bool = False
    ) -> tuple[Observation, ...]:
        """What the device (or others) showed of a fact in any try: `picked` of it, looked up once
        for all tries.
        """
        key = others, fact, reasons, ok
        if key not in self._picked:
            self._picked[key] = tuple(
                picked((self.others if others else self.own).get(fact, ()), *reasons, ok=ok)
            )
        return self._picked[key]

    @cached_property
    def pace(self) -> Observation | None:
        """The fastest round trip to a host outside that is not the cloud's port; None if it cannot
        be told from one nearby.
        """
        facts = ("internet.test", "internet.reach", "tcp.cloud_other_port", "internet.loss")
        asked = [o for fact in facts for o in (*self.own.get(fact, ()), *self.others.get(fact, ()))]
        trips = [o for o in asked if (o.ok or o.reason in ("late", "lossy")) and o.number("rtt_ms")]
        fastest = min(trips, key=lambda o: (o.number("rtt_ms"), o.at), default=None)
        return (
            fastest if fastest is not None and (fastest.number("rtt_ms") or 0.0) >= FAR_MS else None
        )


def picked(
    observations: Iterable[Observation], *reasons: str, ok: bool = False
) -> list[Observation]:
    """The ones that are ok, or the failed ones: all of them, or for one of these reasons."""
    return [
        o
        for o in observations
        if (o.ok if ok else o.failed and (not reasons or o.reason in reasons))
    ]


@dataclass(frozen=True)
class View:
    """What a rule may look at: one try, and all of them."""

    attempt: Attempt
    history: History
    fallen: tuple[Stage, ...] = ()
    """The address and gateway rungs, where they failed: everything the device then met above them
    is silence without meaning.
    """
    found: dict[str, Sequence[Observation]] = field(default_factory=dict, compare=False, repr=False)
    """What each rule found here: one rule may be a clue of many causes."""

    def is_meaningless(self, o: Observation) -> bool:
        """Did this fail only because the device had no way to anywhere, or a probe too little
        patience for this way?

        A computer's probe asks above the address rung only with an address of its own, whoever else
        is offered one.
        """
        if not o.failed:
            return False
        has_own = o.source.startswith("probe:") and not self._lacks_address
        below = [stage for stage in self.fallen if stage is not Stage.ADDRESS or not has_own]
        return (any(o.stage > stage for stage in below) and o in self.mine) or self._was_impatient(
            o
        )

    @cached_property
    def _lacks_address(self) -> bool:
        return any(
            o.reason == "no_address"
            for o in self.attempt.by_witness["device"].get("computer.vantage", ())
        )

    def _was_impatient(self, o: Observation) -> bool:
        """Is it a probe's silence that was shorter than the round trip, or one of those that loss
        explains?
        """
        if not o.source.startswith("probe:") or o.stage <= Stage.GATEWAY or o.reason not in SILENCE:
            return False
        pace = self.history.pace
        waited_ms = (o.took_s or 0.0) * 1000  # 0: nobody measured it
        is_shorter = pace is not None and 0 < waited_ms < (pace.number("rtt_ms") or 0.0)
        return is_shorter or bool(self.losses)

    @cached_property
    def losses(self) -> Sequence[Observation]:
        """What shows that many packets get lost: a series of echoes, and answers that came only
        when asked for again.

        Empty also where several answers came and none of them so: some firewalls pass only so many
        echoes.
        """
        series = picked(self.attempt.by_witness["any"].get("internet.loss", ()), "lossy")
        subjects = {one.subject for one in series}
        seen = [o for o in (*self.attempt.own, *self.attempt.others) if o.subject in subjects]
        answered = {
            o.at: o for o in seen if _answer_ms(o) is not None
        }.values()  # one answer may speak of several facts
        soonest_ms = min((one.number("rtt_ms") or 0.0 for one in series), default=0.0)
        resent = [o for o in answered if (_answer_ms(o) or 0.0) >= soonest_ms + RESENT_MS]
        return [*series, *resent] if resent or len(answered) < ENOUGH_ANSWERS else []

    @cached_property
    def instruments(self) -> list[Observation]:
        """What stands above the light: the rungs that were looked at otherwise, by the device or by
        what stands in for it.
        """
        return led.instruments(self.attempt.device)

    @cached_property
    def facts(self) -> frozenset[str]:
        """All facts that anybody showed: most clues speak of others, and need not be looked at."""
        return frozenset(fact for by_fact in self.attempt.by_witness.values() for fact in by_fact)

    @cached_property
    def mine(self) -> frozenset[Observation]:
        """What the device itself showed in this try, and what was learned in its place."""
        return frozenset((*self.attempt.own, *self.attempt.shared))


def _answer_ms(o: Observation) -> float | None:
    """How long a probe waited for an answer from beyond the gateway; None where none came, or
    nobody measured.
    """
    if (
        not o.source.startswith("probe:")
        or o.stage <= Stage.GATEWAY
        or o.fact == "internet.loss"
        or o.reason in SILENCE
    ):
        return None
    is_look_up = o.stage is Stage.DNS and (o.ok or o.reason == "differs") and o.took_s is not None
    return (o.took_s or 0.0) * 1000 if is_look_up else o.number("rtt_ms")


def fallen(rungs: Mapping[Stage, Rung]) -> tuple[Stage, ...]:
    """The rungs that carry all others and failed."""
    return tuple(
        stage for stage in (Stage.ADDRESS, Stage.GATEWAY) if rungs[stage].state is State.FAILED
    )


Rule = Callable[[View], Sequence[Observation]]


@dataclass
class Weighed:
    """One cause in one try."""

    support: list[Evidence] = field(default_factory=list)
    oppose: list[Evidence] = field(default_factory=list)

    @property
    def balance(self) -> int:
        """Points for it less points against it."""
        return sum(POINTS[e.clue.weight] for e in self.support) - sum(
            POINTS[e.clue.weight] for e in self.oppose
        )

    @property
    def backing(self) -> int:
        """Points of weak clues that fit many causes: they put causes in order and make none
        likely.
        """
        return sum(
            POINTS[e.clue.weight]
            for e in self.support
            if e.clue.context and e.clue.weight is Weight.WEAK
        )

    @property
    def level(self) -> Level | None:
        """How sure this try makes us; None if nothing bears on the cause."""
        decisive_for = any(e.clue.weight is Weight.DECISIVE for e in self.support)
        decisive_against = any(e.clue.weight is Weight.DECISIVE for e in self.oppose)
        if decisive_for:
            return Level.CONTESTED if decisive_against else Level.CONFIRMED
        if decisive_against:
            return Level.RULED_OUT
        if not self.support:
            return Level.UNLIKELY if self.oppose else None
        if self.balance - self.backing >= LIKELY_POINTS:
            return Level.LIKELY
        return Level.POSSIBLE if self.balance > 0 else Level.UNLIKELY


@dataclass
class Judged:
    """One cause over all tries."""

    cause: Cause
    level: Level
    score: int
    held_in: int
    out_of: int
    holds_in_newest: bool
    support: tuple[Evidence, ...]
    oppose: tuple[Evidence, ...]

    @property
    def stands(self) -> bool:
        """Is it confirmed, likely or possible?"""
        return self.level in STANDING


def judge(
    catalogue: Catalogue,
    rules: Mapping[str, Rule],
    tries: Sequence[Attempt],
    climbs: Sequence[dict[Stage, Rung]],
    newest: int | None,
) -> list[Judged]:
    """Every cause that anything bears on, best first."""
    history = History(tries)
    views = [
        View(attempt, history, fallen(rungs)) for attempt, rungs in zip(tries, climbs, strict=True)
    ]
    judged = [
        j
        for cause in catalogue.causes.values()
        if (j := _judge_cause(cause, rules, views, climbs, newest)) is not None
    ]
    _weigh_groups(catalogue, judged)
    judged.sort(key=lambda j: sort_key(j, catalogue))
    return judged


def sort_key(judged: Judged, catalogue: Catalogue) -> tuple[object, ...]:
    """What stops the connection first, then the surest, then what was seen oftenest, then the
    better known.

    Of two as sure, what keeps a device from its address or gateway goes before what it would only
    meet behind them. At equal evidence the lower rung comes first; what only a person says parts
    the rungs too little, so there the better known does.
    """
    is_only_said = all(is_hearsay(o.fact) for e in judged.support for o in e.seen)
    place = min(
        (group.members.index(judged.cause.id) for group in catalogue.groups_of(judged.cause.id)),
        default=0,
    )
    return (
        not judged.cause.stops_connection,
        _ORDER[judged.level],
        is_only_said or judged.cause.stage > Stage.GATEWAY,
        -judged.score,
        -judged.held_in,
        is_only_said,
        -judged.cause.prior if is_only_said else judged.cause.stage.height,
        place,
        -judged.cause.prior,
        judged.cause.id,
    )


def _judge_cause(
    cause: Cause,
    rules: Mapping[str, Rule],
    views: Sequence[View],
    climbs: Sequence[dict[Stage, Rung]],
    newest: int | None,
) -> Judged | None:
    weighed = [weigh(cause, view, rules) for view in views]
    levels = [w.level for w in weighed]
    if all(level is None for level in levels):
        return None
    held = [index for index, level in enumerate(levels) if level in STANDING]
    best = min((level for level in levels if level is not None), key=_merit)
    told = [weighed[index] for index in held] or weighed
    support = _united(e for w in told for e in w.support)
    out_of = [
        index
        for index, rungs in enumerate(climbs)
        if index in held or _was_tested(rungs[cause.stage]) or weighed[index].oppose
    ]
    judged = Judged(
        cause=cause.placed({e.clue.rule for e in support}),
        level=best,
        score=max((weighed[index].balance for index in held), default=0),
        held_in=len(held),
        out_of=len(out_of),
        holds_in_newest=newest in held,
        support=support,
        oppose=_united(e for w in told for e in w.oppose),
    )
    if judged.stands and not judged.holds_in_newest:
        judged.level = _faded(judged, climbs, newest)
    return judged


def _faded(judged: Judged, climbs: Sequence[dict[Stage, Rung]], newest: int | None) -> Level:
    """The level of what does not hold any more: seen once, and past it since, it is an accident
    that passed.
    """
    has_passed = newest is not None and climbs[newest][judged.cause.stage].state in (
        State.PASSED,
        State.IMPLIED,
    )
    if judged.held_in == 1 and has_passed:
        return Level.UNLIKELY
    if judged.level is Level.LIKELY and judged.held_in < RARELY * judged.out_of:
        return Level.POSSIBLE
    return judged.level


def _merit(level: Level) -> int:
    return _ORDER[level]


def _was_tested(rung: Rung) -> bool:
    return rung.state in (State.PASSED, State.FAILED, State.MIXED)


def weigh(cause: Cause, view: View, rules: Mapping[str, Rule]) -> Weighed:
    """What speaks for and against a cause in one try."""
    weighed = Weighed()
    for clues, evidence in (
        (cause.clues_for, weighed.support),
        (cause.clues_against, weighed.oppose),
    ):
        for clue in clues:
            if clue.fact and clue.fact not in view.facts:
                continue
            seen = _seen(clue, view, rules)
            if seen and not led.is_outweighed(
                seen, cause.stage, view.instruments, speaks_for=evidence is weighed.support
            ):
                evidence.append(Evidence(clue=clue, seen=tuple(seen)))
    weighed.support = [
        e for e in weighed.support if not any(view.is_meaningless(o) for o in e.seen)
    ]
    if all(e.clue.context for e in weighed.support):
        weighed.support.clear()
    return weighed


def _seen(clue: Clue, view: View, rules: Mapping[str, Rule]) -> Sequence[Observation]:
    """The observations that match a clue in one try."""
    if clue.rule:
        if clue.rule not in view.found:
            view.found[clue.rule] = rules[clue.rule](view)
        return view.found[clue.rule]
    return [o for o in view.attempt.by_witness[clue.of].get(clue.fact, ()) if _matches(clue, o)]


def _matches(clue: Clue, o: Observation) -> bool:
    if clue.outcome is not None and o.outcome is not clue.outcome:
        return False
    if clue.value and o.text("value") not in clue.value:
        return False
    return not clue.reason or o.reason in clue.reason


def _united(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each clue once, with everything that was seen of it; weightiest first."""
    by_clue: dict[Clue, dict[Observation, None]] = {}
    for e in evidence:
        by_clue.setdefault(e.clue, {}).update(dict.fromkeys(e.seen))
    united = [Evidence(clue=clue, seen=tuple(seen)) for clue, seen in by_clue.items()]
    return tuple(sorted(united, key=lambda e: -POINTS[e.clue.weight]))


def _weigh_groups(catalogue: Catalogue, judged: Sequence[Judged]) -> None:
    """In each group of look-alikes what evidence favours keeps its level; the others are possible
    at best.
    """
    for group in catalogue.groups:
        members = [
            j
            for j in judged
            if j.cause.id in group.members and j.level in (Level.CONFIRMED, Level.LIKELY)
        ]
        if len(members) < 2:
            continue
        best = min(
            members,
            key=lambda j: (
                _ORDER[j.level],
                -j.score,
                j.cause.stage > Stage.GATEWAY,
                group.members.index(j.cause.id),
            ),
        )
        for other in members:
            if other is not best and other.level is Level.LIKELY:
                other.level = Level.POSSIBLE


def finding(judged: Judged, remedy: Sequence[str], mac: str | None) -> Finding:
    """A judged cause as it is reported; the sentence for IT names the device's MAC, or leaves a gap
    for it.
    """
    cause, whose = (
        judged.cause,
        f"MAC address {mac}" if mac else "MAC address ______ (fill in the Photon's)",
    )
    return Finding(
        cause=cause.id,
        level=judged.level,
        stage=cause.stage,
        owner=cause.owner,
        stops_connection=cause.stops_connection,
        support=judged.support,
        oppose=judged.oppose,
        held_in=judged.held_in,
        out_of=judged.out_of,
        remedy=tuple(remedy),
        ask_it=cause.ask_it.replace("this MAC address", whose) if cause.ask_it else None,
    )
