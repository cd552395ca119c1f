"""The way hop by hop and try by try, as it was seen."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import Diagnosis, Observation, Stage, State, Target
from netcheck.report.way import HopView, hops, tries
from tests.helpers.notation import case

UP = """
{dev} device.identity ok @0 mac={dev} ip=192.168.1.7 rank=5
dev dhcp.lease ok @0 discovers=1
dev dhcp.options ok @0 router=192.168.1.1 resolvers=192.168.1.53
dev gateway.arp ok @1
dev dns.cloud_name ok @1
""".replace("{dev}", "e0:4f:43:00:00:01")
BLOCKED = f"{UP}dev internet.test ok @1\ndev tcp.cloud failed timeout @2 +5 >192.0.2.10:5683\n"
OPEN = f"{UP}dev tcp.cloud ok @2 >192.0.2.10:5683\ndev handshake.nonce ok @3\n"


def judged(text: str) -> tuple[Diagnosis, list[Observation]]:
    seen = case(text)
    return diagnose(seen, Target())[0], seen


def blocking(text: str) -> HopView | None:
    marked = [hop for hop in hops(*judged(text)) if hop.is_blocking]
    assert len(marked) <= 1
    return marked[0] if marked else None


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ("", "somewhere in between"),
        ("dev tcp.left_network failed @2", "the router (gateway)"),
        ("dev tcp.left_network ok @2", "somewhere in between"),
        ("ctl tcp.blocked_where failed @9 place=router hop=0", "the router (gateway)"),
        ("ctl tcp.blocked_where failed @9 place=isp hop=4 sender=203.0.113.9", "router 4 on"),
    ],
)
def test_the_hop_that_blocks(more: str, name: str) -> None:
    hop = blocking(BLOCKED + more)
    assert hop is not None
    assert hop.name.startswith(name)
    assert hop.says.startswith("the way ends here: ")


def test_a_login_page_is_where_the_way_ends() -> None:
    hop = blocking(
        f"{UP}dev internet.test failed timeout @2\ndev tcp.cloud failed timeout @2 +5"
        "\nctl internet.redirect failed portal @3 location=http://192.168.1.1"
    )
    assert hop is not None
    assert (hop.name, hop.address) == ("the login page", "http://192.168.1.1")


def test_beyond_a_dead_line_nothing_is_said_to_be_in_between() -> None:
    found = hops(
        *judged(f"{UP}dev internet.test failed timeout @2\ndev tcp.cloud failed timeout @2 +5")
    )
    assert [hop.name for hop in found if hop.is_blocking] == ["the line to the Internet"]
    assert "somewhere in between" not in [hop.name for hop in found]


def test_a_session_that_is_lost_ends_somewhere() -> None:
    hop = blocking(
        f"{OPEN}dev handshake.welcome ok @3\ndev session.open ok @4"
        "\ndev session.keepalive failed timeout @19 idle_s=15"
    )
    assert hop is not None
    assert hop.name == "somewhere in between"
    assert "an open connection is lost" in hop.says


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("dev dhcp.lease failed no_offer @0 +9", "the Photon"),
        ("dev gateway.arp failed timeout @1", "the router (gateway)"),
        ("dev dns.cloud_name failed timeout @1 +5", "the name server (DNS)"),
    ],
)
def test_a_step_below_blocks_before_the_port(line: str, name: str) -> None:
    fact = line.split()[1]
    kept = UP.split(f"dev {fact}", maxsplit=1)[0]
    hop = blocking(kept + line)
    assert hop is not None
    assert hop.name == name


def test_addresses_are_those_of_this_network() -> None:
    found = {hop.name: hop for hop in hops(*judged(OPEN))}
    assert {name: hop.address for name, hop in found.items() if hop.address} == {
        "the Photon": "192.168.1.7",
        "the router (gateway)": "192.168.1.1",
        "the name server (DNS)": "192.168.1.53",
        "the cloud": "192.0.2.10:5683",
    }
    assert found["the cloud"].state is State.PASSED
    assert blocking(OPEN) is None


def test_each_try_says_how_far_it_came_and_why_no_further() -> None:
    again = BLOCKED + "dev tcp.cloud failed refused @60 >192.0.2.10:5683\n"
    found = tries(*judged(again))
    assert [(one.reached, one.failed, one.why) for one in found] == [
        (Stage.INTERNET, Stage.TCP, "no answer"),
        (Stage.ADDRESS, Stage.TCP, "the host answered that the port is closed"),
    ]
    assert found[0].took_s == 7
    assert found[0].places == ("test.pcap#3",)


def test_without_a_device_there_are_no_tries() -> None:
    assert tries(*judged("ctl dns.cloud_name ok @1\nctl tcp.cloud ok @2")) == ()
