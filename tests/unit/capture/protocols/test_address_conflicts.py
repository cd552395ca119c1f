"""Which ARP messages show that two machines use one address, and what shows a network without
IPv4.
"""

from __future__ import annotations

import pytest

from netcheck.capture.read import read
from netcheck.correlator import diagnose
from netcheck.model import NETWORK, STANDING, Target
from netcheck.wire.decode import SYN, Body, Message, RouterAdvertisement, Tcp
from netcheck.wire.encode import encode
from netcheck.wire.links import ETHERNET
from tests.helpers.tables import tables_of
from tests.helpers.wire import CLOUD, DEVICE, DEVICE_MAC, OTHER_MAC, ROUTER, ROUTER_MAC, Wire


def conflicts(wire: Wire) -> set[str]:
    """The clients that are told to have a rival."""
    found = read(tables_of(wire), Target())
    return {o.subject for o in found if o.fact == "address.conflict"}


def start() -> Wire:
    """A device with an address, that asks for its gateway."""
    return Wire().lease().gateway()


def asks(wire: Wire, mac: bytes, wants: str = ROUTER) -> None:
    wire.wait(1 if mac == DEVICE_MAC else 0)
    wire.arp(mac=mac, ip=DEVICE, wants=wants)


def test_a_repeater_sends_the_clients_question_again() -> None:
    wire = start()
    for _ in range(3):
        wire.wait(5)
        asks(wire, DEVICE_MAC)
        wire.wait(0.004)
        asks(wire, OTHER_MAC)
    asks(wire, DEVICE_MAC)
    assert conflicts(wire) == set()


def test_a_repeater_sends_the_clients_announcement_again() -> None:
    wire = start()
    asks(wire, DEVICE_MAC, DEVICE)
    wire.wait(0.004)
    asks(wire, OTHER_MAC, DEVICE)
    wire.wait(1)
    asks(wire, DEVICE_MAC)
    assert conflicts(wire) == set()


@pytest.mark.parametrize(
    ("late_s", "wants"),
    [(0.2, ROUTER), (0.004, "192.168.5.77")],
    ids=["too late for a copy", "a question of its own"],
)
def test_a_rival_asks_by_itself(late_s: float, wants: str) -> None:
    wire = start()
    for _ in range(2):
        asks(wire, DEVICE_MAC)
        wire.wait(late_s)
        asks(wire, OTHER_MAC, wants)
    asks(wire, DEVICE_MAC)
    assert len(conflicts(wire)) == 2


def test_two_answers_to_one_question_are_of_rivals() -> None:
    wire = start()
    for _ in range(2):
        wire.wait(1)
        wire.arp(mac=ROUTER_MAC, ip=ROUTER, wants=DEVICE)
        for mac in (DEVICE_MAC, OTHER_MAC):
            wire.arp(mac=mac, ip=DEVICE, wants=ROUTER, answers=ROUTER_MAC)
    assert len(conflicts(wire)) == 2


def test_who_also_sends_packets_from_the_address_is_a_rival() -> None:
    wire = start()
    asks(wire, DEVICE_MAC)
    asks(wire, OTHER_MAC)
    wire.connection(CLOUD, 443, mac=OTHER_MAC).syn()
    asks(wire, DEVICE_MAC)
    assert len(conflicts(wire)) == 2


ADVERTISED = RouterAdvertisement(1800)
OPENING = Tcp(51000, 443, 1, 0, SYN, 60000, 1440, True, 0, b"")


def ipv6(wire: Wire, src: str, dst: str, body: Body, *, mac: bytes = ROUTER_MAC) -> None:
    message = Message(mac.hex(":"), "33:33:00:00:00:01", src, dst, 255, 0, body)
    frame = encode(ETHERNET, message)
    assert frame is not None
    wire.put(frame)


def without_dhcp(lifetime_s: int = 1800, *, with_ipv6: bool = True) -> Wire:
    """A device asks for an address in vain beside a router that offers IPv6, which others use."""
    wire = Wire()
    for _ in range(2):
        for _ in range(4):
            wire.dhcp(1)
            wire.wait(3)
        ipv6(wire, "fe80::1", "ff02::1", ADVERTISED._replace(lifetime_s=lifetime_s))
        if with_ipv6:
            ipv6(wire, "2001:db8::a1", "2001:db8:9::1", OPENING, mac=OTHER_MAC)
        wire.wait(8)
    return wire


def standing(wire: Wire) -> list[str]:
    [one] = diagnose(read(tables_of(wire), Target()), Target())
    return [finding.cause for finding in one.findings if finding.level in STANDING]


def offers_ipv6_alone(wire: Wire) -> bool:
    found = read(tables_of(wire), Target())
    return any(o.fact == "address.ipv4" and o.subject == NETWORK for o in found)


def test_a_network_that_others_use_by_ipv6_alone() -> None:
    assert standing(without_dhcp())[0] == "ipv6_only_network"


def test_where_others_have_ipv4_the_dhcp_server_is_off() -> None:
    wire = without_dhcp()
    wire.arp(mac=OTHER_MAC, ip="192.168.5.30", wants=ROUTER)

    assert not offers_ipv6_alone(wire)
    assert standing(wire)[0] == "dhcp_no_server"


def test_an_address_that_a_client_took_for_lack_of_one_is_no_ipv4() -> None:
    wire = without_dhcp()
    wire.arp(mac=OTHER_MAC, ip="169.254.7.7", wants="169.254.7.8")

    assert offers_ipv6_alone(wire)


def test_a_router_alone_shows_no_network_of_ipv6() -> None:
    assert not offers_ipv6_alone(without_dhcp(with_ipv6=False))
    assert not offers_ipv6_alone(without_dhcp(lifetime_s=0)), "it is no default router"


def test_an_offer_is_ipv4() -> None:
    wire = without_dhcp()
    wire.dhcp(2, yiaddr=DEVICE)

    assert not offers_ipv6_alone(wire)
