"""What the tests of the interview use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netcheck.correlator import diagnosis
from netcheck.correlator.advice import next_question
from tests.helpers.small_catalogue import SMALL


@pytest.fixture(autouse=True, scope="module")
def _small_catalogue() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnosis, "load", lambda: SMALL)
        patch.setattr(next_question, "load", lambda: SMALL)
        next_question.asking.cache_clear()
        yield
    next_question.asking.cache_clear()
