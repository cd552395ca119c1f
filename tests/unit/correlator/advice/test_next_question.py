"""What a question is worth: nothing where no answer changes anything, one bit where it halves the
causes.
"""

from __future__ import annotations

import pytest

from netcheck.correlator.advice.next_question import (
    Belief,
    bearing,
    believed,
    believed_after,
    weighted,
    worth,
)
from netcheck.model import Target
from netcheck.user.interview import replies
from netcheck.vocabulary.questions import Form

PRIORS = {"one": 3, "two": 3, "three": 3, "four": 3}


def belief(first: str = "", **points: int) -> Belief:
    standing = frozenset(cause for cause, value in points.items() if value > 0)
    return Belief(points=points, standing=standing, first=first)


EMPTY = belief()


def test_an_answer_that_changes_nothing_is_worth_nothing() -> None:
    value = worth(belief("one", one=3), [belief("one", one=3)] * 3, PRIORS)
    assert (value.bits, value.change) == (0.0, 0.0)
    assert worth(EMPTY, [], PRIORS).bits == 0.0


def test_answers_that_halve_the_causes_are_worth_one_bit() -> None:
    halves = [
        belief("one", one=10, two=10, three=-10, four=-10),
        belief("three", one=-10, two=-10, three=10, four=10),
    ]
    assert worth(EMPTY, halves, PRIORS).bits == pytest.approx(1.0, abs=0.01)


def test_a_sharper_question_is_worth_more_and_order_does_not_matter() -> None:
    sharp = [belief(cause, **{cause: 10}) for cause in PRIORS]
    blunt = [belief(cause, **{cause: 1}) for cause in PRIORS]
    assert worth(EMPTY, sharp, PRIORS).bits == pytest.approx(2.0, abs=0.05)
    assert 0 < worth(EMPTY, blunt, PRIORS).bits < 0.2
    assert worth(EMPTY, sharp[::-1], PRIORS).bits == pytest.approx(worth(EMPTY, sharp, PRIORS).bits)


def test_what_was_made_sure_is_hardly_worth_asking_about_again() -> None:
    sure = belief("one", one=10)
    again = [belief("one", one=13), belief("one", one=10, two=3)]
    assert worth(sure, again, PRIORS).bits < 0.05
    assert worth(sure, again, PRIORS).change == 0.0


def test_change_is_how_likely_another_cause_comes_first() -> None:
    either = [belief("one", one=10, two=-10), belief("two", one=-10, two=10)]
    now = belief("one", one=1, three=-10, four=-10)
    value = worth(now, either, {"one": 3, "two": 3})
    assert value.change == pytest.approx(
        1 / 5, abs=0.01
    )  # two: half of what one point doubled, as nothing speaks for it yet


def test_shares_follow_prior_and_points() -> None:
    shares = weighted(belief("two", two=2), {"one": 4, "two": 1, "three": 4})
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["two"] == pytest.approx(shares["one"] * 2)


def test_nothing_is_believed_of_nothing() -> None:
    nothing = believed([], Target())
    assert (nothing.first, nothing.is_sure, nothing.standing, dict(nothing.points)) == (
        "",
        False,
        frozenset(),
        {},
    )


def test_more_than_one_decisive_clue_makes_nothing_surer() -> None:
    priors = {"a": 1, "b": 1}

    def shares(points: int) -> dict[str, float]:
        return weighted(Belief(points={"a": points, "b": 0}, standing=frozenset({"a"})), priors)

    assert shares(9)["a"] < shares(10)["a"] == shares(11)["a"] == shares(99)["a"]
    assert shares(-9)["a"] > shares(-10)["a"] == shares(-11)["a"]


def test_an_answer_that_few_people_give_is_worth_less() -> None:
    after = [belief("one", one=3), belief("two", two=3)]
    alike, rare = worth(EMPTY, after, PRIORS), worth(EMPTY, after, PRIORS, odds=[1.0, 0.05])
    assert rare.bits < alike.bits


def test_an_answer_bears_where_a_clue_of_a_standing_cause_asks_for_it() -> None:
    bears = bearing(believed([], Target()))
    assert bears("told.hotspot", "works")
    assert bears("told.keys_server", "helped")
    assert not bears("told.board", "photon")
    assert not bears("told.no_such_key", "yes")


@pytest.mark.parametrize(
    "told",
    [
        (),
        ("led=blinking green",),
        ("led=blinking cyan, 1 red", "hotspot=works", "many_failed_at_once=yes"),
        ("led=blinking blue", "changed=router", "security=wpa2"),
        ("led=breathing cyan", "cloud=own", "board=photon", "router_shows_lease=yes"),
    ],
)
def test_what_an_answer_bears_on_is_all_that_it_changes(told: tuple[str, ...]) -> None:
    """Judging those causes alone gives the belief of judging all."""
    target = Target()
    given = [
        o
        for key, _, text in (one.partition("=") for one in told)
        for o in replies.observed(key, text, target, 1.0)
    ]
    now = believed(given, target)
    bears = bearing(now)
    for question in replies.questions():
        for text in replies.possible(question) if question.form is Form.CHOICE else ():
            answered = [*given, *replies.observed(question.key, text, target, 1.0)]
            if causes := bears(question.fact, text):
                after = believed_after(now, answered, target, causes)
                assert after == believed(answered, target), f"{question.key}={text}"
