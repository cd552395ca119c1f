"""From observations to one diagnosis for each device: tries, ladder, causes, verdict, advice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from netcheck.correlator import (
    ladder,
    led_evidence,
    package_facts,
    patience,
    proof_limits,
    sites,
    user_reports,
)
from netcheck.correlator.advice.done_steps import findings
from netcheck.correlator.advice.further_tests import next_tests
from netcheck.correlator.advice.not_tested import not_tested
from netcheck.correlator.attempts import Attempt, attempts, computer_tries
from netcheck.correlator.catalogue import Catalogue, load
from netcheck.correlator.catalogue.other_boards import board_of, for_board
from netcheck.correlator.catalogue.own_cloud import for_server, server_of
from netcheck.correlator.folding import Surroundings
from netcheck.correlator.judge import (
    has_ended,
    in_the_way,
    judge,
    possible_at_best,
    unexplained,
    verdict,
    verdict_on_symptom,
)
from netcheck.correlator.notes.explain import Conclusion, explain
from netcheck.correlator.notes.headline import of_no_photon, why_too_little
from netcheck.correlator.notes.wording import note, sentence
from netcheck.correlator.patience import IsOver, JudgingOverdue, never, until_over
from netcheck.correlator.rules import every_rule
from netcheck.correlator.subjects import (
    PREFIX_RANK,
    Subject,
    chosen,
    device_named,
    is_from_vantage,
    subjects,
)
from netcheck.model import (
    NAMELESS,
    Device,
    Diagnosis,
    Observation,
    Owner,
    Rung,
    Stage,
    State,
    Target,
    Verdict,
    ordered,
)
from netcheck.vocabulary import Role, has_role, is_of_light, is_self_report, is_told_by_user


def diagnose(
    observations: Iterable[Observation], target: Target, is_over: IsOver = never
) -> list[Diagnosis]:
    """One diagnosis for each device asked about, best identified first; one about no device
    where there is none. Once `is_over`, the first is made of its newest tries, and no other begun.

    A device of which a computer knows no more than its names comes after those whose tries were
    seen.
    """
    everything = user_reports.attributed(proof_limits.proven(ordered(observations)), target)
    catalogue = for_server(load(), server_of(everything, target), target.cloud_port)
    every = chosen(subjects(everything), everything, target) or _known_from_user(everything)
    devices = every[: patience.MOST_DEVICES]
    from_here = [o for o in everything if is_from_vantage(o)]
    around = Surroundings(everything)
    if devices and not _have_no_own_attempts(devices, around, from_here):
        alone = len(devices) == 1
        if not alone and from_here:
            devices.sort(key=lambda device: _have_no_own_attempts([device], around, from_here))
        found = (
            _of_device(
                catalogue,
                subject,
                around,
                target,
                is_over,
                is_only_prefix=not alone and subject.rank == PREFIX_RANK,
            )
            for subject in devices
        )
        return until_over(found, is_over, "devices_left_out", len(every))
    if (devices or not target.device) and from_here:
        return _of_networks(catalogue, everything, target, devices, is_over)
    return [_of_no_device(everything, target)]


def _known_from_user(everything: Sequence[Observation]) -> list[Subject]:
    """The device that only its user's reports show, if there are any."""
    return [Subject({NAMELESS})] if any(o.subject == NAMELESS for o in everything) else []


def _have_no_own_attempts(
    devices: Sequence[Subject], around: Surroundings, from_here: Sequence[Observation]
) -> bool:
    """Are only names and user reports known of these devices? Then this computer's probes stand in
    for them. `from_here`: what this computer's probes saw.

    Answers to this computer from a device, or under its address, are not tries of that device.
    """
    own = around.of({name for device in devices for name in device.names})
    met = [o for o in from_here if not has_role(o.fact, Role.OFFERED)]
    if any(is_of_light(o.fact) for o in own) and not Attempt(own=met).has_failed:
        return False  # what stops the device does not stop this computer: it is a control
    is_known_by_name = all(
        _is_lasting_report(o)
        or is_from_vantage(o)
        or (o.fact == "device.identity" and o.source.startswith(("probe:", "device:")))
        for o in own
    )
    return is_known_by_name and bool(from_here)


