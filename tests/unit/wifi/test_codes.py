"""What an access point says by status and reason codes (IEEE 802.11-2020 §9.4.1.9, §9.4.1.7)."""

from __future__ import annotations

import pytest

from netcheck.vocabulary import REASONS
from netcheck.wifi.codes import HARMLESS, REASON, SAE, SHARED_KEY, STATUS, refusal, sent_away

RESERVED_STATUS = {4, 8, 9, 36, 66, 69, 70, 71, 90, 91, 114, 115}
RESERVED_REASON = {0, 40, 41, 42, 43, 44}


def test_every_code_has_its_meaning() -> None:
    assert set(range(128)) - STATUS.keys() == RESERVED_STATUS
    assert set(range(67)) - REASON.keys() == RESERVED_REASON
    for code in (*STATUS.values(), *REASON.values()):
        assert code.meaning
        assert not code.reason or code.reason in {*REASONS, *HARMLESS}
    assert all(code.reason for code in REASON.values())


@pytest.mark.parametrize(
    ("status", "algorithm", "reason"),
    [
        (1, 0, "refused"),
        (1, SAE, "wrong_password"),
        (15, 0, "wrong_wep_key"),
        (15, SAE, "wrong_password"),
        (14, 0, "refused_unclear"),
        (14, SHARED_KEY, "wrong_wep_key"),
        (14, SAE, "refused_unclear"),
        (17, SAE, "full"),
        (4, 0, "refused_unclear"),
        (0, 0, ""),
        (126, SAE, ""),
        (65535, 0, "refused_unclear"),
    ],
)
def test_what_a_refusal_says_depends_on_the_algorithm(
    status: int, algorithm: int, reason: str
) -> None:
    assert refusal(status, algorithm).reason == reason


def test_a_reserved_reason_says_that_it_was_sent_away() -> None:
    assert sent_away(0).reason == sent_away(999).reason == "thrown_out"
    assert sent_away(3).reason in HARMLESS
