"""Everything one run has to say, before it takes a form: what the text report and the JSON document
are both made of.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from netcheck.model import Coverage, Diagnosis, Observation, Struct
from netcheck.text.escape import rewritten
from netcheck.text.redact import CAPTURE, Redaction, hiding

COVERAGE = "capture.coverage"
SEPARATOR = " | "
"""Stands between the sentences of `cannot_show` inside a coverage observation."""
CLOSED_FIELDS = frozenset({"fact", "reason", "cause", "rule", "of", "test", "settles", "sent"})
"""Fields of our records that hold words of our own lists or sentences of our own."""


class Answer(Struct, frozen=True, kw_only=True):
    """The diagnoses, best identified first, with all that they rest on.

    `unread` are sentences about input that was not read. `partial`: interrupted, so only what was
    seen until then is judged. `prove` says how to prove the fix, `sent` what a live run let leave
    this machine (empty: no live run). `origins`: MAC, id, address or network, and the case
    file that alone speaks of it.
    """

    diagnoses: tuple[Diagnosis, ...]
    observations: tuple[Observation, ...] = ()
    unread: tuple[str, ...] = ()
    partial: bool = False
    redaction: Redaction = Redaction.NONE
    prove: str
    sent: str = ""
    origins: tuple[tuple[str, str], ...] = ()


def redacted(answer: Answer, level: Redaction, key: bytes) -> Answer:
    """The answer with everything hidden that this level hides, in its observations and in its
    sentences.
    """
    if level is Redaction.NONE:
        return answer
    devices = [diagnosis.device for diagnosis in answer.diagnoses]
    hide = hiding(answer.observations, devices, level, key)
    origins = answer.origins if level is not Redaction.PUBLIC else ()
    named = msgspec.structs.replace(answer, origins=origins)
    return msgspec.structs.replace(rewritten(named, hide, CLOSED_FIELDS), redaction=level)


def coverage(observations: Iterable[Observation]) -> tuple[Coverage, ...]:
    """What each capture spans and cannot show, as its reader recorded it."""
    return tuple(_covered(one) for one in observations if one.fact == COVERAGE)


def _covered(one: Observation) -> Coverage:
    cannot = one.text("cannot_show")
    return Coverage(
        source=one.source.removeprefix(CAPTURE),
        span_s=one.number("span_s") or 0.0,
        link=one.text("link"),
        packets=int(one.number("packets") or 0),
        relevant=int(one.number("relevant") or 0),
        cannot_show=tuple(cannot.split(SEPARATOR)) if cannot else (),
    )


def references(seen: Iterable[Observation]) -> tuple[str, ...]:
    """Where to look for these observations, each place once: packet numbers, or the witness where
    there are none.
    """
    return tuple(dict.fromkeys(one.ref or one.source for one in seen))
