"""Two faults at a time, as a computer's probes meet them: both are named, or it is said that one
hides the other.
"""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Observation, Owner, Target, Verdict
from tests.helpers.notation import case

PLACE = (
    "ctl computer.vantage ok @0 address=192.168.1.20 gateway=192.168.1.1\nctl gateway.arp ok"
    " >192.168.1.1 @1"
)
NAMES = """ctl dns.cloud_name ok >device.spark.io @2 server=192.168.1.1 addresses=52.1.2.3
ctl dns.other_name ok >pool.ntp.org @2 server=192.168.1.1"""
OUTSIDE = "ctl internet.test ok >8.8.8.8:53 @3 rtt_ms=90\nctl internet.reach ok >8.8.8.8:443 @3"
NOTHING_OUTSIDE = (
    "ctl internet.test failed timeout >8.8.8.8:53 @3 +5\nctl internet.reach failed timeout"
    " >8.8.8.8:443 @3 +5"
)
NO_PAGE = "ctl internet.reach failed timeout >nmcheck.gnome.org:80 @3 +3"
CLOUD = "ctl tcp.cloud ok >device.spark.io:5683 @4 rtt_ms=90\nctl handshake.nonce ok @4"
NO_CLOUD = "ctl tcp.cloud failed timeout >device.spark.io:5683 @4 +5"
NO_OFFER = "02:6e:65:74:63:6b dhcp.offer failed no_offer @0 +4 asked_as=new_client"
OFFER = "02:6e:65:74:63:6b dhcp.offer ok @0 asked_as=new_client"


def live(*parts: str) -> list[Observation]:
    return case("\n".join(parts), source="probe:test/1")


def judged(*parts: str) -> Diagnosis:
    (one,) = diagnose(live(*parts), Target())
    return one


def standing(one: Diagnosis) -> list[str]:
    return [finding.cause for finding in one.findings if finding.level in STANDING]


def why(one: Diagnosis, fact: str) -> str:
    return next((untested.why for untested in one.not_tested if untested.fact == fact), "")


def test_a_computer_with_an_address_sees_the_gateway_fail_whomever_dhcp_serves() -> None:
    place = PLACE.replace("arp ok", "arp failed timeout")
    one = judged(place, NO_OFFER, "ctl dns.cloud_name failed timeout @2 +5", NOTHING_OUTSIDE)

    assert {"dhcp_no_server", "gateway_unreachable"} <= set(standing(one)), (
        "the first with a doubt: nothing here answers at all"
    )


def test_a_computer_without_an_address_sees_no_more_than_that() -> None:
    place = (
        "ctl computer.vantage failed no_address @0\nctl gateway.arp failed timeout >192.168.1.1 @1"
    )

    assert "gateway_unreachable" not in standing(judged(place, NO_OFFER))


def test_the_address_goes_before_what_lies_behind_it() -> None:
    one = judged(PLACE, NO_OFFER, NAMES, OUTSIDE, NO_CLOUD)

    assert standing(one)[0] == "dhcp_no_server"
    assert "cloud_port_blocked" in standing(one)


def test_a_denied_name_and_a_blocked_port_are_two_faults_and_no_third() -> None:
    denied = (
        "ctl dns.cloud_name failed nxdomain @2 server=192.168.1.1\nctl dns.compare failed differs"
        " @2 server=8.8.8.8 addresses=52.1.2.3"
    )
    one = judged(PLACE, OFFER, denied, "ctl dns.other_name ok @2", OUTSIDE, NO_CLOUD)

    assert {"dns_name_blocked", "cloud_port_blocked"} <= set(standing(one))
    assert "dns_hijacked" not in standing(one)


def test_a_blocked_test_is_noticed_beside_a_blocked_port() -> None:
    one = judged(
        PLACE,
        OFFER,
        NAMES,
        "ctl internet.test failed timeout @3 +5\nctl internet.reach ok @3",
        NO_CLOUD,
    )

    assert standing(one)[0] == "cloud_port_blocked"
    assert "internet_test_blocked" in standing(one)


# a router that is itself on the Internet and passes nothing on


def test_a_router_that_finds_names_and_passes_nothing_on_is_at_fault_and_not_the_line() -> None:
    one = judged(PLACE, OFFER, NAMES, NOTHING_OUTSIDE, NO_PAGE, NO_CLOUD)

    assert (one.verdict, standing(one)[0], one.owner) == (
        Verdict.FAULT,
        "gateway_unreachable",
        Owner.ROUTER,
    )


@pytest.mark.parametrize(
    "asked",
    ["", f"{NO_PAGE}\nctl computer.proxy ok @0 servers=proxy.test:3128"],
    ids=["no web page", "no proxy"],
)
def test_what_a_login_page_or_a_proxy_would_show_too_is_not_sure(asked: str) -> None:
    one = judged(PLACE, OFFER, NAMES, NOTHING_OUTSIDE, asked, NO_CLOUD)

    assert one.verdict is Verdict.SUSPECTED
    assert {"gateway_unreachable", "captive_portal"} <= set(standing(one))


