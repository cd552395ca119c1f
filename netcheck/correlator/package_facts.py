"""Facts of other packages' probes (`acme.hub`), which no rule of ours knows.

Such a fact fails the rung of its probe and never passes it: an answering hub is not a step of a
Photon's. It does not count in weighing the rungs above. `data` says what it means (`meaning`, the
package's words) and whether its failure may keep a Photon offline (`stops_connection`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from netcheck.correlator.judging.judge import Judged
from netcheck.model import Observation, Rung, Stage, State
from netcheck.vocabulary import REASONS, is_of_package

_MAX_SENTENCES = 5
_MOST_BECAUSE = 6
_MAX_PACKAGE_FACTS = 2
_STATE_WITH_FAILURE = {
    State.PASSED: State.MIXED,
    State.IMPLIED: State.MIXED,
    State.UNREACHED: State.FAILED,
    State.UNTESTED: State.FAILED,
}
"""State of a rung → its state once a package's fact fails on it; other states do not change."""


def is_package_fact(o: Observation) -> bool:
    """Did a probe see it by a fact of its own package?"""
    return o.source.startswith("probe:") and is_of_package(o.fact)


def failures(observations: Iterable[Observation]) -> list[Observation]:
    """The failures among these that may keep a Photon offline."""
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
            state=_STATE_WITH_FAILURE.get(rung.state, rung.state),
            because=(*by_stage[rung.stage][:_MAX_PACKAGE_FACTS], *rung.because)[:_MOST_BECAUSE],
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
    """A sentence for each failure not in `failed` and not evidence of a cause: it keeps no Photon
    offline, or another client met it.
    """
    told = {o for j in judged if j.stands for e in j.support for o in e.seen} | set(failed)
    return _limited(
        [sentence(o) for o in observations if o.failed and is_package_fact(o) and o not in told]
    )


def meaning(o: Observation) -> str:
    """The fact's question in its package's words; its name where the record has none."""
    return o.text("meaning") or o.fact


def sentence(o: Observation) -> str:
    """What failed, why, and who says so."""
    why = f"{REASONS.get(o.reason, o.reason)}; " if o.reason else ""
    return f"{meaning(o)}: failed ({why}{o.fact}, {o.ref or o.source})"


def _limited(sentences: Sequence[str]) -> tuple[str, ...]:
    """As many as can be read, and how many more there are."""
    every = tuple(dict.fromkeys(sentences))
    more = len(every) - _MAX_SENTENCES
    return every if more <= 0 else (*every[:_MAX_SENTENCES], f"and {more} more (--verbose)")
