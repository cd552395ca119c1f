"""Which ARP messages show that two machines use one address."""

from __future__ import annotations

import pytest

from netcheck.capture.read import read
from netcheck.model import Target
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
