"""Cases side by side as HTML, PDF or Markdown, by the rules of the other documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck import __version__
from netcheck.report.comparison import ComparisonView, state_word
from netcheck.report.documents import html, markdown, pdf
from netcheck.report.documents.change import FORMAT
from netcheck.report.view import moment
from netcheck.text.redact import Redaction

SUFFIXES = (".html", ".pdf", ".md")
html.ENVIRONMENT.filters["word"] = state_word
_PAGE = html.ENVIRONMENT.from_string(html.source("compare.html.j2"))


def render(suffix: str, view: ComparisonView, created: float) -> bytes:
    """The document of that kind; `created`: UTC seconds since 1970. Raises OutputRefused for a kind
    that needs what is not installed here.
    """
    if suffix == ".md":
        return ("\n".join(_lines(view, created)) + "\n").encode("utf-8", "backslashreplace")
    page = _PAGE.render(
        view=view,
        style=html.STYLE,
        policy=html.POLICY,
        created=moment(created),
        version=__version__,
        format=FORMAT,
        is_redacted=view.redaction is not Redaction.NONE,
    )
    if suffix == ".pdf":
        return pdf.printed(page)
    return page.encode("utf-8", "backslashreplace")


def _lines(view: ComparisonView, created: float) -> Iterator[str]:
    text = markdown.text
    yield from (f"<!-- {FORMAT} -->", "", f"# {text(view.difference)}", "", text(view.meaning), "")
    yield _row(["Step", *(text(case.name) for case in view.columns)])
    yield _row(["---"] * (1 + len(view.columns)))
    for rung in view.rungs:
        mark = " (first difference)" if rung.stage is view.differs_at else ""
        yield _row([rung.stage.value + mark, *map(state_word, rung.states)])
    yield ""
    for case in view.columns:
        yield f"- {text(case.name)}: {case.word}. {text(case.headline)} {text(case.device)}"
    cause = view.cause
    if cause is not None:
        yield from ("", f"## {text(cause.title)} ({cause.sureness})", "")
        if cause.who:
            yield from (f"Who acts: {text(cause.who)}", "")
        yield from (f"{number}. {text(step)}" for number, step in enumerate(cause.steps, 1))
        yield from ("", *(f"- for: {text(reason.says)}" for reason in cause.support))
        yield from (f"- against: {text(reason.says)}" for reason in cause.oppose)
    if view.refuted:
        yield from ("", "## Not the cause, since the other case works", "")
        yield from (f"- {text(title)}" for title in view.refuted)
    yield from ("", f"netcheck {__version__}, {moment(created)} (UTC)")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