def _of_device(
    catalogue: Catalogue,
    subject: Subject,
    around: Surroundings,
    target: Target,
    is_over: IsOver,
    *,
    is_only_prefix: bool,
) -> Diagnosis:
    own = [o for o in around.of(subject.names) if o.fact != "device.identity"]
    device = user_reports.with_firmware(subject.device(target.site or sites.name_of(own)), own)
    if is_only_prefix:
        return _unidentified(device, own)
    tries = attempts(own, around.others(subject.names, own))
    said = around.said(subject.names, tries)
    return _diagnosed(catalogue, device, tries, said, subject.names, is_over, top=Stage.SESSION)


def _of_networks(
    catalogue: Catalogue,
    everything: Sequence[Observation],
    target: Target,
    devices: Sequence[Subject],
    is_over: IsOver,
) -> list[Diagnosis]:
    """No tries of a Photon seen: this computer's own probes stand in for one, on each network where
    they ran.
    """
    places = sites.grouped(o for o in everything if is_from_vantage(o))
    every = [target.site] if target.site in places else list(places)
    found = (
        _of_network(catalogue, places[site], everything, target, devices, is_over)
        for site in every[-patience.MOST_NETWORKS :]  # the newest
    )
    return until_over(found, is_over, "networks_left_out", len(every))


def _of_network(
    catalogue: Catalogue,
    own: Sequence[Observation],
    everything: Sequence[Observation],
    target: Target,
    devices: Sequence[Subject],
    is_over: IsOver,
) -> Diagnosis:
    """What a Photon would meet on the network where `own` was seen; a Photon is named where there
    is one alone.

    What the user tells of it counts as its own.
    """
    mine, names = set(own), sites.names_of(own)
    device_here = _device_on(devices, names)
    told = [o for o in everything if _is_lasting_report(o) and o.subject in device_here.names]
    tries = computer_tries(
        own, [o for o in everything if o not in mine and not _is_lasting_report(o)]
    )
    for attempt in tries:
        attempt.lasting = told
    here = [o for o in everything if not sites.is_elsewhere(o, names)]
    device = user_reports.with_firmware(device_here.device(target.site or sites.name_of(own)), told)
    name = target.device or target.as_device
    if name and not (device.mac or device.id or device.ip):
        device = device_named(name, target)
    return _diagnosed(
        catalogue,
        device,
        tries,
        here,
        {o.subject for o in own} | device_here.names,
        is_over,
        top=Stage.HANDSHAKE,
    )


def _device_on(devices: Sequence[Subject], network: Iterable[str]) -> Subject:
    """The one device that was seen on the network of these names, or spoken of; one without a name
    where there are none or several.
    """
    here = [
        one
        for one in devices
        if not (one.identities and all(sites.is_elsewhere(o, network) for o in one.identities))
    ]
    return here[0] if len(here) == 1 else Subject()


def _is_lasting_report(o: Observation) -> bool:
    """Does it hold for every try of the device: its user says so, or it says so itself over USB?"""
    return is_told_by_user(o.fact) or is_self_report(o.fact)


def _diagnosed(
    catalogue: Catalogue,
    device: Device,
    tries: list[Attempt],
    everything: Sequence[Observation],
    names: set[str],
    is_over: IsOver,
    *,
    top: Stage,
) -> Diagnosis:
    try:
        return _concluded(catalogue, device, tries, everything, names, is_over, top=top)
    except JudgingOverdue:
        newest = tries[-patience.NEWEST_TRIES :]
        one = _concluded(catalogue, device, newest, everything, names, never, top=top)
        said = sentence(note("judging_cut", count=str(len(newest))))
        return msgspec.structs.replace(one, notes=(said, *one.notes))


