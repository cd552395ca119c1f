"""Words that are put together freely are understood: any colour name, in any usual order, with any
rhythm and any run of flashes.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcheck.user import led
from tests.helpers.led_notation import written

COLOURS = {
    "green": ("green", "lime green"),
    "cyan": ("cyan", "turquoise", "light blue", "aqua", "teal", "bluish green", "blue-green"),
    "blue": ("blue", "dark blue"),
    "magenta": ("magenta", "purple", "pink", "violet"),
}
BLINK = (("blinking", "blinks"), ("flashing", "flashes"), ("flickering", "flickers"))
BREATHE = (
    ("breathing", "breathes"),
    ("fading in and out", "fades in and out"),
    ("pulsing slowly", "pulses slowly"),
    ("throbbing", "throbs"),
)
SPEEDS = {
    "fast": (
        ("fast", "fast"),
        ("quick", "quickly"),
        ("rapid", "rapidly"),
        ("very fast", "very fast"),
        ("really quick", "really quickly"),
    ),
    "slow": (("slow", "slowly"), ("leisurely", "slowly"), ("very slow", "very slowly")),
}
PLAIN = (
    "{c} {ing}",
    "{ing} {c}",
    "it {s} {c}",
    "the LED {s} {c}",
    "the light is {ing} {c}",
    "{c}, {ing}",
    "{c} light, {ing}",
    "LED is {c} and {ing}",
    "the {c} light {s}",
    "{ing} in {c}",
    "it is {ing} {c} all the time",
    "my Photon keeps {ing} {c}",
    "stuck {ing} {c}",
    "just {s} {c}",
    "a {ing} {c} light",
    "I see a {c} {ing} light",
    "it {s} {c} and never stops",
    "{c} LED, {ing} for minutes",
)
PACED = (
    "{a} {ing} {c}",
    "{c} {ing} {v}",
    "{ing} {c} {v}",
    "{c}, {ing} {v}",
    "it {s} {c} {v}",
    "it {s} {v} in {c}",
    "the {c} light {s} {v}",
    "{a} {c} {ing}",
    "{v} {ing} {c}",
    "{c} ({a} {ing})",
    "{a} {c}",
    "{ing} {v}, {c}",
    "LED {ing} {v} {c}",
    "{c}: {ing} {v}",
)
STATES = {
    "fast cyan": "cyan_fast",
    "blinking cyan": "cyan_blinking",
    "slow turquoise blinking": "cyan_slow",
    "cyan, rapidly blinking": "cyan_fast",
}
COUNTS = {
    1: ("one", "1", "a single", "a", "1x", "just one"),
    2: ("two", "2", "a couple of", "2x", "a pair of"),
    3: ("three", "3", "3x"),
}
TIMES = {1: "once", 2: "twice", 3: "three times"}
FLASHES = {
    "red": ("red",),
    "orange": ("orange", "amber", "orangey"),
    "magenta": ("magenta", "pink", "purple"),
}
NOUNS = ("flash", "blink", "blip")
WITH_FLASHES = (
    "{state}, then {n} {f} {noun}",
    "{state} and then {n} {f} {noun}",
    "{state} followed by {n} {f} {noun}",
    "{state} with {n} {f} {noun}",
    "{state} -> {n} {f}",
    "{state}, {n} {f}",
    "{n} {f} {noun} after {state}",
    "{state}, interrupted by {n} {f} {noun}",
    "{state}, {n} short {f} {noun}, and again {state}",
    "{state}; {n} quick {f} {noun}",
    "{state}. Then {n} {f} {noun}.",
    "{state} + {n} {f} {noun}",
    "{state} until {n} {f} {noun}",
    "{state}, then it blinks {f} {times}",
    "{state} and {f} {times}",
)


def one_of(*choices: str) -> st.SearchStrategy[str]:
    return st.sampled_from(choices)


@given(st.sampled_from(sorted(COLOURS)), st.booleans(), one_of(*PLAIN), st.data())
def test_a_colour_and_a_rhythm(
    colour: str, is_breathing: bool, template: str, data: st.DataObject
) -> None:
    ing, s = data.draw(st.sampled_from(BREATHE if is_breathing else BLINK))
    phrase = template.format(c=data.draw(one_of(*COLOURS[colour])), ing=ing, s=s)
    assert written(led.read(phrase)) == f"{colour}_{'breathing' if is_breathing else 'blinking'}"


@given(one_of("green", "cyan"), one_of("fast", "slow"), one_of(*PACED), st.data())
def test_a_colour_and_a_speed(colour: str, speed: str, template: str, data: st.DataObject) -> None:
    ing, s = data.draw(st.sampled_from(BLINK))
    adjective, adverb = data.draw(st.sampled_from(SPEEDS[speed]))
    phrase = template.format(
        c=data.draw(one_of(*COLOURS[colour])), ing=ing, s=s, a=adjective, v=adverb
    )
    assert written(led.read(phrase)) == f"{colour}_{speed}"


@given(
    one_of(*STATES),
    st.sampled_from(sorted(COUNTS)),
    one_of(*FLASHES),
    one_of(*WITH_FLASHES),
    st.data(),
)
def test_a_state_and_a_run_of_flashes(
    state: str, count: int, colour: str, template: str, data: st.DataObject
) -> None:
    number, flash, noun = (
        data.draw(one_of(*COUNTS[count])),
        data.draw(one_of(*FLASHES[colour])),
        data.draw(one_of(*NOUNS)),
    )
    plural = noun + ("es" if noun == "flash" else "s") if count > 1 else noun
    phrase = template.format(state=state, n=number, f=flash, noun=plural, times=TIMES[count])
    assert written(led.read(phrase)) == f"{STATES[state]} +{colour}_{count}"


@given(
    st.lists(one_of(*COLOURS), min_size=2, max_size=4),
    one_of(", then ", " -> ", "; ", " followed by ", ", and then ", ", after that "),
    st.data(),
)
def test_states_in_their_order(colours: list[str], joint: str, data: st.DataObject) -> None:
    phrase = joint.join(
        f"{data.draw(one_of('blinking', 'flashing'))} {data.draw(one_of(*COLOURS[colour]))}"
        for colour in colours
    )
    expected = [colour for at, colour in enumerate(colours) if at == 0 or colours[at - 1] != colour]
    assert written(led.read(phrase)) == " ".join(f"{colour}_blinking" for colour in expected)


DENIED = (
    "{s}, never {c}",
    "{s}, never reaches {c}",
    "{s} but no {c}",
    "{s}; it never turns {c}",
    "{s}, does not reach {c}",
    "{s} without ever going {c}",
    "{s}, {c} never comes",
    "never {c}, only {s}",
    "{s} instead of {c}",
    "not {c} but {s}",
    "{s} (no {c})",
    "I don't get {c}, I get {s}",
    "it fails to reach {c}, {s}",
)
STAYING = (
    "stuck at {s}",
    "stops at {s}",
    "never gets past {s}",
    "can't get beyond {s}",
    "it stays {s}",
    "won't leave {s}",
    "nothing but {s}",
    "just {s}, nothing else",
    "{s} and stays there",
    "ends up at {s}",
    "it gets no further than {s}",
    "does nothing but {s}",
    "{s} the whole time",
)
IN_ORDER = (
    "{a}, then {b}",
    "{a}, after a minute {b}",
    "first {a}, then {b}",
    "{a} turns into {b}",
    "it goes from {a} to {b}",
    "{a} > {b}",
    "{a}. After that {b}.",
    "{b} after {a}",
    "starts with {a}, ends with {b}",
    "1. {a} 2. {b}",
    "{a}\n{b}",
    "{a} before {b}",
    "before {b} there is {a}",
    "{a} - {b}",
    "{a} until it goes to {b}",
    "when {a} stops, {b} begins",
)
SAID = {
    "blinking green": "green_blinking",
    "fast cyan": "cyan_fast",
    "slow cyan": "cyan_slow",
    "breathing cyan": "cyan_breathing",
}


@given(one_of("blinking green", "fast green"), one_of(*COLOURS["cyan"]), one_of(*DENIED))
def test_what_is_denied_is_not_seen(state: str, cyan: str, template: str) -> None:
    reading = led.read(template.format(s=state, c=cyan))
    assert (
        written(reading) == f"{'green_blinking' if state.startswith('b') else 'green_fast'} -cyan"
    )


@given(one_of(*SAID), one_of(*STAYING))
def test_where_it_stops_is_where_it_came_to(state: str, template: str) -> None:
    assert written(led.read(template.format(s=state))) == SAID[state]


@given(st.permutations(sorted(SAID)), one_of(*IN_ORDER))
def test_order_may_be_said_in_many_ways(states: list[str], template: str) -> None:
    first, second = states[:2]
    assert written(led.read(template.format(a=first, b=second))) == f"{SAID[first]} {SAID[second]}"
