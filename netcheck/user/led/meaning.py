"""From sightings to states of the light: which words of LIGHTS were seen, which flashes, which
state is the last.

Misnomers are righted by their place: a counted "yellow" beside cyan is an orange flash, "blue" with
red flashes is cyan. Where no colour is named, rhythm and order tell it: slow, then fast,
of one colour is green, of the next cyan; flashes of another colour come with cyan alone. States:
device-os@v0.6.1:system/src/system_led_signal.cpp; flashes: system_task.cpp at v0.4.1 to v2.3.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from msgspec import structs

from netcheck.user.led.light import Flash, Light, LightReading
from netcheck.user.led.sighting import MANY, OF_STATES, LightSighting
from netcheck.user.led.tokens import TokenKind

HIGHEST_CODE = 20
"""More red blinks than this after an SOS were miscounted; the highest code is 14."""
MOST_EXACT = 3
"""More flashes than this are `many`: the firmware makes no such run."""


@dataclass
class _Found:
    """A reading as it grows."""

    lights: list[Light] = field(default_factory=list)
    flashes: list[Flash] = field(default_factory=list)
    sos: int | None = None
    is_unnamed: bool = False


def meaning(said: Sequence[LightSighting]) -> LightReading:
    """The reading that these sightings make."""
    seen = _of_program(_of_crash([one for one in said if not one.is_denied]))
    named = _by_rhythm(seen) if _has_no_colour(seen) else _righted(seen)
    restarts = _restarts(named)
    counted = [one for one in named if not (restarts and one.colour == "red")]
    found = _Found()
    for at, one in enumerate(counted):
        _add(found, one, counted[:at], counted[at + 1 :])
    return LightReading(
        lights=tuple(_contrasted(found.lights)),
        flashes=tuple(dict.fromkeys(found.flashes)),
        denied=tuple(dict.fromkeys(_denials(said))),
        sos=found.sos,
        restarts=restarts,
        is_unnamed=found.is_unnamed and not found.lights,
        is_by_rhythm=named != seen and _has_no_colour(seen),
    )


def _of_crash(seen: list[LightSighting]) -> list[LightSighting]:
    """Without the red that only gives an SOS its colour."""
    if not any(one.is_sos for one in seen):
        return seen
    return [
        one for one in seen if one.is_sos or one.count is not None or one.colour not in ("", "red")
    ]


def _of_program(seen: list[LightSighting]) -> list[LightSighting]:
    """Without the colours that only say which a program shows: "disco: pink, teal, purple"."""
    if not any(one.colour == "rainbow" for one in seen):
        return seen
    return [
        one
        for one in seen
        if one.colour in ("", "rainbow") or one.pattern or one.speed or one.is_counted_event
    ]


def _restarts(seen: Sequence[LightSighting]) -> bool:
    """Red, and later the white of a start, with no cyan at all: of red the firmware shows only the
    flash of a handshake, beside cyan, and that of a crash (system_task.cpp, panic.c).
    """
    colours = [one.colour for one in seen]
    if "red" not in colours or "cyan" in colours or any(one.is_sos for one in seen):
        return False
    return "white" in colours[colours.index("red") + 1 :]


def _denials(said: Iterable[LightSighting]) -> Iterator[str]:
    """The colours, or breathing, that were denied."""
    for one in said:
        if not one.is_denied:
            continue
        if one.pattern in ("breathe", "pulse"):
            yield "breathing"
        elif one.colour not in ("", "off", "rainbow"):
            yield one.colour


# ---------------------------------------------------------------------------------- colours righted


def _has_no_colour(seen: Iterable[LightSighting]) -> bool:
    """Was no colour named by name?"""
    return not any(
        one.colour not in ("", "other", "off", "rainbow") or one.is_sos or one.mode for one in seen
    )


def _righted(seen: Sequence[LightSighting]) -> list[LightSighting]:
    """With the colours that were meant: a blue that has flashes of another colour, or breathes or
    hurries after green, is cyan.
    """
    colours = [one.colour for one in seen]
    has_flashes = any(
        one.is_counted_event and one.colour in ("red", "orange", "amber", "other") for one in seen
    )
    green = colours.index("green") if "green" in colours else len(colours)
    is_higher = any(
        one.colour == "blue" and (one.pattern == "breathe" or one.speed == "fast")
        for one in seen[green:]
    )
    if (
        "blue" in colours
        and "cyan" not in colours
        and (has_flashes or is_higher)
        and not any(one.is_sos for one in seen)
    ):
        return [replace(one, colour="cyan") if one.colour == "blue" else one for one in seen]
    return list(seen)


def _by_rhythm(seen: Sequence[LightSighting]) -> list[LightSighting]:
    """Where no colour is named: the first colour is green and the next cyan; with flashes and no
    change before them it is cyan.
    """
    is_changing = [one.colour == "other" and one.count is None and not one.is_event for one in seen]
    has_flashes = any(
        one.colour == "other" and not change for one, change in zip(seen, is_changing, strict=True)
    )
    rhythms = [one for one in seen if one.colour == "" and (one.pattern or one.speed)]
    colours = iter(("green", "cyan", "cyan", "cyan"))
    steps = sum(is_changing) + sum(_is_next_colour(one, after) for one, after in pairwise(rhythms))
    if has_flashes and not steps:
        colours = iter(("cyan",) * 4)
    elif len(rhythms) + sum(is_changing) < 2:
        return list(seen)
    return list(_painted(seen, is_changing, list(colours)))


def _is_next_colour(one: LightSighting, after: LightSighting) -> bool:
    """A rhythm that slows down again is that of the next colour."""
    return one.speed == "fast" and after.speed == "slow"


def _painted(
    seen: Sequence[LightSighting], is_changing: Sequence[bool], colours: Sequence[str]
) -> Iterator[LightSighting]:
    place, before = 0, LightSighting()
    for one, change in zip(seen, is_changing, strict=True):
        if one.colour in ("off", "rainbow") or (one.colour == "other" and not change):
            yield one
            continue
        place += change or _is_next_colour(before, one)
        before = one
        if one.pattern == "breathe" and place == 0:
            place = 1  # what breathes after blinking is the last state, which is cyan's
        yield replace(one, colour=colours[min(place, len(colours) - 1)])


# ------------------------------------------------------------------------------- states and flashes


def _add(
    found: _Found,
    one: LightSighting,
    before: Sequence[LightSighting],
    after: Sequence[LightSighting],
) -> None:
    """What one sighting adds."""
    if one.is_sos:
        found.sos = found.sos or _code(one) or _code_beside(before, after)
    elif _is_code(one, before, after) or _is_of_start(one, before, after):
        return
    elif flash := _flash(one, before, after):
        found.flashes.append(Flash(name=flash, is_sometimes=one.is_sometimes))
    elif light := _light(one):
        found.lights.append(light)
    elif one.mode:
        if one.separator_before is TokenKind.THEN or not (before or after):
            found.lights.append(Light(state=one.mode))
    elif one.pattern or one.speed:
        found.is_unnamed = True


def _code(one: LightSighting) -> int:
    return one.count if one.count is not None and one.count <= HIGHEST_CODE else 0


def _could_be_code(one: LightSighting | None) -> bool:
    return one is not None and one.colour in ("red", "other", "") and not one.is_sos


def _code_beside(before: Sequence[LightSighting], after: Sequence[LightSighting]) -> int:
    """The code of a crash: red blinks counted right after the SOS, or else right before it."""
    for beside in (after[:1], before[-1:]):
        if beside and _could_be_code(beside[0]) and _code(beside[0]):
            return _code(beside[0])
    return 0


def _is_code(
    one: LightSighting, before: Sequence[LightSighting], after: Sequence[LightSighting]
) -> bool:
    """Is it the code of an SOS?"""
    return _could_be_code(one) and any(other.is_sos for other in (*before[-1:], *after[:1]))


def _is_of_start(
    one: LightSighting, before: Sequence[LightSighting], after: Sequence[LightSighting]
) -> bool:
    """Is it a magenta flash beside states that no try to connect has: the bootloader's own?"""
    colours = {other.colour for other in (*before, *after)} - {"", "other", "magenta"}
    is_flash = one.colour == "magenta" and one.is_counted_event and one.count is not None
    return is_flash and bool(colours) and colours.isdisjoint(OF_STATES)


