"""What people tell, each row judged by what must hold of its answer."""

from __future__ import annotations

import tomllib

import pytest

from tests.helpers.told import FOLDER, Row, failures, rows

KNOWN: dict[str, str] = tomllib.loads((FOLDER / "known_failures.toml").read_text(encoding="utf-8"))
"""Name of a row that does not hold yet → why."""


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_row_holds_or_is_a_known_failure(row: Row) -> None:
    wrong = failures(row)
    if row.name in KNOWN:
        assert wrong, f"{row.name} holds now: take it off known_failures.toml"
    else:
        assert not wrong


def test_each_known_failure_is_a_row_and_has_a_reason() -> None:
    assert KNOWN.keys() <= {row.name for row in rows()}
    assert all(KNOWN.values())
