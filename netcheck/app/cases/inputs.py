"""One file with evidence, whatever its kind: a case file, a capture or a log."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from netcheck import casefile, files
from netcheck.app import output, sources
from netcheck.app.sources import GatheredEvidence
from netcheck.model import Observation, Target
from netcheck.text.escape import safe

_HEAD_BYTES = 4096
_CASE = re.compile(rb'\s*\{\s*"schema"\s*:\s*"netcheck')
_PACKED, _UTF_16 = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd"), (b"\xff\xfe", b"\xfe\xff")
"""Captures that gzip or Zstandard packed, and text in two bytes a character."""


def read(path: str, name: str, target: Target) -> Sequence[Observation]:
    """What it holds, called `name` where something is wrong with it. Raises ClickException where
    nothing of it can be read.
    """
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
