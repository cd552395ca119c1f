"""Versions of Device OS sort."""

from __future__ import annotations

import pytest

from netcheck.photon.releases import release


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("0.6.3", "0.7.0"),
        ("0.7.0-rc.3", "0.7.0"),
        ("1.1.0-rc.1", "1.1.0"),
        ("1.1.0-rc.1", "1.1.0-rc.2"),
        ("0.4.9", "0.5.0"),
        ("1.5", "1.5.2"),
    ],
)
def test_versions_sort(earlier: str, later: str) -> None:
    low, high = release(earlier), release(later)
    assert low is not None
    assert high is not None
    assert low < high
