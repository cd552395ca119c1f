"""An answer as Markdown that can be pasted into a ticket (GitHub Flavored Markdown)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from netcheck import __version__
from netcheck.model import Verdict
from netcheck.report.answer import EvidenceEntry
from netcheck.report.documents.change import FORMAT, asked, rows
from netcheck.report.layout import duration
from netcheck.report.view import AnswerView, CauseView, DeviceView, moment
from netcheck.report.way import HopView, TryView
from netcheck.report.words import ADDRESSEES
from netcheck.text.redact import Redaction

MOST_PLACES = 6
_ACTIVE = re.compile(
    r"[\\`*\[\]<>|#~&$@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=mailto):|(?<=xmpp):",
    re.IGNORECASE,
)
"""What can begin a mark, a link, HTML, a table, a mention or a formula."""
_AT_START = re.compile(r"^(\s*)([-+=]|\d+[.)](?=\s|$))")


def text(value: str) -> str:
    """The value as plain text: each active sign as a character reference, which only shows."""
    shown = _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", value)
    shown = re.sub(r"(?i)\bwww\.", lambda match: f"{match[0][:3]}&#46;", shown)
    return _AT_START.sub(lambda match: f"{match[1]}&#{ord(match[2][0])};{match[2][1:]}", shown)


def render(view: AnswerView, created: float) -> str:
    """The document, ending in a line feed."""
    parts = [f"<!-- {FORMAT} -->", "", *_overview(view.devices)]
    for one in view.devices:
        parts += _device(one)
    return "\n".join([*parts, *_measured(view, created)]) + "\n"


def _overview(devices: Sequence[DeviceView]) -> Iterator[str]:
    if len(devices) > 1:
        yield f"# {len(devices)} devices, worst first"
        yield ""
        yield from (f"- **{one.word}** {text(one.named)}: {text(one.short)}" for one in devices)
        yield ""


def _device(one: DeviceView) -> Iterator[str]:
    sure = f" ({one.sureness})" if one.sureness else ""
    yield f"# {one.word}: {text(one.headline)}{sure}"
    yield ""
    yield f"{text(one.named)} {text(one.details)}".rstrip()
    yield ""
    yield ", ".join(f"{step.stage.value} {step.state.value}" for step in one.path) + "."
    yield from _part("Hop by hop", map(_hop, one.hops) if any(h.says for h in one.hops) else [])
    cause = one.leading or next(iter(one.standing), None)
    if cause is not None and one.verdict is not Verdict.HEALTHY:
        yield from _part("Who acts", [one.who] if one.who else [])
        yield from _part("Do this", cause.steps, is_ordered=True)
    yield from _change(one)
    for standing in one.explained:
        yield from _cause(standing)
    yield from _part("Possible by the same signs", [cause.title for cause in one.alike])
    yield from _part("Also seen", [f"{c.title} ({c.sureness})" for c in one.beside])
    yield from _part("Not explained", one.unexplained)
    yield from _part("Ruled out or unlikely", map(_excluded, one.excluded))
    yield from _part(
        "Not tested", [f"{', '.join(g.what)}: {g.why}" if g.what else g.why for g in one.unchecked]
    )
    yield from _part("To be sure", [f"{test.how} ({duration(test.cost_s)})" for test in one.tests])
    yield from _part("Notes", one.notes)
    yield from _part("Timeline of the tries", map(_try, one.tries))
    yield ""


def _hop(hop: HopView) -> str:
    address = f" {hop.address}" if hop.address else ""
    return f"{hop.name}{address}: {hop.says or hop.state.value}"


def _try(one: TryView) -> str:
    came = f"came to {one.reached.value}, " if one.reached else ""
    failed = f"failed at {one.failed.value}: {one.why}" if one.failed else "no failure seen"
    return f"{moment(one.at)}, {duration(one.took_s)}: {came}{failed}"


def _change(one: DeviceView) -> Iterator[str]:
    cause = asked(one)
    if cause is None:
        return
    yield from ("", f"## Request for change to {ADDRESSEES.get(one.owner, 'whoever can help')}", "")
    yield from ("| | |", "|---|---|")
    yield from (f"| {row.name} | {text(row.value)} |" for row in rows(one, cause))


def _cause(cause: CauseView) -> Iterator[str]:
    yield from _part(
        f"{text(cause.title)} ({cause.sureness})",
        [
            *(f"for: {_reason(reason)}" for reason in cause.support),
            *(f"against: {_reason(reason)}" for reason in cause.oppose),
        ],
    )


def _reason(reason: EvidenceEntry) -> str:
    more = len(reason.refs) - MOST_PLACES
    places = ", ".join(reason.refs[:MOST_PLACES]) + (f" and {more} more" if more > 0 else "")
    return f"{reason.says} ({reason.weight.value}{'; ' if places else ''}{places})"


def _excluded(cause: CauseView) -> str:
    why = f": {cause.oppose[0].says}" if cause.oppose else ""
    return f"{cause.title} ({cause.sureness}){why}"


def _part(heading: str, items: Iterable[str], *, is_ordered: bool = False) -> Iterator[str]:
    lines = [
        f"{f'{number}.' if is_ordered else '-'} {text(item)}"
        for number, item in enumerate(items, 1)
    ]
    if lines:
        yield from ("", f"## {heading}", "", *lines)


def _measured(view: AnswerView, created: float) -> Iterator[str]:
    redaction = (
        f"Names and addresses are pseudonyms (level {view.redaction.value})."
        if view.redaction is not Redaction.NONE
        else ""
    )
    told = (
        f"netcheck {__version__}, {moment(created)} (UTC)",
        f"Seen from: {view.seen_from}" if view.seen_from else "",
        *(
            f"{one.source}: {duration(one.span_s)}, {one.relevant} of {one.packets} packets used"
            for one in view.coverage
        ),
        *(f"{one.source} cannot show: {why}" for one in view.coverage for why in one.cannot_show),
        *(f"Not read: {sentence}" for sentence in view.unread),
        "Interrupted: only what was seen until then is judged." if view.partial else "",
        redaction,
        view.sent,
        f"After a fix: {view.prove}" if view.prove else "",
    )
    yield from _part("How it was measured", [line for line in told if line])
