"""The interview: which question comes next, what a typed line means, and that it always ends. With
a small catalogue of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from netcheck.correlator import catalogue, diagnose, diagnosis
from netcheck.correlator.advice import next_question
from netcheck.model import NAMELESS, Observation, Target
from netcheck.user.answers import UserAnswerError
from netcheck.user.interview import choosing, replies, wording
from netcheck.user.interview.choosing import MOST_QUESTIONS, RankedQuestion, Stop, choose
from netcheck.user.interview.conversation import Conversation
from netcheck.vocabulary.questions import QUESTIONS, Form
from tests.helpers.notation import case

CLUES = """
wifi_wrong_password  for      led.last            green_slow     weak
wifi_wrong_password  for      told.changed        credentials    weak
wifi_wrong_password  against  told.hotspot        same           weak
wep_network          for      told.security       wep            strong
wep_network          for      led.last            green_slow     weak
cloud_port_blocked   for      led.flash           orange_3       weak
cloud_port_blocked   for      told.hotspot        works          strong
cloud_port_blocked   against  told.hotspot        same           strong
device_key_mismatch  for      led.flash           red_1          strong
device_key_mismatch  for      told.hotspot        same           weak
device_key_mismatch  for      told.keys_doctor    helped         decisive
server_key_wrong     for      led.flash           red_1          strong
server_key_wrong     for      told.keys_server    helped         decisive
app_crashes          for      led.sos             -              strong
cli_token_expired    for      told.cli_error      -              weak
"""
"""Cause, side, fact, value, weight."""


def _files() -> dict[str, str]:
    names = dict.fromkeys(line.split()[0] for line in CLUES.strip().splitlines())
    files = {
        name: (
            f'place = {place}\nowner = "you"\nstops_connection = true\ntitle = "{name}"\nheadline ='
            f' "{name}."\nremedy = ["Fix it."]\nexplain = "So it is."\nsources ='
            ' ["somebody"]\nprior = 3\n'
        )
        for place, name in enumerate(names)
    }
    for line in CLUES.strip().splitlines():
        name, side, fact, value, weight = line.split()
        values = "" if value == "-" else f'value = ["{value}"]\n'
        files[name] += (
            f'[[{side}]]\nfact = "{fact}"\n{values}weight = "{weight}"\nsays = "{fact} {value}"\n'
        )
    return {f"power/{name}.toml": text for name, text in files.items()}


SMALL = catalogue.parse(_files())
TARGET = Target()


@pytest.fixture(autouse=True, scope="module")
def _small_catalogue() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnosis, "load", lambda: SMALL)
        patch.setattr(next_question, "load", lambda: SMALL)
        yield


def told(**pairs: str) -> list[Observation]:
    return [o for key, text in pairs.items() for o in replies.observed(key, text, TARGET, 1.0)]


def next_key(evidence: Sequence[Observation], *asked: str) -> str:
    chosen = choose(evidence, TARGET, asked)
    return chosen.question.key if isinstance(chosen, RankedQuestion) else chosen.name


class Talk:
    """A conversation with what is typed given beforehand."""

    def __init__(self, *lines: str, evidence: Sequence[Observation] = ()) -> None:
        self.shown: list[str] = []
        left = iter(lines)
        self.conversation = Conversation(
            evidence, TARGET, lambda _: next(left, None), self.shown.append, lambda: 5.0
        )
        self.has_ended = self.conversation.run()

    @property
    def asked(self) -> list[str]:
        return [turn.key for turn in self.conversation.turns]

    @property
    def answered(self) -> dict[str, str]:
        """Fact → what was said."""
        return {
            o.fact: o.text("value") or o.text("text") or o.text("version")
            for o in self.conversation.answered
        }

    @property
    def text(self) -> str:
        return "\n".join(self.shown)


# ----------------------------------------------------------------------------------- which question


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


# ------------------------------------------------------------------------------------ what is typed


@pytest.mark.parametrize(
    ("key", "line", "meant"),
    [
        ("hotspot", "1", ("works",)),
        ("hotspot", " WORKS \r\n", ("works",)),
        ("hotspot", "sa", ("same",)),
        ("hotspot", "the photon comes", ("works",)),
        ("hotspot", "", wording.TypedWord.UNKNOWN),
        ("hotspot", "don't know", wording.TypedWord.UNKNOWN),
        ("hotspot", "?", wording.TypedWord.UNKNOWN),
        ("hotspot", "B", wording.TypedWord.BACK),
        ("ap_mode", "unknown", ("unknown",)),
        ("ap_width_mhz", "40", ("40",)),
        ("ap_width_mhz", "2", ("40",)),
        ("band", "2.4", ("2.4",)),
        ("band", "5", ("5",)),
        ("changed", "1 3, router", ("firmware", "static_ip", "router")),
        ("changed", "power_loss power_loss", ("power_loss",)),
        ("firmware", "0.7.0", ("0.7.0",)),
        ("led", "slow green, then 1 red", ("slow green, then 1 red",)),
        ("ssid", "7", ("7",)),
    ],
)
def test_a_line_means(key: str, line: str, meant: object) -> None:
    assert wording.typed(QUESTIONS[key], line) == meant


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("hotspot", "4"),
        ("hotspot", "perhaps"),
        ("hotspot", "t"),
        ("changed", "1 99"),
        ("usb_seen", "0"),
    ],
)
def test_what_is_no_answer_is_told_which_there_are(key: str, line: str) -> None:
    with pytest.raises(wording.NotAChoice, match=QUESTIONS[key].values[0]):
        wording.typed(QUESTIONS[key], line)


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_question_fits_the_screen_and_takes_each_of_its_answers(key: str) -> None:
    question = QUESTIONS[key]
    lines = list(wording.lines(question, 12))
    assert max(map(len, [*lines, wording.prompt(question)])) <= 80
    assert all(any(value in line for line in lines) for value in question.values)
    for value in question.values:
        assert wording.typed(question, value) == (value,)
        assert replies.observed(key, value, TARGET, 1.0)


@pytest.mark.parametrize(
    "key", [key for key, question in QUESTIONS.items() if question.form is not Form.CHOICE]
)
def test_each_example_is_an_answer(key: str) -> None:
    assert all(replies.observed(key, text, TARGET, 1.0) for text in replies.EXAMPLES[key])


# --------------------------------------------------------------------------------- the conversation


def test_answers_are_what_the_options_say() -> None:
    talk = Talk("fast cyan, 1 red", "helped")
    assert talk.asked[0] == "led"
    assert talk.asked[1] in ("keys_server", "keys_doctor")
    options = told(**{"led": "fast cyan, 1 red", talk.asked[1]: "helped"})
    assert talk.conversation.answered == [replace(o, at=5.0) for o in options]


def test_the_end_of_the_input_ends_it_with_what_was_said() -> None:
    talk = Talk("fast cyan, 3 orange")
    assert not talk.has_ended
    assert "led.flash" in talk.answered
    assert {o.subject for o in talk.conversation.answered} == {NAMELESS}


def test_back_takes_the_last_answer_back_and_asks_again() -> None:
    talk = Talk("b", "", "works", "b", "same")
    assert talk.answered["told.hotspot"] == "same"
    assert talk.asked[:2] == ["led", "hotspot"]
    assert talk.shown.count("   This is the first question.") == 1


def test_a_light_that_is_not_understood_is_asked_for_once_more() -> None:
    talk = Talk("like a tomato", "blinking green, fast cyan, 1 red")
    assert "tomato" in talk.text
    assert "Try again" in talk.text
    assert talk.answered["led.flash"] == "red_1"
    assert Talk("like a tomato", "like a potato", "works").answered["told.hotspot"] == "works"


@pytest.mark.parametrize("typed", ["12345678", "hunter2!"])
def test_a_password_in_the_place_of_its_length_is_neither_kept_nor_shown(typed: str) -> None:
    with pytest.raises(UserAnswerError) as refused:
        replies.observed("password_length", typed, TARGET, 1.0)
    assert typed not in str(refused.value)


def test_hostile_words_are_shown_harmless() -> None:
    assert "\x1b" not in Talk("\x1b[2J\u202ered?", "\x1b]0;x\x07").text


def test_who_knows_nothing_is_let_go() -> None:
    talk = Talk(*[""] * 50)
    assert talk.has_ended
    assert talk.conversation.answered == []
    assert len(talk.asked) <= MOST_QUESTIONS
    assert "Thank you" in talk.text


LINES = st.one_of(
    st.sampled_from(
        [
            "",
            "1",
            "2",
            "3",
            "b",
            "?",
            "same",
            "helped",
            "slow green",
            "fast cyan, 1 red",
            "3 orange",
            "0.7.0",
            "\x00",
        ]
    ),
    st.text(max_size=20),
)


@settings(max_examples=20)
@given(st.lists(LINES, max_size=40))
def test_it_always_ends_and_asks_nothing_twice(lines: list[str]) -> None:
    talk = Talk(*lines)
    assert len(talk.asked) == len(set(talk.asked)) <= MOST_QUESTIONS
    assert max(map(len, talk.shown)) <= 80
    assert diagnose(talk.conversation.answered, TARGET)
