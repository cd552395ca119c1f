"""If the fault were fixed, would the Photon then connect? Which of the steps above it were seen to
work, and of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.correlator.attempts import Attempt
from netcheck.correlator.judging.judge import SURE, Judged
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Rung, Stage, State

_TOP = Stage.SESSION
_GOOD = (State.PASSED, State.IMPLIED, State.MIXED)


def notes(
    leading: Judged, judged: Sequence[Judged], rungs: Sequence[Rung], tries: Sequence[Attempt]
) -> Iterator[Note]:
    """One note on the steps above the one where the leading cause sits; none at the top. The
    handshake has several parts: where it stops the rest of it is unknown, too.
    """
    above = [stage for stage in Stage if leading.cause.stage < stage <= _TOP]
    if not above:
        return
    worked = {rung.stage for rung in rungs if rung.state in _GOOD}.union(
        *(attempt.passed_by_others for attempt in tries)
    )
    faults = [
        j.cause
        for j in judged
        if j.level in SURE and j.cause.stops_connection and j.cause.stage in above
    ]
    bad = {cause.stage for cause in faults}
    good = [stage for stage in above if stage in worked - bad]
    unknown: list[str] = [stage for stage in above if stage not in worked | bad]
    if leading.cause.stage is Stage.HANDSHAKE and not any(map(_is_through, tries)):
        unknown = ["the rest of the handshake", *unknown]
    yield _of_steps(good, unknown)
    if faults:
        yield note("also_to_fix", titles=" · ".join(cause.title for cause in faults))


def _is_through(attempt: Attempt) -> bool:
    """Did the device, or another client, come to the end of the handshake?"""
    return any(o.ok for o in attempt.by_witness["any"].get("handshake.welcome", ()))


def _of_steps(good: Sequence[Stage], unknown: Sequence[str]) -> Note:
    seen, unseen = ", ".join(good), ", ".join(unknown)
    if not unknown:
        return note("then_it_works", steps=seen) if good else note("then_the_next_fault")
    if not good:
        return note("then_unknown", steps=unseen)
    return note("then_partly_known", good=seen, unknown=unseen)