def _concluded(
    catalogue: Catalogue,
    device: Device,
    tries: list[Attempt],
    everything: Sequence[Observation],
    names: set[str],
    is_over: IsOver,
    *,
    top: Stage,
) -> Diagnosis:
    climbs = [ladder.climb(attempt) for attempt in tries]
    rungs = ladder.combined(climbs) if climbs else _empty_ladder()
    if top is Stage.HANDSHAKE:
        rungs = ladder.of_the_network(rungs)
    of_packages = package_facts.failures(tries[-1].device) if tries else []
    rungs = package_facts.with_failures(rungs, of_packages)
    newest = _newest_settled(tries, top)
    board = board_of(tries[-1].device) if tries else None
    catalogue = for_board(catalogue, board)
    judged = judge(catalogue, every_rule(), tries, climbs, newest, is_over)
    if board is not None and not board.is_sure:
        judged = possible_at_best(judged)
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
    if board is not None and not board.is_sure:
        leading = None
    unexplained_package_facts = package_facts.unexplained(of_packages, judged)
    if unexplained_package_facts and _may_be_suspected(decided, everything, tries, rungs, top):
        decided, leading = Verdict.SUSPECTED, None
    told = explain(
        catalogue,
        Conclusion(
            verdict=decided,
            leading=leading,
            judged=judged,
            rungs=rungs,
            tries=tries,
            unexplained=unexplained(judged, climbs, newest),
            of_packages=tuple(of_packages),
            top=top,
            has_ended=leading is not None and has_ended(leading, climbs, newest),
            board=board,
        ),
        everything,
        device,
        names,
    )
    return Diagnosis(
        device=device,
        verdict=decided,
        headline=told.headline,
        owner=leading.cause.owner if leading is not None else Owner.UNKNOWN,
        ladder=rungs,
        findings=findings(catalogue, judged, everything, device.mac),
        unexplained=told.unexplained,
        not_tested=not_tested(rungs, everything, judged),
        next_tests=next_tests(catalogue, judged, everything, names if top is Stage.SESSION else ()),
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


def _newest_settled(tries: Sequence[Attempt], top: Stage) -> int | None:
    """The index of the newest try that came to an end, or of a later one that got past where it
    failed; None where each may have been cut off.
    """
    settled = [
        index
        for index, attempt in enumerate(tries)
        if attempt.is_settled(top) or _is_complete(attempt)
    ]
    if settled:
        last = settled[-1]
        return max(
            n for n in range(last, len(tries)) if n == last or tries[n].got_past(tries[last])
        )
    # A capture or log shows the try begin, and the light shows where it ends.
    has_failed_light = led_evidence.shows_failure(o for attempt in tries for o in attempt.lasting)
    return len(tries) - 1 if has_failed_light else None


def _is_complete(attempt: Attempt) -> bool:
    """Is it no try that may have been cut off: a complaint of its user, a fault that the device
    shows over USB at any time, or a failure that another package's probe saw?
    """
    return (
        user_reports.is_complaint_alone(attempt.own)
        or _shows_fault(attempt.device)
        or bool(package_facts.failures(attempt.device))
    )


def _shows_fault(observations: Iterable[Observation]) -> bool:
    """Does the device show over USB, whenever it is asked, what keeps it from connecting?"""
    return any(
        (o.fact == "device.modules" and o.failed) or o.text("value") == "doctor_app"
        for o in observations
        if is_self_report(o.fact)
    )


def _empty_ladder() -> tuple[Rung, ...]:
    return tuple(Rung(stage=stage, state=State.UNTESTED) for stage in Stage)


# -- no device


def _unidentified(device: Device, own: Sequence[Observation]) -> Diagnosis:
    """One of several that show nothing but a MAC prefix."""
    return Diagnosis(
        device=device,
        verdict=Verdict.INSUFFICIENT,
        headline=sentence(note("prefix_only")),
        owner=Owner.UNKNOWN,
        ladder=(
            ladder.combined([ladder.climb(attempt) for attempt in attempts(own, ())])
            if own
            else _empty_ladder()
        ),
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
