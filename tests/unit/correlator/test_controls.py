"""A device in a capture, and `netcheck` beside it: what the computer learned counts for the device
where one failure meets both.
"""

from __future__ import annotations

import msgspec
import pytest

from netcheck.correlator import controls, diagnose
from netcheck.model import STANDING, Diagnosis, Target
from tests.helpers.notation import case

WAY_UP = """
dev dhcp.lease ok @0
dev gateway.arp ok >192.168.1.1 @1
dev dns.cloud_name ok >device.spark.io @2 resolver=192.168.1.1 addresses=52.1.2.3
"""
TESTED = "dev internet.test ok >8.8.8.8:53 @10 rtt_ms=90\n"
UNTESTED = "dev internet.test failed timeout >8.8.8.8:53 @10 +5\n"
SILENT = WAY_UP + TESTED + "dev tcp.cloud failed timeout >52.1.2.3:5683 @4 +5\n"
REFUSED = WAY_UP + TESTED + "dev tcp.cloud failed refused >52.1.2.3:5683 @4 rtt_ms=91\n"
CUT = (
    WAY_UP + "dev tcp.cloud ok >52.1.2.3:5683 @4 rtt_ms=91\ndev handshake.nonce failed reset"
    " >52.1.2.3:5683 @4.1\n"
)

PLACE = """
ctl computer.vantage ok @3 address=192.168.1.20 gateway=192.168.1.1
ctl gateway.arp ok >192.168.1.1 @3
ctl dns.cloud_name ok >device.spark.io @4 server=192.168.1.1 addresses=52.1.2.3
ctl dns.other_name ok >pool.ntp.org @4 server=192.168.1.1
"""
OUTSIDE = (
    "ctl internet.test ok >8.8.8.8:53 @5 rtt_ms=90\nctl internet.reach ok >8.8.8.8:443 @5"
    " rtt_ms=90\n"
)
NOTHING_OUTSIDE = (
    "ctl internet.test failed timeout >8.8.8.8:53 @5 +5\nctl internet.reach failed timeout"
    " >8.8.8.8:443 @5 +5\n"
)
SILENT_TOO = (
    PLACE + OUTSIDE + "ctl tcp.cloud failed timeout >device.spark.io:5683 @6 +5 address=52.1.2.3\n"
)
OPEN_WAY = "ctl tcp.blocked_where ok >device.spark.io:5683 @12 hop=12 place=isp\n"
HELD = "ctl tcp.blocked_where failed timeout >device.spark.io:5683 @12 hop=1 place=router differs="
CLOUD_OPEN = (
    PLACE
    + OUTSIDE
    + "ctl tcp.cloud ok >device.spark.io:5683 @6 rtt_ms=90 address=52.1.2.3\nctl handshake.nonce ok"
    " @6\n"
)


def judged(captured: str, probed: str) -> Diagnosis:
    seen = case("dev device.identity ok @0 rank=6\n" + captured) if captured else []
    (one,) = diagnose([*seen, *case(probed, source="probe:test/1")], Target())
    return one


def first(one: Diagnosis) -> str:
    return next(
        (
            finding.cause
            for finding in one.findings
            if finding.level in STANDING and finding.stops_connection
        ),
        "",
    )


def said_for(one: Diagnosis, cause: str) -> set[str]:
    return {
        e.clue.says
        for finding in one.findings
        if finding.cause == cause
        for e in (*finding.support, *finding.oppose)
    }


@pytest.mark.parametrize(
    ("captured", "probed", "cause"),
    [
        (SILENT, SILENT_TOO + OPEN_WAY, "cloud_unreachable"),
        (SILENT, SILENT_TOO + HELD + "port", "cloud_port_blocked"),
        (SILENT, SILENT_TOO + HELD + "host", "cloud_host_blocked"),
        (
            SILENT,
            SILENT_TOO + "ctl tcp.cloud_other_port ok >device.spark.io:443 @6",
            "cloud_port_blocked",
        ),
        (
            REFUSED,
            SILENT_TOO.replace("failed timeout", "failed refused") + OPEN_WAY,
            "cloud_unreachable",
        ),
        (
            CUT,
            CLOUD_OPEN.replace("nonce ok", "nonce failed reset")
            + "ctl tcp.reset_origin ok >device.spark.io:5683 @7",
            "cloud_unresponsive",
        ),
        (
            SILENT.replace(TESTED, UNTESTED),
            SILENT_TOO.replace(OUTSIDE, NOTHING_OUTSIDE),
            "gateway_unreachable",
        ),
    ],
    ids=[
        "far end",
        "router's rule",
        "host held",
        "other port opens",
        "far end refuses",
        "cloud's own reset",
        "gateway passes nothing on",
    ],
)
def test_a_computer_that_meets_the_same_failure_narrows_it(
    captured: str, probed: str, cause: str
) -> None:
    assert first(judged("", probed)) == cause
    assert first(judged(captured, probed)) == cause


