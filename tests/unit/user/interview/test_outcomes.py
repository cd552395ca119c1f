"""What helped, and what was done in vain."""

from __future__ import annotations

import pytest

from netcheck.user.interview.outcomes import outcomes


@pytest.mark.parametrize(
    ("line", "helped", "in_vain"),
    [
        ("nothing", "", ""),
        ("no luck", "", ""),
        ("restart did not help", "", "restart"),
        ("a restart doesn't help", "", "restart"),
        ("nothing, not even a reset", "", "restart"),
        ("nothing helped, tried another cable and another phone", "", "other_cable other_phone"),
        ("a reset helps for an hour", "restart", ""),
        ("restart helped once, reflash did not help", "restart", "reflash"),
        ("nothing but a restart", "restart", ""),
        ("nothing except a reset", "restart", ""),
        ("only a factory reset", "factory_reset", ""),
        ("new cable", "other_cable", ""),
    ],
)
def test_what_was_done_in_vain_is_no_cure(line: str, helped: str, in_vain: str) -> None:
    found = outcomes(line)
    assert (" ".join(found.helped), " ".join(found.in_vain)) == (helped, in_vain)


def test_a_line_that_names_no_cure_says_that_nothing_helped() -> None:
    assert outcomes("nothing").is_nothing
    assert not outcomes("a reset").is_nothing
