"""Sessions that die: whose fault it is where others lose the Internet as well."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target
from tests.helpers.notation import DEV, case

CLOUD = "device.spark.io:5683"
REACHED = "ctl internet.reach ok >93.184.216.34:443 @2 +900"
LOST = "ctl internet.reach failed timeout >93.184.216.34:443 @100 +700"
OTHER = "02:00:00:00:00:05 internet.reach ok >93.184.216.34:443 @2 +900"


def dropped(start: float, age_s: float) -> str:
    return f"""
    dev dns.cloud_name ok @{start} >device.spark.io addresses=52.1.2.3
    dev tcp.cloud ok @{start + 1} >{CLOUD}
    dev handshake.welcome ok @{start + 2} >{CLOUD}
    dev session.open ok @{start + 3} >{CLOUD}
    dev session.keepalive failed timeout @{start + 3 + age_s} +10 >{CLOUD} idle_s={age_s} repeats=3
    """


def silent(start: float) -> str:
    return f"""
    dev dns.cloud_name failed timeout @{start} +15 >device.spark.io
    dev internet.test failed timeout @{start + 16} +3 >8.8.8.8:53
    """


def judged(*parts: str) -> Diagnosis:
    tries = (dropped(0, 40), silent(100), dropped(200, 85), silent(400))
    [one] = diagnose(case("\n".join((*tries, *parts))), Target(device=DEV))
    return one


def is_line(one: Diagnosis) -> bool:
    """Does it speak against a weak link of this device?"""
    [unstable] = [f for f in one.findings if f.cause == "session_unstable"]
    return any(e.clue.rule == "line_fails_others_too" for e in unstable.oppose)


def test_where_others_lose_the_internet_too_the_line_is_to_blame() -> None:
    one = judged(REACHED, LOST)

    assert is_line(one)
    assert next(f.cause for f in one.findings if f.level in STANDING) == "internet_down"


@pytest.mark.parametrize(
    "others",
    [(), (REACHED,), (REACHED, LOST, OTHER), (LOST,)],
    ids=["nobody seen", "it loses nothing", "most lose nothing", "it reached nothing"],
)
def test_where_most_others_lose_nothing_the_line_is_not_to_blame(others: tuple[str, ...]) -> None:
    assert not is_line(judged(*others))
