"""No step is advised that the user took already."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import Target
from netcheck.user import answers


def remedy(cause: str, *told: str) -> tuple[str, ...]:
    given = list(answers.observations(map(answers.parse, told), Target(), 1.0))
    findings = diagnose(given, Target())[0].findings
    return next(finding.remedy for finding in findings if finding.cause == cause)


@pytest.mark.parametrize(
    ("cause", "told", "done"),
    [
        ("cloud_port_blocked", ("cloud_reach=port_closed", "hotspot=works"), "hotspot"),
        ("device_key_mismatch", ("keys_new=not_sent", "keys_server=ran_ok"), "keys server"),
        ("captive_portal", ("network_kind=public", "tried=register_mac"), "to be registered"),
        ("app_does_not_connect", ("program=manual", "safe_mode=connects"), "Start in safe mode"),
    ],
)  # fmt: skip
def test_what_was_done_is_not_advised(cause: str, told: tuple[str, ...], done: str) -> None:
    assert any(done in step for step in remedy(cause, *told[:1]))
    steps = remedy(cause, *told)
    assert steps
    assert not any(done in step for step in steps)
    assert not steps[0].startswith(("Or ", "Then ", "If it still fails"))
