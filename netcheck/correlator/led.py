"""The light of a Photon beside the other witnesses: what it would show here, where it contradicts
them, what was not understood.

It is the weakest witness of the ladder: where an instrument looked, that counts, and the difference
is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from netcheck.model import Observation, Rung, Stage, State
from netcheck.photon.firmware import Era, eras
from netcheck.vocabulary import (
    ONLINE,
    Role,
    decides_rung,
    has_role,
    is_of_light,
    is_remembered,
    is_told_by_user,
)

_FLASH_COUNT = {"orange_2": 2, "orange_3": 3}


def is_symptom(o: Observation) -> bool:
    """Does the light show anything else than a device that is online?"""
    if o.fact == "led.last":
        return o.text("value") not in ONLINE
    return o.ok and o.fact in ("led.flash", "led.sos")


def _is_phase(o: Observation) -> bool:
    return has_role(o.fact, Role.LIGHT_PHASE)


def shows_failure(observations: Iterable[Observation]) -> bool:
    """Does the light show that a rung failed?"""
    return any(o.failed and _is_phase(o) for o in observations)


def behind_instruments(speaking: Sequence[Observation]) -> list[Observation]:
    """What speaks for a ladder: instruments, above them the device's memory of earlier tries, and
    above that its light.
    """
    return _behind(_behind(speaking, _is_remembered), lambda o: is_of_light(o.fact))


def _is_remembered(o: Observation) -> bool:
    return is_remembered(o.fact)


def _behind(
    speaking: Sequence[Observation], is_weak: Callable[[Observation], bool]
) -> list[Observation]:
    """Without what the weak witness says of rungs that a better one looked at, and, where a better
    one saw one fail, of any.
    """
    better = [
        o for o in speaking if not is_weak(o) and not is_of_light(o.fact) and (o.ok or o.failed)
    ]
    if not better:
        return list(speaking)
    has_failed, seen_to = any(o.failed for o in better), max(o.stage.height for o in better)
    return [o for o in speaking if not is_weak(o) or (not has_failed and o.stage.height > seen_to)]


def instruments(own: Iterable[Observation]) -> list[Observation]:
    """What anything but a person's eye saw of a rung."""
    return [
        o for o in own if (o.ok or o.failed) and decides_rung(o.fact) and not is_of_light(o.fact)
    ]


def is_outweighed(
    seen: Sequence[Observation],
    stage: Stage,
    seen_better: Sequence[Observation],
    *,
    speaks_for: bool,
) -> bool:
    """Does the light bear on a cause of this stage where instruments say better how things stand
    there?

    Against a cause it counts only above all that they saw. For one it also counts where they saw
    the climb end, which flashes may explain, and beside a computer's probes, which know nothing of
    the device's Wi-Fi.
    """
    if not seen_better or not all(is_of_light(o.fact) for o in seen):
        return False
    failed = min((o.stage for o in seen_better if o.failed), default=None)
    seen_to = max(o.stage for o in seen_better)
    if not speaks_for:
        return failed is not None or stage <= seen_to
    is_of_rungs = any(_is_phase(o) or o.fact == "led.flash" for o in seen)
    if (stage is Stage.POWER and not is_of_rungs) or all(_is_computer(o) for o in seen_better):
        return False
    return stage is not failed if failed is not None else stage < seen_to


# ---------------------------------------------------------------------------------------- sentences


def notes(own: Sequence[Observation]) -> Iterator[str]:
    """What to say of the light, one sentence each."""
    yield from expected(own)
    yield from _contradictions(own)
    yield from _readings(own)


def expected(observations: Sequence[Observation]) -> tuple[str, ...]:
    """A sentence, where the cloud was not reached and its internet tests were made; none otherwise.

    Up to 1.5 the device makes its test only then, and after a failed handshake it flashes red
    besides (device-os@v1.5.2 and v2.3.1:system/src/system_task.cpp).
    """
    if not any(o.failed and o.fact in ("dns.cloud_name", "tcp.cloud") for o in observations):
        return ()
    tests = _tests(observations)
    if not tests:
        return ()
    shown = [
        f"{o.number('orange_flashes'):.0f} orange flashes with Device OS {o.text('firmware')}"
        for o in tests
    ]
    sentence = (
        f"The light to expect from a Photon here: {', '.join(dict.fromkeys(shown))} (none with"
        " 0.6.0)."
    )
    seen = {
        _FLASH_COUNT[o.text("value")]
        for o in observations
        if o.fact == "led.flash" and o.text("value") in _FLASH_COUNT
    }
    if seen and not seen & {
        int(o.number("orange_flashes") or 0) for o in _of_version(tests, observations)
    }:
        return (sentence, f"You saw {min(seen)}: then its failure is another than this computer's.")
    return (sentence,)


