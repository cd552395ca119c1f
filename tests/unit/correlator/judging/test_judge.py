"""Causes over all tries, their order, and the verdict, with a small catalogue of our own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netcheck.correlator.attempts import Attempt, attempts
from netcheck.correlator.catalogue import Catalogue, Cause, Group
from netcheck.correlator.judging.judge import (
    Judged,
    judge,
    never,
    unexplained,
    verdict,
    verdict_on_symptom,
)
from netcheck.correlator.judging.weigh import Weighed
from netcheck.correlator.ladder import climb
from netcheck.model import Clue, Evidence, Level, Outcome, Owner, Rung, Stage, Verdict, Weight
from tests.helpers.notation import case, seen


def clue(
    weight: str, fact: str = "tcp.cloud", outcome: str = "failed", *, context: bool = False
) -> Clue:
    return Clue(
        weight=Weight(weight),
        fact=fact,
        outcome=Outcome(outcome),
        says=f"{weight} {fact}",
        context=context,
    )


def cause(
    name: str,
    *clues_for: Clue,
    against: Sequence[Clue] = (),
    stage: Stage = Stage.TCP,
    prior: int = 5,
    stops: bool = True,
) -> Cause:
    return Cause(
        id=name,
        title=name,
        stage=stage,
        owner=Owner.ROUTER,
        stops_connection=stops,
        headline=name,
        remedy=("x",),
        ask_it="x",
        explain="x",
        sources=("x",),
        prior=prior,
        clues_for=clues_for,
        clues_against=tuple(against),
    )


Climbs = list[dict[Stage, Rung]]


def of(
    text: str, *causes: Cause, groups: tuple[Group, ...] = (), newest: int | None = -1
) -> tuple[list[Judged], Climbs, list[Attempt]]:
    tries = attempts(case(text), ())
    climbs = [climb(one) for one in tries]
    catalogue = Catalogue(causes={one.id: one for one in causes}, groups=groups)
    index = len(tries) - 1 if newest == -1 else newest
    return judge(catalogue, {}, tries, climbs, index, never), climbs, tries


FAILED = "dev tcp.cloud failed timeout @1"
PASSED = "dev tcp.cloud ok @1"


@pytest.mark.parametrize(
    ("support", "oppose", "level"),
    [
        (("decisive",), (), Level.CONFIRMED),
        (("decisive",), ("decisive",), Level.CONTESTED),
        ((), ("decisive",), Level.RULED_OUT),
        (("strong",), ("decisive",), Level.RULED_OUT),
        (("strong",), (), Level.LIKELY),
        (("weak", "weak", "weak"), (), Level.LIKELY),
        (("weak", "weak"), (), Level.POSSIBLE),
        (("strong",), ("weak",), Level.POSSIBLE),
        (("strong",), ("strong",), Level.UNLIKELY),
        (("weak",), ("strong",), Level.UNLIKELY),
        ((), ("weak",), Level.UNLIKELY),
        ((), (), None),
        (("decisive",), ("strong", "strong"), Level.CONFIRMED),
    ],
)
def test_the_level_of_one_try(
    support: tuple[str, ...], oppose: tuple[str, ...], level: Level | None
) -> None:
    def evidence(weights: tuple[str, ...]) -> list[Evidence]:
        return [Evidence(clue=clue(weight), seen=(seen(FAILED),)) for weight in weights]

    assert Weighed(evidence(support), evidence(oppose)).level is level


@pytest.mark.parametrize(
    ("contexts", "level"),
    [((False, False, False), Level.LIKELY), ((False, False, True), Level.POSSIBLE)],
)
def test_context_makes_nothing_likely(contexts: tuple[bool, ...], level: Level) -> None:
    support = [Evidence(clue=clue("weak", context=c), seen=(seen(FAILED),)) for c in contexts]
    assert Weighed(support).level is level


@pytest.mark.parametrize(
    ("later", "stage", "level"),
    [
        ("dev session.open ok @9", Stage.TCP, Level.UNLIKELY),
        ("dev session.open ok @0.5", Stage.TCP, Level.LIKELY),
        ("dev session.open failed closed @9", Stage.TCP, Level.LIKELY),
        ("dev session.open ok @9", Stage.SESSION, Level.LIKELY),
        ("dev led.session ok @9", Stage.TCP, Level.LIKELY),
    ],
)
def test_no_cause_stands_against_a_session_that_came_after_it(
    later: str, stage: Stage, level: Level
) -> None:
    [judged], _, _ = of(f"{FAILED}\n{later}", cause("a", clue("strong"), stage=stage))
    assert judged.level is level


def test_context_alone_makes_no_cause() -> None:
    judged, _, _ = of(FAILED, cause("a", clue("strong", context=True)))
    assert judged == []
    (one,), _, _ = of(FAILED, cause("a", clue("strong", context=True), clue("weak")))
    assert one.level is Level.LIKELY


TRIES = {
    "f": "dev tcp.cloud failed timeout",
    "o": "dev tcp.cloud ok",
    "d": "dev dhcp.lease failed no_offer",
}


def sequence(letters: str) -> str:
    return "\n".join(f"{TRIES[letter]} @{100 * n}" for n, letter in enumerate(letters))


@pytest.mark.parametrize(
    ("letters", "weight", "level", "held_in", "out_of"),
    [
        ("f", "strong", Level.LIKELY, 1, 1),
        ("ff", "strong", Level.LIKELY, 2, 2),
        ("fo", "strong", Level.UNLIKELY, 1, 2),
        ("fo", "decisive", Level.UNLIKELY, 1, 2),
        ("of", "strong", Level.LIKELY, 1, 2),
        ("ffo", "strong", Level.LIKELY, 2, 3),
        ("ffo", "decisive", Level.CONFIRMED, 2, 3),
        ("ffoooooo", "strong", Level.LIKELY, 2, 8),
        ("ffooooooo", "strong", Level.POSSIBLE, 2, 9),
        ("ffooooooo", "decisive", Level.CONFIRMED, 2, 9),
        ("fd", "strong", Level.LIKELY, 1, 1),
    ],
)
def test_a_cause_over_all_tries(
    letters: str, weight: str, level: Level, held_in: int, out_of: int
) -> None:
    (one,), _, _ = of(sequence(letters), cause("a", clue(weight)))
    assert (one.level, one.held_in, one.out_of) == (level, held_in, out_of)


def test_each_clue_counts_once_and_the_weightiest_is_named_first() -> None:
    (one,), _, _ = of(sequence("ff"), cause("a", clue("weak"), clue("strong")))
    assert [e.clue.weight for e in one.support] == [Weight.STRONG, Weight.WEAK]
    assert [len(e.seen) for e in one.support] == [2, 2]
    assert one.score == 4


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (cause("b", clue("strong")), cause("a", clue("decisive"), stops=False)),
        (cause("b", clue("decisive")), cause("a", clue("strong"))),
        (cause("b", clue("strong"), clue("weak")), cause("a", clue("strong"))),
        (cause("b", clue("strong"), stage=Stage.GATEWAY), cause("a", clue("strong"), clue("weak"))),
        (
            cause("b", clue("strong"), stage=Stage.TCP),
            cause("a", clue("strong"), stage=Stage.SESSION),
        ),
        (cause("b", clue("strong"), prior=6), cause("a", clue("strong"), prior=5)),
        (cause("a", clue("strong")), cause("b", clue("strong"))),
    ],
)
def test_the_order_of_causes(first: Cause, second: Cause) -> None:
    for causes in ((first, second), (second, first)):
        judged, _, _ = of(FAILED, *causes)
        assert [one.cause.id for one in judged] == [first.id, second.id]


def test_what_only_the_user_tells_goes_after_what_was_seen() -> None:
    told = cause("a", clue("strong", "told.hotspot", "ok"), prior=9, stage=Stage.INTERNET)
    judged, _, _ = of(
        "dev told.hotspot ok value=works @0 \n" + FAILED, told, cause("b", clue("strong"), prior=1)
    )
    assert [one.cause.id for one in judged] == ["b", "a"]


def test_of_look_alikes_the_best_keeps_its_level() -> None:
    group = Group(name="g", members=("b", "a"), tells_apart="x")
    both = (cause("a", clue("strong")), cause("b", clue("strong")))
    judged, _, _ = of(FAILED, *both, groups=(group,))
    assert [(one.cause.id, one.level) for one in judged] == [
        ("b", Level.LIKELY),
        ("a", Level.POSSIBLE),
    ]
    sure = (cause("a", clue("decisive")), cause("b", clue("decisive")))
    assert {one.level for one in of(FAILED, *sure, groups=(group,))[0]} == {Level.CONFIRMED}
    (alone, *_), _, _ = of(FAILED, both[0], groups=(group,))
    assert alone.level is Level.LIKELY


@pytest.mark.parametrize(
    ("letters", "weight", "newest", "expected", "has_cause"),
    [
        ("f", "strong", -1, Verdict.FAULT, True),
        ("f", "decisive", -1, Verdict.FAULT, True),
        ("f", "weak", -1, Verdict.SUSPECTED, True),
        ("fo", "strong", -1, Verdict.HEALTHY, False),
        ("ffo", "strong", -1, Verdict.FAULT, True),
        ("ffooooooo", "strong", -1, Verdict.SUSPECTED, True),
        ("o", "strong", -1, Verdict.HEALTHY, False),
        ("o", "strong", None, Verdict.INSUFFICIENT, False),
        ("d", "strong", -1, Verdict.SUSPECTED, False),
    ],
)
def test_the_verdict(
    letters: str, weight: str, newest: int | None, expected: Verdict, *, has_cause: bool
) -> None:
    judged, climbs, tries = of(sequence(letters), cause("a", clue(weight)), newest=newest)
    index = len(tries) - 1 if newest == -1 else newest
    decided, leading = verdict(judged, climbs, index, Stage.TCP)
    assert (decided, leading is not None) == (expected, has_cause)


def test_a_session_is_needed_where_the_source_can_show_one() -> None:
    judged, climbs, _ = of(PASSED)
    assert verdict(judged, climbs, 0, Stage.SESSION) == (Verdict.INSUFFICIENT, None)


def test_a_contested_cause_is_suspected() -> None:
    both = cause("a", clue("decisive"), against=(clue("decisive"),))
    judged, climbs, _ = of(FAILED, both)
    decided, leading = verdict(judged, climbs, 0, Stage.TCP)
    assert decided is Verdict.SUSPECTED
    assert leading is not None and leading.level is Level.CONTESTED


def test_a_cause_that_stops_nothing_is_no_verdict() -> None:
    judged, climbs, _ = of(PASSED, cause("a", clue("strong", outcome="ok"), stops=False))
    assert verdict(judged, climbs, 0, Stage.TCP) == (Verdict.HEALTHY, None)


@pytest.mark.parametrize(
    ("weight", "value", "stops", "expected"),
    [
        ("strong", "same", False, Verdict.FAULT),
        ("weak", "same", False, Verdict.SUSPECTED),
        ("strong", "works", False, Verdict.INSUFFICIENT),
        ("strong", "same", True, Verdict.SUSPECTED),
    ],
)
def test_a_symptom_that_is_explained(
    weight: str, value: str, expected: Verdict, *, stops: bool
) -> None:
    judged, _, _ = of(
        f"dev told.hotspot ok value={value} @0",
        cause("a", clue(weight, "told.hotspot", "ok"), stops=stops),
    )
    decided, leading = verdict_on_symptom(judged)
    assert decided is expected
    assert (leading is None) is (expected is Verdict.INSUFFICIENT)


@pytest.mark.parametrize(
    ("text", "causes", "expected"),
    [
        (FAILED, (), "tcp.cloud"),
        (PASSED, (), None),
        (FAILED, (cause("a", clue("weak")),), None),
        (FAILED, (cause("a", clue("weak", "dhcp.lease")),), "tcp.cloud"),
        (
            "dev dns.cloud_name failed timeout @1 \n dev tcp.cloud failed timeout @2",
            (cause("a", clue("strong")),),
            None,
        ),
        (
            "dev dns.cloud_name failed timeout @1 \n dev tcp.cloud failed timeout @2",
            (cause("a", clue("weak")),),
            "dns.cloud_name",
        ),
    ],
)
def test_what_no_cause_explains(text: str, causes: tuple[Cause, ...], expected: str | None) -> None:
    judged, climbs, tries = of(text, *causes)
    found = unexplained(judged, climbs, len(tries) - 1)
    assert (found.fact if found is not None else None) == expected
    assert unexplained(judged, climbs, None) is None
