"""Whether a device that asks for an address again ran on: its ports and numbers say so."""

from __future__ import annotations

import pytest

from netcheck.capture.activity import Activity, ClientOpening

SECOND_NS = 10**9
AGAIN_NS = 60 * SECOND_NS


@pytest.mark.parametrize(
    ("port", "seq", "runs_on"),
    [
        (50001, 6700, True),
        (50016, 6700, True),
        (50017, 6700, False),
        (50001, 6599, False),
        (49900, 6700, False),
        (50000, 6700, False),
    ],
)
def test_a_stack_that_counts_on_was_not_restarted(port: int, seq: int, *, runs_on: bool) -> None:
    openings = {
        "a": (ClientOpening(SECOND_NS, 50000, 6600), ClientOpening(61 * SECOND_NS, port, seq))
    }
    activity = Activity(
        other_than_lookup={}, new_attempts={}, restarts={}, went_to_cloud={}, openings=openings
    )
    assert activity.kept_running("a", AGAIN_NS) is runs_on
    assert not activity.kept_running("b", AGAIN_NS)
    assert not activity.kept_running("a", 62 * SECOND_NS)
    assert not activity.kept_running("a", 0)


@pytest.mark.parametrize(
    ("port", "seq", "is_anew"),
    [
        (60212, 6515, True),
        (60212, 6600, True),
        (60212, 6601, False),
        (50001, 6515, False),
    ],
)
def test_a_stack_that_counts_from_its_start_was_restarted(
    port: int, seq: int, *, is_anew: bool
) -> None:
    openings = {
        "a": (ClientOpening(SECOND_NS, 50000, 6600), ClientOpening(61 * SECOND_NS, port, seq))
    }
    activity = Activity(
        other_than_lookup={}, new_attempts={}, restarts={}, went_to_cloud={}, openings=openings
    )
    assert activity.began_anew("a", AGAIN_NS) is is_anew
    assert not activity.began_anew("a", 62 * SECOND_NS)