def _tests(observations: Iterable[Observation]) -> list[Observation]:
    return [
        o
        for o in observations
        if o.fact == "internet.test" and o.number("orange_flashes") is not None
    ]


def _of_version(
    tests: Sequence[Observation], observations: Iterable[Observation]
) -> Sequence[Observation]:
    """Those tests that a device of the version told makes; all where none is told."""
    told = [o.text("version") for o in observations if o.fact == "told.firmware"]
    return [o for o in tests if not told or eras([o.text("firmware")]) & eras(told)]


def _contradictions(own: Sequence[Observation]) -> Iterator[str]:
    """Where the light and an instrument differ on how far the device came."""
    instruments = [o for o in own if not is_told_by_user(o.fact) and decides_rung(o.fact)]
    light = [o for o in own if _is_phase(o)]
    if not instruments or not light:
        return
    passed = max((o for o in instruments if o.ok), key=lambda o: o.stage.height, default=None)
    failed = min((o for o in instruments if o.failed), key=lambda o: o.stage.height, default=None)
    bright = max((o for o in light if o.ok), key=lambda o: o.stage.height, default=None)
    dark = min((o for o in light if o.failed), key=lambda o: o.stage.height, default=None)
    if (
        dark is not None
        and failed is not None
        and dark.stage < failed.stage
        and _is_computer(failed)
    ):
        yield (
            f"By its light your Photon does not even get past {dark.stage.value}; what stops this"
            " computer comes after that: mend both."
        )
    elif (
        failed is not None
        and bright is not None
        and bright.stage >= failed.stage
        and (passed is None or passed.stage < failed.stage)
    ):
        yield _differ(
            f"came past {bright.stage.value}",
            f"{_who(failed)} failed at {failed.stage.value}",
            failed,
        )
    elif dark is not None and passed is not None and passed.stage >= dark.stage:
        yield _differ(
            f"does not get past {dark.stage.value}",
            f"{_who(passed)} reached {passed.stage.value}",
            passed,
        )


def _is_computer(o: Observation) -> bool:
    return o.source.startswith("probe:")


def _who(o: Observation) -> str:
    return "this computer" if _is_computer(o) else "the device"


def _differ(light: str, instrument: str, o: Observation) -> str:
    if _is_computer(o):
        return (
            f"By its light your Photon {light}, while {instrument} ({o.ref or o.source}): they are"
            " not held back by the same thing."
        )
    return (
        f"The light {light}, yet {instrument} ({o.ref or o.source}): the instrument counts; look at"
        " the light again."
    )


def _readings(own: Sequence[Observation]) -> Iterator[str]:
    """How the words about the light were read, where that is not plain."""
    light = [o for o in own if is_of_light(o.fact)]
    states = [
        o.text("value")
        for o in sorted(light, key=lambda o: (o.at, o.number("step") or 0))
        if o.fact == "led.state"
    ]
    if unread := next((o.text("unread") for o in light if o.text("unread")), ""):
        yield f"Not understood of what you said about the light: {unread}."
    if any(o.fact == "led.last" and not o.ok for o in light):
        yield (
            "What you said about the light fits no state: name the colour, or how the blinking"
            " changes, and flashes of another colour."
        )
    if any(o.value("by_rhythm") is True for o in light):
        yield (
            "You named no colour of the light: which state it is in was concluded from rhythm and"
            " order."
        )
    if (
        states[:1] == ["magenta_blinking"]
        and len(states) > 1
        and states[-1] not in (*ONLINE, "magenta_blinking", "yellow_blinking")
    ):
        yield (
            "Safe mode was entered: it shows breathing magenta only once the cloud is reached, and"
            " the light says how far it came."
        )
    if _has_impossible_flashes(own):
        yield (
            "Device OS 0.6.0 makes no two or three orange flashes: version or flashes are not what"
            " they seem."
        )


def _has_impossible_flashes(own: Iterable[Observation]) -> bool:
    seen = list(own)
    told = [o.text("version") for o in seen if o.fact == "told.firmware"]
    flashes = any(o.fact == "led.flash" and o.ok and o.text("value") in _FLASH_COUNT for o in seen)
    return bool(told) and flashes and eras(told) == {Era.MUTE}


def headline(rungs: Iterable[Rung]) -> str:
    """What to say of a healthy device of which only the light says so; empty where an instrument
    saw it.
    """
    session = next(
        (
            rung
            for rung in rungs
            if rung.stage is Stage.SESSION and rung.state in (State.PASSED, State.MIXED)
        ),
        None,
    )
    if (
        session is None
        or not session.because
        or not all(is_of_light(o.fact) for o in session.because)
    ):
        return ""
    return "By its light this Photon is online; nothing but its light was seen of it."
