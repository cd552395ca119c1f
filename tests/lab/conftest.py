"""What tests of the lab use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.namespace import sweep
from tests.lab.requirements import PATH


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The system's programs are found, and nothing of an earlier run that was killed is in the
    way.
    """
    monkeypatch.setenv("PATH", PATH)
    sweep()
    yield
