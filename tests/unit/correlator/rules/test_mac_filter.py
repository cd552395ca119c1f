"""One device of many to which nothing outside answers: what is said of it, and of its twins."""

from __future__ import annotations

from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target
from tests.helpers.notation import DEV, case

OTHERS = """
ctl gateway.arp ok >192.168.1.1 @1
ctl dns.other_name ok >example.com @2 +60 resolver=192.168.1.1 server=192.168.1.1
ctl internet.reach ok >93.184.216.34:443 @2 +60
"""
CUT_OFF = "\n".join(
    f"""
dev dhcp.lease ok @{start} server=192.168.1.1
dev gateway.arp ok >192.168.1.1 @{start + 1}
dev dns.cloud_name failed timeout >device.spark.io @{start + 2} +15 resolver=192.168.1.1
dev internet.test failed timeout >8.8.8.8:53 @{start + 18} +3
"""
    for start in (0, 30)
)


def judged(*parts: str) -> Diagnosis:
    [one] = diagnose(case("\n".join(parts)), Target(device=DEV))
    return one


def standing(one: Diagnosis) -> list[str]:
    return [finding.cause for finding in one.findings if finding.level in STANDING]


def test_what_answers_all_others_and_not_this_device_refuses_it() -> None:
    one = judged(OTHERS, CUT_OFF)

    assert standing(one) == ["mac_filter"], "nor is only its internet test blocked"


def test_where_others_miss_answers_too_the_line_fails() -> None:
    silence = "ctl internet.reach failed timeout >93.184.216.34:443 @3 +50"
    one = judged(OTHERS, silence, CUT_OFF)

    assert "mac_filter" not in standing(one)


def test_a_resolver_that_answers_nobody_refuses_no_device() -> None:
    silent = OTHERS.replace("dns.other_name ok", "dns.other_name failed timeout")
    one = judged(silent, CUT_OFF)

    assert "mac_filter" not in standing(one)


def test_two_machines_that_answer_for_the_gateway_take_each_others_packets() -> None:
    rival = "02:00:5e:10:00:01 address.conflict failed conflict @1 address=192.168.1.1"
    one = judged(OTHERS, rival, CUT_OFF)

    assert standing(one) == ["ip_conflict"]
    assert "the router's network address" in one.headline


def test_a_gateway_with_two_macs_that_forwards_is_no_conflict() -> None:
    rival = "02:00:5e:10:00:01 address.conflict failed conflict @1 address=192.168.1.1"
    named = CUT_OFF.replace("dns.cloud_name failed timeout", "dns.cloud_name ok server=192.168.1.1")
    one = judged(OTHERS, rival, named, "dev tcp.cloud failed timeout >1.2.3.4:5683 @50 +5")

    assert "ip_conflict" not in standing(one)
