"""When nothing more need be recorded: cases as lines of observations. Recorded scenarios are in
tests/recorded/test_stops_in_time.py.
"""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import Target
from netcheck.recording import progress
from netcheck.recording.settled import settled
from tests.helpers.notation import START, case

IDENTITY = "dev device.identity ok @0 rank=6 mac=e0:4f:43:00:00:01 first=1600000000\n"
TRY = """
    dev dhcp.lease ok @{0} +0.1 address=192.168.1.7
    dev dns.cloud_name ok @{0}.2 +0.1 >device.spark.io
"""
CLOUD = ">54.85.0.9:5683"
BLOCKED = (
    TRY + f"    dev tcp.cloud failed timeout @{{0}}.5 +5 {CLOUD}\n    dev internet.test ok @{{0}}.6"
    " +0.1 >8.8.8.8:53\n"
)
UNFINISHED = TRY + f"    dev tcp.cloud unclear cut_off @{{0}}.5 {CLOUD}\n"
OPEN = TRY + "".join(
    f"    dev {fact} ok @{{0}}.{place} {CLOUD}\n"
    for place, fact in enumerate(
        (
            "tcp.cloud",
            "handshake.nonce",
            "handshake.request",
            "handshake.key",
            "handshake.hello",
            "handshake.welcome",
            "session.open",
        ),
        3,
    )
)


def why(text: str, now: float) -> tuple[str, ...]:
    observations = case(IDENTITY + text)
    return settled(observations, diagnose(observations, Target()), START + now)


@pytest.mark.parametrize(
    ("text", "now", "is_settled"),
    [
        ("", 60, False),
        (BLOCKED.format(1), 60, False),
        (BLOCKED.format(1) + BLOCKED.format(8), 15, False),  # not long enough
        (BLOCKED.format(1) + BLOCKED.format(12), 22, True),
        (
            BLOCKED.format(1) + BLOCKED.format(12) + UNFINISHED.format(23),
            24,
            True,
        ),  # the newest that finished failed
        (
            BLOCKED.format(1) + BLOCKED.format(12) + OPEN.format(23),
            24,
            False,
        ),  # it has just come through
        (BLOCKED.format(1) + BLOCKED.format(12) + OPEN.format(23), 50, True),
        (BLOCKED.format(1) + BLOCKED.format(12) + BLOCKED.format(23) + OPEN.format(34), 36, True),
        (OPEN.format(1), 20, False),
        (OPEN.format(1), 28, True),
        (OPEN.format(1) + f"dev session.keepalive ok @17 +0.1 {CLOUD}", 18, True),
        (
            OPEN.format(1) + f"dev session.keepalive unclear cut_off @17 {CLOUD}",
            40,
            False,
        ),  # a ping is on its way
        (OPEN.format(1) + f"dev session.keepalive failed timeout @17 +10 {CLOUD}", 40, False),
        (OPEN.format(1) + f"dev session.end failed reset @9 {CLOUD}", 40, False),
        (
            f"dev session.open ok @1 {CLOUD}\ndev session.keepalive ok @16 {CLOUD}",
            60,
            False,
        ),  # was online before
        (
            (
                "dev gateway.arp ok @1\ndev dhcp.lease ok @1 discovers=0\ndev session.open ok @1"
                f" {CLOUD}"
            ),
            60,
            False,
        ),  # its upkeep
        ("ctl tcp.cloud ok @5 >54.85.0.9:5683\nctl internet.reach ok @6 >1.2.3.4:443", 60, False),
    ],
)
def test_the_question_is_settled(text: str, now: float, is_settled: bool) -> None:
    assert bool(why(text, now)) == is_settled


def test_it_says_why() -> None:
    assert why(OPEN.format(1), 40) == ("it connected and kept its session",)
    [said] = why(BLOCKED.format(1) + BLOCKED.format(12), 22)
    assert said == "cloud_port_blocked is likely, seen in 2 of 2 tries"


SECOND = "00:11:22:33:44:55"


def both(mine: str, now: float) -> tuple[str, ...]:
    other = IDENTITY.replace("dev ", "ctl ").replace("e0:4f:43:00:00:01", SECOND)
    return why(mine + "\n" + other + OPEN.format(1).replace("dev ", "ctl "), now)


def test_every_device_that_tried_must_be_settled() -> None:
    assert both(BLOCKED.format(1), 40) == ()
    one, two = both(BLOCKED.format(1) + BLOCKED.format(12), 40)
    assert {one, two} == {
        f"{SECOND}: it connected and kept its session",
        "e0:4f:43:00:00:01: " + why(BLOCKED.format(1) + BLOCKED.format(12), 40)[0],
    }


def test_one_that_is_online_and_tries_nothing_is_not_waited_for() -> None:
    assert both(f"dev session.open ok @1 {CLOUD}", 40) == (
        f"{SECOND}: it connected and kept its session",
    )


# ----------------------------------------------------------------------------------------- progress


def told(text: str) -> list[str]:
    observations = case(IDENTITY + text)
    return progress.lines(observations, diagnose(observations, Target()))


def test_each_try_is_told_once_and_only_if_it_is_new() -> None:
    assert told(UNFINISHED.format(1)) == ["try 1: address, the cloud's name ok"]
    failed = "address, the cloud's name, Internet ok; the cloud's port: no answer"
    assert told(BLOCKED.format(1) + BLOCKED.format(12)) == [f"try 1: {failed}"]
    assert told(BLOCKED.format(1) + OPEN.format(12)) == [
        f"try 1: {failed}",
        "try 2: address, the cloud's name, the cloud's port, handshake, session ok",
    ]


def test_nothing_seen_is_nothing_told() -> None:
    assert told("") == []
