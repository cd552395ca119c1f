"""What is imported before the rights are given up."""

from __future__ import annotations

import pytest

from netcheck.app import privileges


@pytest.mark.parametrize(
    ("suffixes", "is_needed"), [((), False), ({".html", ".pcapng"}, False), ({".pdf"}, True)]
)
def test_a_large_package_is_imported_for_the_report_that_needs_it(
    suffixes: set[str], is_needed: bool
) -> None:
    names = set(privileges._all_modules(suffixes))
    assert ("weasyprint" in names) is is_needed
    assert {"netcheck.report.documents.pdf", "jinja2"} <= names
