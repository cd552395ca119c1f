"""What is printed, and how."""

from __future__ import annotations

import sys

import pytest

from netcheck.app import output
from netcheck.report.layout import Style
from tests.helpers.command import World


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
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert output.style(sys.stdout) == Style(colour=coloured, plain=False)
