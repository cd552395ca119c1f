"""Tables fit the page, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.report import table
from netcheck.report.layout import WIDTH

HOSTILE = "\x1b[2J\u202eevil\u2028\x9b\n\r\t\x00\x01"


def test_columns_are_aligned_and_the_last_one_is_wrapped() -> None:
    lines = table.table([("a", "1.50", "word " * 20), ("long name", "2", "x")])
    assert lines[0].startswith("  a          1.50  word word")
    assert lines[1].startswith(" " * 19 + "word")
    assert lines[-1] == "  long name  2     x"


def test_the_lines_of_each_row_stay_together() -> None:
    first, second = table.rows([("a", "word " * 30), ("b", "")], indent="")
    assert len(first) > 1
    assert second == ["b"]


@pytest.mark.parametrize("text", ["007", "1e5", "0x10", "True", "-", "1,000", "٣", "<b>", "\\x01"])
def test_what_looks_like_a_number_or_markup_stays_as_it_is(text: str) -> None:
    assert table.table([(text, text)], indent="") == [f"{text}  {text}"]


def test_no_row_is_no_table() -> None:
    assert table.table([]) == []


@given(
    st.lists(
        st.tuples(*[st.one_of(st.text(max_size=200), st.just(HOSTILE), st.just("x" * 500))] * 3),
        max_size=5,
    )
)
def test_nothing_hostile_acts_or_breaks_the_page(cells: list[tuple[str, str, str]]) -> None:
    rows = table.rows(cells)
    assert len(rows) == len(cells)
    for line in (line for row in rows for line in row):
        assert line.isprintable()
        assert len(line) <= WIDTH
