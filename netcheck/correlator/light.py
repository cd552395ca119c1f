"""What the light of a Photon would show here: its count of orange flashes is the result of its internet test."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.model import Observation


def expected(observations: Sequence[Observation]) -> tuple[str, ...]:
    """A sentence, where the cloud was not reached and its internet tests were made; none otherwise.

    Up to 1.5 the device makes its test only then, and after a failed handshake it flashes red besides
    (device-os@v1.5.2 and v2.3.1:system/src/system_task.cpp).
    """
    if not any(o.failed and o.fact in ("dns.cloud_name", "tcp.cloud") for o in observations):
        return ()
    tests = [o for o in observations if o.fact == "internet.test" and o.number("orange_flashes") is not None]
    eras = [f"{o.number('orange_flashes'):.0f} orange flashes with Device OS {o.text('firmware')}" for o in tests]
    return (f"The light to expect from a Photon here: {', '.join(dict.fromkeys(eras))} (none with 0.6.0).",) if eras else ()
