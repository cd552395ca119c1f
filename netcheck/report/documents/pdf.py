"""The HTML page as PDF, by WeasyPrint (the extra `pdf`): its text can be selected, its headings are
the outline, and the same page gives the same bytes.
"""

from __future__ import annotations

from netcheck.files import MARK, OutputRefused

NEEDS = "needs the extra pdf: pip install 'photon-netcheck[pdf]'"


def printed(page: str) -> bytes:
    """The page as PDF. Raises OutputRefused where WeasyPrint, or the library Pango that it needs,
    is not installed.
    """
    try:
        import weasyprint
    except ImportError:
        raise OutputRefused(NEEDS) from None
    except OSError:
        raise OutputRefused("needs the system library Pango, which WeasyPrint uses") from None
    document = weasyprint.HTML(string=page, url_fetcher=_refused)
    content: bytes = document.write_pdf()
    return content + b"%" + MARK + b"1\n"  # a comment behind the end, by which it is known as ours


def _refused(url: str, *_: object, **__: object) -> object:
    """The page asks for nothing, and nothing is to be asked for."""
    raise ValueError("a report loads nothing")
