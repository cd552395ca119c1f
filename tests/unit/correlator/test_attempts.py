"""Where one try ends and the next begins, what lasts, and who else speaks for it."""

from __future__ import annotations

import pytest

from netcheck.correlator.attempts import Attempt, attempts, computer_tries
from netcheck.model import NETWORK, Observation, Stage
from tests.helpers.notation import case


def tries(text: str, others: str = "") -> list[Attempt]:
    return attempts(case(text), case(others))


def facts(observations: list[Observation]) -> list[str]:
    return [o.fact for o in observations]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev dhcp.lease ok @1 \n dev tcp.cloud ok @2", 1),
        ("dev dhcp.lease ok @1 \n dev dhcp.lease ok @2", 2),
        ("dev tcp.cloud failed timeout @1 \n dev tcp.cloud failed timeout @2", 2),
        ("dev tcp.cloud ok @1 \n dev dns.cloud_name ok @2", 2),
        ("dev dns.resolver_arp ok @1 \n dev dns.cloud_name ok @1", 2),
        ("dev gateway.arp ok @2 \n dev tcp.cloud ok @3 \n dev gateway.arp ok @9", 1),
        ("dev tcp.cloud ok @3 \n dev gateway.arp failed timeout @9", 2),
        ("dev gateway.arp failed timeout @1 \n dev dns.cloud_name failed timeout @2", 1),
        ("dev tcp.cloud ok @3 \n dev dhcp.lease ok @9 discovers=0", 1),
        ("dev tcp.cloud ok @3 \n dev dhcp.lease ok @9 discovers=1", 2),
        ("dev tcp.cloud ok @3 \n dev dhcp.lease failed no_ack @9 discovers=0", 2),
        ("dev handshake.hello ok @1 \n dev handshake.welcome ok @2 \n dev session.open ok @3", 1),
        ("dev device.identity ok", 0),
        ("dev internet.test ok", 1),
        ("dev device.mode ok value=dfu", 1),
        ("dev told.hotspot ok value=works", 1),
        ("", 0),
    ],
)
def test_where_a_try_begins(text: str, expected: int) -> None:
    assert len(tries(text)) == expected


def test_steps_of_one_moment_follow_the_climb() -> None:
    (one,) = tries("dev tcp.cloud ok @1 \n dev dhcp.lease ok @1 \n dev dns.cloud_name ok @1")
    assert facts(one.own) == ["dhcp.lease", "dns.cloud_name", "tcp.cloud"]


@pytest.mark.parametrize(
    ("at", "first"),
    [("@7.9", True), ("@8", False), ("@9", False), ("@10.5", False), ("@0", True)],
)
def test_what_introduces_a_try_belongs_to_it(at: str, *, first: bool) -> None:
    one, other = tries(
        "dev tcp.cloud failed timeout @1 \n dev tcp.cloud failed timeout @10"
        f" \n dev gateway.arp ok {at}"
    )
    assert ("gateway.arp" in facts(one.own)) is first
    assert ("gateway.arp" in facts(other.own)) is not first


def test_what_comes_after_a_step_introduces_nothing() -> None:
    one, other = tries(
        "dev tcp.cloud failed timeout @1 \n dev tcp.cloud failed timeout @10"
        " \n dev tcp.left_network ok @9"
    )
    assert "tcp.left_network" in facts(one.own)
    assert "tcp.left_network" not in facts(other.own)


@pytest.mark.parametrize(
    ("fact", "again", "expected"),
    [
        ("dhcp.options ok", "dev tcp.cloud ok @10", ["dhcp.options"]),
        ("address.conflict failed conflict", "dev tcp.cloud ok @10", ["address.conflict"]),
        ("dhcp.options ok", "dev dhcp.lease ok @10", []),
        ("dhcp.options ok", "dev tcp.cloud ok @10 \n dev dhcp.options ok @10.5", []),
        ("dhcp.options ok >a", "dev tcp.cloud ok @10 \n dev dhcp.options ok @10.5 >b", ["b?"]),
        ("internet.test ok", "dev tcp.cloud ok @10", []),
    ],
)
def test_what_lasts(fact: str, again: str, expected: list[str]) -> None:
    one, other = tries(f"dev tcp.cloud failed timeout @1 \n dev {fact} @1.5 \n {again}")
    assert one.lasting == []
    assert facts(other.lasting) == (["dhcp.options"] if expected == ["b?"] else expected)


