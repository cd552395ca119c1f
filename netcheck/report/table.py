"""Tables on a terminal, by tabulate, never wider than the page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from netcheck.report.layout import WIDTH
from netcheck.text.escape import safe

GAP = 2
"""Columns between two cells in tabulate's format `plain`."""
WIDEST = 30
"""Of every column but the last, which takes what is left."""
CELL_LIMIT = 1500


def rows(cells: Sequence[Sequence[str]], indent: str = "  ") -> list[list[str]]:
    """The lines of each row of a table: escaped, columns aligned, long cells wrapped.

    All rows have the same number of cells.
    """
    if not cells:
        return []
    from tabulate import tabulate  # here: not every answer has a table

    shown = [[safe(cell, CELL_LIMIT) for cell in row] for row in cells]
    before = [min(max(map(len, column)), WIDEST) for column in list(zip(*shown, strict=True))[:-1]]
    left = WIDTH - len(indent) - sum(width + GAP for width in before)
    wrapped = [
        [_lines(cell, width) for cell, width in zip(row, (*before, left), strict=True)]
        for row in shown
    ]
    text = tabulate(
        [["\n".join(cell) for cell in row] for row in wrapped if any(map(any, row))],
        tablefmt="plain",
        disable_numparse=True,
    )
    lines = iter(text.split("\n"))
    return [
        [(indent + next(lines)).rstrip() for _ in range(max(map(len, row)))]
        if any(map(any, row))  # tabulate leaves some empty rows out
        else [""]
        for row in wrapped
    ]


def table(cells: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """All lines of a table."""
    return [line for row in rows(cells, indent) for line in row]


def _lines(cell: str, width: int) -> list[str]:
    return textwrap.wrap(cell, max(width, 1), break_on_hyphens=False) or [""]
