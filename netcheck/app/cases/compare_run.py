"""`netcheck compare`: cases, captures and logs side by side."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import click
import msgspec

from netcheck import files
from netcheck.app import output, results
from netcheck.app.cases import inputs
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions
from netcheck.comparison import CaseComparison
from netcheck.model import Observation
from netcheck.report.answer import CLOSED_FIELDS
from netcheck.text import redact
from netcheck.text.escape import rewritten
from netcheck.text.redact import Redaction, RedactionError

FEWEST = 2
SUFFIXES = (".html", ".pdf", ".md", ".json")
Cases = Mapping[str, Sequence[Observation]]
"""What each case holds, by its name."""


def compare(paths: Sequence[str], options: SharedOptions) -> Exit:
    """Read each, judge it, print where they part, and write that as it was asked for. Raises
    ClickException for one that cannot be read or written.
    """
    from netcheck.comparison import compare as compared

    for file in options.report:
        if PurePath(file).suffix.lower() not in SUFFIXES:
            raise click.BadParameter(
                f"cases side by side are written as {', '.join(SUFFIXES)}.", param_hint="--report"
            )
    results.refuse_outputs(msgspec.structs.replace(options, pcap=tuple(paths)))
    target = options.target()
    cases = {
        name: inputs.read(path, name, target)
        for name, path in zip(_names(paths), paths, strict=True)
    }
    found = compared(cases, target)
    try:
        _show(found, cases, options)
        complaints = _write(found, cases, options)
    except RedactionError as error:
        raise click.ClickException(str(error)) from error
    for complaint in complaints:
        output.complain(complaint)
    return Exit.UNUSABLE if complaints else Exit.HEALTHY


def _show(found: CaseComparison, cases: Cases, options: SharedOptions) -> None:
    from netcheck.correlator import catalogue
    from netcheck.report import comparison

    level = options.redact or Redaction.NONE
    shown = _redacted(found, cases, level, options)
    if options.json:
        output.show_json(comparison.document(shown))
        return
    view = comparison.view(shown, catalogue.load().causes, level)
    output.show(comparison.render(view, output.style(sys.stdout)))


def _write(found: CaseComparison, cases: Cases, options: SharedOptions) -> list[str]:
    """Write the reports; a sentence for each that could not be written."""
    from netcheck.correlator import catalogue
    from netcheck.report import comparison, json

    complaints: list[str] = []
    level = Redaction.IT if options.redact is None else options.redact
    for file in options.report:
        with results.named(file, complaints):
            shown = _redacted(found, cases, level, options)
            if PurePath(file).suffix.lower() == ".json":
                content = json.written(comparison.document(shown))
            else:
                from netcheck.report.documents import comparison as document

                view = comparison.view(shown, catalogue.load().causes, level)
                content = document.render(PurePath(file).suffix.lower(), view, results.now())
            files.write(file, [content])
    return complaints


def _redacted(
    found: CaseComparison, cases: Cases, level: Redaction, options: SharedOptions
) -> CaseComparison:
    """The same with everything hidden that this level hides: of `public` the files' names, too."""
    if level is Redaction.NONE:
        return found
    seen = [one for observations in cases.values() for one in observations]
    devices = [case.diagnosis.device for case in found.cases]
    hide = redact.hiding(seen, devices, level, redact.load_key(options.redact_key))
    hidden: CaseComparison = rewritten(found, hide, CLOSED_FIELDS)
    if level is not Redaction.PUBLIC:
        return hidden
    named = (
        msgspec.structs.replace(case, name=f"case {number}")
        for number, case in enumerate(hidden.cases, 1)
    )
    return msgspec.structs.replace(hidden, cases=tuple(named))


def _names(paths: Sequence[str]) -> list[str]:
    """A name for each: the file's, with its place where two have the same."""
    bases = [PurePath(path).name for path in paths]
    count = Counter(bases)
    return [
        base if count[base] == 1 else f"{base} ({number})" for number, base in enumerate(bases, 1)
    ]
