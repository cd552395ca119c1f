"""The steps of a remedy as they fit what the user already did, and with the device's names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from netcheck.model import Device, Observation

DONE: Sequence[tuple[str, frozenset[str], re.Pattern[str]]] = tuple(
    (fact, frozenset(values.split()), re.compile(words, re.IGNORECASE))
    for fact, values, words in (
        ("told.hotspot", "", r"^try the photon on a phone's hotspot"),
        ("told.keys_server", "ran_ok", r"`particle keys server`(?!.*keys doctor)"),
        ("told.keys_doctor", "ran_ok", r"`particle keys doctor"),
        ("told.safe_mode", "connects same", r"^start in safe mode(?!.* and flash)"),
        ("told.near_router", "", r"^try it a few metres from the access point"),
        ("told.tried", "update", r"^put .* run `particle update`\.$"),
    )
)
"""What a user tells, with which values (none: any), and the steps that are done by then."""
_READ_MAC = re.compile(r"Read the MAC address with `particle serial mac`[^.]*\.")
_COMMAND = re.compile(r"`[^`]*`")


def still_to_do(steps: Sequence[str], seen: Iterable[Observation]) -> tuple[str, ...]:
    """The steps without those that the user says were done, as far as any is left."""
    told = {(o.fact, o.text("value")) for o in seen if o.fact.startswith("told.") and o.ok}
    done = [
        words
        for fact, values, words in DONE
        if any(name == fact and (not values or value in values) for name, value in told)
    ]
    left = [step for step in steps if not any(words.search(step) for words in done)]
    return tuple(left or steps)


def with_names(text: str, device: Device) -> str:
    """The text with the device's MAC and id, where they are known, in its commands."""

    def filled(command: re.Match[str]) -> str:
        words = command[0]
        if device.id:
            words = words.replace("DEVICE_ID", device.id)
        return words.replace("-device MAC", f"-device {device.mac}") if device.mac else words

    if device.mac:
        known = f"Note the Photon's MAC address: {device.mac}."
        text = _READ_MAC.sub(lambda _: known, text)
    return _COMMAND.sub(filled, text)
