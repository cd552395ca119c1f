"""From observations to one diagnosis for each device: tries, ladder, causes, verdict, advice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from netcheck.correlator import ladder, led_evidence, package_facts, patience, user_reports
from netcheck.correlator.advice.done_steps import findings
from netcheck.correlator.advice.further_tests import next_tests
from netcheck.correlator.advice.not_tested import not_tested
from netcheck.correlator.attempts import Attempt
from netcheck.correlator.catalogue import Catalogue, load
from netcheck.correlator.catalogue.own_cloud import for_server, server_of
from netcheck.correlator.judging.judge import (
    IsOver,
    Judged,
    JudgingOverdue,
    has_ended,
    in_the_way,
    never,
    unexplained,
    verdict,
    verdict_on_symptom,
)
from netcheck.correlator.judging.tries import judge_tries
from netcheck.correlator.notes.explain import Conclusion, explain
from netcheck.correlator.notes.headline import of_no_photon, why_too_little
from netcheck.correlator.notes.wording import note, sentence
from netcheck.correlator.patience import until_over
from netcheck.correlator.rules import every_rule
from netcheck.correlator.situations import Situation, attributed, situations
from netcheck.correlator.subjects import device_named
from netcheck.model import (
    Device,
    Diagnosis,
    Observation,
    Owner,
    Rung,
    Stage,
    State,
    Target,
    Verdict,
)


def diagnose(
    observations: Iterable[Observation], target: Target, is_over: IsOver = never
) -> list[Diagnosis]:
    """One diagnosis for each device asked about, best identified first; one about no device
    where there is none. Once `is_over`, the first is made of its newest tries, and no other begun.
    """
    everything = attributed(observations, target)
    catalogue = _catalogue(everything, target)
    those = situations(everything, target)
    found = (_diagnosed(catalogue, situation, is_over) for situation in those.found)
    return (
        until_over(found, is_over, those.left_out, those.every)
        if those.every
        else [_of_no_device(everything, target)]
    )


def judged_causes(
    observations: Iterable[Observation], target: Target, among: Collection[str] | None = None
) -> Sequence[Judged]:
    """What is believed of each cause of the best identified device, best first, as in its
    diagnosis, without the words. `among`: of these causes alone.
    """
    everything = attributed(observations, target)
    catalogue = _catalogue(everything, target)
    best = next(situations(everything, target).found, None)
    if best is None or best.is_only_prefix:
        return ()
    if among is not None:
        catalogue = catalogue.of(among)
    return judge_tries(catalogue, every_rule(), best.tries, best.top, never).judged


def _catalogue(everything: Sequence[Observation], target: Target) -> Catalogue:
    return for_server(load(), server_of(everything, target), target.cloud_port)


def _diagnosed(catalogue: Catalogue, situation: Situation, is_over: IsOver) -> Diagnosis:
    if situation.is_only_prefix:
        return _unidentified(situation)
    try:
        return _concluded(catalogue, situation, situation.tries, is_over)
    except JudgingOverdue:
        newest = situation.tries[-patience.NEWEST_TRIES :]
        one = _concluded(catalogue, situation, newest, never)
        said = sentence(note("judging_cut", count=str(len(newest))))
        return msgspec.structs.replace(one, notes=(said, *one.notes))


def _concluded(
    catalogue: Catalogue, situation: Situation, tries: list[Attempt], is_over: IsOver
) -> Diagnosis:
    top, everything, names = situation.top, situation.seen, situation.names
    found = judge_tries(catalogue, every_rule(), tries, top, is_over)
    judged, climbs, newest = found.judged, found.climbs, found.newest
    rungs = ladder.combined(climbs) if climbs else _empty_ladder()
    if top is Stage.HANDSHAKE:
        rungs = ladder.of_the_network(rungs)
    of_packages = package_facts.failures(tries[-1].device) if tries else []
    rungs = package_facts.with_failures(rungs, of_packages)
    decided, leading = verdict(judged, climbs, newest, top)
    is_device_unseen = top is Stage.HANDSHAKE or led_evidence.is_online_by_light_alone(rungs)
    if (
        decided is Verdict.HEALTHY
        and is_device_unseen
        and user_reports.tells_of_symptom(tries[-1].device)
    ):
        decided = Verdict.INSUFFICIENT
    if decided is Verdict.INSUFFICIENT:
        decided, leading = verdict_on_symptom(judged)
    if decided is Verdict.INSUFFICIENT and top is Stage.HANDSHAKE:
        leading = in_the_way(judged)
    if found.is_of_unsure_board:
        leading = None
    unexplained_package_facts = package_facts.unexplained(of_packages, judged)
    if unexplained_package_facts and _may_be_suspected(decided, everything, tries, rungs, top):
        decided, leading = Verdict.SUSPECTED, None
    told = explain(
        found.catalogue,
        Conclusion(
            verdict=decided,
            leading=leading,
            judged=judged,
            rungs=rungs,
            tries=tries,
            unexplained=unexplained(judged, climbs, newest),
            of_packages=tuple(of_packages),
            top=top,
            newest=tuple(climbs[newest].values()) if newest is not None else (),
            has_ended=leading is not None and has_ended(leading, climbs, newest),
            board=found.board,
        ),
        everything,
        situation.device,
        names,
    )
    whose = names if top is Stage.SESSION else ()
    return Diagnosis(
        device=situation.device,
        verdict=decided,
        headline=told.headline,
        owner=leading.cause.owner if leading is not None else Owner.UNKNOWN,
        ladder=rungs,
        findings=findings(found.catalogue, judged, everything, situation.device.mac),
        unexplained=told.unexplained,
        not_tested=not_tested(rungs, everything, judged),
        next_tests=next_tests(found.catalogue, judged, everything, whose),
        notes=told.notes,
        leading=leading.cause.id if leading is not None else "",
    )


def _may_be_suspected(
    decided: Verdict,
    everything: Sequence[Observation],
    tries: Sequence[Attempt],
    rungs: Sequence[Rung],
    top: Stage,
) -> bool:
    """Would a failure that only another package knows of change the verdict? Not where a cause
    stands, nor where this computer's place is why too little was seen.
    """
    if decided is Verdict.INSUFFICIENT:
        return why_too_little(everything, tries, rungs, top) is None
    return decided is Verdict.HEALTHY


def _empty_ladder() -> tuple[Rung, ...]:
    return tuple(Rung(stage=stage, state=State.UNTESTED) for stage in Stage)


# -- no device


def _unidentified(situation: Situation) -> Diagnosis:
    """One of several that show nothing but a MAC prefix."""
    climbs = [ladder.climb(attempt) for attempt in situation.tries]
    return Diagnosis(
        device=situation.device,
        verdict=Verdict.INSUFFICIENT,
        headline=sentence(note("prefix_only")),
        owner=Owner.UNKNOWN,
        ladder=ladder.combined(climbs) if climbs else _empty_ladder(),
    )


def _of_no_device(everything: Sequence[Observation], target: Target) -> Diagnosis:
    device = Device(site=target.site or None)
    if target.device:
        device = device_named(target.device, target)
        headline = note("not_seen", device=target.device)
    else:
        headline = of_no_photon(everything)
    rungs = _empty_ladder()
    return Diagnosis(
        device=device,
        verdict=Verdict.INSUFFICIENT,
        headline=sentence(headline),
        owner=Owner.UNKNOWN,
        ladder=rungs,
        not_tested=not_tested(rungs, everything),
        notes=package_facts.notes(everything, (), ()),
    )
