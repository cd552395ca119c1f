"""How long judging may take: what is done once the time is over, or the user tired of waiting."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from netcheck.correlator.judging.judge import IsOver
from netcheck.correlator.notes.wording import note, sentence
from netcheck.model import Diagnosis

MOST_DEVICES, MOST_NETWORKS = 2_000, 50
"""So many are diagnosed: the devices best identified, and the networks seen last."""
NEWEST_TRIES = 3
"""So many are judged where the time is over."""


def until_over(
    diagnoses: Iterable[Diagnosis], is_over: IsOver, name: str, every: int
) -> list[Diagnosis]:
    """The diagnoses, one at least; where fewer than `every` are made, the first says so."""
    found: list[Diagnosis] = []
    for one in diagnoses:
        found.append(one)
        if is_over():
            break
    if len(found) == every:
        return found
    said = sentence(note(name, count=str(every - len(found))))
    return [msgspec.structs.replace(found[0], notes=(said, *found[0].notes)), *found[1:]]
