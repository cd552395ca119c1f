"""Which steps of a remedy are left, where the user told that some were taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netcheck.correlator.catalogue import Catalogue
from netcheck.correlator.judging.judge import Judged, finding, steps_to_take
from netcheck.model import Finding, Observation
from netcheck.vocabulary.questions import PREFIX

_STEPS: Mapping[tuple[str, str], str] = {
    ("hotspot", "works"): r"^(?:or )?try\b.*\bhotspot",
    ("hotspot", "same"): r"^(?:until then |or )?try\b.*\bhotspot|^or use\b.*\bhotspot",
    ("keys_server", "ran_ok"): r"run `particle keys server`(?!.*keys doctor)",
    ("keys_doctor", "ran_ok"): r"run `particle keys doctor(?!.*keys server)",
    ("safe_mode", "connects"): r"^start in safe mode(?!.* and flash)",
    ("safe_mode", "same"): r"^start in safe mode(?!.* and flash)",
    ("near_router", "works"): r"^try it a few metres from the access point",
    ("near_router", "same"): r"^try it a few metres from the access point",
    ("tried", "restart"): r"^(?:then )?restart the (?:photon|device)\b|^press reset\b",
    ("tried", "reflash"): r"\b(?:flash tinker|particle flash --usb tinker)\b",
    ("tried", "update"): r"\brun `particle update`|\bupdate device os\b",
    ("tried", "clear_credentials"): r"\bclear the wi-fi settings\b",
    ("tried", "setup_again"): r"\brun the phone app's set-up again\b",
    ("tried", "other_phone"): r"^try another phone(?! or)",
    ("tried", "other_computer"): r"\banother computer for set-up\b",
    ("tried", "other_cable"): r"^use another usb cable",
    ("tried", "other_security"): r"^change the access point's security",
    ("tried", "register_mac"): r"\bmac address to be registered\b|\bregister the photon's mac\b",
    ("helped", "register_mac"): r"\bmac address to be registered\b|\bregister the photon's mac\b",
}
PATTERNS = {(PREFIX + key, value): re.compile(pattern) for (key, value), pattern in _STEPS.items()}
"""Fact and value → the steps that were taken then, in small letters."""
_GOES_ON = re.compile(r"^(?:Or|Then|Until then|If it still fails,) ")


def findings(
    catalogue: Catalogue,
    judged: Iterable[Judged],
    seen: Sequence[Observation],
    device_mac: str | None,
) -> tuple[Finding, ...]:
    """What was judged, each with the steps that are left to do."""
    return tuple(
        finding(j, still_to_do(steps_to_take(catalogue, j), seen), device_mac) for j in judged
    )


def still_to_do(steps: tuple[str, ...], told: Iterable[Observation]) -> tuple[str, ...]:
    """The steps that were not taken yet; all where none would be left."""
    answers = {(o.fact, o.text("value")) for o in told if o.fact.startswith(PREFIX)}
    taken = [PATTERNS[answer] for answer in answers & PATTERNS.keys()]
    left = [step for step in steps if not any(one.search(step.lower()) for one in taken)]
    if not left or len(left) == len(steps):
        return steps
    if left[0] != steps[0] and (begun := _GOES_ON.match(left[0])):
        rest = left[0][begun.end() :]
        left[0] = rest[:1].upper() + rest[1:]
    return tuple(left)
