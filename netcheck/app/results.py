"""From gathered evidence to an answer, and from the answer to the forms the user asked for: screen,
reports, case file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netcheck import casefile
from netcheck.app.options import Asked
from netcheck.app.sources import Gathered
from netcheck.model import Target
from netcheck.report.answer import Answer, redacted
from netcheck.report.terminal import Style
from netcheck.text import redact
from netcheck.text.escape import safe
from netcheck.text.redact import Redaction


def judge(gathered: Gathered, target: Target, prove: str, sent: str) -> Answer:
    """The diagnoses and all they rest on. `prove` and `sent` as in `Answer`."""
    from netcheck.correlator import diagnose

    observations = casefile.merge(gathered.observations)
    return Answer(
        diagnoses=tuple(diagnose(observations, target)),
        observations=tuple(observations),
        unread=gathered.unread,
        partial=gathered.partial,
        prove=prove,
        sent=sent,
    )


def on_screen(answer: Answer, options: Asked, style: Style, created: float) -> str:
    """What standard output is to hold; nothing is hidden unless asked for. Raises
    RedactionError.
    """
    shown = _redacted(answer, options.redact or Redaction.NONE, options)
    if options.json:
        return _json(shown, created).decode()
    from netcheck.report import terminal

    if options.quiet:
        return terminal.line(shown)
    from netcheck.correlator import catalogue

    titles = {cause.id: cause.title for cause in catalogue.load().causes.values()}
    return terminal.render(shown, titles, style, verbose=options.verbose)


def write(answer: Answer, options: Asked, created: float) -> list[str]:
    """Write the case file and the reports; a sentence for each that could not be written. Raises
    RedactionError.

    What others hide unless told otherwise is hidden in reports alone: a case file is the user's own
    record.
    """
    complaints: list[str] = []
    if options.save:
        kept = _redacted(answer, options.redact or Redaction.NONE, options).observations
        with _named(options.save, complaints):
            casefile.write(options.save, kept)
    for file in options.report:
        level = Redaction.IT if options.redact is None else options.redact
        content = _json(_redacted(answer, level, options), created)
        with _named(file, complaints):
            Path(file).write_bytes(content)
    return complaints


@contextmanager
def _named(file: str, complaints: list[str]) -> Iterator[None]:
    """A file that cannot be written becomes a sentence."""
    try:
        yield
    except OSError as error:
        complaints.append(
            f"{safe(file, 200)}: cannot be written ({safe(error.strerror or '')}); name another"
            " file."
        )


def _redacted(answer: Answer, level: Redaction, options: Asked) -> Answer:
    if level is Redaction.NONE:
        return answer
    return redacted(answer, level, redact.load_key(options.redact_key))


def _json(answer: Answer, created: float) -> bytes:
    from netcheck.report import json

    return json.render(answer, created)