@pytest.mark.parametrize(
    "probed",
    [
        CLOUD_OPEN + OPEN_WAY,
        SILENT_TOO.replace("failed timeout", "failed refused") + OPEN_WAY,
        SILENT_TOO.replace("52.1.2.3", "52.9.9.9") + OPEN_WAY,
        SILENT_TOO.replace(OUTSIDE, NOTHING_OUTSIDE) + OPEN_WAY,
        PLACE + OUTSIDE + OPEN_WAY,
    ],
    ids=[
        "its port opens",
        "it is refused",
        "it went elsewhere",
        "it has no Internet",
        "it never asked",
    ],
)
def test_a_computer_that_fares_otherwise_says_nothing_of_the_devices_way(probed: str) -> None:
    one = judged(SILENT, probed)

    assert (
        "packets to the port get as far into the Internet as those to other ports"
        not in said_for(one, "cloud_port_blocked")
    )


def test_a_device_that_alone_reaches_nothing_is_filtered_whatever_the_computer_reaches() -> None:
    one = judged(SILENT.replace(TESTED, UNTESTED), CLOUD_OPEN)

    assert first(one) == "mac_filter"
    assert "other hosts and ports answer" not in said_for(one, "cloud_port_blocked")


def test_what_a_computer_learned_holds_for_the_tries_that_fail_as_it_did() -> None:
    """An hour later the device is refused: of that the computer knows nothing."""
    later = REFUSED.replace(" @", " @36")
    one = judged(SILENT + later, SILENT_TOO + OPEN_WAY)

    unreachable = next(finding for finding in one.findings if finding.cause == "cloud_unreachable")
    (way,) = [e for e in unreachable.support if e.clue.rule == "way_open_to_far_end"]
    assert len(way.seen) == 1
    assert unreachable.out_of == 2


def test_the_ladder_is_the_devices_own() -> None:
    one = judged(
        WAY_UP + "dev tcp.cloud failed timeout >52.1.2.3:5683 @4 +5", SILENT_TOO + OPEN_WAY
    )

    assert all(o.subject != "00:11:22:33:44:55" for rung in one.ladder for o in rung.because)


def test_a_failure_seen_by_both_counts_once() -> None:
    one = judged(SILENT, SILENT_TOO)

    assert "another client cannot open the cloud's port either" not in said_for(
        one, "cloud_port_blocked"
    )
    assert "another client reaches the Internet on other ports" not in said_for(
        one, "cloud_port_blocked"
    )
    assert "the Internet answers otherwise" in said_for(one, "cloud_port_blocked")
    assert "other hosts and ports answer" not in said_for(one, "cloud_port_blocked")


def test_a_device_known_by_name_alone_comes_after_the_one_whose_tries_were_seen() -> None:
    beyond = [
        msgspec.structs.replace(o, subject="81.2.69.142")
        for o in case("dev device.identity ok @0 rank=3\n" + SILENT)
    ]
    heard = case(
        "dev device.identity ok @3 rank=6\n" + SILENT_TOO + OPEN_WAY, source="probe:test/1"
    )

    one, other = diagnose([*beyond, *heard], Target())

    assert first(one) == "cloud_unreachable"
    assert not first(other)


NO_NAME = """
dev dhcp.lease ok @0
dev gateway.arp ok >192.168.1.1 @1
dev dns.cloud_name failed timeout >device.spark.io @2 +5 resolver=192.168.1.53
dev internet.test ok >8.8.8.8:53 @10 rtt_ms=90
"""


def test_a_resolver_that_answers_acquits_no_other() -> None:
    one = judged(NO_NAME, PLACE + OUTSIDE)

    assert first(judged(NO_NAME, "")) == first(one) == "dns_unreachable"
    assert "the same resolver answers for other names" not in said_for(one, "dns_unreachable")


