"""What people write of the light is understood, what is nonsense is refused by name, and nothing
that is written breaks it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.model import NAMELESS, Observation, Target
from netcheck.text.escape import safe
from netcheck.user import led
from netcheck.user.led.tokens import MOST_TEXT, lexicon, table
from netcheck.vocabulary import DATA, FLASHES, LIGHTS
from tests.helpers.led_notation import written

PHRASES = Path(__file__).with_name("led_phrases.txt")
AT = 1_600_000_000.0


def rows() -> list[tuple[str, str]]:
    """The rows of the table: a phrase and what it means, in the notation that `written` gives."""
    lines = PHRASES.read_text(encoding="utf-8").splitlines()
    return [
        (phrase, meaning)
        for line in lines
        if line and not line.startswith("#")
        for phrase, meaning in [line.rsplit(" => ", 1)]
    ]


def seen(text: str, target: Target | None = None) -> list[Observation]:
    return list(led.observations(led.read(text), target or Target(), AT))


def said(text: str) -> set[str]:
    """The observations of a phrase as `fact outcome`, with the value where there is one."""
    return {
        " ".join(filter(None, (o.fact, o.outcome.value, o.text("value") or o.text("number"))))
        for o in seen(text)
    }


# ------------------------------------------------------------------------------------- the language


@pytest.mark.parametrize(("phrase", "meaning"), rows())
def test_a_phrase_means(phrase: str, meaning: str) -> None:
    def by_kind(words: str) -> list[str]:
        return sorted(words.split(), key=lambda word: (word[0] in "+-", word.startswith("sos")))

    assert by_kind(written(led.read(phrase))) == by_kind(meaning)


def test_the_table_is_large_and_says_nothing_twice() -> None:
    phrases = [phrase for phrase, _ in rows()]
    assert len(phrases) >= 150
    assert len(set(phrases)) == len(phrases)


def test_no_word_of_the_lexicon_does_two_things() -> None:
    phrases = [
        phrase
        for values in table().values()
        for words in values.values()
        for phrase in (" ".join(w.split()) for w in words.split(","))
        if phrase
    ]
    assert sorted({phrase for phrase in phrases if phrases.count(phrase) > 1}) == []
    assert len(lexicon()) == len(phrases)


@pytest.mark.parametrize(
    "phrase",
    [
        "BLINKING GREEN",
        "  blinking\tgreen\n",
        "blinking green.",
        "“blinking green”",
        "‘Blinking’ green!",
    ],
)
def test_case_spaces_and_quotation_marks_do_not_count(phrase: str) -> None:
    assert written(led.read(phrase)) == "green_blinking"


# ----------------------------------------------------------------------------------------- nonsense


@pytest.mark.parametrize(
    ("nonsense", "named"),
    [
        ("hello world", "1 of its words"),
        ("purple monkey dishwasher", "monkey, dishwasher"),
        ("my car is red", "car"),
        ("yellow submarine", "submarine"),
        ("solid advice", "advice"),
        ("fast food", "food"),
        ("blinking banana", "banana"),
        ("my grandmother's green tomatoes are ripening", "tomatoes, ripening"),
        ("xyzzy", "(1 of its words are not known)"),
        ("3 5 7", "no colour or rhythm"),
        ("then then then", "no colour or rhythm"),
        ("the the the", "no colour or rhythm"),
        ("?!", "no colour or rhythm"),
        ("'; DROP TABLE leds", "(2 of its words are not known)"),
        ("it does not work, please help me", "help"),
        ("Lorem ipsum dolor sit amet", "lorem, ipsum, dolor"),
        ("no", "no colour or rhythm"),
        ("fast", ""),
    ],
)
def test_nonsense_is_refused_with_what_was_not_understood(nonsense: str, named: str) -> None:
    if not named:
        assert led.read(nonsense).is_unnamed
        return
    with pytest.raises(led.LedError) as refused:
        led.read(nonsense)
    assert named in str(refused.value)
    assert "blinking green, fast cyan, 1 red" in str(refused.value)


def test_words_that_were_not_understood_are_named_beside_those_that_were() -> None:
    reading = led.read("blinking green, then a gurgling zonk of cyan")
    assert reading.unknown == ("gurgling", "zonk")
    assert seen("blinking green like a zonk")[0].number("unread_words") == 1


def test_nothing_is_said_where_nothing_is_written() -> None:
    assert seen("") == seen(" \n") == []


def test_a_hostile_text_does_nothing_in_the_sentence_that_refuses_it() -> None:
    with pytest.raises(led.LedError) as refused:
        led.read("\x1b[2J\u202egnikat\x00 \x07" * 3)
    assert str(refused.value) == safe(str(refused.value))


@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        found = seen(text)
    except led.LedError as refused:
        assert str(refused).isprintable()
        assert len(str(refused)) < 500
    else:
        assert all(o.subject == NAMELESS for o in found)


WORDS = [" ".join(words) for words in lexicon()] + [
    "3",
    "10",
    "2x",
    ",",
    ".",
    ";",
    "/",
    "(",
    ")",
    "->",
    "...",
    "😀",
    "xyzzy",
]


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_any_words_of_the_lexicon_make_observations_of_the_closed_lists(text: str) -> None:
    try:
        found = seen(text)
    except led.LedError:
        return
    for o in found:
        assert {name for name, _ in o.data} <= set(DATA)
        if o.fact in ("led.state", "led.last") and o.ok:
            assert o.text("value") in LIGHTS
        if o.fact == "led.flash":
            assert o.text("value") in FLASHES
    assert len({o.fact for o in found if o.stage != "power"} - {"led.flash"}) == len(
        [o for o in found if o.stage != "power" and o.fact != "led.flash"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "blinking green " * 70_000,
        "a" * 1_000_000,
        "never " * 170_000,
        "1 " * 500_000,
        "(" * 1_000_000,
        "green/" * 170_000,
    ],
)
def test_a_text_of_a_million_characters_is_read_to_its_limit(text: str) -> None:
    """That this ends soon is what is tested: only the first characters are looked at."""
    try:
        reading = led.read(text)
    except led.LedError:
        return
    assert written(reading) == written(led.read(text[:MOST_TEXT]))
    assert reading.unknown_words > 0


# -------------------------------------------------------------------------------------------- rungs


@pytest.mark.parametrize(
    ("phrase", "rungs"),
    [
        ("slow green", "join failed"),
        ("fast green", "join ok, address failed"),
        ("blinking green", "join unclear, address failed"),
        ("blinking green, never cyan", "join unclear, address failed"),
        ("never reaches cyan", "join unclear, address failed"),
        ("green, never cyan", "join unclear, address failed"),
        ("breathing green", "join ok, address ok"),
        ("slow green, then fast green", "join ok, address failed"),
        ("slow cyan", "join ok, address ok, connect failed"),
        ("fast cyan", "join ok, address ok, connect ok, handshake failed"),
        ("blinking cyan", "join ok, address ok, connect unclear, handshake failed"),
        ("blinking cyan, never breathes", "join ok, address ok, connect unclear, handshake failed"),
        ("fast cyan, then one red", "join ok, address ok, connect ok, handshake failed"),
        ("blinking cyan, then one red", "join ok, address ok, connect ok, handshake failed"),
        ("blinking cyan, then 3 orange", "join ok, address ok, connect failed, handshake unclear"),
        ("fast cyan, then 3 orange", "join ok, address ok, connect unclear, handshake failed"),
        ("breathing cyan", "join ok, address ok, connect ok, handshake ok, session ok"),
        ("breathing magenta", "join ok, address ok, connect ok, handshake ok, session ok"),
        (
            "breathing cyan, then breathing green",
            "join ok, address ok, connect ok, handshake ok, session failed",
        ),
        (
            "breathing cyan, then fast cyan",
            "join ok, address ok, connect ok, handshake failed, session failed",
        ),
        ("blinking blue", ""),
        ("blinking green, then blinking blue", "join unclear, address failed"),
        ("fast green, then blinking blue", "join ok, address failed"),
        ("blinking magenta, white, blinking green", "join unclear, address failed"),
        ("slow green, sometimes slow cyan", "join failed, address ok"),
        ("breathing white", ""),
        ("never breathes", ""),
        ("cyan", "join ok, address ok, connect unclear, handshake unclear"),
        ("green", "join unclear, address unclear"),
        ("stuck at green", "join unclear, address failed"),
        ("pulsing green", "join unclear, address unclear"),
        ("SOS in red", ""),
        ("solid cyan", ""),
        ("it blinks fast", ""),
    ],
)
def test_how_far_the_light_came(phrase: str, rungs: str) -> None:
    found = [
        f"{o.fact.removeprefix('led.')} {o.outcome.value}"
        for o in seen(phrase)
        if o.fact in ("led.join", "led.address", "led.connect", "led.handshake", "led.session")
    ]
    assert ", ".join(found) == rungs


def test_the_last_state_is_the_one_it_stays_in() -> None:
    assert "led.last ok cyan_fast" in said("blinking green, fast cyan, 1 red, sometimes orange")
    assert "led.last ok green_slow" in said("slow green, now and then slow cyan")
    assert "led.last ok green_breathing" in said("breathing cyan, then breathing green")


@pytest.mark.parametrize(
    ("phrase", "state", "rungs"),
    [
        ("blinking green, fast cyan, 1 red, blinking green", "cyan_fast", {"led.handshake failed"}),
        ("green, cyan, 1 red, then green again", "cyan_blinking", {"led.handshake failed"}),
        ("blinks green, then cyan, 3 orange, then green", "cyan_blinking", {"led.connect failed"}),
        (
            "blinks green, blinks cyan, back to green, in a loop",
            "cyan_blinking",
            {"led.connect failed"},
        ),
        (
            "slow green, fast green, then slow green",
            "green_fast",
            {"led.join ok", "led.address failed"},
        ),
        ("fast green, then slow green", "green_fast", {"led.join ok", "led.address failed"}),
        ("blinking cyan, then green and stays green", "green_blinking", {"led.join ok"}),
        ("breathing cyan, then blinking green", "green_blinking", {"led.session failed"}),
    ],
)
def test_a_light_that_goes_round_is_judged_by_its_highest_state(
    phrase: str, state: str, rungs: set[str]
) -> None:
    assert {f"led.last ok {state}", *rungs} <= said(phrase)


def test_red_without_cyan_and_then_white_is_a_start_over() -> None:
    for phrase in ("blinking green, red, then white", "white, green, red, white, green, red"):
        assert "led.restart ok" in said(phrase)
        assert not {"led.join failed", "led.address failed", "led.flash ok red_many"} & said(phrase)
    for phrase in ("fast cyan, 1 red, then white", "red SOS, then white", "white, then red"):
        assert "led.restart ok" not in said(phrase)


def test_what_may_be_two_states_is_both() -> None:
    assert {"led.last ok green_breathing", "led.last ok green_blinking"} <= said("pulsing green")


def test_a_rhythm_without_a_colour_is_unclear() -> None:
    assert said("it blinks fast") == {"led.last unclear"}


def test_flashes_said_not_to_come_are_none() -> None:
    assert "led.flash failed none" in said("fast cyan, no red flash")
    assert "led.flash failed none" not in said("blinking green, never cyan")


def test_a_crash_has_its_code() -> None:
    assert "led.sos ok 8" in said("red SOS, then 8 blinks")
    assert "led.sos ok" in said("red SOS")


def test_observations_are_of_the_device_asked_for() -> None:
    assert {o.subject for o in seen("fast cyan", Target(device="e0:4f:43:00:00:01"))} == {
        "e0:4f:43:00:00:01"
    }
    assert {o.source for o in seen("fast cyan")} == {"device:led"}
