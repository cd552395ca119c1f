"""Rows for whoever writes firewall rules, as CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from netcheck.report.documents.change import FORMAT, asked
from netcheck.report.view import AnswerView, DeviceView

COLUMNS = (
    "format",
    "device",
    "source_mac",
    "source_ip",
    "destination_names",
    "protocol",
    "port",
    "direction",
    "idle_timeout_min_s",
    "where",
    "change",
    "why",
    "note",
    "cause",
    "certainty",
    "verdict",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""With one of these first, a spreadsheet may take a cell for a formula (OWASP, "CSV Injection")."""


def render(view: AnswerView) -> str:
    """A head and a row for each device; without a change to ask for, those cells are empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in view.devices:
        writer.writerow([_cell(value) for value in _values(one)])
    return out.getvalue()


def _values(one: DeviceView) -> Iterator[str]:
    cause = asked(one)
    request = cause.request if cause is not None else None
    yield from (FORMAT, one.name, one.device.mac or "", one.device.ip or "")
    if request is None:
        yield from ("",) * 9
    else:
        yield from (" ".join(request.names), request.protocol, request.port, request.direction)
        yield str(request.idle_s) if request.idle_s is not None else ""
        yield from (request.where, request.change, request.why, request.note)
    known = one.leading or cause
    yield from (known.id, known.sureness) if known is not None else ("", "")
    yield one.verdict.value


def _cell(value: str) -> str:
    """The value as text, whatever it begins with."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
