"""When a Photon's light counts as evidence beside the other witnesses.

It is the weakest witness of the ladder: where anything was recorded, that counts instead.
`notes.led_notes` says where the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from netcheck.model import Observation, Rung, Stage, State
from netcheck.vocabulary import (
    ONLINE,
    Role,
    decides_rung,
    has_role,
    is_of_light,
    is_remembered,
)


def is_symptom(o: Observation) -> bool:
    """Does the light show anything but a device that is online?"""
    if o.fact == "led.last":
        return o.text("value") not in ONLINE
    return o.ok and o.fact in ("led.flash", "led.sos", "led.restart")


def is_phase(o: Observation) -> bool:
    """Is it a connection phase that the light showed?"""
    return has_role(o.fact, Role.LIGHT_PHASE)


def shows_failure(observations: Iterable[Observation]) -> bool:
    """Does the light show that a rung failed?"""
    return any(o.failed and is_phase(o) for o in observations)


def is_online_by_light_alone(rungs: Iterable[Rung]) -> bool:
    """Does the light, and nothing else, show that the device is online?"""
    because = next(
        (
            rung.because
            for rung in rungs
            if rung.stage is Stage.SESSION and rung.state in (State.PASSED, State.MIXED)
        ),
        (),
    )
    return bool(because) and all(is_of_light(o.fact) for o in because)


def behind_instruments(deciding: Sequence[Observation]) -> list[Observation]:
    """The observations that decide a ladder: instruments first; above the rungs that they saw, the
    device's memory of earlier tries; above those, its light.
    """
    return _behind(_behind(deciding, is_remembered), is_of_light)


def _behind(deciding: Sequence[Observation], is_weak: Callable[[str], bool]) -> list[Observation]:
    """The observations without the weak witness's on rungs that a better one tested, or on all
    rungs if a better one saw a failure.
    """
    better = [
        o
        for o in deciding
        if not is_weak(o.fact) and not is_of_light(o.fact) and (o.ok or o.failed)
    ]
    if not better:
        return list(deciding)
    has_failed, seen_to = any(o.failed for o in better), max(o.stage.height for o in better)
    return [
        o for o in deciding if not is_weak(o.fact) or (not has_failed and o.stage.height > seen_to)
    ]


def instruments(own: Iterable[Observation]) -> list[Observation]:
    """The observations that decide a rung and are not of the light."""
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
    """Is this evidence only of the light, about a stage that instruments show better?

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
    is_of_rungs = any(is_phase(o) or o.fact == "led.flash" for o in seen)
    if (stage is Stage.POWER and not is_of_rungs) or all(_is_computer(o) for o in seen_better):
        return False
    return stage is not failed if failed is not None else stage < seen_to


def _is_computer(o: Observation) -> bool:
    return o.source.startswith("probe:")
