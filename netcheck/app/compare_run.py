"""`netcheck compare`: cases, captures and logs side by side."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

import click

from netcheck import casefile, files
from netcheck.app import output, sources
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions
from netcheck.app.sources import GatheredEvidence
from netcheck.model import Observation, Target
from netcheck.text.escape import safe

_HEAD_BYTES = 4096
_CASE = re.compile(rb'\s*\{\s*"schema"\s*:\s*"netcheck')
_PACKED, _UTF_16 = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd"), (b"\xff\xfe", b"\xfe\xff")
"""Captures that gzip or Zstandard packed, and text in two bytes a character."""


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
        name: _read(path, name, target) for name, path in zip(_names(paths), paths, strict=True)
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


def _read(path: str, name: str, target: Target) -> Sequence[Observation]:
    gathered, head = GatheredEvidence(), _head(path, name)
    if _CASE.match(head):
        sources.read_cases(gathered, [path])
    elif head.startswith(_PACKED) or (b"\0" in head and not head.startswith(_UTF_16)):
        sources.read_captures(gathered, [path], target)
    else:
        sources.read_logs(gathered, [path], target)
    for sentence in gathered.unread:
        output.complain(sentence)
    if not gathered.observations:
        raise click.ClickException(f"{safe(name, 100)}: nothing could be read; name another file.")
    return casefile.merge(gathered.observations)


def _head(path: str, name: str) -> bytes:
    try:
        with open(path, "rb", opener=files.reader) as stream:
            return stream.read(_HEAD_BYTES)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise click.ClickException(f"{safe(name, 100)}: cannot be read ({safe(why)}).") from error
