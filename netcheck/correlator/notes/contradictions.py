"""Two accounts of one device, its own log and a capture: where they contradict each other, that is
said.

They may both be true: a log has no date, so each may tell of another hour, or of another device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.model import Observation, Stage
from netcheck.vocabulary import decides_rung

LOG, CAPTURE = ("device:log", "device:serial"), "capture:"


def notes(own: Sequence[Observation]) -> Iterator[str]:
    """One sentence about the lowest rung on which they differ."""
    logged = [o for o in own if o.source in LOG and _is_word(o)]
    captured = [o for o in own if o.source.startswith(CAPTURE) and _is_word(o)]
    for stage in Stage:
        log, capture = _all_alike(logged, stage), _all_alike(captured, stage)
        if log is not None and capture is not None and log.ok != capture.ok:
            yield (
                f"The device's log and the capture differ on {stage.value}: by the log ({log.ref})"
                f" it {_word(log)}, by the capture ({capture.ref}) it {_word(capture)}. They may"
                " tell of different hours (a log has no date, its file's counts), or of two"
                " devices: take both at once to be sure."
            )
            return


def _is_word(o: Observation) -> bool:
    return decides_rung(o.fact) and (o.ok or o.failed)


def _all_alike(words: Iterable[Observation], stage: Stage) -> Observation | None:
    """The newest word on a rung, where all before it were like it; an end in failure counts where a
    rung has several steps.
    """
    mine = sorted((o for o in words if o.stage is stage), key=lambda o: o.at)
    failed = [o for o in mine if o.failed]
    held = {o.fact for o in mine if o.ok} & {o.fact for o in failed}
    if not mine or held:
        return None
    return failed[-1] if failed else mine[-1]


def _word(o: Observation) -> str:
    return "held" if o.ok else "failed"
