"""The first sentence: what stopped the connection, and whether it is over."""

from __future__ import annotations

from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.model import Diagnosis, Target, Verdict
from netcheck.report import screen
from netcheck.report.layout import Style
from netcheck.report.view import view
from tests.helpers.answers import answer
from tests.helpers.notation import DEV, case

CLOUD = "device.spark.io:5683"


def a_try(start: float, *steps: str) -> str:
    return f"""
    dev dhcp.lease ok @{start} address=192.168.1.7
    dev dns.cloud_name ok @{start + 1} >device.spark.io addresses=52.1.2.3
    """ + "\n".join(steps)


def blocked(start: float) -> str:
    return a_try(
        start,
        f"dev tcp.cloud failed timeout @{start + 2} >{CLOUD} +5",
        f"dev internet.test ok @{start + 8} >8.8.8.8:53",
    )


def online(start: float) -> str:
    return a_try(
        start,
        f"dev tcp.cloud ok @{start + 2} >{CLOUD}",
        f"dev handshake.nonce ok @{start + 2.1} >{CLOUD}",
        f"dev handshake.key ok @{start + 2.5} >{CLOUD}",
        f"dev handshake.welcome ok @{start + 3} >{CLOUD}",
        f"dev session.open ok @{start + 3.5} >{CLOUD}",
        f"dev session.keepalive ok @{start + 30} >{CLOUD}",
    )


def judged(*tries: str) -> Diagnosis:
    [one] = diagnose(case("\n".join(tries)), Target(device=DEV))
    return one


def shown(one: Diagnosis) -> str:
    return screen.render(view(answer(one), load().causes), Style())


def test_a_fault_that_ended_says_so_first() -> None:
    one = judged(*map(blocked, (0, 40, 80)), online(120))

    assert one.verdict is Verdict.FAULT
    assert one.headline == (
        "It works again at the end. Earlier, in 3 of all 4 tries:"
        " TCP port 5683 is blocked on this network."
    )
    lines = shown(one).splitlines()
    assert lines[0].startswith("✗ FAULT: It works again at the end. Earlier: TCP port 5683")
    assert any(line.startswith("If it fails 1. ") for line in lines), "there is nothing to do now"


def test_a_fault_that_came_back_is_not_over() -> None:
    one = judged(blocked(0), online(40), blocked(120), blocked(160))

    assert one.headline == "In 3 of 4 tries: TCP port 5683 is blocked on this network."
    assert "Do this     1. " in shown(one)


def test_a_later_try_that_was_not_seen_to_end_ends_no_fault() -> None:
    one = judged(blocked(0), blocked(40), blocked(80), a_try(120))

    assert "again" not in one.headline
