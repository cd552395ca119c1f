"""One dialogue with a device as observations: who it is, its mode, and what it answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netcheck.device.usb import codes, modules
from netcheck.device.usb.boards import UsbDevice
from netcheck.device.usb.diagnostics import LISTENING, Diagnostics
from netcheck.device.usb.dialogue import UsbReading
from netcheck.device.usb.modules import Modules
from netcheck.model import NAMELESS, Observation, Outcome, Scalar, Target
from netcheck.vocabulary import FACTS

BY_USB, BY_SERIAL = "device:usb", "device:serial"
RANK = 6
"""A device that shows its own id cannot be better identified."""

FEW_TRIES = 2
"""A device that was online until it was made to listen counts this many tries at most, and no end
of a connection.
"""

Data = tuple[tuple[str, Scalar], ...]


def understood(
    reading: UsbReading, one: UsbDevice, target: Target, at: float
) -> Iterator[Observation]:
    """The observations of one dialogue."""
    device_id = one.device_id or reading.device_id
    name = device_id or reading.mac or target.device or NAMELESS

    def seen(
        fact: str, outcome: Outcome, data: Data = (), reason: str = "", ref: str = ""
    ) -> Observation:
        return seen_of(fact, outcome, name, BY_SERIAL, target, at, data, reason=reason, ref=ref)

    firmware = reading.firmware or (reading.modules.system if reading.modules else "")
    if device_id or reading.mac:
        names = {"id": device_id, "mac": reading.mac, "firmware": firmware}
        yield identity(
            name,
            BY_SERIAL,
            target,
            at,
            tuple((key, value) for key, value in names.items() if value),
        )
    if reading.ended == "gone" and reading.mode != "listening":
        yield seen("usb.access", Outcome.FAILED, (("port", one.port),), "gone")
        return
    yield seen("usb.access", Outcome.OK, (("port", one.port),))
    lines, characters = reading.said.lines, reading.said.characters
    said: Data = (("said_lines", lines), ("said_characters", characters)) if characters else ()
    yield seen("device.mode", Outcome.OK, (("value", reading.mode), *said), ref=_lines(reading))
    if reading.ended:
        yield seen("device.answers", Outcome.FAILED, (("asked", reading.asked),), reading.ended)
    if firmware:
        yield seen(
            "device.firmware",
            Outcome.OK,
            (("version", firmware),),
            ref="serial:v" if reading.firmware else "serial:s",
        )
    if reading.claimed is not None:
        yield seen(
            "device.claimed",
            Outcome.OK if reading.claimed else Outcome.FAILED,
            reason="" if reading.claimed else "unclaimed",
            ref="serial:c",
        )
    if reading.modules is not None:
        yield from of_modules(reading.modules, seen)
    if reading.diagnostics is not None:
        yield from of_diagnostics(reading.diagnostics, seen)


Seen = Callable[..., Observation]


def of_modules(found: Modules, seen: Seen) -> Iterator[Observation]:
    """One observation for each kind of check that a module in use did not pass; one that is ok
    where all passed.
    """
    failures = [(reason, bad) for bits, reason in modules.CHECKS if (bad := found.failed(bits))]
    for reason, bad in failures:
        data = {
            "parts": ", ".join(dict.fromkeys(module.name for module in bad)),
            "version": found.system,
        }
        data |= {"needs": found.system_needed()} if reason == "dependency" else {}
        yield seen(
            "device.modules",
            Outcome.FAILED,
            tuple((key, value) for key, value in data.items() if value),
            reason,
            ref="serial:s",
        )
    if found.main and not failures:
        yield seen(
            "device.modules",
            Outcome.OK,
            (("version", found.system),) if found.system else (),
            ref="serial:s",
        )


def of_diagnostics(told: Diagnostics, seen: Seen) -> Iterator[Observation]:
    """The last errors since the device's start, and what its counters show that it reached.
    History, and no word about now.
    """
    had_connection = bool(told.cloud_drops) or bool(told.cloud_error)
    if told.network_error in codes.WIFI:
        number, reason = (("number", told.network_error),), codes.WIFI[told.network_error]
        fact = "device.radio_error" if reason in codes.OF_RADIO else "device.network_error"
        yield seen(fact, Outcome.FAILED, number, reason, ref="serial:d")
    elif told.cloud_tries or had_connection:
        yield seen("device.network_error", Outcome.OK, ref="serial:d")
    elif told.network_tries == 0 and told.network_error in (0, None):
        yield seen("device.network_error", Outcome.UNCLEAR, reason="not_asked", ref="serial:d")
    if told.cloud_error and (reason := codes.cloud_reason(told.cloud_error)):
        yield seen(
            "device.cloud_error",
            Outcome.FAILED,
            (("number", told.cloud_error),),
            reason,
            ref="serial:d",
        )
    if had_connection:
        yield seen("device.cloud_reach", Outcome.OK, ref="serial:d")
    elif (told.cloud_tries or 0) > (FEW_TRIES if told.cloud_drop_reason == LISTENING else 0):
        yield seen(
            "device.cloud_reach",
            Outcome.FAILED,
            (("tries", told.cloud_tries),),
            "not_connected",
            ref="serial:d",
        )
    elif told.cloud_tries == 0 and told.network_tries and told.network_error == 0:
        yield seen("device.cloud_reach", Outcome.UNCLEAR, reason="not_asked", ref="serial:d")


def _lines(reading: UsbReading) -> str:
    return f"serial:{reading.asked}" if reading.asked else "serial"


def identity(name: str, source: str, target: Target, at: float, data: Data) -> Observation:
    """The names that belong to one device, as USB or its console shows them."""
    sign = "usb" if source == BY_USB else "console"
    return seen_of(
        "device.identity",
        Outcome.OK,
        name,
        source,
        target,
        at,
        (*data, ("sign", sign), ("rank", RANK)),
    )


def seen_of(
    fact: str,
    outcome: Outcome,
    subject: str,
    source: str,
    target: Target,
    at: float,
    data: Data = (),
    *,
    reason: str = "",
    ref: str = "",
) -> Observation:
    """One observation, on the rung of its fact."""
    return Observation(
        stage=FACTS[fact].stage,
        fact=fact,
        outcome=outcome,
        reason=reason,
        subject=subject,
        source=source,
        site=target.site,
        at=at,
        data=data,
        ref=ref,
    )
