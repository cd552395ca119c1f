"""The first sentence of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator import led_evidence
from netcheck.correlator.attempts import Attempt
from netcheck.correlator.catalogue import Catalogue
from netcheck.correlator.judging.judge import Judged
from netcheck.correlator.notes import this_computer, usb, user_reports
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation, Rung, Stage, State, Verdict


def why_too_little(
    everything: Sequence[Observation], tries: Sequence[Attempt], rungs: Sequence[Rung], top: Stage
) -> Note | None:
    """Why too little was seen, where that is known."""
    has_climbed = any(
        rung.state in (State.PASSED, State.FAILED) for rung in rungs if rung.stage > Stage.POWER
    )
    return (
        this_computer.headline(everything, is_vantage=top is Stage.HANDSHAKE)
        or user_reports.headline(tries, rungs)
        or (usb.how_it_ended(tries[-1].device) if tries and not has_climbed else None)
        or (note("log_says_nothing") if _is_log_alone(everything) else None)
    )


def _is_log_alone(everything: Sequence[Observation]) -> bool:
    """Was nothing read but a log that does not say how far the device came?"""
    return {o.fact for o in everything} - {"device.identity"} == {"device.log"}


def of_no_photon(everything: Sequence[Observation]) -> Note:
    """What was seen in place of a Photon, or why there is none."""
    relative = next((o for o in everything if o.fact == "device.relative"), None)
    if relative is not None:
        return note("relative_only", subject=relative.subject, family=relative.text("family"))
    perhaps = next((o for o in everything if o.fact == "device.perhaps"), None)
    if perhaps is not None:
        return note("may_be", mac=perhaps.subject)
    has_probed = any(o.source.startswith("probe:") for o in everything)
    return this_computer.without_network(everything) or note(
        "probes_saw_too_little" if has_probed else "no_photon"
    )


def of_cause(
    catalogue: Catalogue,
    verdict: Verdict,
    leading: Judged,
    judged: Sequence[Judged],
    *,
    has_ended: bool,
) -> Note:
    """The cause that the verdict rests on, with how often it was seen and how sure it is, and that
    it is over where it `has_ended`.
    """
    said = note("cause", headline=_of_group(catalogue, leading, judged) or leading.cause.headline)
    if verdict is not Verdict.FAULT:
        said = note("cause_not_proven", sentence=said)
    if 0 < leading.held_in < leading.out_of:
        return note(
            "cause_that_ended" if has_ended else "cause_in_some_tries",
            held_in=str(leading.held_in),
            out_of=str(leading.out_of),
            sentence=said,
        )
    return said


def _of_group(catalogue: Catalogue, leading: Judged, judged: Sequence[Judged]) -> str:
    """The headline of a group of look-alikes, where all evidence for its first is evidence for
    another too; else empty.
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


def healthy(rungs: Sequence[Rung]) -> Note:
    """The headline where no fault was found."""
    if led_evidence.is_online_by_light_alone(rungs):
        return note("healthy_light")
    states = {rung.stage: rung.state for rung in rungs}
    if states.get(Stage.SESSION) in (State.PASSED, State.MIXED):
        return note("healthy_session")
    has_asked_for_address = states.get(Stage.ADDRESS) is not State.UNTESTED
    return note("healthy_network" if has_asked_for_address else "healthy_network_without_dhcp")


def unexplained(
    rungs: Sequence[Rung], failures: Sequence[str], newest: Sequence[Rung] = ()
) -> Note:
    """How far it came, where no cause stands. `failures`: what no cause explains; `newest`: the
    rungs of the newest try: what passed in it is over.
    """
    if failures:
        return note("unexplained", what=failures[0])
    passed = {rung.stage for rung in newest if rung.state is State.PASSED}
    failed = [
        rung.stage.value
        for rung in rungs
        if rung.state is State.FAILED or (rung.state is State.MIXED and rung.stage not in passed)
    ]
    if failed:
        return note("fails_at", stage=failed[0])
    reached = [
        rung.stage.value
        for rung in rungs
        if rung.state in (State.PASSED, State.IMPLIED) or rung.stage in passed
    ]
    return note("fine_up_to", stage=reached[-1]) if reached else note("too_little_seen")
