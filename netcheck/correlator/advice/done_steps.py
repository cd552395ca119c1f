"""Which steps of a remedy are left, where the user told that some were taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netcheck.correlator.catalogue import Catalogue
from netcheck.correlator.judge import Judged, finding, steps_to_take
from netcheck.model import Finding, Observation
from netcheck.vocabulary.questions import PREFIX

_STEPS: Mapping[tuple[str, str], str] = {
    ("hotspot", "works"): r"^(?:until then |or )?try\b.*\bhotspot|^or use\b.*\bhotspot",
    ("hotspot", "same"): r"^(?:until then |or )?try\b.*\bhotspot|^or use\b.*\bhotspot",
    ("keys_server", "ran_ok"): r"run `particle keys server`(?!.*keys doctor)",
    ("keys_doctor", "ran_ok"): r"run `particle keys doctor(?!.*keys server)",
    ("safe_mode", "connects"): r"^start in safe mode",
    ("safe_mode", "same"): r"^start in safe mode",
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
"""Question and value → the steps that were taken then, in small letters."""
_PATTERNS = {(PREFIX + key, value): re.compile(pattern) for (key, value), pattern in _STEPS.items()}
_GOES_ON = re.compile(r"^(?:Or|Then|Until then|If it still fails,) ")


def findings(
    catalogue: Catalogue,
    judged: Iterable[Judged],
    seen: Sequence[Observation],
    device_mac: str | None,
) -> tuple[Finding, ...]:
    """What was judged, each with the steps that are left to do."""
    return tuple(finding(j, left_to_do(catalogue, j, seen), device_mac) for j in judged)


def left_to_do(
    catalogue: Catalogue, judged: Judged, told: Iterable[Observation]
) -> tuple[str, ...]:
    """The steps against that cause that were not taken yet; all where none would be left."""
    steps = steps_to_take(catalogue, judged)
    answers = {(o.fact, o.text("value")) for o in told if o.fact.startswith(PREFIX)}
    taken = [_PATTERNS[answer] for answer in answers & _PATTERNS.keys()]
    left = [step for step in steps if not any(one.search(step.lower()) for one in taken)]
    if not left or len(left) == len(steps):
        return steps
    if left[0] != steps[0] and (begun := _GOES_ON.match(left[0])):
        rest = left[0][begun.end() :]
        left[0] = rest[:1].upper() + rest[1:]
    return tuple(left)
