"""Notes on the light: the flashes that a Photon would show here, where the light contradicts the
recorded evidence, and words that were not understood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator.led_evidence import is_phase
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation, Stage
from netcheck.photon.firmware import Era, eras
from netcheck.vocabulary import ONLINE, decides_rung, is_of_light, is_told_by_user

_FLASH_COUNT = {"orange_2": 2, "orange_3": 3}
_SAFE_MODE_START = "magenta_blinking"
_DFU = "yellow_blinking"


def notes(own: Sequence[Observation]) -> Iterator[Note]:
    """The notes on the light."""
    yield from expected(own)
    yield from _contradiction(own)
    yield from _readings(own)


def expected(observations: Sequence[Observation]) -> Iterator[Note]:
    """The flashes to expect, where the cloud was not reached and its internet tests were made.

    Up to 1.5 the device makes its test only then, and after a failed handshake it flashes red
    besides (device-os@v1.5.2 and v2.3.1:system/src/system_task.cpp).
    """
    tests = _tests(observations)
    if not tests or not any(
        o.failed and o.fact in ("dns.cloud_name", "tcp.cloud") for o in observations
    ):
        return
    yield note("light_expected", flashes=tuple(_by_version(tests)))
    seen = {
        _FLASH_COUNT[o.text("value")]
        for o in observations
        if o.fact == "led.flash" and o.text("value") in _FLASH_COUNT
    }
    if seen and not seen & {int(_flashes(o)) for o in _of_version(tests, observations)}:
        yield note("light_of_other_failure", count=str(min(seen)))


def _by_version(tests: Iterable[Observation]) -> Iterator[Note]:
    """The flashes, each number once with all versions that show it."""
    versions: dict[str, dict[str, None]] = defaultdict(dict)
    for o in tests:
        versions[f"{_flashes(o):.0f}"][o.text("firmware")] = None
    for count, firmware in versions.items():
        yield note("flashes_of_version", count=count, firmware=", ".join(firmware))


def _tests(observations: Iterable[Observation]) -> list[Observation]:
    return [
        o
        for o in observations
        if o.fact == "internet.test" and o.number("orange_flashes") is not None
    ]


def _flashes(test: Observation) -> float:
    return test.number("orange_flashes") or 0.0


def _of_version(
    tests: Sequence[Observation], observations: Iterable[Observation]
) -> Sequence[Observation]:
    """The tests that a device of the reported version makes; all if no version is reported."""
    told = [o.text("version") for o in observations if o.fact == "told.firmware"]
    return [o for o in tests if not told or eras([o.text("firmware")]) & eras(told)]


def _contradiction(own: Sequence[Observation]) -> Iterator[Note]:
    """Where the light and what was recorded differ on how far the device came."""
    recorded = [o for o in own if not is_told_by_user(o.fact) and decides_rung(o.fact)]
    light = [o for o in own if is_phase(o)]
    if not recorded or not light:
        return
    passed, failed = _highest_passed(recorded), _lowest_failed(recorded)
    bright, dark = _highest_passed(light), _lowest_failed(light)
    if (
        dark is not None
        and failed is not None
        and dark.stage < failed.stage
        and _is_computer(failed)
    ):
        yield note("light_and_computer_fail", light=dark.stage.value)
    elif (
        failed is not None
        and bright is not None
        and bright.stage >= failed.stage
        and (passed is None or passed.stage < failed.stage)
    ):
        yield _differ("light_past", bright.stage, failed)
    elif dark is not None and passed is not None and passed.stage >= dark.stage:
        yield _differ("light_short_of", dark.stage, passed)


def _highest_passed(observations: Iterable[Observation]) -> Observation | None:
    return max((o for o in observations if o.ok), key=lambda o: o.stage.height, default=None)


def _lowest_failed(observations: Iterable[Observation]) -> Observation | None:
    return min((o for o in observations if o.failed), key=lambda o: o.stage.height, default=None)


def _is_computer(o: Observation) -> bool:
    return o.source.startswith("probe:")


def _differ(how: str, light: Stage, recorded: Observation) -> Note:
    return note(
        f"{how}_computer" if _is_computer(recorded) else f"{how}_device",
        light=light.value,
        stage=recorded.stage.value,
        ref=recorded.ref or recorded.source,
    )


def _readings(own: Sequence[Observation]) -> Iterator[Note]:
    """How the words about the light were read, where that is not plain."""
    light = [o for o in own if is_of_light(o.fact)]
    if unread := sum(int(o.number("unread_words") or 0) for o in light):
        yield note("light_unread", count=str(unread))
    if any(o.fact == "led.last" and not o.ok for o in light):
        yield note("light_unknown")
    if any(o.value("by_rhythm") is True for o in light):
        yield note("light_by_rhythm")
    if _shows_safe_mode_start(light):
        yield note("light_after_safe_mode")
    if _has_impossible_flashes(own):
        yield note("light_impossible_flashes")


def _shows_safe_mode_start(light: Iterable[Observation]) -> bool:
    states = [
        o.text("value")
        for o in sorted(light, key=lambda o: (o.at, o.number("step") or 0))
        if o.fact == "led.state"
    ]
    return (
        states[:1] == [_SAFE_MODE_START]
        and len(states) > 1
        and states[-1] not in (*ONLINE, _SAFE_MODE_START, _DFU)
    )


def _has_impossible_flashes(own: Iterable[Observation]) -> bool:
    seen = list(own)
    told = [o.text("version") for o in seen if o.fact == "told.firmware"]
    flashes = any(o.fact == "led.flash" and o.ok and o.text("value") in _FLASH_COUNT for o in seen)
    return bool(told) and flashes and eras(told) == {Era.MUTE}