@pytest.mark.parametrize(("server", "is_one_fault"), [("192.168.1.53", True), ("9.9.9.9", False)])
def test_two_failures_are_one_where_the_same_resolver_was_asked(
    server: str, is_one_fault: bool
) -> None:
    probed = f"""
    ctl gateway.arp ok >192.168.1.1 @3
    ctl dns.cloud_name failed servfail >device.spark.io @4 server={server}
    ctl dns.compare failed differs >device.spark.io @4 server=8.8.8.8
    """

    captured = NO_NAME.replace("timeout", "servfail")

    said = said_for(judged(captured, probed), "dns_name_blocked")

    assert ("another resolver knows the name" in said) is is_one_fault


@pytest.mark.parametrize(("port", "is_shared"), [("5683", True), ("5684", False)])
def test_failures_at_two_ports_are_two(port: str, is_shared: bool) -> None:
    probed = SILENT_TOO.replace(":5683", f":{port}") + OPEN_WAY
    shared = controls.shared_findings(case(SILENT), case(probed, source="probe:test/1"))

    assert any(o.fact == "tcp.blocked_where" for o in shared) is is_shared


def standing(one: Diagnosis) -> set[str]:
    return {finding.cause for finding in one.findings if finding.level in STANDING}


OFFERED = "ctl wifi.network failed only_5ghz >ssid:Home @3 on_2ghz=false"
JOINING = "dev wifi.join failed timeout @4"


@pytest.mark.parametrize(
    ("device", "counts"),
    [
        (JOINING, True),
        (f"{JOINING} ssid=Home", True),
        (f"{JOINING} ssid=Other", False),
        (f"{JOINING}\ndev wifi.network failed not_on_air >ssid:Other @4", False),
        (f"{JOINING}\ndev wifi.network ok >ssid:Home @4", False),
        ("dev wifi.join ok @4 reached=joined", False),
    ],
)
def test_what_a_scan_shows_of_the_devices_network_counts_for_it(device: str, counts: bool) -> None:
    own = case(device)
    others = case(OFFERED, "probe:wifi_band/1")
    identity = case("dev device.identity ok mac=e0:4f:43:00:00:01 rank=5")

    (found,) = diagnose([*identity, *own, *others], Target())

    assert ("band_5ghz_only" in standing(found)) == counts


def test_what_a_capture_shows_of_another_station_is_not_the_devices() -> None:
    identity = case("dev device.identity ok mac=e0:4f:43:00:00:01 rank=5")

    (found,) = diagnose([*identity, *case(JOINING), *case(OFFERED)], Target())

    assert "band_5ghz_only" not in standing(found)


DEAD = "capture:c"
ALIVE = """
ctl internet.reach ok >1.2.3.4:443 @1 +40
ctl dns.other_name ok >www.google.com @1 +40
"""


@pytest.mark.parametrize(
    ("later", "is_outdated"),
    [
        ("ctl internet.reach failed timeout >1.2.3.4:443 @60 +80", False),
        (
            "ctl internet.reach failed timeout >1.2.3.4:443 @60 +80\n"
            "ctl dns.other_name failed timeout >i.instagram.com @60 +80",
            True,
        ),
        (
            "ctl internet.reach failed timeout >1.2.3.4:443 @60 +80\n"
            "ctl dns.other_name failed timeout >i.instagram.com @60 +80\n"
            "ctl tcp.cloud ok >52.1.2.3:5683 @95",
            False,
        ),
        ("", False),
    ],
    ids=["one silence", "nothing passes", "one thing passes", "nothing asked"],
)
def test_what_passed_before_a_line_died_is_outdated(later: str, is_outdated: bool) -> None:
    others = [msgspec.structs.replace(o, source=DEAD) for o in case(ALIVE + later)]

    kept = controls.without_outdated(others, others[0].at + 89, others[0].at + 100)

    assert len(others) - len(kept) == (2 if is_outdated else 0)


def test_what_a_probe_passed_stays() -> None:
    dead = (
        "ctl internet.reach failed timeout >1.2.3.4:443 @60 +80\n"
        "ctl dns.other_name failed timeout >i.instagram.com @60 +80"
    )
    others = [msgspec.structs.replace(o, source="probe:x/1") for o in case(ALIVE + dead)]

    assert controls.without_outdated(others, others[0].at + 89, others[0].at + 100) == others
