"""A note on the faults that the device's version is known for, and of which nothing was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netcheck.correlator.catalogue.known_issues import CAUSE, PREFIX, shipped
from netcheck.correlator.judging.judge import Judged
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation


def notes(device: Iterable[Observation], judged: Iterable[Judged]) -> Iterator[Note]:
    """How many known faults that version has beside the one that was named."""
    by_fact = {o.fact: o.text("version") for o in device if o.ok}
    version = by_fact.get("device.firmware") or by_fact.get("told.firmware") or ""
    is_named = any(e.clue.rule.startswith(PREFIX) for j in judged if j.stands for e in j.support)
    count = sum(issue.has(version) for issue in shipped()) - is_named
    if version and count > 0:
        name = "known_issues_more" if is_named else "known_issues_unseen"
        yield note(name, version=version, count=str(count), cause=CAUSE)
