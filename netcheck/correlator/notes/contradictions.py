"""The device's own log and a capture: where they contradict each other, that is said.

They may both be true: a log has no date, so each may be of another hour, or of another device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation, Stage
from netcheck.vocabulary import decides_rung

LOG, CAPTURE = ("device:log", "device:serial"), "capture:"


def notes(own: Sequence[Observation]) -> Iterator[Note]:
    """One note about the lowest rung on which they differ."""
    logged = [o for o in own if o.source in LOG and _speaks_of_rung(o)]
    captured = [o for o in own if o.source.startswith(CAPTURE) and _speaks_of_rung(o)]
    for stage in Stage:
        log, capture = _unanimous(logged, stage), _unanimous(captured, stage)
        if log is not None and capture is not None and log.ok != capture.ok:
            which = "log_ok_capture_failed" if log.ok else "log_failed_capture_ok"
            yield note(which, stage=stage.value, log=log.ref, capture=capture.ref)
            return


def _speaks_of_rung(o: Observation) -> bool:
    return decides_rung(o.fact) and (o.ok or o.failed)


def _unanimous(observations: Iterable[Observation], stage: Stage) -> Observation | None:
    """The newest observation of a rung, where all before it agree with it; a last failure counts
    where a rung has several steps.
    """
    mine = sorted((o for o in observations if o.stage is stage), key=lambda o: o.at)
    failed = [o for o in mine if o.failed]
    held = {o.fact for o in mine if o.ok} & {o.fact for o in failed}
    if not mine or held:
        return None
    return failed[-1] if failed else mine[-1]
