"""Through encryption: no address after a join is weak evidence, and any answer takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.first_cause import told
from tests.helpers.monitor import Monitor

DISCOVER, OFFER, ARP = 392, 644, 84


def asking(*, answer: int = 0, length: int = DISCOVER, count: int = 4) -> Monitor:
    monitor = Monitor().beacon().accepted().keyed()
    for at in range(count):
        monitor.encrypted(length=length)
        if answer and at == 1:
            monitor.encrypted(up=False, length=answer)
        monitor.wait(2 * (at + 1))
    return monitor.wait(3).beacon()


def test_no_address_after_a_join(tmp_path: Path) -> None:
    assert told(asking(), tmp_path) == "suspected dhcp_no_server possible"


def test_a_last_question_without_time_for_an_answer_takes_nothing_back(tmp_path: Path) -> None:
    ended = asking().encrypted(length=DISCOVER).beacon()
    assert told(ended, tmp_path) == "suspected dhcp_no_server possible"
    once = asking(count=1).encrypted(length=DISCOVER).beacon()
    assert told(once, tmp_path) == "insufficient"


@pytest.mark.parametrize(
    "monitor",
    [
        asking(answer=OFFER),
        asking(answer=ARP),
        asking(length=ARP),
        asking(length=1200),
        asking(count=1),
    ],
)
def test_any_answer_or_another_length_accuses_nobody(monitor: Monitor, tmp_path: Path) -> None:
    assert told(monitor, tmp_path) == "insufficient"
