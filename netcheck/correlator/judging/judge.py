"""From tries to causes with their levels, over all tries and then within groups of look-alikes, and
from those to the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from netcheck.correlator import user_reports
from netcheck.correlator.attempts import Attempt
from netcheck.correlator.catalogue import Catalogue, Cause
from netcheck.correlator.judging.clues import Rule
from netcheck.correlator.judging.overcome import (
    was_cut_off_before,
    was_let_in_soon,
    was_moment,
    was_outlived,
    was_overcome,
)
from netcheck.correlator.judging.view import History, View, failed_base_stages
from netcheck.correlator.judging.weigh import POINTS, weigh
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
    Verdict,
)
from netcheck.vocabulary import is_told_by_user

SURE = (Level.CONFIRMED, Level.LIKELY)
RARELY = 0.25
"""A cause seen in fewer of the tries than this, with the newest fine, is hardly what the user
means.
"""

_RANK = {level: index for index, level in enumerate(Level)}


IsOver = Callable[[], bool]
"""Is the time for judging over?"""


class JudgingOverdue(Exception):
    """It was over before every cause was weighed."""


def never() -> bool:
    """Judging takes the time that it takes."""
    return False


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
    is_over: IsOver,
) -> list[Judged]:
    """Every cause with any evidence for or against it, best first. Raises JudgingOverdue."""
    history = History(tries)
    views = [
        View(attempt, history, failed_base_stages(rungs))
        for attempt, rungs in zip(tries, climbs, strict=True)
    ]
    judged: list[Judged] = []
    for cause in catalogue.causes.values():
        if is_over():
            raise JudgingOverdue
        if (j := _judge_cause(cause, rules, views, climbs, newest)) is not None:
            judged.append(j)
    _weigh_groups(catalogue, judged)
    is_set_up = _is_set_up_story(judged)
    judged.sort(key=lambda j: sort_key(j, catalogue, is_set_up=is_set_up))
    return judged


_SET_UP = "listening_for_set_up"
"""The rule of a set-up that does not come so far as to try the network."""


def _is_set_up_story(judged: Iterable[Judged]) -> bool:
    """Was no connection tried yet? Then a cause that would stop one comes before no other."""
    return any(e.clue.rule == _SET_UP for j in judged for e in (*j.support, *j.oppose))


def sort_key(judged: Judged, catalogue: Catalogue, *, is_set_up: bool) -> tuple[object, ...]:
    """The key that sorts causes, best first:

    1. those that stop the connection; in a set-up story those that do not, where both only may be
    2. the higher level
    3. those at or below the gateway rung: the device would meet the others only behind them
    4. more points, then more tries in which the cause stands
    5. the lower rung; where only the user reports (which hardly tells rungs apart), the better
       known cause instead
    6. the order in its group, then the better known, then the id
    """
    is_only_told = all(is_told_by_user(o.fact) for e in judged.support for o in e.seen)
    place = min(
        (group.members.index(judged.cause.id) for group in catalogue.groups_of(judged.cause.id)),
        default=0,
    )
    return (
        _comes_late(judged, is_set_up=is_set_up),
        _RANK[judged.level],
        is_only_told or judged.cause.stage > Stage.GATEWAY,
        -judged.score,
        -judged.held_in,
        is_only_told,
        -judged.cause.prior if is_only_told else judged.cause.stage.height,
        place,
        -judged.cause.prior,
        judged.cause.id,
    )


def _comes_late(judged: Judged, *, is_set_up: bool) -> bool:
    """Criterion 1."""
    stops = judged.cause.stops_connection
    return stops and judged.level not in SURE if is_set_up else not stops


def _judge_cause(
    cause: Cause,
    rules: Mapping[str, Rule],
    views: Sequence[View],
    climbs: Sequence[dict[Stage, Rung]],
    newest: int | None,
) -> Judged | None:
    weighed = [weigh(cause, view, rules) for view in views]
    if not any(w.support or w.oppose for w in weighed):
        return None
    levels = [
        Level.UNLIKELY
        if w.level in STANDING and was_overcome(cause.stage, w.support, view)
        else w.level
        for w, view in zip(weighed, views, strict=True)
    ]
    held = [index for index, level in enumerate(levels) if level in STANDING]
    best = min((level for level in levels if level is not None), key=lambda level: _RANK[level])
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
        held_in=_count(views, held),
        out_of=_count(views, out_of),
        holds_in_newest=newest in held,
        support=support,
        oppose=_united(e for w in told for e in w.oppose),
    )
    if judged.stands and not judged.holds_in_newest:
        judged.level = _level_if_not_in_newest_try(judged, climbs, newest, held, views)
    return judged


def _count(views: Sequence[View], indices: Iterable[int]) -> int:
    """The number of tries that the views at these indices stand for."""
    return sum(views[index].attempt.count for index in indices)


def _level_if_not_in_newest_try(
    judged: Judged,
    climbs: Sequence[dict[Stage, Rung]],
    newest: int | None,
    held: Sequence[int],
    views: Sequence[View],
) -> Level:
    """The level of a cause that does not stand in the newest try: if it stood once and the rung
    passed since, it was an accident.
    """
    has_passed = newest is not None and climbs[newest][judged.cause.stage].state in (
        State.PASSED,
        State.IMPLIED,
    )
    stage = judged.cause.stage
    is_moment = was_moment(stage, climbs, held, views) or was_let_in_soon(
        judged.support, held, views
    )
    if has_passed and (judged.held_in == 1 or is_moment):
        is_open = newest is not None and (
            was_cut_off_before(judged.support, views[newest])
            or not was_outlived(judged.support, views, held[-1])
        )
        return Level.POSSIBLE if is_open else Level.UNLIKELY
    if judged.level is Level.LIKELY and judged.held_in < RARELY * judged.out_of:
        return Level.POSSIBLE
    return judged.level


def _was_tested(rung: Rung) -> bool:
    return rung.state in (State.PASSED, State.FAILED, State.MIXED)


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
                _RANK[j.level],
                -j.score,
                j.cause.stage > Stage.GATEWAY,
                group.members.index(j.cause.id),
            ),
        )
        for other in members:
            if other is not best and other.level is Level.LIKELY:
                other.level = Level.POSSIBLE


def possible_at_best(judged: Sequence[Judged]) -> list[Judged]:
    """The same causes, none of them likely: by rules that are those of another board."""
    return [replace(j, level=Level.POSSIBLE) if j.level in SURE else j for j in judged]


def finding(judged: Judged, steps: tuple[str, ...], device_mac: str | None) -> Finding:
    """A judged cause as it is reported, with these steps; the sentence for IT names the device's
    MAC, or leaves a gap for it.
    """
    cause = judged.cause
    whose = (
        f"MAC address {device_mac}" if device_mac else "MAC address ______ (fill in the Photon's)"
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
        remedy=steps,
        ask_it=cause.ask_it.replace("this MAC address", whose) if cause.ask_it else None,
    )


def verdict(
    judged: Sequence[Judged], climbs: Sequence[dict[Stage, Rung]], newest: int | None, top: Stage
) -> tuple[Verdict, Judged | None]:
    """The verdict, and the cause it rests on. What held once, long ago, is history: it is listed,
    but is no verdict.
    """
    lasting = [
        j
        for j in judged
        if j.cause.stops_connection
        and (j.holds_in_newest or j.held_in >= 2 or j.level is Level.CONTESTED)
    ]
    for j in lasting:
        if j.level in SURE:
            return Verdict.FAULT, j
    if _is_set_up_story(judged):
        decided, told = verdict_on_symptom(judged)
        if told is not None:
            return decided, told
    doubtful = next((j for j in lasting if j.level in (Level.POSSIBLE, Level.CONTESTED)), None)
    has_failed = newest is not None and any(
        rung.state is State.FAILED for rung in climbs[newest].values()
    )
    if has_failed or doubtful is not None:
        return Verdict.SUSPECTED, doubtful
    if newest is not None and climbs[newest][top].state is State.PASSED:
        return Verdict.HEALTHY, None
    return Verdict.INSUFFICIENT, None


def verdict_on_symptom(judged: Sequence[Judged]) -> tuple[Verdict, Judged | None]:
    """The verdict where no try shows what stops the connection: on what explains a symptom that the
    user told, else on a cause that is likely by what was told alone.
    """
    told = [
        j
        for j in judged
        if j.stands and not j.cause.stops_connection and user_reports.explains_symptom(j.support)
    ]
    if not told:
        likely = next((j for j in judged if j.level in SURE and j.cause.stops_connection), None)
        return Verdict.SUSPECTED if likely else Verdict.INSUFFICIENT, likely
    return (Verdict.FAULT if told[0].level in SURE else Verdict.SUSPECTED), told[0]


def has_ended(leading: Judged, climbs: Sequence[Mapping[Stage, Rung]], newest: int | None) -> bool:
    """Did the newest try get through what this cause had stopped, up to a session? A session shows
    that all rungs below its own passed; how long it will hold it does not.
    """
    return (
        newest is not None
        and not leading.holds_in_newest
        and Stage.POWER < leading.cause.stage < Stage.SESSION
        and climbs[newest][Stage.SESSION].state is State.PASSED
    )


TEST_BLOCKED = "computer_blocks_test"
"""The cause that keeps this computer from seeing anything of the network."""


def in_the_way(judged: Sequence[Judged]) -> Judged | None:
    """What keeps this computer from testing, where nothing else is known; it stops no device."""
    return next((j for j in judged if j.cause.id == TEST_BLOCKED and j.stands), None)


def unexplained(
    judged: Sequence[Judged], climbs: Sequence[dict[Stage, Rung]], newest: int | None
) -> Observation | None:
    """The failure at the lowest failed rung of the newest try, if no cause explains it; what
    fails above it means nothing.

    Where a cause is sure for that try, a rung below that fails too is its consequence: lookups
    without an Internet.
    """
    if newest is None or any(j.level in SURE and j.holds_in_newest for j in judged):
        return None
    failed = next((rung for rung in climbs[newest].values() if rung.state is State.FAILED), None)
    if failed is None:
        return None
    failures = [o for o in failed.because if o.failed]
    explained = {o for j in judged if j.stands for e in j.support for o in e.seen}
    return None if any(o in explained for o in failures) else failures[0]


def steps_to_take(catalogue: Catalogue, judged: Judged) -> tuple[str, ...]:
    """The steps to take: those of its look-alike group first, where it has such."""
    for group in catalogue.groups_of(judged.cause.id):
        if group.remedy_first:
            return group.remedy_first
    return judged.cause.remedy
