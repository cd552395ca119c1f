"""Each probe is held to what it declares, by a table that knows every question of `Net`."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from netcheck.live.send_limits import COSTS, LimitReached, MeteredNet
from netcheck.probing import NEW_CLIENT, Kind, Need, Net, Reply, Traffic, WifiScan
from netcheck.probing.testing import HOME, FakeNet

METHODS = {
    name: method
    for name, method in inspect.getmembers(Net, inspect.isfunction)
    if not name.startswith("_")
}
ASKED: dict[str, Callable[[Net], object]] = {
    "resolve": lambda net: net.resolve("device.spark.io", "192.168.1.1"),
    "connect": lambda net: net.connect("192.168.1.1", 80),
    "connect_with_ttl": lambda net: net.connect_with_ttl("192.168.1.1", 80, 1),
    "listen_after_connect": lambda net: net.listen_after_connect("192.168.1.1", 80, want_bytes=1),
    "connect_and_read_ttls": lambda net: net.connect_and_read_ttls("192.168.1.1", 80),
    "http_get": lambda net: net.http_get("192.168.1.1", "a.example", "/"),
    "http_get_again": lambda net: net.http_get_again("192.168.1.1", "a.example", "/", 1.0),
    "tls_handshake": lambda net: net.tls_handshake("192.168.1.1", "a.example"),
    "https_get": lambda net: net.https_get("192.168.1.1", "a.example", "/"),
    "arp_entry": lambda net: net.arp_entry("192.168.1.1"),
    "ping": lambda net: net.ping("192.168.1.1"),
    "exchange": lambda net: net.exchange("192.168.1.1", 123, b"", sendings=3),
    "datagram_with_ttl": lambda net: net.datagram_with_ttl("192.168.1.1", 33434, 1),
    "listen_multicast": lambda net: net.listen_multicast("224.0.1.187", 5683, 1.0),
    "discover": lambda net: net.discover([NEW_CLIENT], sendings=2),
    "leaves": lambda net: net.leaves("192.168.1.1", 80),
    "who_has": lambda net: net.who_has(["192.168.1.7", "192.168.1.8"]),
    "claimants": lambda net: net.claimants("192.168.1.7"),
    "wifi_scan": lambda net: net.wifi_scan("Home"),
    "ask_as_client": lambda net: net.ask_as_client(
        NEW_CLIENT, "192.168.1.9", "192.168.1.1", [("192.0.2.1", 443)]
    ),
}
"""Every question that sends, with arguments."""
MOST: dict[str, dict[Kind, int]] = {
    "resolve": {Kind.DNS_QUERY: 3},
    "connect": {Kind.TCP_CONNECTION: 1},
    "connect_with_ttl": {Kind.TCP_SYN_TTL: 1},
    "listen_after_connect": {Kind.TCP_CONNECTION: 1},
    "connect_and_read_ttls": {Kind.TCP_CONNECTION: 1},
    "http_get": {Kind.HTTP_REQUEST: 1},
    "http_get_again": {Kind.HTTP_REQUEST: 2},
    "tls_handshake": {Kind.TLS_GREETING: 2},
    "https_get": {Kind.HTTP_REQUEST: 1},
    "arp_entry": {Kind.UDP_DATAGRAM: 1},
    "ping": {Kind.ICMP_ECHO: 1},
    "exchange": {Kind.UDP_DATAGRAM: 3},
    "datagram_with_ttl": {Kind.UDP_DATAGRAM: 1},
    "listen_multicast": {Kind.IGMP_REPORT: 4},
    "discover": {Kind.DHCP_DISCOVER: 2},
    "leaves": {Kind.TCP_CONNECTION: 1},
    "who_has": {Kind.ARP_REQUEST: 4},
    "claimants": {Kind.ARP_REQUEST: 3},
    "wifi_scan": {Kind.WIFI_SCAN: 1},
    "ask_as_client": {Kind.ARP_REQUEST: 3, Kind.ARP_REPLY: 8, Kind.ICMP_ECHO: 3, Kind.TCP_SYN: 3},
}
"""What each of them can send at most."""


def asked_of() -> FakeNet:
    """A network that answers what it is asked; its Wi-Fi adapter is allowed to scan."""
    return FakeNet(scans=[WifiScan(scans=1)])


def metered(net: FakeNet, allowed: dict[Kind, int]) -> MeteredNet:
    return MeteredNet(
        net, [Traffic(kind=kind, to="somebody", at_most=most) for kind, most in allowed.items()]
    )


def test_every_question_has_its_cost() -> None:
    assert set(COSTS) == set(METHODS)


def test_every_question_that_sends_is_tried_here() -> None:
    assert set(ASKED) == set(MOST)
    free = set(METHODS) - set(MOST)
    assert free == {
        *("vantage", "lacks", "ssid", "known_neighbours", "together", "clock", "sleep"),
        "as_answered",
        *("dhcp_portal", "dhcp_address", "dhcp_offer", "listen_to_broadcasts"),
    }


def test_a_question_without_a_cost_cannot_be_asked() -> None:
    class Newer(FakeNet):
        def send_anything(self) -> None:
            raise AssertionError("it was passed on uncounted")

    with pytest.raises(AttributeError):
        metered(Newer(), {}).send_anything()


@pytest.mark.parametrize("name", MOST)
def test_what_was_declared_may_be_sent_once(name: str) -> None:
    net = asked_of()
    meter = metered(net, MOST[name])

    ASKED[name](meter.net)

    assert meter.sent == {kind.value: most for kind, most in sorted(MOST[name].items())}
    asked = list(net.asked)
    with pytest.raises(LimitReached):
        ASKED[name](meter.net)
    assert net.asked == asked


@pytest.mark.parametrize("name", MOST)
def test_one_packet_less_declared_is_too_little(name: str) -> None:
    for kind in MOST[name]:
        net = FakeNet()
        meter = metered(net, MOST[name] | {kind: MOST[name][kind] - 1})

        with pytest.raises(LimitReached, match=kind.value):
            ASKED[name](meter.net)
        assert net.asked == []


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"clock"}))
def test_after_the_deadline_nothing_is_asked(name: str) -> None:
    free: dict[str, Callable[[Net], object]] = {
        "lacks": lambda net: net.lacks(Need.INTERNET),
        "vantage": lambda net: net.vantage(),
        "ssid": lambda net: net.ssid(),
        "known_neighbours": lambda net: net.known_neighbours(),
        "together": lambda net: net.together([lambda: 1]),
        "as_answered": lambda net: list(net.as_answered([lambda: 1])),
        "sleep": lambda net: net.sleep(0.0),
        "dhcp_portal": lambda net: net.dhcp_portal(0.0),
        "dhcp_address": lambda net: net.dhcp_address(NEW_CLIENT, 0.0),
        "dhcp_offer": lambda net: net.dhcp_offer(0.0),
        "listen_to_broadcasts": lambda net: net.listen_to_broadcasts(0.0),
    }
    meter = metered(FakeNet(), MOST.get(name, {}))
    meter.shut()

    with pytest.raises(LimitReached, match="time"):
        (ASKED | free)[name](meter.net)
    assert meter.sent == {}


def test_fewer_than_no_packets_cannot_be_sent() -> None:
    meter = metered(FakeNet(), {Kind.UDP_DATAGRAM: 9})

    with pytest.raises(LimitReached):
        meter.net.exchange("192.168.1.1", 123, b"", sendings=-9)
    assert meter.sent == {}


def test_a_list_that_the_system_had_kept_costs_nothing() -> None:
    meter = metered(FakeNet(scans=[WifiScan(reason="cached")]), {Kind.WIFI_SCAN: 1})

    meter.net.wifi_scan("Home")

    assert meter.sent == {"wifi_scan": 0}


def test_a_reply_says_when_it_was_asked_for() -> None:
    net = FakeNet({("connect", "192.168.1.1", 80): Reply(ok=True)}, now=50.0)

    reply = metered(net, {Kind.TCP_CONNECTION: 1}).net.connect("192.168.1.1", 80)

    assert reply.at == 51.0


def test_the_computers_own_mac_needs_no_leave() -> None:
    meter = metered(FakeNet(), {Kind.DHCP_DISCOVER: 9})

    assert meter.net.discover([HOME.mac or ""]) == ()
