"""`netcheck compare`: cases, captures and logs side by side."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from netcheck.app import output
from netcheck.app.cases import inputs
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions

FEWEST = 2


def compare(paths: Sequence[str], device: str, cloud: tuple[str, int], *, as_json: bool) -> Exit:
    """Read each, judge it, and print where they part. Raises ClickException for one that cannot be
    read.
    """
    from netcheck.comparison import compare as compared
    from netcheck.correlator import catalogue
    from netcheck.report import comparison

    target = SharedOptions(device=device, cloud=cloud).target()
    cases = {
        name: inputs.read(path, name, target)
        for name, path in zip(_names(paths), paths, strict=True)
    }
    found = compared(cases, target)
    if as_json:
        output.show_json(comparison.document(found))
    else:
        titles = {cause.id: cause.title for cause in catalogue.load().causes.values()}
        output.show(comparison.render(found, titles, output.style(sys.stdout)))
    return Exit.HEALTHY


def _names(paths: Sequence[str]) -> list[str]:
    """A name for each: the file's, with its place where two have the same."""
    bases = [PurePath(path).name for path in paths]
    count = Counter(bases)
    return [
        base if count[base] == 1 else f"{base} ({number})" for number, base in enumerate(bases, 1)
    ]
