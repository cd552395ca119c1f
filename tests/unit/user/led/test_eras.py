"""The light of another time or place is no step of the present one."""

from __future__ import annotations

import pytest

from netcheck.model import Target
from netcheck.user import led

GREEN, CYAN, ONLINE = "green_blinking", "cyan_fast", "cyan_breathing"
BEFORE = {"told.worked_before": "yes"}
ELSEWHERE = {"told.other_network": "works"}
NEAR = {"told.near_router": "works"}


def states(text: str) -> str:
    return " ".join(light.state for light in led.read(text).lights)


def told(text: str) -> dict[str, str]:
    seen = led.observations(led.read(text), Target(), 0.0)
    return {o.fact: o.text("value") for o in seen if o.fact.startswith("told.")}


@pytest.mark.parametrize(
    ("text", "present", "also_told"),
    [
        ("was breathing cyan until last week, now blinks green", GREEN, BEFORE),
        ("before the move it was breathing cyan, now it blinks green", GREEN, BEFORE),
        ("Was breathing cyan for years. Since Monday it blinks green.", GREEN, BEFORE),
        ("yesterday it was breathing cyan, it blinks green today", GREEN, BEFORE),
        ("blinks green; a week ago it was still breathing cyan", GREEN, BEFORE),
        ("it used to breathe cyan, since the swap blinks green", GREEN, BEFORE),
        ("it was breathing cyan, now it blinks green", GREEN, BEFORE),
        ("now it is blinking green, before it was breathing cyan", GREEN, BEFORE),
        ("was breathing cyan until last week", "", BEFORE),
        ("was blinking green until I moved it, now fast cyan", CYAN, {}),
        ("at my old house it was breathing cyan, at the new one it blinks green", GREEN, ELSEWHERE),
        ("breathing cyan at the old house, here it flashes green", GREEN, ELSEWHERE),
        ("at home it breathes cyan, at work it blinks green", GREEN, ELSEWHERE),
        ("blinks green at work, at home it is breathing cyan", GREEN, ELSEWHERE),
        ("breathing cyan at home and blinking green at work", GREEN, ELSEWHERE),
        ("near the router it breathes cyan, in the garage it blinks green", GREEN, NEAR),
        ("in the kitchen it is breathing cyan, in the garage blinking green", GREEN, {}),
    ],
)  # fmt: skip
def test_the_present_light_is_judged_alone(
    text: str, present: str, also_told: dict[str, str]
) -> None:
    assert (states(text), told(text)) == (present, also_told)


@pytest.mark.parametrize(
    ("text", "in_order"),
    [
        ("blinking green before breathing cyan", f"{GREEN} {ONLINE}"),
        ("before the cyan it blinks green", "green_blinking cyan_blinking"),
        ("before it blinks green it is white", f"white {GREEN}"),
        ("breathing cyan for an hour, then blinks green", f"{ONLINE} {GREEN}"),
        ("it was blinking green, then breathing cyan, now green", f"{GREEN} {ONLINE} {GREEN}"),
        ("blinks green until it goes cyan fast", f"{GREEN} {CYAN}"),
        ("at home it blinks green, then breathes cyan", f"{GREEN} {ONLINE}"),
    ],
)  # fmt: skip
def test_an_order_of_states_is_kept(text: str, in_order: str) -> None:
    assert (states(text), told(text)) == (in_order, {})


@pytest.mark.parametrize("text", ["not breathing cyan", "never breathes"])
def test_a_negated_light_passes_no_rung_and_fails_none(text: str) -> None:
    seen = list(led.observations(led.read(text), Target(), 0.0))
    assert {o.outcome for o in seen} == {"unclear"}


@pytest.mark.parametrize("guess", ["maybe ten times", "perhaps 10 times", "ten times"])
def test_a_guessed_number_counts_the_blinking_before_it(guess: str) -> None:
    reading = led.read(f"blinks green {guess}, then dark blue again")
    assert [light.state for light in reading.lights] == [GREEN, "blue_blinking"]
    assert not reading.flashes


@pytest.mark.parametrize("since", ["since yesterday", "since last week", "since Monday"])
def test_since_when_it_fails_is_no_past(since: str) -> None:
    assert states(f"{since} it blinks green") == states(f"it blinks green {since}") == GREEN
