"""What is printed, and how."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from netcheck.app import output
from netcheck.app.output import NARROWEST, WIDEST
from netcheck.report.layout import WIDTH, Style
from tests.helpers.command import World

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@pytest.mark.parametrize(
    ("no_color", "term", "coloured"),
    [(None, "xterm", True), ("1", "xterm", False), (None, "dumb", False)],
)
def test_colour_only_on_a_terminal_that_wants_it(
    monkeypatch: pytest.MonkeyPatch, world: World, no_color: str | None, term: str, coloured: bool
) -> None:
    class Terminal:
        encoding = "UTF-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", "80")
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert output.style(sys.stdout) == Style(colour=coloured, plain=False)


@pytest.mark.parametrize(
    ("columns", "shown"), [("20", NARROWEST), ("64", 64), ("300", WIDEST), ("x", WIDTH)]
)
def test_the_screen_is_as_wide_as_the_terminal_within_reason(
    monkeypatch: pytest.MonkeyPatch, columns: str, shown: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", columns)
    assert output.style(Terminal()).width == shown
    assert output.style(io.StringIO()).width == WIDTH


class Pipe(io.BytesIO):
    """Takes a part at a time, and sometimes nothing."""

    times = 0

    def write(self, content: ReadableBuffer) -> int:
        self.times += 1
        return super().write(bytes(content)[:7]) if self.times % 3 else 0


def test_all_is_written_where_the_system_takes_a_part_at_a_time() -> None:
    pipe = Pipe()
    out = io.TextIOWrapper(pipe, encoding="utf-8", write_through=True)
    output.show("an answer of some length\n", out)
    assert pipe.getvalue() == b"an answer of some length\n"
