"""Which notes tell of where this computer stands, as a truth table of their ids."""

from __future__ import annotations

import pytest

from netcheck.correlator.catalogue import load
from netcheck.correlator.notes import this_computer
from netcheck.correlator.notes.wording import sentence
from netcheck.model import Device, Verdict
from netcheck.photon.addresses import NO_PORTAL
from tests.helpers.notation import DEV, case

LIVE = "probe:test/1"


def ids(
    text: str, verdict: Verdict = Verdict.HEALTHY, leading: str = "", source: str = LIVE
) -> list[str]:
    cause = load().causes[leading] if leading else None
    return [one.id for one in this_computer.notes(case(text, source=source), verdict, cause)]


OPEN_WEB = "ctl internet.redirect ok @3\n"


@pytest.mark.parametrize(
    ("text", "verdict", "source", "expected"),
    [
        (OPEN_WEB, Verdict.HEALTHY, LIVE, ["portal_possible"]),
        (OPEN_WEB, Verdict.FAULT, LIVE, []),
        (OPEN_WEB, Verdict.SUSPECTED, LIVE, []),
        (OPEN_WEB, Verdict.INSUFFICIENT, LIVE, []),
        (OPEN_WEB, Verdict.HEALTHY, "capture:a.pcap", []),
        ("ctl internet.redirect failed portal @3", Verdict.HEALTHY, LIVE, []),
        ("ctl internet.redirect unclear @3", Verdict.HEALTHY, LIVE, []),
        ("ctl internet.reach ok @3", Verdict.HEALTHY, LIVE, []),
        ("ctl dhcp.options ok portal=http://x", Verdict.FAULT, LIVE, ["portal_announced"]),
        (OPEN_WEB + "ctl dhcp.options ok portal=x", Verdict.HEALTHY, LIVE, ["portal_announced"]),
        (f"ctl dhcp.options ok portal={NO_PORTAL}", Verdict.FAULT, LIVE, []),
        (
            OPEN_WEB + f"ctl dhcp.options ok portal={NO_PORTAL}",
            Verdict.HEALTHY,
            LIVE,
            ["portal_possible"],
        ),
    ],
)
def test_a_login_page(text: str, verdict: Verdict, source: str, expected: list[str]) -> None:
    assert ids(text, verdict, source=source) == expected


PLACE = "ctl computer.vantage ok @0 interface=eth0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLACE, []),
        (f"{PLACE} other_networks=wlan0", ["other_network"]),
        (f"{PLACE} other_networks=wlan0 \n ctl computer.vantage ok @9 interface=wlan0", []),
    ],
)
def test_a_second_network_is_named(text: str, expected: list[str]) -> None:
    assert ids(text, Verdict.FAULT) == expected


NONCE = "ctl handshake.nonce ok @4\n"


@pytest.mark.parametrize(
    ("text", "verdict", "source", "expected"),
    [
        (NONCE, Verdict.HEALTHY, LIVE, ["device_mac_untested"]),
        (NONCE, Verdict.FAULT, LIVE, []),
        (NONCE, Verdict.HEALTHY, "capture:a.pcap", []),
        (NONCE + "ctl gateway.as_device ok @5", Verdict.HEALTHY, LIVE, []),
        (NONCE + "ctl dhcp.offer ok @1 asked_as=device", Verdict.HEALTHY, LIVE, []),
        (NONCE + "dev session.open ok @5", Verdict.HEALTHY, LIVE, []),
    ],
)
def test_what_shows_only_in_the_devices_place_is_named_as_untested(
    text: str, verdict: Verdict, source: str, expected: list[str]
) -> None:
    assert ids(text, verdict, source=source) == expected


@pytest.mark.parametrize(
    ("new_client", "this_computer", "expected"),
    [
        ("ok", "failed no_offer", ["own_mac_ignored"]),
        ("ok", "ok", []),
        ("failed no_offer", "failed no_offer", []),
        ("ok", "unclear no_offer", []),
    ],
)
def test_an_offer_that_leaves_this_computer_out(
    new_client: str, this_computer: str, expected: list[str]
) -> None:
    text = f"""
        ctl dhcp.offer {new_client} @1 asked_as=new_client
        ctl dhcp.offer {this_computer} @1 asked_as=this_computer
    """

    assert ids(text) == expected


def test_another_machine_with_this_computers_address_is_named() -> None:
    text = "ctl computer.address failed conflict address=192.0.2.5 rival_mac=02:00:00:00:00:77"

    assert ids(text) == ["own_address_taken"]
    assert not ids("ctl computer.address ok")


def test_the_announced_login_page_is_named() -> None:
    (one,) = this_computer.notes(case("ctl dhcp.options ok portal=http://x/y"), Verdict.FAULT, None)
    assert "(http://x/y)" in sentence(one)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ctl dhcp.own_lease ok renewed_s=30", "30 s"),
        ("ctl dhcp.own_lease ok renewed_s=119", "119 s"),
        ("ctl dhcp.own_lease ok renewed_s=120", "2 min"),
        ("ctl dhcp.own_lease ok renewed_s=7199", "120 min"),
        ("ctl dhcp.own_lease ok renewed_s=7200", "2 h"),
        ("ctl dhcp.own_lease ok", "0 s"),
        ("ctl dhcp.own_lease failed", ""),
        ("ctl dhcp.own_lease ok renewed_s=30 \n ctl dhcp.offer ok", ""),
        ("ctl dhcp.own_lease ok renewed_s=30 \n ctl dhcp.offer failed no_offer", ""),
        ("ctl dhcp.own_lease ok renewed_s=30 \n ctl dhcp.offer skipped needs", "30 s"),
    ],
)
def test_the_own_lease(text: str, expected: str) -> None:
    said = [sentence(one) for one in this_computer.notes(case(text), Verdict.HEALTHY, None)]
    assert len(said) == bool(expected)
    assert all(f"own address {expected} ago" in one for one in said)


