"""A session that opened again does not say that it will hold as long as the one that died."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target, Verdict
from tests.helpers.notation import DEV, case

ONE_SESSION = """
dev dhcp.lease ok @0
dev dns.cloud_name ok @1
dev tcp.cloud ok >device.spark.io:5683 @2
dev handshake.nonce ok @3
dev handshake.welcome ok @4
dev session.open ok @5
dev session.end failed no_ping @5 +16 lasted_s=16 idle_s=15.9
dev dns.cloud_name ok @21
dev tcp.cloud ok >device.spark.io:5683 @22
dev handshake.nonce ok @23
dev handshake.welcome ok @24
dev session.open ok @25
"""


def judged(text: str) -> Diagnosis:
    return diagnose(case(text), Target(device=DEV))[0]


def standing(text: str) -> list[str]:
    return [finding.cause for finding in judged(text).findings if finding.level in STANDING]


def test_a_session_that_died_once_stays_a_possibility_while_the_next_is_young() -> None:
    assert standing(ONE_SESSION) == ["app_blocks_system"]
    assert judged(ONE_SESSION).verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    "later",
    ["dev session.keepalive ok @40", "dev session.end unclear device_closed @25 lasted_s=20"],
)
def test_one_that_lasted_longer_takes_it_back(later: str) -> None:
    assert standing(f"{ONE_SESSION}\n{later}") == []


def test_one_that_ended_sooner_does_not() -> None:
    later = "dev session.end unclear device_closed @25 lasted_s=3"
    assert standing(f"{ONE_SESSION}\n{later}") == ["app_blocks_system"]


@pytest.mark.parametrize(("session", "expected"), [("ok", []), ("unclear", ["dhcp_options_wrong"])])
def test_an_odd_lease_with_which_a_session_opened_did_no_harm(
    session: str, expected: list[str]
) -> None:
    lease = "dev dhcp.lease ok @0\ndev dhcp.options failed off_subnet @0.1\n"
    way = "dev dns.cloud_name ok @1\ndev tcp.cloud ok >device.spark.io:5683 @2\n"
    assert standing(f"{lease}{way}dev session.open {session} @5") == expected