@pytest.mark.parametrize(
    "more",
    [
        "ctl internet.redirect failed portal @3",
        "ctl tcp.blocked_where unclear @9 hop=2 place=isp",
        "ctl internet.reach failed unreachable @3",
        "ctl internet.proxy ok @3",
        "ctl internet.test ok @3",
    ],
    ids=[
        "login page",
        "seen beyond the router",
        "the router says so",
        "proxy",
        "something answers",
    ],
)
def test_what_excuses_the_router(more: str) -> None:
    assert "gateway_unreachable" not in standing(
        judged(PLACE, OFFER, NAMES, NOTHING_OUTSIDE, NO_PAGE, NO_CLOUD, more)
    )


@pytest.mark.parametrize(
    "names",
    [NAMES.splitlines()[0], NAMES.replace("192.168.1.1", "8.8.8.8")],
    ids=["one name", "not its names"],
)
def test_a_name_that_may_be_remembered_or_another_resolvers_says_nothing_of_the_router(
    names: str,
) -> None:
    assert standing(judged(PLACE, OFFER, names, NOTHING_OUTSIDE, NO_CLOUD))[0] == "internet_down"


@pytest.mark.parametrize("reason", ["refused rtt_ms=0.2", "timeout +5"])
def test_a_server_on_this_network_that_is_gone_is_no_blocked_port(reason: str) -> None:
    server = f"ctl tcp.cloud failed {reason} >192.168.1.9:5683 @4 address=192.168.1.9"
    one = judged(PLACE, OFFER, OUTSIDE, server)

    assert standing(one)[0] == "server_address_wrong"
    assert not {"cloud_port_blocked", "cloud_host_blocked"} & set(standing(one))


def test_a_port_that_is_refused_at_the_far_end_is_no_blocked_port() -> None:
    server = "ctl tcp.cloud failed refused rtt_ms=91 >device.spark.io:5683 @4"
    web = "ctl tcp.cloud_other_port ok >device.spark.io:443 @4"
    one = judged(PLACE, OFFER, NAMES, OUTSIDE, server, web)

    assert standing(one)[0] == "cloud_unreachable"


# what one fault hides


@pytest.mark.parametrize(
    ("passes", "is_first"),
    [
        ("", True),
        ("ctl internet.test ok >pool.ntp.org:123 @3 rtt_ms=90", True),
        ("ctl internet.reach ok >8.8.8.8:443 @3 rtt_ms=90", True),
        ("ctl internet.test ok >8.8.8.8:53 @3 rtt_ms=90", False),
    ],
    ids=["nothing passes", "the time passes", "TLS passes", "another port passes"],
)
@pytest.mark.parametrize("reason", ["timeout", "refused"])
def test_before_a_login_no_port_is_blocked_by_itself(
    passes: str, is_first: bool, reason: str
) -> None:
    page = "ctl internet.redirect failed portal >captive.apple.com @3"
    cloud = f"ctl tcp.cloud failed {reason} >device.spark.io:5683 @4 +5 rtt_ms=0.2"
    one = judged(PLACE, OFFER, NAMES, page, passes, cloud)

    assert (standing(one)[0] == "captive_portal") is is_first
    assert ("cloud_port_blocked" in standing(one)) is not is_first


def test_what_is_silent_behind_a_dead_line_is_not_called_tested() -> None:
    names = "ctl dns.cloud_name ok @2 addresses=52.1.2.3"
    one = judged(PLACE, OFFER, names, NOTHING_OUTSIDE, NO_CLOUD)

    assert standing(one)[0] == "internet_down"
    assert "internet" in why(one, "tcp") and "cannot be tested yet" in why(one, "tcp")


def test_what_has_a_cause_of_its_own_or_answers_is_tested() -> None:
    refused = NO_CLOUD.replace("timeout", "prohibited")

    assert not why(judged(PLACE, OFFER, NAMES, OUTSIDE, NO_CLOUD), "tcp")
    assert not why(judged(PLACE, OFFER, NAMES, NOTHING_OUTSIDE, refused), "tcp")


# what is not wrong, and not tested either


def test_healthy_is_said_with_what_nobody_looked_at() -> None:
    asked, not_asked = (
        judged(PLACE, OFFER, NAMES, OUTSIDE, CLOUD),
        judged(PLACE, NAMES, OUTSIDE, CLOUD),
    )

    assert (asked.verdict, not_asked.verdict) == (Verdict.HEALTHY, Verdict.HEALTHY)
    assert "DHCP" not in asked.headline
    assert "DHCP" in not_asked.headline and "not tested" in not_asked.headline


def test_a_round_trip_of_seconds_is_no_healthy_line() -> None:
    one = judged(PLACE, OFFER, NAMES, OUTSIDE.replace("90", "2400"), CLOUD.replace("90", "2400"))

    assert (one.verdict, standing(one), one.owner) == (
        Verdict.SUSPECTED,
        ["path_too_slow"],
        Owner.ISP,
    )