def _flash(
    one: LightSighting, before: Sequence[LightSighting], after: Sequence[LightSighting]
) -> str:
    """The name of the run of flashes that it is; empty where it is none."""
    colours = {other.colour for other in (*before, *after)}
    is_beside_cyan, is_beside_states = "cyan" in colours, bool(colours & OF_STATES)
    is_lasting = one.pattern in ("breathe", "solid")
    count = (
        one.count
        if one.count is not None
        else 1
        if one.is_event and one.pattern and not is_lasting
        else MANY
    )
    if one.colour == "other":
        return (
            f"{'orange' if 1 < count <= MOST_EXACT else 'red'}_{_word(count)}"
            if is_beside_states
            else ""
        )
    colour = "orange" if one.colour in ("amber", "yellow") else one.colour
    is_flash = {
        "red": one.is_counted_event or (is_beside_states and not is_lasting),
        "orange": one.is_counted_event or not is_lasting,
        "amber": is_beside_cyan and not is_lasting,
        "yellow": is_beside_cyan and one.is_counted_event,
        "magenta": (
            one.is_counted_event and (is_beside_states or one.count is not None) and not is_lasting
        )
        or _is_amid_cyan(one, before, after),
    }
    return f"{colour}_{_word(count)}" if is_flash.get(one.colour) else ""


