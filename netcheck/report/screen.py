"""An answer on one screen: at most 24 lines of 80 columns, verdict first, one idea a line.

What does not fit is counted and stays one option away (`--verbose`).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from netcheck.model import Owner, State, Struct, Verdict
from netcheck.report.answer import EvidenceEntry
from netcheck.report.layout import ALL, KEPT, Style, duration, kept_whole, path_lines, shown_places
from netcheck.report.view import AnswerView, DeviceView, TestView, kind_of
from netcheck.text.redact import Redaction

LINES = 24
LABEL = 12
"""Columns before the text of a row."""
MARKS = {
    Verdict.FAULT: State.FAILED,
    Verdict.HEALTHY: State.PASSED,
    Verdict.SUSPECTED: State.UNTESTED,
    Verdict.INSUFFICIENT: State.UNTESTED,
}
"""The sign before a verdict is that of a rung."""
_SAYS = re.compile(r"should say (\w+)")
_COMMAND = re.compile(r"`((?:sudo )?netcheck[^`]*)`")


FIRST_TO_GO = (
    "Note",
    "Also seen",
    "Unchecked",
    "Against",
    "Not read",
    "Unexplained",
    "Hidden",
    "Tell more",
    "To be sure",
    "Or",
    "Perhaps",
)
"""Rows left out where there is too much; the last line counts them. Whole rows go: half an order or
half a reason is none.
"""


class Limits(Struct, frozen=True, kw_only=True):
    """How much of an answer is shown: steps and reasons, lines of a list, of a remark and of the
    headline, devices of many, and how many of FIRST_TO_GO are left out.
    """

    steps: int = 3
    reasons: int = 3
    row: int = 3
    headline: int = 3
    devices: int = 6
    without: int = 0
    is_brief: bool = False
    """Of a test with a command the command alone."""
    whole: int = 3
    """Lines of an order or a reason: at 80 columns none is longer, so none is cut."""
    is_table: bool = False
    """Of the worst only what is wrong, who acts and what to do first."""


LIMITS = (
    Limits(),
    Limits(row=2),
    Limits(row=2, reasons=2, devices=5),
    Limits(row=1, reasons=2, devices=5),
    Limits(row=1, reasons=1, devices=4),
    *(Limits(row=1, reasons=1, devices=4, without=n) for n in (1, 2, 3, 5)),
    *(Limits(row=1, reasons=1, devices=3, without=n, is_brief=True) for n in (5, 6)),
    *(
        Limits(row=1, steps=2, reasons=1, devices=3, without=n, is_brief=True)
        for n in (4, 6, len(FIRST_TO_GO) - 2)
    ),
    Limits(row=1, steps=1, reasons=1, devices=2, without=len(FIRST_TO_GO) - 3, is_brief=True),
    Limits(row=1, steps=1, reasons=1, devices=2, without=len(FIRST_TO_GO) - 2),
    Limits(row=1, headline=1, steps=1, reasons=1, devices=1, without=len(FIRST_TO_GO), whole=1),
)
"""From generous to narrow; the first that fits is taken."""

MANY = tuple(
    Limits(
        row=1, headline=1, steps=1, reasons=0, devices=n, without=len(FIRST_TO_GO), is_table=True
    )
    for n in range(15, 6, -1)
)
"""Of so many devices the table counts more than all about the worst."""


class Row(Struct, frozen=True, kw_only=True):
    """The lines of one idea, and its label."""

    lines: tuple[str, ...]
    label: str = ""


def render(view: AnswerView, style: Style, above: Sequence[str] = ()) -> str:
    """The screen, ending in a line feed. `above`: lines that stand before the answer."""
    rows: list[Row] = []
    many = MANY if len(view.devices) > MANY[-1].devices else ()
    for limits in (*many, *LIMITS):
        rows = list(_rows(view, style, limits))
        if len(above) + _height(rows) <= LINES:
            break
    return "\n".join([*above, *(line for row in rows for line in row.lines)]) + "\n"


def _height(rows: Iterable[Row]) -> int:
    return sum(len(row.lines) for row in rows)


def line(view: AnswerView) -> str:
    """One line for each device: verdict, device, headline, and the first thing to do."""
    return "".join(
        f"{one.verdict}: {_whose(one)}: {' '.join((one.sentence, *_first_step(one)))}\n"
        for one in view.devices
    )


def _first_step(one: DeviceView) -> tuple[str, ...]:
    is_known = one.leading is not None and one.verdict is Verdict.FAULT
    return one.leading.steps[:1] if one.leading is not None and is_known else ()


def _whose(one: DeviceView) -> str:
    return f"{one.named} ({one.details})" if one.details else one.named


# -------------------------------------------------------------------------------------------- rows


def _rows(view: AnswerView, style: Style, limits: Limits) -> Iterator[Row]:
    """All rows of a screen in their order."""
    if not view.devices:
        return
    page, worst, left_out = _Page(style, limits), view.devices[0], 0
    if len(view.devices) > 1:
        yield from page.devices(view.devices)
        yield Row(lines=("",))
    yield from page.verdict(worst)
    yield Row(lines=("", *path_lines(worst.path, style), "") if not limits.is_table else ())
    for row in page.about(view, worst):
        if row.label in FIRST_TO_GO[: limits.without]:
            left_out += 1
        else:
            yield row
    yield Row(lines=("",))
    yield from page.ending(view, worst, left_out)


class _Page:
    """Makes the rows of a screen for one style within limits."""

    def __init__(self, style: Style, limits: Limits) -> None:
        self._style, self._limits = style, limits
        self._width = style.width

    def devices(self, devices: Sequence[DeviceView]) -> Iterator[Row]:
        """A line for each of several devices, and how many more there are."""
        yield Row(lines=(f"{len(devices)} {kind_of(devices)}, worst first:",))
        names = [one.listed for one in devices]
        room = min(max(map(len, names)), 32)
        for one, name in list(zip(devices, names, strict=True))[: self._limits.devices]:
            (named,) = self._cut(name, room, 1)
            head = f"{self._sign(one)} {one.word:<8}  {named:<{room}}  "
            (about,) = self._cut(one.short, max(self._width - len(head), 10), 1)
            yield Row(lines=(self._style.paint(head, one.verdict) + about,))
        more = len(devices) - self._limits.devices
        if more > 0:
            yield Row(lines=(f"  and {more} more: {ALL}",))

    def _sign(self, one: DeviceView) -> str:
        return self._style.sign(MARKS[one.verdict])

    def verdict(self, one: DeviceView) -> Iterator[Row]:
        """Sign, verdict and headline, and on the right how sure it is."""
        head = f"{self._sign(one)} {one.word}: "
        lines = self._cut(one.headline, self._width - len(head), self._limits.headline)
        first, *others = lines
        text = [head + first, *(" " * len(head) + other for other in others)]
        painted = [self._style.paint(head.rstrip(), one.verdict) + text[0][len(head.rstrip()) :]]
        yield Row(lines=(*self._beside([*painted, *text[1:]], text, one.sureness),))

    def _beside(self, lines: list[str], plain: Sequence[str], right: str) -> list[str]:
        """The lines with a short text at the right of the last, or on a line of its own."""
        if not right:
            return lines
        gap = self._width - len(plain[-1]) - len(right)
        if gap >= 2:
            return [*lines[:-1], lines[-1] + " " * gap + self._style.dim(right)]
        return [*lines, " " * max(self._width - len(right), 0) + self._style.dim(right)]

    def about(self, view: AnswerView, one: DeviceView) -> Iterator[Row]:
        """The rows with labels."""
        yield from self.action(one)
        yield from self.evidence(one)
        yield from self.doubts(view, one)
        yield from self.remarks(view, one)

    def action(self, one: DeviceView) -> Iterator[Row]:
        """Who acts, and what to do."""
        if one.verdict is Verdict.HEALTHY:
            return
        if one.who:
            yield self._row("Who acts", [_capital(one.who)])
        cause = one.leading or next(iter(one.standing), None)
        steps = cause.steps if cause else ()
        shown = [f"{n}. {step}" for n, step in enumerate(steps[: self._limits.steps], 1)]
        if len(steps) > len(shown):
            shown.append(f"({len(steps) - len(shown)} more: {ALL})")
        if shown:
            label = "If it fails" if one.works_again else "Do this"
            yield self._row(label, shown, below=3, most=self._limits.whole)

    def evidence(self, one: DeviceView) -> Iterator[Row]:
        """What was seen for the cause, and against it."""
        if one.leading is None or not self._limits.reasons:
            return
        yield from self._reasons("Because", one.leading.support, self._limits.reasons)
        yield from self._reasons("Against", one.leading.oppose, 1)

    def _reasons(self, label: str, reasons: Sequence[EvidenceEntry], most: int) -> Iterator[Row]:
        lines: list[str] = []
        for number, reason in enumerate(reasons[:most], 1):
            left = len(reasons) - number
            more = f" ({left} more: {ALL})" if number == most and left else ""
            text = self._cut(reason.says + more, self._width - LABEL, self._limits.whole)
            start = [" " * LABEL + part for part in text]
            lines += self._beside(start, start, shown_places(reason.refs, self._width - LABEL))
        if lines:
            lines[0] = f"{label:<{LABEL}}" + lines[0][LABEL:]
            yield Row(lines=tuple(lines), label=label)

    def doubts(self, view: AnswerView, one: DeviceView) -> Iterator[Row]:
        """What else it could be, how to be sure, and what was not checked."""
        many = len(one.standing) > 1
        others = one.others if one.verdict is Verdict.FAULT or not many else one.standing
        if others and one.verdict is not Verdict.HEALTHY:
            label = "Or" if one.verdict is Verdict.FAULT else "Perhaps"
            yield self._row(label, [self._some([cause.title for cause in others])])
        if one.tests and one.verdict is not Verdict.HEALTHY:
            yield self._row("To be sure", self._test(one.tests[0]), most=self._limits.whole)
        is_listed = one.verdict is Verdict.SUSPECTED and len(one.standing) > 3
        if is_listed and not view.is_interview:
            yield self._row("Tell more", ["netcheck ask (questions that make this list short)"])
        untested = [step.stage.value for step in one.path if step.state is State.UNTESTED]
        facts = sum(len(group.what) for group in one.unchecked)
        unreached = [step for step in one.path if step.state is State.UNREACHED]
        more = facts - len(untested) - len(unreached)
        if untested:
            count = f" ({more} more: {ALL})" if more > 0 else ""
            steps = "every step" if len(untested) == len(one.path) else ", ".join(untested)
            yield self._row("Unchecked", [self._remark(steps + count, facts)])
        elif more > 0:
            yield self._row("Unchecked", [f"{more} check{_s(more)} ({ALL})"])

    def _test(self, test: TestView) -> list[str]:
        """A test, its command on a line of its own."""
        time = duration(test.cost_s).replace(" ", KEPT)
        command = _COMMAND.search(test.how)
        if command is None:
            return [f"{test.how} ({time})"]
        how = test.how.replace(command[0], "this")
        return [f"{command[1]}  ({time})", *([] if self._limits.is_brief else [how])]

    def remarks(self, view: AnswerView, one: DeviceView) -> Iterator[Row]:
        """What nothing explains, what was noticed besides, and what was not read."""
        for label, texts in (
            ("Unexplained", one.unexplained),
            ("Also seen", tuple(cause.title for cause in one.also_seen)),
            ("Note", one.first_notes),
            ("Not read", view.unread),
        ):
            if texts:
                more = f" ({len(texts) - 1} more: {ALL})" if len(texts) > 1 else ""
                yield self._row(label, [self._remark(texts[0] + more, len(texts))])
        if view.partial:
            yield self._row("Partial", ["interrupted, so only what was seen until then is judged."])
        if view.redaction is not Redaction.NONE:
            said = f"Names and addresses are pseudonyms (level {view.redaction.value})."
            yield self._row("Hidden", [said])

    def ending(self, view: AnswerView, one: DeviceView, left_out: int) -> Iterator[Row]:
        """Whose connection this is, how to prove a fix, and where the rest is."""
        if not self._limits.is_table:
            whose = _capital(_whose(one))
            yield Row(lines=tuple(self._cut(whose, self._width, 2)))
        if one.verdict is not Verdict.HEALTHY and not self._limits.is_table:
            command = _COMMAND.search(view.prove)
            word = _SAYS.search(view.prove)
            says = f"`{{}}` should then say {word[1] if word else 'healthy'}."
            again = says.format(command[1]) if command else _after(view.prove)
            yield self._row("After a fix", [again], most=self._limits.whole)
        if view.sent:
            yield Row(lines=tuple(self._cut(f"{view.sent.partition(':')[0]}.", self._width, 1)))
        parts = [f"More: {ALL}" + (f" ({left_out} more row{_s(left_out)})" if left_out else "")]
        others = [other for other in view.devices if other is not one]
        if any(other.device.mac for other in others):
            parts.append("another device: --device MAC")
        elif any(other.origin for other in others):
            parts.append("another: its file alone")
        if one.owner in (Owner.ROUTER, Owner.ISP):
            parts.append("for IT: --report it.html")
        if one.leading is not None:
            parts.append(f"netcheck causes {one.leading.id}")
        dot = " - " if self._style.plain else " · "
        joined = [part.replace(" ", KEPT) for part in parts]
        lines = kept_whole(dot.join(joined), self._width)
        yield Row(lines=tuple(self._style.dim(text) for text in lines))

    def _remark(self, text: str, count: int) -> str:
        """The text where it fits whole; else how many remarks there are."""
        lines = kept_whole(text, self._width - LABEL)
        return text if len(lines) <= self._limits.row else f"{count}: {ALL}"

    def _some(self, titles: Sequence[str]) -> str:
        """The first of them, three at most, as many as fit whole, and how many more."""
        dot = " - " if self._style.plain else " · "
        for count in range(min(len(titles), 3), 0, -1):
            left = len(titles) - count
            text = dot.join(titles[:count]) + (f" ({left} more: {ALL})" if left else "")
            if len(kept_whole(text, self._width - LABEL)) <= self._limits.row:
                return text
        return f"{len(titles)}: {ALL}"

    def _row(
        self, label: str, texts: Sequence[str], *, below: int = 0, most: int | None = None
    ) -> Row:
        """A row with its label; later lines of a text stand `below` columns further in. `most`:
        lines of each text, where not as the limits say.
        """
        lines = []
        for text in texts:
            first, *others = self._cut(text, self._width - LABEL - below, most or self._limits.row)
            lines += [first, *(" " * below + other for other in others)]
        labels = (label, *[""] * len(lines))
        return Row(
            lines=tuple(
                f"{head:<{LABEL}}{text}" for head, text in zip(labels, lines, strict=False)
            ),
            label=label,
        )

    def _cut(self, text: str, width: int, most: int) -> list[str]:
        """The text in at most so many lines; where that cuts it, the last says so."""
        lines = kept_whole(text, width)
        if len(lines) <= most:
            return lines
        cut = "..." if self._style.plain else "…"
        last = textwrap.shorten(lines[most - 1], width - 2, placeholder="")
        return [*lines[: most - 1], f"{last.rstrip(' ,;:')} {cut}"]


def _after(prove: str) -> str:
    """How to prove a fix, without the words that the label says already."""
    return _capital(prove.removeprefix("After the change "))


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