REMEMBERED = "dev device.cloud_error failed no_nonce @9\n"


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("dev tcp.cloud failed timeout @1", False),
        ("dev tcp.cloud ok @1", True),
        ("dev handshake.nonce failed timeout @1", True),
        ("dev handshake.nonce ok @1", False),
        ("dev session.open ok @1", False),
        ("dev session.open failed closed @1", True),
        ("dev tcp.cloud failed timeout @1 \n dev handshake.nonce failed timeout @2", False),
        ("dev tcp.cloud ok @1 \n dev gateway.icmp failed timeout @1", True),
    ],
)
def test_what_the_device_remembers_counts_where_its_try_shows_no_more(
    text: str, *, is_kept: bool
) -> None:
    (one,) = tries(REMEMBERED + text)
    assert ("device.cloud_error" in facts(one.lasting)) is is_kept


def test_the_light_is_of_the_tries_that_failed_if_one_did() -> None:
    light = "dev led.connect failed @0 \n dev told.hotspot ok value=works @0 \n"
    failed, cut_off = tries(light + "dev tcp.cloud failed timeout @1 \n dev tcp.cloud ok @10")
    assert facts(failed.lasting) == ["led.connect", "told.hotspot"]
    assert facts(cut_off.lasting) == ["told.hotspot"]
    (alone,) = tries(light + "dev tcp.cloud ok @10")
    assert facts(alone.lasting) == ["led.connect", "told.hotspot"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("@-299", [True, False]),
        ("@300", [True, False]),
        ("@301", [True, False]),
        ("@302", [False, True]),
        ("@500", [False, True]),
        ("@700", [False, True]),
        ("@1300", [False, True]),
        ("@9000", [False, True]),
        ("@-301 +5", [True, False]),
    ],
)
def test_who_speaks_for_which_try(at: str, expected: list[bool]) -> None:
    two = "dev tcp.cloud failed timeout @1 \n dev tcp.cloud failed timeout @1000"
    assert [bool(one.others) for one in tries(two, f"ctl tcp.cloud ok {at}")] == expected


def test_who_overlaps_several_tries_speaks_for_each() -> None:
    two = "dev tcp.cloud failed timeout @1 \n dev tcp.cloud failed timeout @20"
    assert [len(one.others) for one in tries(two, "ctl tcp.cloud ok @10")] == [1, 1]


def test_witnesses_are_the_device_its_controls_and_the_network() -> None:
    (one,) = tries(
        "dev tcp.cloud failed timeout @1",
        "ctl dns.other_name ok @1 \n net dhcp.servers failed two_servers @1",
    )
    by = one.by_witness
    assert {name: set(by[name]) for name in by} == {
        "device": {"tcp.cloud"},
        "control": {"dns.other_name"},
        "network": {"dhcp.servers"},
        "any": {"tcp.cloud", "dns.other_name", "dhcp.servers"},
        "elsewhere": set(),
    }
    assert {o.subject for o in by["network"]["dhcp.servers"]} == {NETWORK}


@pytest.mark.parametrize(
    ("text", "top", "expected"),
    [
        ("dev tcp.cloud failed timeout", Stage.SESSION, True),
        ("dev tcp.cloud ok", Stage.SESSION, False),
        ("dev tcp.cloud ok", Stage.TCP, True),
        ("dev session.open ok", Stage.HANDSHAKE, True),
        ("dev gateway.icmp failed timeout", Stage.SESSION, False),
    ],
)
def test_a_try_that_came_to_an_end(text: str, top: Stage, *, expected: bool) -> None:
    assert Attempt(own=case(text)).is_settled(top) is expected


def test_a_try_lasts_until_its_last_answer() -> None:
    one = Attempt(own=case("dev tcp.cloud ok @1 +9 \n dev handshake.nonce ok @5"))
    assert one.end - one.start == 9


def test_a_log_has_its_own_clock() -> None:
    captured = case("dev tcp.cloud failed timeout @1 \n dev tcp.cloud failed timeout @9")
    logged = case("dev dhcp.lease ok @5 \n dev tcp.cloud ok @6", source="device:log")
    assert len(attempts([*captured, *logged], ())) == 3


def test_runs_of_a_computer_are_its_tries() -> None:
    runs = computer_tries(
        case("ctl tcp.cloud ok @1 \n ctl dns.cloud_name ok @2 \n ctl tcp.cloud ok @200"), ()
    )
    assert [len(one.own) for one in runs] == [2, 1]
