"""A comparison for people, on one screen, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netcheck.comparison import FAILS, WORKS, CaseComparison, Changed, ComparedCase
from netcheck.correlator.catalogue import Cause
from netcheck.model import Device, Level, Owner, Stage, State, Struct, Verdict
from netcheck.report import table
from netcheck.report.layout import NUMBER, Style, listed, wrapped
from netcheck.report.summary import device_name
from netcheck.report.view import CauseView, cause_view
from netcheck.report.words import VERDICTS, details
from netcheck.text.escape import rewritten, safe
from netcheck.text.redact import Redaction

SCHEMA = "netcheck-compare/1"
_NAME_LIMIT, _TEXT_LIMIT, _COLUMN = 60, 1500, 18
_MOST_STEPS = 3
_WORDS = {
    State.PASSED: "works",
    State.IMPLIED: "works",
    State.FAILED: "fails",
    State.MIXED: "fails at times",
    State.UNREACHED: "not reached",
    State.UNTESTED: "not seen",
}
_MEANINGS = {
    Changed.NETWORK: "The same device gets past this step in {working}, on another network. So the"
    " device is fine: the fault is in the network of {failing}.",
    Changed.DEVICE: "Another device gets past this step in {working}, through the same network. So"
    " look at this device, at rules that name it, and at what changed between the two times.",
    Changed.TIME: "The same device gets past this step in {working}, on the same network. What"
    " changed between the two made the difference.",
    Changed.UNKNOWN: "Nothing shows whether device or network are the same in both. What is"
    " different between them is where to look.",
}


class ComparedRung(Struct, frozen=True, kw_only=True):
    """One rung, and its state in each case."""

    stage: Stage
    states: tuple[State, ...]


class ComparedEntry(Struct, frozen=True, kw_only=True):
    """One case by itself."""

    name: str
    device: str
    verdict: Verdict
    headline: str
    cause: str | None
    level: Level | None


class CauseEntry(Struct, frozen=True, kw_only=True):
    """A cause that stands in the failing case; `is_refuted` by the working one."""

    cause: str
    level: Level
    owner: Owner
    is_refuted: bool


class ComparisonDocument(Struct, frozen=True, kw_only=True):
    """The JSON document. `failing` and `working` are names of cases."""

    schema: str
    cases: tuple[ComparedEntry, ...]
    rungs: tuple[ComparedRung, ...]
    is_same: bool
    differs_at: Stage | None
    failing: str | None
    working: str | None
    changed: Changed
    meaning: str
    cause: str | None
    causes: tuple[CauseEntry, ...]


def document(comparison: CaseComparison) -> ComparisonDocument:
    """All of it, safe to show."""
    return rewritten(
        ComparisonDocument(
            schema=SCHEMA,
            cases=tuple(map(_entry, comparison.cases)),
            rungs=tuple(_rungs(comparison)),
            is_same=comparison.is_same,
            differs_at=comparison.differs_at,
            failing=_name(comparison, comparison.failing),
            working=_name(comparison, comparison.working),
            changed=comparison.changed,
            meaning=_meaning(comparison),
            cause=comparison.cause.cause if comparison.cause else None,
            causes=tuple(
                CauseEntry(
                    cause=one.finding.cause,
                    level=one.finding.level,
                    owner=one.finding.owner,
                    is_refuted=one.is_refuted,
                )
                for one in comparison.causes
            ),
        ),
        lambda text: safe(text, _TEXT_LIMIT),
    )


def _entry(case: ComparedCase) -> ComparedEntry:
    one = case.diagnosis
    return ComparedEntry(
        name=case.name,
        device=device_name(one),
        verdict=one.verdict,
        headline=one.headline,
        cause=one.best.cause if one.best else None,
        level=one.best.level if one.best else None,
    )


class ComparedColumn(Struct, frozen=True, kw_only=True):
    """What one case says by itself."""

    name: str
    word: str
    verdict: Verdict
    headline: str
    device: str
    details: str
    fails_at: Stage | None


class ComparisonView(Struct, frozen=True, kw_only=True):
    """A comparison as it is shown; `rungs` are those of which something is known in any case,
    `cause` what the comparison leaves, `refuted` the titles of what it rules out.
    """

    difference: str
    meaning: str
    columns: tuple[ComparedColumn, ...]
    rungs: tuple[ComparedRung, ...]
    differs_at: Stage | None
    cause: CauseView | None
    refuted: tuple[str, ...]
    redaction: Redaction = Redaction.NONE


def view(
    comparison: CaseComparison, causes: Mapping[str, Cause], level: Redaction = Redaction.NONE
) -> ComparisonView:
    """The view of a comparison; `level`: what is hidden in it already."""
    shown = rewritten(comparison, lambda text: safe(text, _TEXT_LIMIT))
    refuted = (one.finding.cause for one in shown.causes if one.is_refuted)
    return ComparisonView(
        difference=_difference(shown),
        meaning=_meaning(shown),
        columns=tuple(map(_column, shown.cases)),
        rungs=tuple(
            rung for rung in _rungs(shown) if any(one in (*WORKS, *FAILS) for one in rung.states)
        ),
        differs_at=shown.differs_at,
        cause=cause_view(shown.cause, causes, Device()) if shown.cause is not None else None,
        refuted=tuple(causes[one].title if one in causes else one for one in refuted),
        redaction=level,
    )


def _column(case: ComparedCase) -> ComparedColumn:
    one = case.diagnosis
    return ComparedColumn(
        name=case.name,
        word=VERDICTS[one.verdict],
        verdict=one.verdict,
        headline=one.headline,
        device=device_name(one),
        details=details(one.device),
        fails_at=case.fails_at,
    )


def state_word(state: State) -> str:
    """A rung's state in a comparison, in words."""
    return _WORDS[state]


