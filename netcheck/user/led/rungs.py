"""How far the light came: which rungs its states prove, and at which it stays. The same for every
Device OS version.

AUTOMATIC mode climbs: green slow (join), green fast (address), cyan slow (name and connection),
cyan fast (handshake), cyan breathing (device-os@v0.6.1:system/src/system_led_signal.cpp). One flash
says that the handshake failed, two or three orange ones that no connection opened
(system_task.cpp), from 2.0 on perhaps only after a handshake that failed.
"""

from __future__ import annotations

from collections.abc import Mapping

from netcheck.model import Outcome
from netcheck.user.led.light import UPDATING, Light, LightReading

LADDER = ("led.join", "led.address", "led.connect", "led.handshake", "led.session")

PROVES: Mapping[str, int] = {
    "green_fast": 1,
    "green_breathing": 2,
    "cyan_slow": 2,
    "cyan_blinking": 2,
    "cyan_fast": 3,
    "cyan_breathing": 5,
    "magenta_breathing": 5,
}
"""State → how many rungs of LADDER it takes to show it."""

STAYS: Mapping[str, Mapping[str, Outcome]] = {
    "green_slow": {"led.join": Outcome.FAILED},
    "green_blinking": {"led.join": Outcome.UNCLEAR, "led.address": Outcome.FAILED},
    "green_fast": {"led.address": Outcome.FAILED},
    "cyan_slow": {"led.connect": Outcome.FAILED},
    "cyan_blinking": {"led.connect": Outcome.UNCLEAR, "led.handshake": Outcome.FAILED},
    "cyan_fast": {"led.handshake": Outcome.FAILED},
}
"""State in which the light stays → rungs that it does not get past. How fast it blinks may not have
been said.
"""

ONE_FLASH = frozenset({"red_1", "orange_1", "magenta_1"})
NO_CONNECTION = frozenset({"orange_2", "orange_3"})


def rungs(reading: LightReading) -> dict[str, Outcome]:
    """Each rung of LADDER that the light says something of."""
    found = _proven(reading.lights)
    last = reading.last
    if last is None:
        return found | _denied(reading, found)
    if reading.restarts:
        return found  # it starts over, whatever it was at
    if last.alternatives:
        doubtful = {
            fact for state in (last.state, *last.alternatives) for fact in STAYS.get(state, {})
        }
        return found | {
            fact: Outcome.UNCLEAR for fact in LADDER if fact in doubtful and fact not in found
        }
    stays = (
        _blue_again(reading, found)
        if last.state == "blue_blinking"
        else dict(STAYS.get(last.state, {}))
    )
    if last.is_bare and not _is_sure(reading, last):
        stays = dict.fromkeys(stays, Outcome.UNCLEAR)
    found |= {
        fact: outcome
        for fact, outcome in stays.items()
        if outcome is not Outcome.UNCLEAR or fact not in found
    }
    if last.state.startswith("cyan") and stays:
        found |= _by_flashes(reading, last)
    is_updating = last.state in UPDATING
    if _has_been_online(reading) and PROVES.get(last.state, 0) < len(LADDER) and not is_updating:
        found["led.session"] = Outcome.FAILED
    return found | _denied(reading, found)


def _proven(lights: tuple[Light, ...]) -> dict[str, Outcome]:
    """What each state took; of states that may be another, nothing."""
    height = max(
        (PROVES.get(light.state, 0) for light in lights if not light.alternatives), default=0
    )
    return dict.fromkeys(LADDER[:height], Outcome.OK)


def _has_been_online(reading: LightReading) -> bool:
    return any(PROVES.get(light.state, 0) == len(LADDER) for light in reading.lights)


def _is_sure(reading: LightReading, last: Light) -> bool:
    """A colour alone is taken for its blinking where its breathing, flashes or the next colour are
    said to be wanting or there.
    """
    is_cyan = last.state.startswith("cyan")
    return (
        bool(reading.flashes)
        if is_cyan and "breathing" not in reading.denied
        else bool({"cyan", "breathing"} & set(reading.denied))
    )


def _by_flashes(reading: LightReading, last: Light) -> dict[str, Outcome]:
    """What flashes say of the rung at which a blinking cyan stays, where its speed was not said or
    is doubtful.
    """
    names = {flash.name for flash in reading.flashes}
    if names & ONE_FLASH:
        return {"led.connect": Outcome.OK, "led.handshake": Outcome.FAILED}
    if not names & NO_CONNECTION:
        return _by_falling_back(reading, last)
    if last.state == "cyan_fast":
        return {"led.connect": Outcome.UNCLEAR}
    if last.state == "cyan_slow":
        return {"led.connect": Outcome.FAILED}
    return {"led.connect": Outcome.FAILED, "led.handshake": Outcome.UNCLEAR}


def _by_falling_back(reading: LightReading, last: Light) -> dict[str, Outcome]:
    """Cyan, and green again without a flash: after connections that did not open the device joins
    anew, but not for handshakes that failed (device-os@v1.5.2:system/src/system_task.cpp).
    """
    if not reading.falls_back or last.state != "cyan_blinking":
        return {}
    return {"led.connect": Outcome.FAILED, "led.handshake": Outcome.UNCLEAR}


def _blue_again(reading: LightReading, found: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Back in listening mode after green: the first try with new credentials failed
    (device-os@v1.5.2:system_network_internal.h).
    """
    was_green = any(
        light.state in ("green_slow", "green_fast", "green_blinking") for light in reading.lights
    )
    if not was_green:
        return {}
    return (
        {"led.join": Outcome.UNCLEAR, "led.address": Outcome.FAILED}
        if "led.join" not in found
        else {"led.address": Outcome.FAILED}
    )


def _denied(reading: LightReading, found: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """What is said not to come, where nothing else says how far the light came. Breathing that
    does not come says no more than that it is not online: the light may show any state instead.
    """
    if found:
        return {}
    if "cyan" in reading.denied:
        return {"led.join": Outcome.UNCLEAR, "led.address": Outcome.FAILED}
    return {}
