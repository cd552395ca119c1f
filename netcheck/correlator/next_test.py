"""What to look at next: among clues that nobody has asked, those that best part the causes still
standing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from netcheck.correlator import package_facts
from netcheck.correlator.catalogue import Catalogue
from netcheck.correlator.weigh import Judged
from netcheck.model import (
    Level,
    NextTest,
    Observation,
    Outcome,
    Rung,
    Stage,
    State,
    Struct,
    Untested,
    Weight,
)
from netcheck.vocabulary import FACTS, REASONS

MAX_TESTS = 4
HOTSPOT_S = 300
REFUSED = "mac_filter"


class Means(Struct, frozen=True, kw_only=True):
    """A way to settle facts: of whom, which, at what cost, and how."""

    test: str
    of: tuple[str, ...]
    facts: tuple[str, ...]
    cost_s: int
    how: str
    in_capture: bool = False
    """It makes sense where there is a capture already."""
    by_computer: bool = False
    """It makes sense where no computer of this network has been asked yet."""


AS_DEVICE = Means(
    test="ask in the device's place",
    of=("device",),
    facts=("gateway.as_device", "internet.as_device", "tcp.as_device"),
    cost_s=30,
    how=(
        "Switch the Photon off, and on a computer that is on the same network by cable run `sudo"
        " netcheck --as-device MAC` with the Photon's MAC address: it shows whether the network"
        " refuses that address alone."
    ),
)
MEANS = (
    Means(
        test="check from a computer on the same network",
        of=("control", "any", "network"),
        facts=(
            "gateway.arp",
            "dns.compare",
            "dns.other_name",
            "internet.reach",
            "tcp.cloud",
            "tcp.cloud_other_port",
            "tcp.neutral_same_port",
            "internet.mtu",
        ),
        cost_s=25,
        how=(
            "Join a computer to the same Wi-Fi as the Photon, run `netcheck --save laptop.jsonl` on"
            " it, and give that file here: --case laptop.jsonl."
        ),
        by_computer=True,
    ),
    Means(
        test="hold a quiet connection from a computer on the same network",
        of=("any",),
        facts=("session.idle",),
        cost_s=30,
        how=(
            "Join a computer to the same Wi-Fi as the Photon, run `netcheck --also idle_timeout"
            " --save laptop.jsonl` on it, and give that file here: --case laptop.jsonl."
        ),
    ),
    Means(
        test="watch another device get its address",
        of=("control",),
        facts=("dhcp.lease",),
        cost_s=60,
        how=(
            "Let a phone or laptop that was never on this network join it, while a capture runs if"
            " you can, and see whether it gets an address."
        ),
    ),
    Means(
        test="capture the device's whole start",
        of=("device",),
        facts=(
            "dhcp.lease",
            "dhcp.options",
            "gateway.arp",
            "dns.cloud_name",
            "tcp.cloud",
            "internet.test",
        ),
        cost_s=120,
        how=(
            "Start the capture on the router or access point first, then press RESET on the Photon,"
            " and let it run for two minutes."
        ),
    ),
    AS_DEVICE,
    Means(
        test="capture for longer",
        of=("device",),
        facts=("session.keepalive", "session.end"),
        cost_s=180,
        how=(
            "Let the capture run for three minutes more: a session is only proven by the keepalives"
            " that follow it."
        ),
        in_capture=True,
    ),
)


def next_tests(
    catalogue: Catalogue,
    judged: Sequence[Judged],
    observations: Iterable[Observation],
    subject_names: Collection[str],
) -> tuple[NextTest, ...]:
    """At most four tests, the most telling and cheapest first; none where a cause is confirmed and
    nothing looks like it.

    Where no cause stands, the one that this computer could not ask on its own behalf.
    """
    standing = [j for j in judged if j.stands and j.cause.stops_connection]
    seen = list(observations)
    if not standing:
        return tuple(_where_all_is_well(judged, seen))
    if len(standing) == 1 and standing[0].level is Level.CONFIRMED:
        return ()
    known = {(o.subject in subject_names, o.fact) for o in seen if o.outcome is not Outcome.SKIPPED}
    has_capture = any(o.fact == "capture.coverage" for o in seen)
    has_computer = any(o.fact == "probe.run" for o in seen)
    open_to_us = [
        means
        for means in MEANS
        if not (means.in_capture and not has_capture) and not (means.by_computer and has_computer)
    ]
    tests = [test for means in open_to_us if (test := _as_test(means, standing, known)) is not None]
    tests.sort(key=lambda test: (-len(test.settles), test.cost_s))
    return (*tests, *_parting(catalogue, standing))[:MAX_TESTS]


def _where_all_is_well(
    judged: Iterable[Judged], observations: Sequence[Observation]
) -> Iterable[NextTest]:
    """What a computer that reaches the cloud on its own behalf could not ask: whether the device is
    let through as well.
    """
    is_skipped = any(
        o.fact in AS_DEVICE.facts and o.outcome is Outcome.SKIPPED for o in observations
    )
    is_refuted = any(j.cause.id == REFUSED and j.level is Level.RULED_OUT for j in judged)
    if is_skipped and not is_refuted and any(o.fact == "tcp.cloud" and o.ok for o in observations):
        yield NextTest(
            test=AS_DEVICE.test, settles=(REFUSED,), cost_s=AS_DEVICE.cost_s, how=AS_DEVICE.how
        )


def _as_test(
    means: Means, standing: Sequence[Judged], known: set[tuple[bool, str]]
) -> NextTest | None:
    """That test if it would ask something new about a standing cause."""
    if means is AS_DEVICE and any(fact in means.facts for _, fact in known):
        return None  # What was silent at its first step was asked no more.
    settles = [
        j.cause.id
        for j in standing
        if any(_would_ask(means, clue.of, clue.fact, clue.weight, known) for clue in j.cause.clues)
    ]
    if not settles:
        return None
    return NextTest(test=means.test, settles=tuple(settles), cost_s=means.cost_s, how=means.how)


def _would_ask(
    means: Means, of: str, fact: str, weight: Weight, known: set[tuple[bool, str]]
) -> bool:
    return (
        weight is not Weight.WEAK
        and of in means.of
        and fact in means.facts
        and (of == "device", fact) not in known
    )


def _parting(catalogue: Catalogue, standing: Sequence[Judged]) -> Iterable[NextTest]:
    """What parts look-alikes, for each group of which several stand."""
    names = [j.cause.id for j in standing]
    for group in catalogue.groups:
        members = tuple(member for member in group.members if member in names)
        if len(members) > 1:
            yield NextTest(
                test="part the look-alikes", settles=members, cost_s=HOTSPOT_S, how=group.part
            )


WHY_UNTESTED = {
    Stage.POWER: "only the device itself, over USB or by its light, can show this",
    Stage.RADIO: "only a Wi-Fi scan or a capture of the air can show this",
    Stage.JOIN: "only a capture of the air or the device's log can show this",
    Stage.ADDRESS: "no DHCP exchange of the device was seen",
    Stage.GATEWAY: "no question for the gateway was seen",
    Stage.DNS: "no look-up of the cloud's name was seen",
    Stage.INTERNET: "nothing else outside was asked",
    Stage.TCP: "no attempt to open the cloud's port was seen",
    Stage.HANDSHAKE: "no connection to the cloud was seen",
    Stage.SESSION: "no finished handshake was seen",
    Stage.OWNERSHIP: (
        "who owns the device does not show on the network: look in the app or the console"
    ),
}


def _why_untested(rung: Rung) -> str:
    """Why nobody saw this rung. Ownership never shows on a network, whatever failed below it."""
    is_cut_off = rung.state is State.UNREACHED and rung.stage is not Stage.OWNERSHIP
    return "a step before it failed" if is_cut_off else WHY_UNTESTED[rung.stage]


CARRYING = (Stage.GATEWAY, Stage.INTERNET)
"""Rungs without which everything above is silent. Names are not among them: probes go by address,
too.
"""
SILENCE = frozenset({"timeout", "late", "no_route", "unreachable"})


def _masked(ladder: Sequence[Rung], judged: Sequence[Judged]) -> Iterator[Untested]:
    """Every rung that is but silent while one that carries it fails, and has no cause of its own:
    it may be in order or not.
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
        f"it is silent as well, but what it rests on fails already ({broken.value}), so a fault of"
        " its own cannot be tested yet"
    )
    for rung in ladder:
        if rung.stage > broken and rung.stage not in explained and _is_silent(rung):
            yield Untested(fact=rung.stage.value, why=why)


def _is_silent(rung: Rung) -> bool:
    """Did it fail, and by silence alone?"""
    return rung.state is State.FAILED and all(o.reason in SILENCE for o in rung.because if o.failed)


def not_tested(
    ladder: Sequence[Rung], observations: Iterable[Observation], judged: Sequence[Judged] = ()
) -> tuple[Untested, ...]:
    """Every rung nobody looked at or another one masks, and every question a probe could not or was
    not let to ask, with the reason.
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
            o.outcome in ("skipped", "unclear")
            and (o.fact in FACTS or package_facts.is_package_fact(o))
            and o.fact not in settled
            and o.source.startswith(("probe:", "device:"))
        ):
            why = (
                o.text("says")
                or o.text("error")
                or (REASONS.get(o.reason, o.reason) if o.reason else "")
            )
            why = why or "could not tell"
            if o.fact not in FACTS:
                why = f"{why} (asked: {package_facts.meaning(o)})"
            skipped.setdefault((o.fact, why), Untested(fact=o.fact, why=why))
    return (*rungs, *skipped.values())
