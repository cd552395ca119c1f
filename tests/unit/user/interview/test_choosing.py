"""Which question comes next, with a small catalogue of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netcheck.correlator import diagnose
from netcheck.correlator.advice import next_question
from netcheck.model import Observation, Target
from netcheck.user.interview import choosing, replies
from netcheck.user.interview.choosing import MOST_QUESTIONS, RankedQuestion, Stop, choose
from netcheck.vocabulary.questions import QUESTIONS
from tests.helpers.notation import case
from tests.helpers.small_catalogue import TARGET, told


def next_key(evidence: Sequence[Observation], *asked: str) -> str:
    chosen = choose(evidence, TARGET, asked)
    return chosen.question.key if isinstance(chosen, RankedQuestion) else chosen.name


def test_the_light_is_asked_first_and_then_the_hotspot() -> None:
    assert next_key([]) == "led"
    assert next_key([], "led") == "hotspot"


def test_a_question_that_no_answer_of_which_changes_anything_is_not_asked() -> None:
    asked: list[str] = []
    while (key := next_key([], *asked)) not in Stop.__members__:
        asked.append(key)
    assert set(asked) <= {"led", "hotspot", "changed", "security", "keys_server", "keys_doctor"}


def test_what_the_evidence_answers_is_not_asked() -> None:
    assert next_key(told(led="blinking green, fast cyan, 1 red")) != "led"
    assert next_key(told(hotspot="works"), "led") != "hotspot"


def test_what_hardly_anybody_can_answer_is_not_asked() -> None:
    asked: list[str] = []
    while (key := next_key([], *asked)) not in Stop.__members__:
        asked.append(key)
    assert all(QUESTIONS[key].is_asked for key in asked)
    assert not QUESTIONS["cloud_reach"].is_asked


def test_who_could_not_look_up_one_thing_is_less_often_asked_to_look_up_another() -> None:
    question = QUESTIONS["firmware"]
    never = choosing._is_answered(question, {"band", "channel"}, {"band", "channel"})
    always = choosing._is_answered(question, {"band", "channel"}, set())
    assert never < choosing.OFTEN_KNOWN[question.effort] < always


def test_the_question_fits_what_was_said() -> None:
    keys = told(led="blinking green, fast cyan, 1 red", hotspot="same")
    assert next_key(keys) in ("keys_server", "keys_doctor")
    assert next_key(told(led="slow green")) not in ("keys_server", "keys_doctor")


def test_free_words_are_asked_for_only_where_a_standing_cause_has_a_clue_in_them() -> None:
    asked = [key for key in QUESTIONS if key != "cli_error"]
    assert choose([], TARGET, asked[: MOST_QUESTIONS - 1]) is not Stop.ENOUGH
    assert all(next_key([], *asked[at : at + 8]) != "cli_error" for at in range(0, len(asked), 8))


def test_a_clear_cause_ends_the_interview() -> None:
    assert (
        choose(told(led="fast cyan, 1 red", hotspot="same", keys_doctor="helped"), TARGET, ())
        is Stop.SETTLED
    )


def test_several_devices_are_not_asked_about_at_once() -> None:
    several = case("""
        e0:4f:43:00:00:01 dhcp.lease failed no_offer @1
        e0:4f:43:00:00:01 device.identity ok @1 mac=e0:4f:43:00:00:01 rank=6
        e0:4f:43:00:00:02 dhcp.lease failed no_offer @1
        e0:4f:43:00:00:02 device.identity ok @1 mac=e0:4f:43:00:00:02 rank=6
        """)
    assert len(diagnose(several, TARGET)) == 2
    assert choose(several, TARGET, ()) is Stop.SEVERAL


def test_a_long_capture_is_not_weighed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def believed(observations: Sequence[Observation], target: Target) -> next_question.Belief:
        sizes.append(len(observations))
        return next_question.believed(observations, target)

    monkeypatch.setattr(choosing, "believed", believed)
    lines = [
        f"{who} tcp.cloud failed timeout @{at * 30}" for at in range(200) for who in ("dev", "ctl")
    ]
    choose(case("\n".join(lines)), Target(device="e0:4f:43:00:00:01"), ())
    assert max(sizes) <= 2 * choosing.MOST_WEIGHED + len(EXAMPLES_OF_LIGHT)


EXAMPLES_OF_LIGHT = replies.observed(
    "led", "blinking green, fast cyan, breathing cyan, 3 orange", TARGET, 1.0
)