def render(shown: ComparisonView, style: Style) -> str:
    """What differs first and what that means, then the rungs side by side, then what to do."""
    return "\n".join(_lines(shown, style)) + "\n"


def _lines(shown: ComparisonView, style: Style) -> Iterator[str]:
    yield from wrapped(shown.difference, "", indent="")
    yield from wrapped(shown.meaning, "", indent="")
    yield ""
    yield from _side_by_side(shown, style)
    cause = shown.cause
    if cause is None:
        return
    yield ""
    yield from wrapped(f"{cause.title} ({cause.level.value}).", "Cause: ", indent="")
    if cause.who:
        yield from wrapped(cause.who, "Who acts: ", indent="")
    for number, step in enumerate(cause.steps[:_MOST_STEPS], 1):
        yield from wrapped(step, NUMBER.format(number))
    if shown.refuted:
        names = ", ".join(shown.refuted)
        yield from listed([f"Not the cause, since the other case works: {names}"])


def _difference(comparison: CaseComparison) -> str:
    if comparison.differs_at is not None:
        failing = _name(comparison, comparison.failing)
        working = _name(comparison, comparison.working)
        step = comparison.differs_at.value
        return f"First difference: {step} works in {working} and fails in {failing}."
    if comparison.is_same:
        return "No difference: every case says the same."
    return "No step is known to work in one case and to fail in another."


def _meaning(comparison: CaseComparison) -> str:
    if comparison.differs_at is not None:
        return _MEANINGS[comparison.changed].format(
            failing=_name(comparison, comparison.failing),
            working=_name(comparison, comparison.working),
        )
    failing = [case.name for case in comparison.cases if case.fails_at is not None]
    if not failing:
        return "None of them shows a failure."
    return f"What fails in {_and(failing)} was not seen to work in another one."


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _name(comparison: CaseComparison, index: int | None) -> str | None:
    return None if index is None else comparison.cases[index].name


def _rungs(comparison: CaseComparison) -> Iterator[ComparedRung]:
    for stage in Stage:
        yield ComparedRung(
            stage=stage, states=tuple(case.state(stage) for case in comparison.cases)
        )


def _side_by_side(shown: ComparisonView, style: Style) -> Iterable[str]:
    """The rungs, those that work in all in one row."""
    known = shown.rungs
    first = next((n for n, rung in enumerate(known) if not {*rung.states} <= {*WORKS}), len(known))
    alike = [known[first - 1]] if first else []
    rows = [
        ["", *(_short(case.name) for case in shown.columns)],
        *(
            [
                f"to {rung.stage.value}" if rung in alike and first > 1 else rung.stage.value,
                *(f"{style.sign(one)} {_WORDS[one]}" for one in rung.states),
            ]
            for rung in (*alike, *known[first:])
        ),
    ]
    return table.table(rows)


def _short(name: str) -> str:
    return name if len(name) <= _COLUMN else f"…{name[1 - _COLUMN :]}"
