"""What to test next: among the clues not asked for yet, those that best tell apart the causes still
standing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from netcheck.correlator.catalogue import Catalogue
from netcheck.correlator.judging.judge import Judged
from netcheck.model import (
    Clue,
    Level,
    NextTest,
    Observation,
    Outcome,
    Stage,
    Struct,
    Weight,
)
from netcheck.vocabulary import Role, is_of_light, is_told_by_user, names_with

MAX_TESTS = 4
HOTSPOT_S = 300
OTHER_NETWORKS = frozenset({"told.hotspot", "told.other_network"})
MAC_FILTER = "mac_filter"
ENOUGH_SESSIONS = 3
"""Where so many opened and none came to a keepalive, a longer capture shows more of the same."""


class Method(Struct, frozen=True, kw_only=True):
    """How to settle facts: which, of which witness (as in a clue), at what cost, and what to do."""

    test: str
    of: tuple[str, ...]
    facts: tuple[str, ...]
    cost_s: int
    how: str
    is_demanding: bool = False
    """It takes a capture, or a computer on a cable with full rights: few who tell a story can."""
    in_capture: bool = False
    """It makes sense only where there is a capture already, in which a session may begin, and which
    shows fewer than ENOUGH_SESSIONS.
    """
    of_start: bool = False
    """It makes sense only where no capture shows the device from its address to the cloud."""
    by_computer: bool = False
    """It makes sense only where no computer of this network was asked yet."""


STARTED = ("dhcp.lease", "dns.cloud_name", "tcp.cloud")
"""What a capture of a device's whole start shows of it, whatever came of it."""
AS_DEVICE = Method(
    test="ask with the device's MAC address",
    of=("device",),
    facts=names_with(Role.AS_DEVICE),
    cost_s=30,
    how=(
        "Switch the Photon off, and on a computer that is on the same network by cable run `sudo"
        " netcheck --as-device MAC` with the Photon's MAC address: it shows whether the network"
        " refuses that address alone."
    ),
    is_demanding=True,
)
METHODS = (
    Method(
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
    Method(
        test="keep an idle connection open from a computer on the same network",
        of=("any",),
        facts=("session.idle",),
        cost_s=30,
        how=(
            "Join a computer to the same Wi-Fi as the Photon, run `netcheck --also idle_timeout"
            " --save laptop.jsonl` on it, and give that file here: --case laptop.jsonl."
        ),
    ),
    Method(
        test="watch another device get its address",
        of=("control",),
        facts=("dhcp.lease",),
        cost_s=60,
        how=(
            "Let a phone or laptop that was never on this network join it, while a capture runs if"
            " you can, and see whether it gets an address."
        ),
        is_demanding=True,
    ),
    Method(
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
            "Start a capture on the router or access point, press RESET on the Photon, wait two"
            " minutes, and run `netcheck pcap FILE` on it."
        ),
        of_start=True,
        is_demanding=True,
    ),
    AS_DEVICE,
    Method(
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

    Where no cause stands, the one that this computer could not ask under its own MAC address.
    """
    standing = [j for j in judged if j.stands and j.cause.stops_connection]
    seen = list(observations)
    if not standing:
        return tuple(_where_all_is_well(judged, seen))
    if len(standing) == 1 and standing[0].level is Level.CONFIRMED:
        return ()
    known = {(o.subject in subject_names, o.fact) for o in seen if o.outcome is not Outcome.SKIPPED}
    opened = sum(o.fact == "session.open" and o.ok and o.subject in subject_names for o in seen)
    has_session = _may_have_session(seen) and opened < ENOUGH_SESSIONS
    has_start = {(True, fact) for fact in STARTED} <= known and _has_capture(seen)
    has_computer = any(o.fact == "probe.run" for o in seen)
    is_story = is_told_alone(seen)
    open_to_us = [
        method
        for method in METHODS
        if not (method.in_capture and not has_session)
        and not (method.by_computer and has_computer)
        and not (method.of_start and has_start)
        and not (method.is_demanding and is_story)
    ]
    wanted = {j.cause.id: _wanted(catalogue, j, known) for j in standing}
    tests = [test for method in open_to_us if (test := _as_test(method, wanted, known)) is not None]
    tests.sort(key=lambda test: (-len(test.settles), test.cost_s))
    if is_story and not any(o.fact in OTHER_NETWORKS for o in seen):
        tests.append(_on_a_hotspot(standing))
    return (*tests, *_between_look_alikes(catalogue, standing))[:MAX_TESTS]


def _may_have_session(seen: Sequence[Observation]) -> bool:
    """Does a capture show a session, or nothing that keeps one from beginning?"""
    steps = [o for o in seen if o.stage in (Stage.TCP, Stage.HANDSHAKE, Stage.SESSION)]
    is_open = any(o.ok and o.stage is Stage.SESSION for o in steps)
    fails = any(o.failed and o.stage is not Stage.SESSION for o in steps)
    return _has_capture(seen) and (is_open or not fails)


def _has_capture(seen: Iterable[Observation]) -> bool:
    return any(o.fact == "capture.coverage" for o in seen)


def is_told_alone(observations: Collection[Observation]) -> bool:
    """Is all that is known what a user told?"""
    return bool(observations) and all(
        is_told_by_user(o.fact) or is_of_light(o.fact) for o in observations
    )


def _on_a_hotspot(standing: Iterable[Judged]) -> NextTest:
    """What tells the network apart from the device, which anybody can try."""
    return NextTest(
        test="try a phone's hotspot",
        settles=tuple(j.cause.id for j in standing),
        cost_s=HOTSPOT_S,
        how=(
            "Switch on a phone's hotspot (2.4 GHz, WPA2), enter it as the Photon's network, and say"
            " what the light does there: --tell hotspot=works or --tell hotspot=same."
        ),
    )


def _where_all_is_well(
    judged: Iterable[Judged], observations: Sequence[Observation]
) -> Iterable[NextTest]:
    """What a computer that reaches the cloud under its own MAC address could not ask: whether the
    device is let through as well.
    """
    is_skipped = any(
        o.fact in AS_DEVICE.facts and o.outcome is Outcome.SKIPPED for o in observations
    )
    is_refuted = any(j.cause.id == MAC_FILTER and j.level is Level.RULED_OUT for j in judged)
    if is_skipped and not is_refuted and any(o.fact == "tcp.cloud" and o.ok for o in observations):
        yield NextTest(
            test=AS_DEVICE.test, settles=(MAC_FILTER,), cost_s=AS_DEVICE.cost_s, how=AS_DEVICE.how
        )


def _as_test(
    method: Method, wanted: Mapping[str, set[tuple[str, str]]], known: set[tuple[bool, str]]
) -> NextTest | None:
    """The test if it would ask something new about a standing cause; else None. `wanted`: cause →
    what is not known of it.
    """
    if method is AS_DEVICE and any(fact in method.facts for _, fact in known):
        return None  # what gets no answer at its first step is not asked for the next
    settles = [
        cause
        for cause, unknown in wanted.items()
        if any(of in method.of and fact in method.facts for of, fact in unknown)
    ]
    if not settles:
        return None
    return NextTest(test=method.test, settles=tuple(settles), cost_s=method.cost_s, how=method.how)


def _wanted(
    catalogue: Catalogue, judged: Judged, known: set[tuple[bool, str]]
) -> set[tuple[str, str]]:
    """Witness and fact of what a clue of the cause that is not weak asks, and is not known."""
    return {
        (of, fact)
        for clue in judged.cause.clues
        if clue.weight is not Weight.WEAK
        for of, fact in _matched(clue, catalogue)
        if (of == "device", fact) not in known
    }


def _matched(clue: Clue, catalogue: Catalogue) -> Iterable[tuple[str, str]]:
    """Of whom a clue expects which facts; nothing where its rule is code."""
    if clue.fact:
        return [(clue.of, clue.fact)]
    pattern = catalogue.patterns.get(clue.rule)
    conditions = (*pattern.all_of, *pattern.any_of) if pattern is not None else ()
    return [(one.of, one.fact) for one in conditions if one.fact]


def _between_look_alikes(catalogue: Catalogue, standing: Sequence[Judged]) -> Iterable[NextTest]:
    """The tests that tell look-alikes apart, for each group of which several stand."""
    names = [j.cause.id for j in standing]
    for group in catalogue.groups:
        members = tuple(member for member in group.members if member in names)
        if len(members) > 1:
            yield NextTest(
                test="tell the look-alikes apart",
                settles=members,
                cost_s=HOTSPOT_S,
                how=group.tells_apart,
            )
