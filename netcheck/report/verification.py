"""Whether a fix helped, for people above the answer to what is seen now, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from netcheck.model import Level, Stage, State, Struct, Verdict
from netcheck.report.json import Document
from netcheck.report.layout import Style, wrapped
from netcheck.report.words import FAILS_AT, sureness
from netcheck.text.escape import safe
from netcheck.verification import FixResult, Verification, WhyNotTested, cause_of, failed_stage

SCHEMA = "netcheck-verify/1"
WORDS = {
    FixResult.FIXED: "FIXED",
    FixResult.NOT_FIXED: "NOT FIXED",
    FixResult.SOMETHING_ELSE: "SOMETHING ELSE",
    FixResult.NOT_TESTED: "NOT SURE",
}
_TONES = {
    FixResult.FIXED: (State.PASSED, Verdict.HEALTHY),
    FixResult.NOT_FIXED: (State.FAILED, Verdict.FAULT),
    FixResult.SOMETHING_ELSE: (State.FAILED, Verdict.FAULT),
    FixResult.NOT_TESTED: (State.UNTESTED, Verdict.SUSPECTED),
}
_WHY = {
    WhyNotTested.NOT_SEEN: "what was seen now does not show {step}.",
    WhyNotTested.OTHER_NETWORK: "this is another network than before. Run it where the Photon"
    " failed.",
    WhyNotTested.OTHER_DEVICE: "this is another Photon than before. Look at the one that failed.",
    WhyNotTested.DEVICE_ALONE: "{step} works for this computer. Only the Photon can show the rest:"
    " let it try, and look at its light or a capture.",
    WhyNotTested.NOT_LONG_ENOUGH: "{step} works now, but it failed only at times before. Watch it"
    " for longer.",
}
_TITLE_LIMIT, _WIDEST_LABEL = 200, 12


class PastFault(Struct, frozen=True, kw_only=True):
    """What the case from before said. `stage`: the step that failed."""

    verdict: Verdict
    stage: Stage
    cause: str | None
    level: Level | None


class VerificationDocument(Struct, frozen=True, kw_only=True):
    """The JSON document; `why` says why it was not tested, `answer` is what is seen now."""

    schema: str
    result: FixResult
    why: WhyNotTested | None
    headline: str
    before: PastFault
    answer: Document


def document(found: Verification, answer: Document, titles: Mapping[str, str]) -> object:
    """All of it, safe to show."""
    cause = found.cause
    return VerificationDocument(
        schema=SCHEMA,
        result=found.result,
        why=found.why,
        headline=sentence(found, titles),
        before=PastFault(
            verdict=found.before.verdict,
            stage=found.stage,
            cause=safe(cause.cause, _TITLE_LIMIT) if cause is not None else None,
            level=cause.level if cause is not None else None,
        ),
        answer=answer,
    )


def sentence(found: Verification, titles: Mapping[str, str]) -> str:
    """What became of the fault, as one sentence or two."""
    step, now = FAILS_AT[found.stage], failed_stage(found.now)
    cause = cause_of(found.now)
    title = safe(titles.get(cause.cause, cause.cause), _TITLE_LIMIT) if cause is not None else ""
    if found.result is FixResult.FIXED:
        return f"{_capital(step)} works now."
    if found.result is FixResult.NOT_FIXED:
        return f"{title}, as before." if title else f"It still fails at {step}."
    if found.result is FixResult.NOT_TESTED:
        return _capital(_WHY[found.why or WhyNotTested.NOT_SEEN].format(step=step))
    if now is None:
        return f"{title}."
    if now > found.stage:
        return f"{_capital(step)} works now. Now it fails at {FAILS_AT[now]}."
    return f"Before, it failed at {step}. Now it fails at {FAILS_AT[now]}."


def lines(found: Verification, titles: Mapping[str, str], style: Style) -> list[str]:
    """What stands above the answer: the result, and what it was before."""
    state, tone = _TONES[found.result]
    head = f"{style.sign(state)} {WORDS[found.result]}:"
    first, *others = wrapped(sentence(found, titles), f"{head} ", indent="", width=style.width)
    was = f"It failed at {FAILS_AT[found.stage]}."
    if found.cause is not None:
        title = safe(titles.get(found.cause.cause, found.cause.cause), _TITLE_LIMIT)
        was = f"{title} ({sureness(found.cause)})"
    label = f"{'Before':<{_WIDEST_LABEL}}"
    before = wrapped(was, label, indent="", below=" " * _WIDEST_LABEL, width=style.width)
    return [style.paint(head, tone) + first.removeprefix(head), *others, *before, ""]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
