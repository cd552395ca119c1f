"""What probes of other packages saw, by facts of their own (`acme.hub`), which no rule of ours
knows.

Such a fact fails the rung of its probe and never passes it: that a hub answers is no step of a
Photon's. It takes no part in weighing what lies above it. `data` says what it means (`meaning`, the
package's words) and whether its failure may keep a Photon offline (`stops_connection`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from netcheck.correlator.judge import Judged
from netcheck.model import Observation, Rung, Stage, State
from netcheck.vocabulary import REASONS, is_of_package

_MOST_TOLD = 5
_MOST_BECAUSE = 6
_MOST_OF_PACKAGES = 2
_FALLEN = {
    State.PASSED: State.MIXED,
    State.IMPLIED: State.MIXED,
    State.UNREACHED: State.FAILED,
    State.UNTESTED: State.FAILED,
}
"""What a rung is beside the failure of a package's fact; other states stay."""


def is_package_fact(o: Observation) -> bool:
    """Did a probe see it by a fact of its own package?"""
    return o.source.startswith("probe:") and is_of_package(o.fact)


def failures(observations: Iterable[Observation]) -> list[Observation]:
    """What failed of these and may keep a Photon offline."""
    return [
        o
        for o in observations
        if o.failed and is_package_fact(o) and o.value("stops_connection") is not False
    ]


def with_failures(rungs: Sequence[Rung], failed: Sequence[Observation]) -> tuple[Rung, ...]:
    """The ladder with these failures on their rungs."""
    by_stage: dict[Stage, list[Observation]] = {}
    for o in failed:
        by_stage.setdefault(o.stage, []).append(o)
    return tuple(
        msgspec.structs.replace(
            rung,
            state=_FALLEN.get(rung.state, rung.state),
            because=(*by_stage[rung.stage][:_MOST_OF_PACKAGES], *rung.because)[:_MOST_BECAUSE],
        )
        if rung.stage in by_stage
        else rung
        for rung in rungs
    )


def is_own_failure(rung: Rung) -> bool:
    """Did the rung fail, and not by a package's fact alone?"""
    failures = [o for o in rung.because if o.failed]
    is_of_packages = bool(failures) and all(is_package_fact(o) for o in failures)
    return rung.state is State.FAILED and not is_of_packages


def unexplained(failed: Iterable[Observation], judged: Iterable[Judged]) -> tuple[str, ...]:
    """A sentence for each of these failures that no standing cause explains."""
    told = {o for j in judged if j.stands for e in j.support for o in e.seen}
    return _limited([f"{o.stage.value}: {sentence(o)}" for o in failed if o not in told])


def notes(
    observations: Iterable[Observation], judged: Iterable[Judged], failed: Iterable[Observation]
) -> tuple[str, ...]:
    """What failed besides `failed`, and is evidence of no cause: it keeps no Photon offline, or
    another client met it.
    """
    told = {o for j in judged if j.stands for e in j.support for o in e.seen} | set(failed)
    return _limited(
        [sentence(o) for o in observations if o.failed and is_package_fact(o) and o not in told]
    )


def meaning(o: Observation) -> str:
    """What the fact asks, in its package's words; its name where the record has none."""
    return o.text("meaning") or o.fact


def sentence(o: Observation) -> str:
    """What failed, why, and who says so."""
    why = f"{REASONS.get(o.reason, o.reason)}; " if o.reason else ""
    return f"{meaning(o)}: failed ({why}{o.fact}, {o.ref or o.source})"


def _limited(sentences: Sequence[str]) -> tuple[str, ...]:
    """As many as can be read, and how many more there are."""
    every = tuple(dict.fromkeys(sentences))
    more = len(every) - _MOST_TOLD
    return every if more <= 0 else (*every[:_MOST_TOLD], f"and {more} more (--verbose)")
