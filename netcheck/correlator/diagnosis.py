"""From observations to one diagnosis for each device: tries, ladder, causes, verdict, advice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netcheck.correlator import ladder, led, next_test, package_facts, sites, user_reports
from netcheck.correlator.attempts import Attempt, attempts, computer_tries
from netcheck.correlator.catalogue import Catalogue, load
from netcheck.correlator.notes import contradictions, other_boards, usb, vantage
from netcheck.correlator.rules import RULES
from netcheck.correlator.subjects import PREFIX_RANK, Subject, chosen, is_stand_in, subjects
from netcheck.correlator.weigh import Judged, finding, judge
from netcheck.model import (
    NAMELESS,
    Device,
    Diagnosis,
    Level,
    Observation,
    Outcome,
    Owner,
    Rung,
    Stage,
    State,
    Target,
    Verdict,
    ordered,
)
from netcheck.vocabulary import BESIDE, FACTS, REASONS, is_of_light

SURE = (Level.CONFIRMED, Level.LIKELY)


def diagnose(observations: Iterable[Observation], target: Target) -> list[Diagnosis]:
    """One diagnosis for each device asked about, best identified first; one about nobody where
    there is none.

    A device of which a computer knows no more than its names comes after those whose tries were
    seen.
    """
    everything = user_reports.heard(
        vantage.believed(vantage.carried(ordered(observations))), target
    )
    catalogue = load()
    devices = chosen(subjects(everything), everything, target) or _spoken_of(everything)
    if devices and not _showed_nothing(devices, everything):
        alone = len(devices) == 1
        if not alone and any(is_stand_in(o) for o in everything):
            devices.sort(key=lambda device: _showed_nothing([device], everything))
        return [
            _of_device(
                catalogue,
                subject,
                everything,
                target,
                is_only_prefix=not alone and subject.rank == PREFIX_RANK,
            )
            for subject in devices
        ]
    if (devices or not target.device) and any(is_stand_in(o) for o in everything):
        return _of_networks(catalogue, everything, target, devices)
    return [_of_nobody(everything, target)]


def _spoken_of(everything: Sequence[Observation]) -> list[Subject]:
    """The device that only its user speaks of, if he does."""
    return [Subject({NAMELESS})] if any(o.subject == NAMELESS for o in everything) else []


def _showed_nothing(devices: Sequence[Subject], everything: Sequence[Observation]) -> bool:
    """Is nothing known of these devices but their names and what the user tells? Then this
    computer's probes stand in for them.

    What it was answered in their place, and whether they answer it, is nothing that they tried.
    """
    names = {name for device in devices for name in device.names}
    own = [o for o in everything if o.subject in names]
    stand_ins = [o for o in everything if is_stand_in(o)]
    if any(is_of_light(o.fact) for o in own) and not Attempt(own=stand_ins).has_failed:
        return False  # this computer is not held back by what holds the device: it is a control
    is_known_by_name = all(
        _is_told(o)
        or is_stand_in(o)
        or (o.fact == "device.identity" and o.source.startswith(("probe:", "device:")))
        for o in own
    )
    return is_known_by_name and bool(stand_ins)


def _of_device(
    catalogue: Catalogue,
    subject: Subject,
    everything: Sequence[Observation],
    target: Target,
    *,
    is_only_prefix: bool,
) -> Diagnosis:
    own = [o for o in everything if o.subject in subject.names and o.fact != "device.identity"]
    mine = set(own)
    others = [o for o in everything if o not in mine]
    device = user_reports.with_firmware(subject.device(target.site or _site(own)), own)
    if is_only_prefix:
        return _unidentified(device, own)
    return _diagnosed(
        catalogue, device, attempts(own, others), everything, subject.names, top=Stage.SESSION
    )


def _of_networks(
    catalogue: Catalogue,
    everything: Sequence[Observation],
    target: Target,
    devices: Sequence[Subject],
) -> list[Diagnosis]:
    """No Photon seen at work: this computer's own probes stand in for one, on each network where
    they ran.
    """
    places = sites.grouped(o for o in everything if is_stand_in(o))
    wanted = [target.site] if target.site in places else list(places)
    return [_of_network(catalogue, places[site], everything, target, devices) for site in wanted]


def _of_network(
    catalogue: Catalogue,
    own: Sequence[Observation],
    everything: Sequence[Observation],
    target: Target,
    devices: Sequence[Subject],
) -> Diagnosis:
    """What a Photon would meet on the network where `own` was seen; a Photon is named where there
    is one alone.

    What the user tells of it counts as its own.
    """
    mine, names = set(own), sites.names_of(own)
    meant = _meant(devices, names)
    told = [o for o in everything if _is_told(o) and o.subject in meant.names]
    tries = computer_tries(own, [o for o in everything if o not in mine and not _is_told(o)])
    for attempt in tries:
        attempt.lasting = told
    here = [o for o in everything if not sites.is_elsewhere(o, names)]
    device = user_reports.with_firmware(meant.device(target.site or _site(own)), told)
    name = target.device or target.as_device
    if name and not (device.mac or device.id or device.ip):
        device = _as_asked(name, target)
    return _diagnosed(
        catalogue, device, tries, here, {o.subject for o in own} | meant.names, top=Stage.HANDSHAKE
    )


def _meant(devices: Sequence[Subject], network: Iterable[str]) -> Subject:
    """The one device that was seen on the network of these names, or spoken of; one without a name
    where there are none or several.
    """
    here = [
        one
        for one in devices
        if not (one.identities and all(sites.is_elsewhere(o, network) for o in one.identities))
    ]
    return here[0] if len(here) == 1 else Subject()


def _is_told(o: Observation) -> bool:
    """Does it hold for the device without being seen of its tries: its user says so, or it does
    over USB?
    """
    return user_reports.is_hearsay(o) or o.fact in BESIDE


def _site(own: Sequence[Observation]) -> str:
    """Which network it was: as the witness says, else by its gateway's MAC, else by the gateway's
    address; of several the newest.
    """
    named = [o.site for o in own if o.site]
    macs = [o.text("gateway_mac") for o in own if o.fact == "gateway.arp" and o.text("gateway_mac")]
    routers = [
        o.text("router").split()[0] for o in own if o.fact == "dhcp.options" and o.text("router")
    ]
    return next((found[-1] for found in (named, macs, routers) if found), "")


def _diagnosed(
    catalogue: Catalogue,
    device: Device,
    tries: list[Attempt],
    everything: Sequence[Observation],
    names: set[str],
    *,
    top: Stage,
) -> Diagnosis:
    climbs = [ladder.climb(attempt) for attempt in tries]
    rungs = ladder.combined(climbs) if climbs else _empty_ladder()
    if top is Stage.HANDSHAKE:
        rungs = ladder.of_the_network(rungs)
    failed = package_facts.failures(tries[-1].device) if tries else []
    rungs = package_facts.with_failures(rungs, failed)
    settled = [
        index
        for index, attempt in enumerate(tries)
        if attempt.is_settled(top) or _is_whole(attempt) or package_facts.failures(attempt.device)
    ]
    if not settled and led.shows_failure(o for attempt in tries for o in attempt.lasting):
        settled = [
            len(tries) - 1
        ]  # an instrument saw the climb begin, and the light shows where it ends
    newest = settled[-1] if settled else None
    judged = judge(catalogue, RULES, tries, climbs, newest)
    verdict, leading = _verdict(judged, climbs, newest, top)
    is_unseen = top is Stage.HANDSHAKE or bool(led.headline(rungs))
    if verdict is Verdict.HEALTHY and is_unseen and user_reports.tells_of_symptom(tries[-1].device):
        verdict = Verdict.INSUFFICIENT
    if verdict is Verdict.INSUFFICIENT:
        verdict, leading = _by_the_way(judged)
    of_packages = package_facts.unexplained(failed, judged)
    unexplained = (*_unexplained(judged, climbs, newest), *of_packages)
    excuse = _excuse(everything, tries, rungs, top) if verdict is Verdict.INSUFFICIENT else ""
    if of_packages and not excuse and verdict in (Verdict.HEALTHY, Verdict.INSUFFICIENT):
        verdict, leading = Verdict.SUSPECTED, None
    headline = excuse or _headline(catalogue, verdict, leading, judged, rungs, unexplained)
    return Diagnosis(
        device=device,
        verdict=verdict,
        headline=headline,
        owner=leading.cause.owner if leading is not None else Owner.UNKNOWN,
        ladder=rungs,
        findings=tuple(finding(j, _remedy(catalogue, j), device.mac) for j in judged),
        unexplained=unexplained,
        not_tested=next_test.not_tested(rungs, everything, judged),
        next_tests=next_test.next_tests(
            catalogue, judged, everything, names if top is Stage.SESSION else ()
        ),
        notes=(
            *_notes(tries),
            *usb.notes(everything, tries[-1].device if tries else (), headline),
            *vantage.notes(everything, verdict, leading.cause if leading is not None else None),
            *other_boards.notes(everything),
            *vantage.beside(everything, device, names),
            *user_reports.notes(everything),
            *package_facts.notes(everything, judged, failed),
        ),
    )


def _is_whole(attempt: Attempt) -> bool:
    """Is it no try that may have been cut off: a complaint of its user, or a fault that the device
    shows over USB at any time?
    """
    return user_reports.is_a_complaint(attempt.own) or usb.shows_fault(attempt.device)


def _empty_ladder() -> tuple[Rung, ...]:
    return tuple(Rung(stage=stage, state=State.UNTESTED) for stage in Stage)


# -- verdict


def _verdict(
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
    doubtful = next((j for j in lasting if j.level in (Level.POSSIBLE, Level.CONTESTED)), None)
    has_fallen = newest is not None and any(
        rung.state is State.FAILED for rung in climbs[newest].values()
    )
    if has_fallen or doubtful is not None:
        return Verdict.SUSPECTED, doubtful
    if newest is not None and climbs[newest][top].state is State.PASSED:
        return Verdict.HEALTHY, None
    return Verdict.INSUFFICIENT, None


def _by_the_way(judged: Sequence[Judged]) -> tuple[Verdict, Judged | None]:
    """The verdict where nothing that stops the connection stands: on what explains a symptom that
    the user told, if anything does.
    """
    told = [
        j
        for j in judged
        if j.stands and not j.cause.stops_connection and user_reports.explains_symptom(j.support)
    ]
    if not told:
        return Verdict.INSUFFICIENT, None
    return (Verdict.FAULT if told[0].level in SURE else Verdict.SUSPECTED), told[0]


def _unexplained(
    judged: Sequence[Judged], climbs: Sequence[dict[Stage, Rung]], newest: int | None
) -> tuple[str, ...]:
    """The lowest failed rung of the newest try, if no cause speaks for it; what fails above it
    means nothing.

    Where a cause is sure for that try, a rung below that fails too is its consequence: look-ups
    without an Internet.
    """
    if newest is None or any(j.level in SURE and j.holds_in_newest for j in judged):
        return ()
    fallen = next((rung for rung in climbs[newest].values() if rung.state is State.FAILED), None)
    if fallen is None:
        return ()
    failures = [o for o in fallen.because if o.failed]
    told = {o for j in judged if j.stands for e in j.support for o in e.seen}
    if any(o in told for o in failures):
        return ()
    o = failures[0]
    why = REASONS.get(o.reason, o.reason) if o.reason else "no"
    return (f"{fallen.stage.value}: {FACTS[o.fact].meaning}: {why} ({o.ref or o.source})",)


# -- words


def _shared_headline(catalogue: Catalogue, leading: Judged, judged: Sequence[Judged]) -> str:
    """What to say of a whole group of look-alikes, where all that speaks for its first speaks for
    another as well; else empty.
    """
    alike = {
        j.cause.id
        for j in judged
        if j is not leading and j.stands and set(leading.support) <= set(j.support)
    }
    return next(
        (
            group.headline
            for group in catalogue.groups_of(leading.cause.id)
            if group.headline and alike & set(group.members)
        ),
        "",
    )


def _excuse(
    everything: Sequence[Observation], tries: Sequence[Attempt], rungs: Sequence[Rung], top: Stage
) -> str:
    """Why too little was seen, where somebody knows; empty where nobody does."""
    has_climbed = any(
        rung.state in (State.PASSED, State.FAILED) for rung in rungs if rung.stage > Stage.POWER
    )
    over_usb = usb.sentence(tries[-1].device) if tries and not has_climbed else ""
    place = vantage.headline(everything, is_stand_in=top is Stage.HANDSHAKE)
    return place or user_reports.headline(tries, rungs) or over_usb


def _headline(
    catalogue: Catalogue,
    verdict: Verdict,
    leading: Judged | None,
    judged: Sequence[Judged],
    rungs: Sequence[Rung],
    unexplained: Sequence[str],
) -> str:
    if leading is not None:
        often = (
            f"In {leading.held_in} of {leading.out_of} tries: "
            if 0 < leading.held_in < leading.out_of
            else ""
        )
        hedge = "" if verdict is Verdict.FAULT else "Perhaps, but not proven: "
        return (
            often + hedge + (_shared_headline(catalogue, leading, judged) or leading.cause.headline)
        )
    if verdict is Verdict.HEALTHY:
        if by_light := led.headline(rungs):
            return by_light
        if any(
            rung.stage is Stage.SESSION and rung.state in (State.PASSED, State.MIXED)
            for rung in rungs
        ):
            return "This Photon reached the cloud and its session held: no fault was found."
        return (
            "Nothing tested here would stop a Photon: from this network the cloud answers as it"
            f" should{vantage.left_open(rungs)}."
        )
    if unexplained:
        return f"Something fails that no known cause explains: {unexplained[0]}."
    failed = [rung.stage.value for rung in rungs if rung.state in (State.FAILED, State.MIXED)]
    if failed:
        return f"The connection fails at {failed[0]}, but too little was seen to say why."
    reached = [rung.stage.value for rung in rungs if rung.state in (State.PASSED, State.IMPLIED)]
    if reached:
        return (
            f"Too little was seen to judge: everything up to {reached[-1]} is fine, what lies above"
            " was not seen."
        )
    return "Too little was seen to judge this connection."


def _remedy(catalogue: Catalogue, judged: Judged) -> tuple[str, ...]:
    """The steps to take: those of its look-alike group first, where it has such."""
    for group in catalogue.groups_of(judged.cause.id):
        if group.remedy_first:
            return group.remedy_first
    return judged.cause.remedy


def _notes(tries: Sequence[Attempt]) -> tuple[str, ...]:
    """What is worth knowing and no fault."""
    own = [o for attempt in tries for o in attempt.own]
    notes = []
    if any(o.fact == "handshake.signature" and o.outcome is Outcome.OK for o in own):
        notes.append("The signature proves that the cloud whose key was given answered.")
    elif any(o.fact == "handshake.signature" for o in own):
        notes.append(
            "The cloud that answered is not provably the maker's: its signature belongs to another"
            " key, as with a private cloud."
        )
    if any(o.fact == "handshake.modulus" for o in own):
        notes.append(
            "The device encrypts for another key than the maker's: right for a private cloud, wrong"
            " for the maker's."
        )
    if any(o.fact == "tcp.address" and o.value("fallback") for o in own):
        notes.append(
            "The device used the fixed address built into its firmware, because no look-up"
            " succeeded."
        )
    told = dict.fromkeys(
        o for attempt in tries for o in attempt.lasting if user_reports.is_hearsay(o)
    )
    return (*notes, *contradictions.notes(own), *led.notes([*own, *told]))


# -- nobody


def _unidentified(device: Device, own: Sequence[Observation]) -> Diagnosis:
    """One of several that show nothing but a MAC prefix."""
    return Diagnosis(
        device=device,
        verdict=Verdict.INSUFFICIENT,
        headline=(
            "This may be a Photon, but only the maker's MAC prefix says so, as of others here: name"
            " yours with --device."
        ),
        owner=Owner.UNKNOWN,
        ladder=(
            ladder.combined([ladder.climb(attempt) for attempt in attempts(own, ())])
            if own
            else _empty_ladder()
        ),
    )


def _of_nobody(everything: Sequence[Observation], target: Target) -> Diagnosis:
    relatives = [o for o in everything if o.fact == "device.relative"]
    device = Device(site=target.site or None)
    if target.device:
        device = _as_asked(target.device, target)
        headline = (
            f"{target.device} was not seen: check its name, or capture where its traffic passes."
        )
    elif relatives:
        o = relatives[0]
        headline = (
            f"No Photon was seen, but a relative ({o.subject}): {o.text('family')}; the Photon's"
            " rules do not apply to it."
        )
    elif nowhere := vantage.nowhere(everything):
        headline = nowhere
    else:
        headline = (
            "No Photon was seen: capture on the router or access point while the device starts, or"
            " name it with --device."
        )
    rungs = _empty_ladder()
    return Diagnosis(
        device=device,
        verdict=Verdict.INSUFFICIENT,
        headline=headline,
        owner=Owner.UNKNOWN,
        ladder=rungs,
        not_tested=next_test.not_tested(rungs, everything),
    )


def _as_asked(name: str, target: Target) -> Device:
    """A device of which only the name that the user gave is known."""
    name, site = name.lower(), target.site or None
    if ":" in name:
        return Device(mac=name, site=site)
    return Device(ip=name, site=site) if "." in name else Device(id=name, site=site)