def _is_amid_cyan(
    one: LightSighting, before: Sequence[LightSighting], after: Sequence[LightSighting]
) -> bool:
    """Is it said to blink together with cyan ("cyan blinking with magenta blinks")? The magenta of
    safe mode or of an update comes before cyan or after it, not amid it.
    """
    pairs = [(other, one) for other in before[-1:]] + [(one, other) for other in after[:1]]
    return one.pattern == "blink" and any(
        "cyan" in (first.colour, second.colour)
        and "breathe" not in (first.pattern, second.pattern)
        and second.separator_before is TokenKind.AND
        for first, second in pairs
    )


def _word(count: int) -> str:
    return str(count) if 0 < count <= MOST_EXACT else "many"


_BLINKING = {
    "green": "green_blinking",
    "cyan": "cyan_blinking",
    "blue": "blue_blinking",
    "yellow": "yellow_blinking",
    "amber": "yellow_blinking",
}
_STATES: dict[tuple[str, str, str], str] = {
    ("white", "blink", "fast"): "white_fast",
    ("white", "blink", "slow"): "white_breathing",
    ("white", "breathe", ""): "white_breathing",
    ("blue", "breathe", ""): "blue_breathing",
    ("blue", "blink", "fast"): "blue_fast",
    ("green", "blink", "slow"): "green_slow",
    ("green", "blink", "fast"): "green_fast",
    ("green", "breathe", ""): "green_breathing",
    ("cyan", "blink", "slow"): "cyan_slow",
    ("cyan", "blink", "fast"): "cyan_fast",
    ("cyan", "breathe", ""): "cyan_breathing",
    ("magenta", "breathe", ""): "magenta_breathing",
    ("magenta", "solid", ""): "magenta_solid",
    ("magenta", "blink", ""): "magenta_blinking",
    ("red", "blink", ""): "red_blinking",
    ("grey", "solid", ""): "grey",
}
"""Colour, pattern and, where it counts, speed → state."""


def _light(one: LightSighting) -> Light | None:
    """The state; None if it is not one."""
    pattern = _pattern(one)
    if one.colour in ("off", "rainbow", "grey"):
        return Light(state=one.colour, is_sometimes=one.is_sometimes)
    if one.colour == "white" and pattern != "breathe" and one.speed != "slow":
        return Light(
            state="white_fast" if one.speed == "fast" else "white", is_sometimes=one.is_sometimes
        )
    state = _state(one.colour, pattern, one.speed)
    if not state:
        return None
    alternatives = [_state(one.alternative, pattern, one.speed)] if one.alternative else []
    if one.pattern == "pulse" and one.colour == "green" and not one.speed:
        alternatives.append(
            "green_blinking"
        )  # said of both: a person who waits at green calls its blinking a pulse, too
    return Light(
        state=state,
        alternatives=tuple(other for other in alternatives if other and other != state),
        is_bare=not (one.pattern or one.speed or one.stays),
        stays=one.stays,
        is_sometimes=one.is_sometimes,
    )


def _pattern(one: LightSighting) -> str:
    """Blink, breathe or solid: a pulse is a breath, unless it is quick; a speed alone is that of
    blinking.
    """
    if one.pattern == "pulse":
        return "blink" if one.speed == "fast" else "breathe"
    if one.pattern == "solid" and one.speed:
        return "blink"
    return one.pattern or ("blink" if one.speed else "")


def _state(colour: str, pattern: str, speed: str) -> str:
    if pattern == "solid":
        return "magenta_solid" if colour == "magenta" else "solid" if colour else ""
    if colour in _BLINKING and pattern != "breathe":
        return _STATES.get((colour, "blink", speed)) or _BLINKING[colour]
    if colour == "magenta" and not pattern:
        return "magenta_blinking"
    return _STATES.get((colour, pattern or "blink", "")) or _STATES.get(
        (colour, pattern, speed), ""
    )


def _contrasted(lights: Sequence[Light]) -> Iterator[Light]:
    """The states without repetitions; a blinking that is followed by a fast one of the same colour
    was slow.
    """
    before = None
    for at, light in enumerate(lights):
        following = [other.state for other in lights[at + 1 :]]
        for colour in ("green", "cyan"):
            if light.state == f"{colour}_blinking" and f"{colour}_fast" in following[:1]:
                light = Light(state=f"{colour}_slow", is_sometimes=light.is_sometimes)
        if before is None or light != structs.replace(before, stays=light.stays):
            yield light
        before = light
