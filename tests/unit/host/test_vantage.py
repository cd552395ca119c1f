"""From where this computer looks, and which conclusions that place cannot carry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from netcheck.probes.ipv6 import ipv6
from netcheck.probes.own_lease import own_lease
from netcheck.probes.vantage import is_random, vantage

from netcheck.correlator import diagnose
from netcheck.device.softap import sockets
from netcheck.host import routes
from netcheck.host.vantage import configured, first_local, is_near, look
from netcheck.model import Diagnosis, Level, Scalar, State, Target, Verdict
from netcheck.probing import Vantage
from netcheck.probing.testing import HOME, FakeNet
from netcheck.report.answer import places_of
from tests.helpers.notation import DEV, case
from tests.helpers.vantage import HERE, live

HEALTHY = """
    ctl gateway.arp ok @1
    ctl dns.cloud_name ok @2
    ctl internet.test ok >8.8.8.8:53 @3
    ctl tcp.cloud ok @4
    ctl handshake.nonce ok @5
"""


def looked(here: Vantage, target: Target | None = None) -> dict[str, tuple[str, dict[str, Scalar]]]:
    """What the probe said, by fact: outcome with reason, and data."""
    seen = vantage.run(target or Target(), FakeNet(here=here))
    return {one.fact: (f"{one.outcome} {one.reason}".strip(), dict(one.data)) for one in seen}


def judged(text: str) -> Diagnosis:
    (one,) = diagnose(live(text), Target())
    return one


def test_an_ordinary_place() -> None:
    said = looked(msgspec.structs.replace(HOME, egress="wlan0"))

    assert {fact: outcome for fact, (outcome, _) in said.items()} == {
        "computer.vantage": "ok",
        "computer.vpn": "ok",
        "computer.proxy": "ok",
    }
    assert said["computer.vantage"][1]["gateway"] == "192.168.1.1"


@pytest.mark.parametrize(
    ("here", "outcome"),
    [
        (Vantage(), "failed no_address"),
        (Vantage(interface="eth0", address="192.168.1.5"), "failed no_route"),
        (msgspec.structs.replace(HOME, is_egress_refused=True), "failed no_route"),
    ],
)
def test_a_place_without_a_way(here: Vantage, outcome: str) -> None:
    said = looked(here)

    assert said["computer.vantage"][0] == outcome
    assert "computer.vpn" not in said


def test_who_is_reached_beside_a_tunnel_is_told() -> None:
    said = looked(
        msgspec.structs.replace(
            HOME, egress="tun0", is_tunnelled=True, on_link_servers=("192.168.1.1",)
        )
    )

    assert said["computer.vpn"][1]["beside"] == "192.168.1.1"


def test_a_tunnel_and_a_proxy_are_told() -> None:
    said = looked(
        msgspec.structs.replace(HOME, egress="tun0", is_tunnelled=True, proxies=("proxy.lan:3128",))
    )

    assert said["computer.vpn"] == ("failed tunnel", {"interface": "tun0", "local": "wlan0"})
    assert said["computer.proxy"] == ("failed proxy", {"servers": "proxy.lan:3128"})


@pytest.mark.parametrize(
    ("device", "same"),
    [("192.168.1.77", True), ("192.168.2.77", False), ("e0:4f:43:00:00:01", None)],
)
def test_whether_the_device_is_in_the_same_subnet_where_that_is_known(
    device: str, same: bool | None
) -> None:
    assert (
        looked(HOME, Target(device=device))["computer.vantage"][1].get("same_subnet_as_device")
        is same
    )


@pytest.mark.parametrize(
    ("mac", "expected"),
    [("02:00:00:00:00:05", True), ("e0:4f:43:00:00:01", False), ("fe:00:00:00:00:01", True)],
)
def test_a_random_mac_is_known_by_its_bit(mac: str, expected: bool) -> None:
    assert is_random(mac) is expected


@pytest.mark.parametrize(
    ("here", "told"),
    [
        (Vantage(), []),
        (HOME, []),
        (msgspec.structs.replace(HOME, lease_renewed_s=42.4), [("ok", 42)]),
    ],
)
def test_what_this_computers_own_address_tells_of_a_server(
    here: Vantage, told: list[tuple[str, int]]
) -> None:
    seen = own_lease.run(Target(), FakeNet(here=here))

    assert [(one.outcome, dict(one.data)["renewed_s"]) for one in seen] == told


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://proxy.lan:3128/", "proxy.lan:3128"),
        ("proxy.lan:3128", "proxy.lan:3128"),
        ("http://user:secret@proxy.lan:8080", "proxy.lan:8080"),
        ("socks5://10.0.0.1", "10.0.0.1"),
        ("http://[broken", ""),
        ("http://proxy.lan:port", ""),
        ("", ""),
    ],
)
def test_of_a_proxy_only_host_and_port_are_kept(address: str, expected: str) -> None:
    assert routes.host_and_port(address) == expected


def test_proxies_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://u:p@proxy.lan:3128")
    monkeypatch.setenv("no_proxy", "localhost")

    assert routes.proxies() == ("proxy.lan:3128",)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [(["tun0", "wlan0", "eth0"], "wlan0"), (["tun0", "wg0"], "tun0"), ([], "")],
)
def test_the_network_to_look_at_is_below_the_tunnel(candidates: list[str], expected: str) -> None:
    macs = {"wlan0": "02:00:00:00:00:05", "eth0": "02:00:00:00:00:06", "tun0": None, "wg0": None}

    assert first_local(candidates, macs) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.168.1.1", True),
        ("192.168.2.1", False),
        ("10.8.0.1", False),
        ("127.0.0.53", False),
        ("", False),
    ],
)
def test_a_neighbour_is_known_by_address_and_mask(address: str, expected: bool) -> None:
    assert is_near(address, {"addr": "192.168.1.5", "netmask": "255.255.255.0"}) is expected
    assert not is_near(address, {})


def test_without_a_tunnel_a_healthy_network_is_healthy() -> None:
    assert judged("ctl computer.vpn ok @0 interface=wlan0" + HEALTHY).verdict is Verdict.HEALTHY


def test_through_a_tunnel_nothing_is_said_of_this_network() -> None:
    one = judged("ctl computer.vpn failed tunnel @0 interface=tun0 local=wlan0" + HEALTHY)

    assert one.verdict is Verdict.INSUFFICIENT
    assert "VPN (tun0)" in one.headline
    assert {
        rung.stage.value: rung.state
        for rung in one.ladder
        if rung.stage.value in ("gateway", "dns", "tcp")
    } == {
        "gateway": State.PASSED,
        "dns": State.UNTESTED,
        "tcp": State.UNTESTED,
    }
    assert {"dns.cloud_name", "tcp.cloud"} <= {
        one.fact for one in one.not_tested if "VPN" in one.why
    }


def test_a_blocked_port_behind_a_tunnel_is_the_tunnels() -> None:
    one = judged(
        "ctl computer.vpn failed tunnel @0 interface=tun0 \n ctl tcp.cloud failed timeout @4 \n ctl"
        " internet.reach ok @4"
    )

    assert (one.verdict, one.best) == (Verdict.INSUFFICIENT, None)


def test_a_fault_between_neighbours_stands_in_spite_of_a_tunnel() -> None:
    one = judged(
        "ctl computer.vpn failed tunnel @0 interface=tun0 \n ctl gateway.arp failed timeout"
        " >192.168.1.1 @1"
    )

    assert one.verdict is Verdict.FAULT
    assert one.best is not None and one.best.cause == "gateway_unreachable"


BESIDE = "ctl computer.vpn failed tunnel @0 interface=tun0 local=wlan0 beside=192.168.1.1 \n"


def test_what_a_resolver_of_this_network_answers_stands_in_spite_of_a_tunnel() -> None:
    other = "ctl dns.other_name ok >pool.ntp.org @2 server=192.168.1.1 rcode=NOERROR"
    one = judged(
        f"{BESIDE} ctl dns.cloud_name failed nxdomain >device.spark.io @2 server=192.168.1.1"
        f" rcode=NXDOMAIN \n {other}"
    )

    assert (one.verdict, one.best.cause if one.best else "") == (Verdict.FAULT, "dns_name_blocked")


@pytest.mark.parametrize(
    "words",
    ["nxdomain server=10.8.0.1 rcode=NXDOMAIN", "timeout server=192.168.1.1"],
    ids=["the VPN's own", "silence beside it"],
)
def test_what_another_resolver_says_and_silence_do_not(words: str) -> None:
    one = judged(f"{BESIDE} ctl dns.cloud_name failed {words} >device.spark.io @2")

    assert (one.verdict, one.best) == (Verdict.INSUFFICIENT, None)


def test_a_later_run_without_the_tunnel_counts() -> None:
    again = (
        "ctl computer.vpn failed tunnel @0 interface=tun0 \n ctl tcp.cloud failed timeout @4 \n ctl"
        " computer.vpn ok @10"
    )

    assert judged(again + HEALTHY.replace("@", "@1")).verdict is Verdict.HEALTHY


def test_a_tunnel_of_this_computer_is_no_word_about_the_device() -> None:
    own = case(
        "dev device.identity ok rank=5 mac="
        + DEV
        + "\n dev tcp.cloud ok @4 \n dev session.open ok @5"
    )
    (one,) = diagnose([*own, *live("ctl computer.vpn failed tunnel @0 interface=tun0")], Target())

    assert one.verdict is Verdict.HEALTHY


def test_a_proxy_setting_is_told_and_judges_nothing() -> None:
    one = judged("ctl computer.proxy failed proxy @0 servers=proxy.lan:3128" + HEALTHY)

    assert one.verdict is Verdict.HEALTHY
    assert any("proxy.lan:3128" in note for note in one.notes)


def test_what_a_portal_does_to_each_mac_is_remarked_only_where_nothing_is_wrong() -> None:
    open_web = "ctl internet.redirect ok @3"

    assert any("login page" in note for note in judged(HEALTHY + open_web).notes)
    assert not any(
        "login page" in note
        for note in judged("ctl tcp.cloud failed timeout @4 \n" + open_web).notes
    )


def test_the_report_says_from_where_it_was_seen() -> None:
    text = (
        "ctl computer.vantage ok interface=wlan0 address=192.168.1.5 gateway=192.168.1.1"
        " mac_is_random=true"
    )

    assert (
        places_of(live(text)).get("", "")
        == "wlan0, 192.168.1.5, gateway 192.168.1.1, resolvers none, a random MAC address"
    )
    assert places_of([]).get("", "") == ""
    not_asked = "ctl computer.vantage skipped not_chosen @9"
    assert places_of(live(not_asked)).get("", "") == ""
    assert places_of(live(f"{text} \n {not_asked}")).get("", "").startswith("wlan0, 192.168.1.5")
    assert (
        places_of(live("ctl computer.vantage failed no_address")).get("", "")
        == "no interface, no IPv4 address, gateway none, resolvers none"
    )


@pytest.mark.parametrize(
    ("target", "wifi", "expected"),
    [
        (Target(), "", {}),
        (Target(), "Lab", {"ssid": "Lab"}),
        (Target(ssid="Lab"), "Lab", {"ssid": "Lab", "same_ssid_as_device": True}),
        (Target(ssid="Lab"), "Guests", {"ssid": "Guests", "same_ssid_as_device": False}),
        (Target(ssid="Lab"), "", {}),
    ],
)
def test_the_wifi_is_told_and_compared_where_both_names_are_known(
    target: Target, wifi: str, expected: dict[str, Scalar]
) -> None:
    seen = next(iter(vantage.run(target, FakeNet(wifi=wifi))))

    assert {name: value for name, value in seen.data if "ssid" in name} == expected


@pytest.mark.parametrize(
    ("place", "device", "says"),
    [
        (HERE, "ip=192.168.1.77", "in the Photon's own subnet"),
        (HERE, "ip=192.168.2.77", "in another subnet"),
        (
            HERE.replace("255.255.255.0", "255.255.0.0"),
            "ip=192.168.2.77",
            "in the Photon's own subnet",
        ),
        (HERE, "ip=203.0.113.7", ""),
        (HERE, "", ""),
        ("", "ip=192.168.2.77", ""),
    ],
)
def test_whether_it_stood_in_the_devices_subnet_is_remarked(
    place: str, device: str, says: str
) -> None:
    own = case(f"dev device.identity ok rank=5 {device} \n dev tcp.cloud ok @4")
    (one,) = diagnose([*own, *live(place)], Target())

    remarks = [note for note in one.notes if "subnet" in note]
    assert len(remarks) == bool(says) and all(says in note for note in remarks)


@pytest.mark.parametrize(
    ("wifi", "device", "is_remarked"),
    [
        ("ssid=Lab", "dev wifi.join ok @1 ssid=Lab", False),
        ("ssid=Guests", "dev wifi.join ok @1 ssid=Lab", True),
        ("ssid=Guests", "dev wifi.network failed only_5ghz >ssid:Lab @1", True),
        (
            "ssid=Guests",
            "dev wifi.network failed only_5ghz >ssid:Lab @1 \n dev wifi.network ok >ssid:Guests @1",
            False,
        ),
        ("ssid=Guests same_ssid_as_device=false", "", True),
        ("ssid=Lab same_ssid_as_device=true", "", False),
        ("", "dev wifi.join ok @1 ssid=Lab", False),
        ("ssid=Guests", "ctl wifi.join ok @1 ssid=Lab", False),
    ],
)
def test_another_wifi_than_the_devices_is_remarked(
    wifi: str, device: str, is_remarked: bool
) -> None:
    own = case(f"dev device.identity ok rank=5 \n dev tcp.cloud ok @4 \n {device}")
    (one,) = diagnose([*own, *live(HERE + wifi)], Target())

    assert any("Guests" in note for note in one.notes) is is_remarked


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        (HOME, []),
        (msgspec.structs.replace(HOME, ipv6_gateway="fe80::1"), []),
        (Vantage(interface="eth0", ipv6_gateway="fe80::1"), ["failed no_address"]),
        (
            Vantage(interface="eth0", address="169.254.7.7", ipv6_gateway="fe80::1"),
            ["failed no_address"],
        ),
        (Vantage(interface="eth0", address="169.254.7.7"), []),
        (Vantage(), []),
    ],
)
def test_only_a_network_that_is_there_and_has_no_ipv4_is_told(
    here: Vantage, expected: list[str]
) -> None:
    assert [
        f"{one.outcome} {one.reason}" for one in ipv6.run(Target(), FakeNet(here=here))
    ] == expected


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ("", "ipv6_only_network"),
        ("ctl dhcp.offer failed no_offer @1 asked_as=new_client", "ipv6_only_network"),
        ("ctl dhcp.offer ok @1 asked_as=new_client", None),
    ],
)
def test_ipv6_alone_is_a_cause_unless_somebody_offers_ipv4(more: str, cause: str | None) -> None:
    one = judged("ctl address.ipv4 failed no_address @0 \n" + more)

    assert (one.best.cause if one.best else None) == cause


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("no_address", "is on no network"),
        ("no_address interface=wlan0", "is connected (wlan0) but was given no IPv4 address"),
        ("no_address interface=wlan0 is_linked=false", "is on no network"),
        (
            "no_route interface=wlan0 address=169.254.3.4",
            "is connected (wlan0) but was given no IPv4 address",
        ),
        (
            "no_route interface=wlan0 address=192.168.1.5",
            "has an address (192.168.1.5) but no route out",
        ),
        (
            "no_route interface=wlan0 address=192.168.1.5 gateway=192.168.1.1",
            "has an address (192.168.1.5) but no route out",
        ),
    ],
)
def test_a_computer_without_a_way_says_what_its_own_place_is(place: str, words: str) -> None:
    one = judged(
        f"ctl computer.vantage failed {place} @0\nctl gateway.arp skipped @1\nctl tcp.cloud"
        " skipped @2"
    )

    assert one.verdict is Verdict.INSUFFICIENT
    assert words in one.headline
    assert {rung.state for rung in one.ladder} == {State.UNTESTED}


def test_a_computer_that_nothing_answers_accuses_no_dhcp_server() -> None:
    silence = "ctl dhcp.offer failed no_offer @1 asked_as=new_client"
    alone, among_others = judged(silence), judged(silence + "\nctl gateway.arp ok @1")

    assert (alone.verdict, among_others.verdict) == (Verdict.SUSPECTED, Verdict.FAULT)
    assert alone.best and among_others.best
    assert alone.best.cause == among_others.best.cause == "dhcp_no_server"


def test_a_computer_with_an_address_sees_a_dead_gateway_whoever_else_is_offered_one() -> None:
    one = judged(
        "ctl dhcp.offer failed no_offer @1 asked_as=new_client\nctl gateway.arp failed timeout"
        " @2\nctl dns.cloud_name failed timeout @3"
    )

    assert [f.cause for f in one.findings if f.level is Level.LIKELY] == ["gateway_unreachable"]


def test_a_computer_on_no_network_says_so_calmly() -> None:
    (one,) = diagnose(
        case("net computer.vantage failed no_address @0", source="probe:vantage/1"), Target()
    )

    assert one.verdict is Verdict.INSUFFICIENT
    assert one.headline.startswith("This computer is on no network")


UNASKED = "whether one would be given a network address (DHCP) was not tested"


def test_a_healthy_answer_says_at_once_that_nobody_asked_for_an_address() -> None:
    one = judged(HEALTHY)

    assert (one.verdict, one.ladder[3].state) == (Verdict.HEALTHY, State.UNTESTED)
    assert UNASKED in one.headline
    assert UNASKED not in judged(HEALTHY + "ctl dhcp.offer ok @0 asked_as=new_client").headline


def test_an_own_lease_passes_no_rung_and_is_told() -> None:
    one = judged(HEALTHY + "ctl dhcp.own_lease ok @0 renewed_s=300")

    assert one.ladder[3].state is State.UNTESTED
    assert any("own address 5 min ago" in note for note in one.notes)


@pytest.mark.parametrize(
    ("own", "best"),
    [
        ("", "dhcp_no_server"),
        ("renewed_s=60", "dhcp_pool_exhausted"),
        ("renewed_s=40000", "dhcp_no_server"),
    ],
)
def test_a_server_that_renewed_a_minute_ago_has_rather_run_out_of_addresses(
    own: str, best: str
) -> None:
    lease = f"ctl dhcp.own_lease ok @0 {own}" if own else ""
    one = judged(f"ctl dhcp.offer failed no_offer @0 asked_as=new_client \n {lease}")

    assert one.best is not None
    assert one.best.cause == best
    assert {"dhcp_no_server", "dhcp_pool_exhausted"} <= {finding.cause for finding in one.findings}


def test_an_interface_that_goes_away_while_all_are_looked_at_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import netifaces

    asked = netifaces.ifaddresses

    def vanished(name: str) -> Any:
        if name == "veth7":
            raise ValueError("You must specify a valid interface name.")
        return asked(name)

    monkeypatch.setattr(netifaces, "interfaces", lambda: ["veth7", "lo"])
    monkeypatch.setattr(netifaces, "ifaddresses", vanished)

    assert look("veth7").address is None
    assert "veth7" not in [link.name for link in sockets.local_networks().links]


@pytest.mark.parametrize(
    "line", [b"nameserver 300.1.2.3", b"nameserver caf\xe9", b"# caf\xe9", b"nameserver 1.2.3.4:x"]
)
def test_a_line_of_resolv_conf_that_nobody_can_read_spoils_no_other(
    line: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "resolv.conf"
    file.write_bytes(line + b"\nnameserver 192.168.1.1\n")

    assert configured(str(file)) == ("192.168.1.1",)
