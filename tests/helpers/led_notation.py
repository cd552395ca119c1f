"""What was read of a light, in one line."""

from __future__ import annotations

from netcheck.user.led.reading import LightReading


def written(reading: LightReading) -> str:
    """A reading in the notation of the table."""
    lights = [
        "|".join((light.state, *light.alternatives))
        + "?" * light.is_bare
        + "~" * light.is_sometimes
        for light in reading.lights
    ]
    crash = [] if reading.sos is None else [f"sos={reading.sos}" if reading.sos else "sos"]
    flashes = [f"+{flash.name}" + "~" * flash.is_sometimes for flash in reading.flashes]
    return " ".join(
        [
            *lights,
            *crash,
            *flashes,
            *(f"-{word}" for word in reading.denied),
            *(["unnamed"] if reading.is_unnamed else []),
        ]
    )
