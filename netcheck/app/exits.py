"""How a run ends: the exit codes, which of several counts, and our own bugs as a calm sentence."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from enum import IntEnum
from types import TracebackType

from netcheck.app.output import complain, note
from netcheck.model import Verdict
from netcheck.text.escape import safe
from netcheck.text.secrets import scrubbed


class Exit(IntEnum):
    """The result of a run."""

    HEALTHY = 0
    FAULT = 1
    UNUSABLE = 2
    UNSURE = 3
    OUR_BUG = 4


WORST_FIRST = (Exit.OUR_BUG, Exit.UNUSABLE, Exit.FAULT, Exit.UNSURE, Exit.HEALTHY)
EXIT_OF = {
    Verdict.HEALTHY: Exit.HEALTHY,
    Verdict.FAULT: Exit.FAULT,
    Verdict.SUSPECTED: Exit.UNSURE,
    Verdict.INSUFFICIENT: Exit.UNSURE,
}


OF_FIX = {"fixed": Exit.HEALTHY, "not_tested": Exit.UNSURE}
"""By `verification.FixResult`; any other is a fault."""


def of_fix(result: str) -> Exit:
    """The code of what became of a fault."""
    return OF_FIX.get(result, Exit.FAULT)


def worst(codes: Iterable[Exit]) -> Exit:
    """The code that counts where several would do."""
    return min(codes, key=WORST_FIRST.index)


def whereabouts(error: BaseException) -> Iterator[str]:
    """Where an error and those behind it happened, without their words; the newest last."""
    if (behind := error.__cause__ or error.__context__) is not None:
        yield from whereabouts(behind)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}"
    yield type(error).__name__


class OwnBugs(AbstractContextManager["OwnBugs"]):
    """Inside, an error that nobody expected becomes a calm sentence and exit code 4. `is_shown`:
    with where it happened. What the error says is not shown: it may repeat what was read or typed.
    """

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            return
        if self._is_shown:
            for line in whereabouts(error):
                note(safe(line))
        if type(error).__name__ == "CatalogueError":  # by name: importing it costs every start
            complain(
                f"The catalogue of causes cannot be read: {safe(scrubbed(str(error)), 400)}. If you"
                " changed a file of netcheck/causes, correct it there; otherwise install netcheck"
                " again."
            )
            raise SystemExit(Exit.OUR_BUG)
        complain(
            f"netcheck itself failed ({type(error).__name__}); this says nothing about your"
            " network. Please report it to its makers with the command you typed; with --verbose it"
            " shows where it happened."
        )
        raise SystemExit(Exit.OUR_BUG)
