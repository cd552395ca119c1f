"""An answer as one HTML file that asks for nothing: no script, no request, printable.

Every value goes through Jinja2's autoescape. The policy in the file itself forbids all but its own
style sheet (W3C, Content Security Policy Level 3).
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

import jinja2
from markupsafe import Markup, escape

from netcheck import __version__
from netcheck.model import Level, State, Verdict
from netcheck.report.answer import RungEntry
from netcheck.report.documents.change import FORMAT, ChangeRow, asked, rows
from netcheck.report.documents.ticket import ticket
from netcheck.report.layout import SIGNS, duration, first_places
from netcheck.report.view import AnswerView, DeviceView, moment
from netcheck.report.words import ADDRESSEES, STATES
from netcheck.text.redact import Redaction

MOST_PLACES, APPENDIX_PLACES = 4, 12
WIDTH, STEP = 660, 60
"""Of the picture of the path, in its own units."""
_TONES = {
    State.PASSED: "good",
    State.IMPLIED: "good",
    State.FAILED: "bad",
    State.MIXED: "doubt",
    State.UNREACHED: "none",
    State.UNTESTED: "none",
}
_VERDICT_TONES = {
    Verdict.FAULT: "bad",
    Verdict.HEALTHY: "good",
    Verdict.SUSPECTED: "doubt",
    Verdict.INSUFFICIENT: "doubt",
}


def _places(places: tuple[str, ...], most: int = MOST_PLACES) -> str:
    """The first places to look, and how many more there are."""
    more = len(places) - most
    return first_places(places, most) + (f" and {more} more" if more > 0 else "")


def _described(path: tuple[RungEntry, ...]) -> str:
    """The path in words, for who does not see the picture."""
    return ", ".join(f"{step.stage.value} {step.state.value}" for step in path)


def _change(one: DeviceView) -> tuple[ChangeRow, ...]:
    cause = asked(one)
    return tuple(rows(one, cause)) if cause is not None else ()


def _code(text: str) -> Markup:
    """The text with what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:  # one backtick too many: it is no mark
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part
        for number, part in enumerate(parts)
    )


def source(name: str) -> str:
    """A file that lies beside this one."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


STYLE = source("report.css")
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
ENVIRONMENT = jinja2.Environment(
    autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.filters |= {
    "places": _places,
    "all_places": lambda places: _places(places, APPENDIX_PLACES),
    "described": _described,
    "duration": duration,
    "moment": moment,
    "change": _change,
    "code": _code,
    "ticket": ticket,
    "tone": lambda state: _TONES[state],
    "verdict_tone": lambda verdict: _VERDICT_TONES[verdict],
    "sign": lambda state: SIGNS[state][0],
    "state": lambda state: STATES[state],
    "addressee": lambda owner: ADDRESSEES.get(owner, "whoever can help"),
}
_PAGE = ENVIRONMENT.from_string(source("report.html.j2"))


def render(view: AnswerView, created: float) -> str:
    """The page; `created`: UTC seconds since 1970."""
    return _PAGE.render(
        view=view,
        style=STYLE,
        policy=POLICY,
        created=moment(created),
        version=__version__,
        format=FORMAT,
        is_redacted=view.redaction is not Redaction.NONE,
        healthy=Verdict.HEALTHY,
        failed=State.FAILED,
        ruled_out=Level.RULED_OUT,
        width=WIDTH,
        step=STEP,
    )
