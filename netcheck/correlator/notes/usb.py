"""What to say of a device that is plugged into this computer: one sentence for how its reading
ended.

A device over USB is a witness of itself. What it says of its parts and its mode is no try of its
connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator.notes import softap
from netcheck.model import Observation
from netcheck.vocabulary import is_remembered, is_self_report

RUN_AGAIN = "and run this again"
LISTEN = (
    f"hold its SETUP button for 3 s until it blinks blue, {RUN_AGAIN} (it then leaves the network"
    " until you press RESET)"
)

_PORTS = {
    "absent": (
        "No Photon shows up on USB: use a cable that carries data and another USB port,"
        f" {RUN_AGAIN}; one in sleep shows none, nor, but on Linux, one in DFU mode (blinking"
        " yellow)."
    ),
    "no_port": (
        "The device is on USB but shows no serial port: its program has closed it, or the driver"
        f" is missing; start it in safe mode (magenta), {RUN_AGAIN}."
    ),
}
_ACCESS = {
    "busy": (
        "The Photon's serial port is in use by another program: close serial monitors and"
        f" development programs, {RUN_AGAIN}."
    ),
    "denied": (
        "The Photon is on USB but you may not open it: install the maker's udev rule or join the"
        f" group of the port, log in again, {RUN_AGAIN}."
    ),
    "absent": f"The Photon's serial port vanished: plug it in again, {RUN_AGAIN}.",
    "gone": (
        "The Photon vanished from USB while it was read: it restarted, or its cable is loose; plug"
        f" it in again, {RUN_AGAIN}."
    ),
    "no_port": "What was found is no serial port.",
}
_ANSWERS = {
    "gone": (
        "The Photon vanished from USB in the middle of its answers: it restarted, or its cable is"
        f" loose; plug it in again, {RUN_AGAIN}."
    ),
    "stopped": (
        "The Photon stopped answering in the middle: press RESET, put it back into listening mode"
        f" (blinking blue), {RUN_AGAIN}."
    ),
}
_MODES = {
    "listening": (
        "The Photon answered over USB and names no fault of its own: press RESET, then capture or"
        " record its next tries (`netcheck record`), or check its network from here (`netcheck`)."
    ),
    "logs": f"The Photon runs and writes its log over USB, so it answers no questions: {LISTEN}.",
    "app": (
        "The Photon runs a program that writes to USB, so it was asked nothing that the program"
        f" could take for a command: {LISTEN}."
    ),
    "doctor_app": (
        "The Photon runs the maker's Doctor program, left from a repair: it was asked nothing, for"
        " letters are its commands."
    ),
    "cloud_debug": (
        "The Photon runs the maker's cloud-debug program, so it was asked nothing: save what that"
        " program prints and attach it (--log FILE)."
    ),
    "prompt": (
        "The Photon waits for a line that somebody began to enter (a network, or a claim code):"
        f" press RESET to leave that, {RUN_AGAIN}."
    ),
    "silent": (
        "The Photon is on USB but says nothing: it is not in listening mode, or its program blocks"
        f" it, or it is no Photon; {LISTEN}."
    ),
    "dfu": (
        "The Photon is in DFU mode (blinking yellow), where it answers no questions: press RESET,"
        f" {RUN_AGAIN}."
    ),
}


def shows_fault(observations: Iterable[Observation]) -> bool:
    """Does the device show over USB, whenever it is asked, what keeps it from connecting?"""
    return any(
        (o.fact == "device.modules" and o.failed) or o.text("value") == "doctor_app"
        for o in observations
        if is_self_report(o.fact)
    )


def sentence(observations: Iterable[Observation]) -> str:
    """How the newest reading of the device over USB ended; empty where none was tried."""
    told = [o for o in observations if is_self_report(o.fact) and o.source.startswith("device:")]
    found = {o.fact: o for o in told if o.at == max(one.at for one in told)}
    answers, access, mode, port = (
        found.get(fact) for fact in ("device.answers", "usb.access", "device.mode", "usb.port")
    )
    if "softap.reach" in found:
        return softap.sentence(found["softap.reach"])
    if answers is not None and answers.failed:
        return _ANSWERS.get(answers.reason, "")
    if access is not None and access.failed:
        return _ACCESS.get(access.reason, "")
    if mode is not None:
        return _MODES.get(mode.text("value"), "")
    return _PORTS.get(port.reason, "") if port is not None and port.failed else ""


def notes(
    everything: Sequence[Observation], own: Sequence[Observation], headline: str
) -> Iterator[str]:
    """What the reading came to where the headline does not say so, and what it found that is no
    fault.
    """
    told = sentence(own)
    if told not in ("", headline, _MODES["listening"]):
        yield told
    for o in own:
        if o.fact == "device.mode" and o.text("said"):
            yield f'Its program wrote: "{o.text("said")}".'
        if o.fact == "device.claimed" and o.ok:
            yield (
                "The device holds the mark of having been claimed; only the cloud knows by whom,"
                " and whether still."
            )
    yield from softap.notes(own)
    if any(is_remembered(o.fact) and o.failed and o not in own for o in everything):
        yield (
            "The device also remembers an earlier failure; what was seen of its tries counts, for"
            " that is newer or tells more."
        )
    if any(o.fact == "device.modules" and o.ok for o in own):
        yield "All modules in the device's flash passed their checks."
    for o in everything:
        if o.fact == "device.relative" and o.source.startswith("device:usb"):
            yield (
                f"A relative of the Photon is plugged in too ({o.text('family')}); it was not asked"
                " anything."
            )
