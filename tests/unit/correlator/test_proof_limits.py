"""What this computer's place cannot prove is unclear."""

from __future__ import annotations

import pytest

from netcheck.correlator.proof_limits import THROUGH_VPN, proven
from netcheck.model import Outcome
from tests.helpers.notation import case

LIVE = "probe:test/1"
VPN = "ctl computer.vpn failed tunnel @1 interface=tun0 beside=192.168.1.1\n"


@pytest.mark.parametrize(
    ("line", "source", "expected"),
    [
        ("ctl tcp.cloud failed timeout @2", LIVE, "unclear tunnel"),
        ("ctl tcp.cloud ok @2", LIVE, "unclear tunnel"),
        ("ctl tcp.cloud skipped needs @2", LIVE, "skipped needs"),
        ("ctl gateway.arp failed timeout @2", LIVE, "failed timeout"),
        ("ctl dhcp.offer failed no_offer @2", LIVE, "failed no_offer"),
        ("dev tcp.cloud failed timeout @2", LIVE, "failed timeout"),
        ("ctl tcp.cloud failed timeout @0", LIVE, "failed timeout"),
        ("ctl tcp.cloud failed timeout @2", "capture:a.pcap", "failed timeout"),
        (
            "ctl dns.cloud_name failed nxdomain @2 server=192.168.1.1 rcode=NXDOMAIN",
            LIVE,
            "failed nxdomain",
        ),
        ("ctl dns.cloud_name failed nxdomain @2 server=9.9.9.9 rcode=NXDOMAIN", LIVE, "unclear"),
        ("ctl dns.cloud_name failed timeout @2 server=192.168.1.1", LIVE, "unclear tunnel"),
    ],
)
def test_what_left_through_a_vpn(line: str, source: str, expected: str) -> None:
    *_, one = proven([*case(VPN, source=LIVE), *case(line, source=source)])
    assert f"{one.outcome} {one.reason}".startswith(expected)
    assert (one.text("says") == THROUGH_VPN) is (one.outcome is Outcome.UNCLEAR)


def test_without_a_vpn_or_after_it_everything_counts() -> None:
    failed = "ctl tcp.cloud failed timeout @2"
    for look in ("ctl computer.vpn ok @1", "ctl computer.vpn ok @1.5 \n" + VPN.strip()):
        assert all(o.outcome is not Outcome.UNCLEAR for o in proven(case(look, source=LIVE)))
    again = case(VPN + "ctl computer.vpn ok @1.5 \n" + failed, source=LIVE)
    assert proven(again) == again


NOWHERE = "ctl tcp.nowhere failed accepts_all >240.0.0.1:443\n"


@pytest.mark.parametrize(
    ("line", "source", "is_unclear"),
    [
        ("ctl internet.reach ok >8.8.8.8:443", LIVE, True),
        ("ctl tcp.cloud_other_port ok >1.2.3.4:443", LIVE, True),
        ("ctl internet.reach failed timeout >8.8.8.8:443", LIVE, False),
        ("ctl internet.reach ok >8.8.8.8:80", LIVE, False),
        ("dev internet.reach ok >8.8.8.8:443", LIVE, False),
        ("ctl internet.reach ok >8.8.8.8:443", "capture:a.pcap", False),
        ("ctl internet.reach ok >8.8.8.8:443 tls_ms=20", LIVE, False),
        ("ctl internet.reach ok >8.8.8.8:443 status=200", LIVE, False),
        ("ctl tcp.cloud ok >1.2.3.4:443", LIVE, False),
    ],
)
def test_an_open_port_where_everything_is_accepted(
    line: str, source: str, *, is_unclear: bool
) -> None:
    *_, one = proven([*case(NOWHERE, source=LIVE), *case(line, source=source)])
    assert (one.reason == "accepts_all" and one.outcome is Outcome.UNCLEAR) is is_unclear
    assert bool(one.text("says")) is is_unclear


def test_an_address_without_a_host_that_refuses_proves_nothing_else() -> None:
    fine = case(
        "ctl tcp.nowhere ok >240.0.0.1:443 \n ctl internet.reach ok >8.8.8.8:443", source=LIVE
    )
    assert proven(fine) == fine


HELD = "ctl computer.sends failed held_here @9 >{to} by=frames\n"


@pytest.mark.parametrize(
    ("to", "line", "expected"),
    [
        ("device.spark.io:5683", "tcp.cloud failed timeout >device.spark.io:5683 @2", "unclear"),
        ("device.spark.io:5683", "tcp.blocked_where failed timeout >x:5683 @2", "unclear"),
        ("device.spark.io:5683", "internet.reach failed timeout >8.8.8.8:443 @2", "failed"),
        ("device.spark.io:5683", "tcp.as_device failed timeout >x:5683 @2", "failed"),
        ("device.spark.io:5683", "tcp.cloud failed timeout >x:5683 @900", "failed"),
        ("device.spark.io:5683", "tcp.cloud ok >device.spark.io:5683 @2", "ok"),
        ("everything", "internet.reach failed timeout >8.8.8.8:443 @2", "unclear"),
        ("everything", "dns.cloud_name failed nxdomain @2", "failed"),
        ("everything", "gateway.arp failed timeout @2", "failed"),
    ],
)
def test_what_this_computers_own_rules_held(to: str, line: str, expected: str) -> None:
    seen = proven([*case(HELD.format(to=to), source=LIVE), *case(f"ctl {line}", source=LIVE)])

    [one] = [o for o in seen if o.fact != "computer.sends"]
    assert one.outcome == Outcome(expected)


def test_what_another_computer_was_not_answered_is_no_matter_of_these_rules() -> None:
    held = case(HELD.format(to="everything"), source=LIVE)

    assert [o.outcome for o in proven([*held, *case("dev tcp.cloud failed timeout @2", LIVE)])] == [
        Outcome.FAILED,
        Outcome.FAILED,
    ]
