"""What was not tested, and why: a rung without a witness is never called fine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator import package_facts
from netcheck.correlator.judging.judge import Judged
from netcheck.model import Observation, Outcome, Rung, Stage, State, Untested
from netcheck.vocabulary import REASONS, is_known

WHY_UNTESTED = {
    Stage.POWER: "only the device itself, over USB or by its light, can show this",
    Stage.RADIO: "only a Wi-Fi scan or a capture of Wi-Fi frames (monitor mode) can show this",
    Stage.JOIN: "only a capture of Wi-Fi frames (monitor mode) or the device's log can show this",
    Stage.ADDRESS: "no DHCP exchange of the device was seen",
    Stage.GATEWAY: "no ARP question for the gateway was seen",
    Stage.DNS: "no lookup of the cloud's name was seen",
    Stage.INTERNET: "no other host on the Internet was asked",
    Stage.TCP: "no attempt to open the cloud's port was seen",
    Stage.HANDSHAKE: "no connection to the cloud was seen",
    Stage.SESSION: "no finished handshake was seen",
    Stage.OWNERSHIP: (
        "who owns the device does not show on the network: look in the app or the console"
    ),
}


def _why_untested(rung: Rung) -> str:
    """Why this rung was not seen. Ownership never shows on a network, whatever failed below it."""
    is_cut_off = rung.state is State.UNREACHED and rung.stage is not Stage.OWNERSHIP
    return "a step before it failed" if is_cut_off else WHY_UNTESTED[rung.stage]


CARRYING = (Stage.GATEWAY, Stage.INTERNET)
"""Rungs without which nothing above them is answered. Names are not among them: probes go by
address, too.
"""
SILENCE = frozenset({"timeout", "late", "no_route", "unreachable"})


def _masked(ladder: Sequence[Rung], judged: Sequence[Judged]) -> Iterator[Untested]:
    """Every rung that got no answer while one that it rests on fails, and that has no cause of its
    own: it may be in order or not.
    """
    broken = next(
        (
            rung.stage
            for rung in ladder
            if rung.stage in CARRYING and package_facts.is_own_failure(rung)
        ),
        None,
    )
    if broken is None:
        return
    explained = {j.cause.stage for j in judged if j.stands}
    why = (
        f"it gets no answer either, but what it rests on fails already ({broken.value}), so a fault"
        " of its own cannot be tested yet"
    )
    for rung in ladder:
        if rung.stage > broken and rung.stage not in explained and _is_silent(rung):
            yield Untested(fact=rung.stage.value, why=why)


def _is_silent(rung: Rung) -> bool:
    """Did it fail, and only for want of an answer?"""
    return rung.state is State.FAILED and all(o.reason in SILENCE for o in rung.because if o.failed)


def not_tested(
    ladder: Sequence[Rung], observations: Iterable[Observation], judged: Sequence[Judged] = ()
) -> tuple[Untested, ...]:
    """Every rung that was not seen or that another one masks, and every question that a probe or a
    reading of the device could not or may not ask, with the reason.
    """
    rungs = [
        Untested(fact=rung.stage.value, why=_why_untested(rung))
        for rung in ladder
        if rung.state in (State.UNTESTED, State.UNREACHED)
    ]
    rungs += _masked(ladder, judged)
    skipped: dict[tuple[str, str], Untested] = {}
    settled = {o.fact for o in observations if o.ok or o.failed}
    for o in observations:
        if (
            o.outcome in (Outcome.SKIPPED, Outcome.UNCLEAR)
            and (is_known(o.fact) or package_facts.is_package_fact(o))
            and o.fact not in settled
            and o.source.startswith(("probe:", "device:"))
        ):
            why = (
                o.text("says")
                or o.text("error")
                or (REASONS.get(o.reason, o.reason) if o.reason else "")
            )
            why = why or "could not tell"
            if not is_known(o.fact):
                why = f"{why} (asked: {package_facts.meaning(o)})"
            skipped.setdefault((o.fact, why), Untested(fact=o.fact, why=why))
    return (*rungs, *_without_repeats(list(skipped.values())))


def _without_repeats(untested: Sequence[Untested]) -> Iterator[Untested]:
    """These, but no end of a run (`probe.run`) whose reason a fact of that probe gives already."""
    of_facts = [one.why for one in untested if one.fact != "probe.run"]
    for one in untested:
        is_said = any(why == one.why or why.startswith(f"{one.why} (asked: ") for why in of_facts)
        if one.fact != "probe.run" or not is_said:
            yield one
