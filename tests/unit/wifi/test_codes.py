"""What an access point says by status and reason codes (IEEE 802.11-2020 §9.4.1.9, §9.4.1.7)."""

from __future__ import annotations

import pytest

from netcheck.vocabulary import REASONS
from netcheck.wifi.codes import (
    HARMLESS,
    REASON,
    SAE,
    SHARED_KEY,
    STATUS,
    Code,
    code_says,
    refusal,
    sent_away,
)

RESERVED_STATUS = {4, 8, 9, 36, 66, 69, 70, 71, 90, 91, 114, 115}
RESERVED_REASON = {0, 40, 41, 42, 43, 44}


def test_every_code_has_its_meaning() -> None:
    assert set(range(128)) - STATUS.keys() == RESERVED_STATUS
    assert set(range(67)) - REASON.keys() == RESERVED_REASON
    for code in (*STATUS.values(), *REASON.values()):
        assert code.meaning and code.name.replace("-", "_").replace("_", "").isalnum()
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


@pytest.mark.parametrize(
    ("table", "code", "name"),
    [
        (STATUS, 17, "DENIED_NO_MORE_STAS"),
        (STATUS, 31, "ROBUST_MANAGEMENT_POLICY_VIOLATION"),
        (STATUS, 43, "STATUS_INVALID_AKMP"),
        (REASON, 12, "BSS_TRANSITION_DISASSOC"),
        (REASON, 15, "4WAY_HANDSHAKE_TIMEOUT"),
    ],
)
def test_a_code_has_the_name_of_the_standard(table: dict[int, Code], code: int, name: str) -> None:
    assert table[code].name == name
    kind = "status" if table is STATUS else "reason"
    assert code_says(kind, code) == f"{name}: {table[code].meaning}"
    for other in (9_999, float("nan"), float("inf"), 0.5, None):
        assert code_says(kind, other) == code_says("", code) == ""


def test_names_are_used_once() -> None:
    twice = {"REQUESTED_TCLAS_NOT_SUPPORTED"}  # the standard has it for 56 and for 80
    for table in (STATUS, REASON):
        names = [code.name for code in table.values()]
        assert {one for one in names if names.count(one) > 1} <= twice


def test_a_reserved_reason_says_that_it_was_sent_away() -> None:
    assert sent_away(0).reason == sent_away(999).reason == "thrown_out"
    assert sent_away(3).reason in HARMLESS
