"""An answer as a document: HTML, PDF, Markdown, CSV, or the text of a ticket, each made of a view.

Imported only where one is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netcheck.report.documents import change_csv, html, markdown, pdf, ticket
from netcheck.report.view import AnswerView

WRITERS: Mapping[str, Callable[[AnswerView, float], str]] = {
    ".html": html.render,
    ".md": markdown.render,
    ".csv": lambda view, _: change_csv.render(view),
    ".txt": lambda view, _: ticket.render(view),
}


def render(suffix: str, view: AnswerView, created: float) -> bytes:
    """The document of that kind; `created`: UTC seconds since 1970. Raises OutputRefused for a kind
    that needs what is not installed here.
    """
    if suffix == ".pdf":
        return pdf.printed(html.render(view, created))
    return WRITERS[suffix](view, created).encode("utf-8", "backslashreplace")