VPN = "ctl computer.vpn failed tunnel @1 interface=tun0 local=wlan0\n"
NO_PLACE = "ctl computer.vantage failed no_address @1\n"


@pytest.mark.parametrize(
    ("text", "verdict", "expected"),
    [
        (VPN, Verdict.HEALTHY, ["vpn"]),
        (VPN + "ctl computer.vpn ok @2", Verdict.HEALTHY, []),
        ("ctl computer.proxy failed proxy servers=a:1", Verdict.FAULT, ["proxy"]),
        ("ctl computer.proxy ok", Verdict.FAULT, []),
        (NO_PLACE, Verdict.SUSPECTED, ["on_no_network"]),
        (NO_PLACE, Verdict.FAULT, []),
        ("ctl internet.mtu ok lost_bytes=1300", Verdict.HEALTHY, ["large_packets_lost"]),
        ("ctl internet.mtu failed silent lost_bytes=256", Verdict.HEALTHY, []),
        ("ctl internet.mtu ok request_bytes=1300", Verdict.HEALTHY, []),
    ],
)
def test_the_place(text: str, verdict: Verdict, expected: list[str]) -> None:
    assert ids(text, verdict) == expected


TWO = "ctl internet.nat failed second_router private_hops=10.0.0.1 "


@pytest.mark.parametrize(
    ("text", "leading", "expected"),
    [
        (TWO + "place=building", "cloud_port_blocked", ["second_router"]),
        (TWO + "place=isp", "cloud_port_blocked", ["carrier_nat"]),
        (TWO + "place=isp same_subnet=true", "cloud_port_blocked", ["second_router_same_subnet"]),
        (TWO + "place=isp same_subnet=false", "cloud_port_blocked", ["carrier_nat"]),
        (TWO, "", []),
        (TWO, "dhcp_no_server", []),
        (TWO, "cloud_unresponsive", []),
        (
            TWO + "\n ctl tcp.blocked_where failed timeout place=router",
            "cloud_port_blocked",
            [],
        ),
        (
            TWO + "\n ctl tcp.blocked_where ok place=isp",
            "cloud_port_blocked",
            ["second_router"],
        ),
    ],
)
def test_a_second_router(text: str, leading: str, expected: list[str]) -> None:
    assert ids(text, Verdict.FAULT, leading) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("failed no_route interface=eth0 address=192.168.1.5", "no_route_out"),
        ("failed no_address interface=eth0", "no_ipv4_address"),
        ("failed no_address interface=eth0 address=169.254.1.1", "no_ipv4_address"),
        ("failed no_address interface=eth0 is_linked=true", "no_ipv4_address"),
        ("failed no_address interface=eth0 is_linked=false", "on_no_network"),
        ("failed no_address", "on_no_network"),
        ("ok interface=eth0", ""),
        ("skipped not_chosen", ""),
    ],
)
def test_a_computer_without_a_network(place: str, expected: str) -> None:
    said = this_computer.without_network(case(f"ctl computer.vantage {place}"))
    assert (said.id if said else "") == expected


@pytest.mark.parametrize(
    ("text", "is_vantage", "expected"),
    [
        (VPN, False, "behind_vpn"),
        (VPN, True, "behind_vpn"),
        (NO_PLACE, True, "on_no_network"),
        (NO_PLACE, False, ""),
        ("ctl computer.vantage ok", True, ""),
    ],
)
def test_what_is_said_first(text: str, expected: str, *, is_vantage: bool) -> None:
    said = this_computer.headline(case(text), is_vantage=is_vantage)
    assert (said.id if said else "") == expected


@pytest.mark.parametrize(
    ("place", "ip", "own", "expected"),
    [
        ("address=192.168.1.5 netmask=255.255.255.0", "192.168.1.9", "", ["same_subnet"]),
        ("address=192.168.1.5 netmask=255.255.255.0", "192.168.2.9", "", ["other_subnet"]),
        ("address=192.168.1.5 netmask=255.255.255.0", "93.184.216.34", "", []),
        ("address=192.168.1.5 netmask=255.255.255.0", "", "", []),
        ("", "192.168.1.9", "", []),
        ("ssid=Lab", "", "dev wifi.join ok ssid=Lab", []),
        ("ssid=Lab", "", "dev wifi.join ok ssid=Home", ["other_wifi"]),
        ("ssid=Lab", "", "dev wifi.network failed not_on_air >ssid:Home", ["other_wifi"]),
        ("ssid=Lab", "", "ctl wifi.join ok ssid=Home", []),
        ("ssid=Lab", "", "", []),
        ("ssid=Lab same_ssid_as_device=false", "", "", ["other_wifi"]),
        ("ssid=Lab same_ssid_as_device=true", "", "", []),
        ("", "", "dev wifi.join ok ssid=Home", []),
    ],
)
def test_beside_the_device(place: str, ip: str, own: str, expected: list[str]) -> None:
    seen = case(f"ctl computer.vantage ok @1 {place} \n {own}")
    said = this_computer.beside_device(seen, Device(ip=ip or None), {DEV})
    assert [one.id for one in said] == expected


def test_without_a_live_run_nothing_is_said_of_its_place() -> None:
    assert not list(
        this_computer.beside_device(case("dev dhcp.lease ok"), Device(ip="10.0.0.2"), {DEV})
    )
