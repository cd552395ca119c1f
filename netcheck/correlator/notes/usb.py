"""Notes on a device that was read over USB or its own access point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator.notes import softap
from netcheck.correlator.notes.wording import Note, note, note_of
from netcheck.model import Observation
from netcheck.vocabulary import is_remembered, is_self_report

_LISTENING = note("usb_mode_listening")
"""It is the headline where nothing else was found; beside other evidence it means nothing."""


def how_it_ended(observations: Iterable[Observation]) -> Note | None:
    """How the newest reading of the device itself ended; None where none was tried, or there is
    nothing to say of it.
    """
    told = [o for o in observations if is_self_report(o.fact) and o.source.startswith("device:")]
    found = {o.fact: o for o in told if o.at == max(one.at for one in told)}
    answers, access, mode, port = (
        found.get(fact) for fact in ("device.answers", "usb.access", "device.mode", "usb.port")
    )
    if "softap.reach" in found:
        return softap.how_it_ended(found["softap.reach"])
    if answers is not None and answers.failed:
        return note_of("usb_answers", answers.reason)
    if access is not None and access.failed:
        return note_of("usb_access", access.reason)
    if mode is not None:
        return note_of("usb_mode", mode.text("value"))
    if port is not None and port.failed:
        return note_of("usb_port", port.reason)
    return None


def notes(
    everything: Sequence[Observation], own: Sequence[Observation], headline: Note
) -> Iterator[Note]:
    """The result of the reading where the headline does not give it, and findings that are not
    faults.
    """
    ended = how_it_ended(own)
    if ended not in (None, headline, _LISTENING):
        yield ended
    for o in own:
        if o.fact == "device.mode" and (characters := o.number("said_characters")):
            lines = o.number("said_lines") or 0
            yield note("program_wrote", lines=f"{lines:.0f}", characters=f"{characters:.0f}")
        if o.fact == "device.claimed" and o.ok:
            yield note("claim_mark")
    yield from softap.notes(own)
    if any(is_remembered(o.fact) and o.failed and o not in own for o in everything):
        yield note("older_memory")
    if any(o.fact == "device.modules" and o.ok for o in own):
        yield note("modules_passed")
    for o in everything:
        if o.fact == "device.relative" and o.source.startswith("device:usb"):
            yield note("relative_plugged_in", family=o.text("family"))
