"""What an answer says first, what it asks for and what to do next fit what was seen, and from
where.
"""

from __future__ import annotations

import msgspec
import pytest

from netcheck.correlator import diagnose
from netcheck.model import Diagnosis, State, Target, Verdict
from tests.helpers.notation import DEV, case

BLOCKED = """
    ctl dns.cloud_name ok >device.spark.io @2
    ctl internet.reach ok >8.8.8.8:443 @4 rtt_ms=45
    ctl tcp.cloud failed timeout >device.spark.io:5683 @4 +5
    ctl probe.run ok >cloud_port @4
"""
CLOSED = """
    net capture.coverage ok @0 span_s=60
    dev device.identity ok @0 sign=handshake rank=5
    dev tcp.cloud ok @1 rtt_ms=40
    dev handshake.nonce ok @1.1
    dev handshake.request ok @1.2
    dev handshake.key failed closed @1.3
"""


def live(text: str) -> Diagnosis:
    (one,) = diagnose(case(text, source="probe:test/1"), Target())
    return one


def captured(text: str) -> Diagnosis:
    (one,) = diagnose(case(text), Target(device=DEV))
    return one


def asked_next(one: Diagnosis) -> set[str]:
    return {test.test for test in one.next_tests}


def test_keys_that_nothing_tells_apart_are_named_as_one_group() -> None:
    one = captured(CLOSED)

    assert one.verdict is Verdict.FAULT
    assert one.headline.startswith("The Photon reaches the cloud, but their keys do not fit")


def test_what_only_a_wrong_device_key_does_is_named_by_itself() -> None:
    one = captured(
        CLOSED.replace("handshake.key failed closed", "handshake.key ok")
        + "dev handshake.hello failed device_closed @1.5"
    )

    assert (one.best.cause if one.best else "") == "device_key_mismatch"
    assert "its secret key does not match" in one.headline


def test_a_sentence_for_it_has_a_gap_where_nobody_knows_the_mac() -> None:
    (sentence,) = [
        finding.ask_it
        for finding in live(BLOCKED).findings
        if finding.cause == "cloud_port_blocked"
    ]

    assert sentence is not None
    assert "MAC address ______ (fill in the Photon's)" in sentence


def test_a_computer_that_just_looked_is_not_sent_to_look() -> None:
    assert "check from a computer on the same network" not in asked_next(live(BLOCKED))
    assert "check from a computer on the same network" in asked_next(
        live(BLOCKED.replace("probe.run", "gateway.icmp"))
    )


def test_a_capture_that_nobody_made_cannot_run_on() -> None:
    slow = (
        "ctl tcp.cloud ok @4 rtt_ms=2500 \n ctl internet.test ok @4 rtt_ms=2500 \n ctl"
        " handshake.nonce ok @5"
    )

    assert live(slow).verdict is Verdict.SUSPECTED
    assert "capture for longer" not in asked_next(live(slow))
    assert "capture for longer" in asked_next(live("net capture.coverage ok @0 \n" + slow))


def test_why_something_was_not_tested_is_said_in_words() -> None:
    said = {
        one.fact: one.why
        for one in live(BLOCKED + "ctl tcp.cloud_other_port unclear timeout @4").not_tested
    }

    assert said["tcp.cloud_other_port"] == "no answer"


@pytest.mark.parametrize(
    ("device", "state"),
    [("", State.PASSED), ("ctl dhcp.offer failed no_offer @0 asked_as=device", State.MIXED)],
)
def test_a_computer_with_an_address_of_its_own_need_not_be_offered_one(
    device: str, state: State
) -> None:
    offers = (
        "ctl dhcp.offer ok @0 asked_as=new_client \n ctl dhcp.offer failed no_offer @0"
        " asked_as=this_computer"
    )

    assert live(f"{BLOCKED} \n {offers} \n {device}").ladder[3].state is state


MAC = "dev gateway.arp ok @1 gateway_mac=00:00:5e:00:01:01"
ROUTER = "dev dhcp.options ok @1 router=192.168.1.1"


@pytest.mark.parametrize(
    ("text", "site", "expected"),
    [
        (MAC, "", "00:00:5e:00:01:01"),
        (ROUTER, "", "192.168.1.1"),
        (f"{ROUTER}\n{MAC}", "", "00:00:5e:00:01:01"),
        (MAC, "Lab", "Lab"),
        ("dev tcp.cloud ok", "Lab", "Lab"),
        ("dev tcp.cloud ok", "", None),
    ],
)
@pytest.mark.parametrize(
    ("as_live", "name"), [(False, DEV), (True, "")], ids=["a capture", "a live run"]
)
def test_the_name_of_the_network(
    text: str, site: str, expected: str | None, name: str, *, as_live: bool
) -> None:
    lines = text.replace("dev ", "ctl ") if as_live else text
    seen = case(lines, source="probe:test/1" if as_live else "capture:a.pcap")
    (one,) = diagnose(seen, Target(device=name, site=site))
    assert one.device.site == expected


def test_a_lease_whose_router_is_blank_names_no_network() -> None:
    (one,) = case("dev dhcp.options ok @1")
    blank = msgspec.structs.replace(one, data=(("router", "  "),))
    (judged,) = diagnose([blank], Target(device=DEV))
    assert judged.device.site is None
