"""Another server that a device asks for: what shows one, and what comes near it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netcheck.capture.read import read
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Target
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import CLOUD, DEVICE, DEVICE_MAC, OTHER, OTHER_MAC, Wire

STATION = "192.168.5.200"
NAME = "iot.acme.example"


def names_in_vain(wire: Wire, name: str = NAME) -> None:
    wire.names_unanswered(name)


def neighbour_in_vain(wire: Wire) -> None:
    for _ in range(2):
        wire.arp(mac=DEVICE_MAC, ip=DEVICE, wants=STATION)
        wire.wait(2.5)


def host_refuses(wire: Wire) -> None:
    talk = wire.connection(STATION, 8080).syn()
    wire.wait(0.1)
    talk.reset()
    wire.wait(3)


def host_silent(wire: Wire) -> None:
    talk = wire.connection(STATION, 8080).syn()
    wire.wait(3)
    talk.syn(again=True)
    wire.wait(2)


def host_opens(wire: Wire) -> None:
    wire.connection(STATION, 8080).opened()
    wire.wait(3)


def with_tests(wire: Wire, before: Callable[[Wire], None], times: int) -> Wire:
    wire.lease().gateway()
    for _ in range(times):
        before(wire)
        wire.internet_test()
        wire.wait(1)
    return wire


def other_servers(wire: Wire) -> list[str]:
    seen = read(tables_of(wire), Target())
    return [line.split(" ")[2] for line in lines(seen, "tcp.other_server")]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (names_in_vain, "no_name"),
        (neighbour_in_vain, "timeout"),
        (host_refuses, "refused"),
        (host_silent, "timeout"),
    ],
)
def test_what_is_asked_for_in_vain_before_each_internet_test_is_the_server(
    before: Callable[[Wire], None], reason: str
) -> None:
    wire = with_tests(Wire(), before, 3)

    assert other_servers(wire) == [reason] * 3
    [one] = diagnose(read(tables_of(wire), Target()), Target())
    assert [f.cause for f in one.findings if f.level in STANDING] == ["server_address_wrong"]


def test_a_host_that_opens_is_no_server_in_vain() -> None:
    assert other_servers(with_tests(Wire(), host_opens, 3)) == []


def test_once_is_no_habit() -> None:
    assert other_servers(with_tests(Wire(), names_in_vain, 1)) == []


def test_who_asks_for_the_cloud_wants_no_other_server() -> None:
    def both(wire: Wire) -> None:
        names_in_vain(wire)
        names_in_vain(wire, "device.spark.io")

    def opens(wire: Wire) -> None:
        names_in_vain(wire)
        wire.connection(CLOUD).syn()
        wire.wait(5)

    assert other_servers(with_tests(Wire(), both, 3)) == []
    assert other_servers(with_tests(Wire(), opens, 3)) == []


def test_a_name_that_is_found_is_no_server_in_vain() -> None:
    def found(wire: Wire) -> None:
        for _ in range(2):
            wire.ask(NAME)
            wire.reply("93.184.216.34", name=NAME)
            wire.wait(1)

    assert other_servers(with_tests(Wire(), found, 3)) == []


def test_a_resolver_of_the_lease_that_is_silent_is_no_server() -> None:
    wire = Wire()
    wire.lease(dns=STATION)

    assert other_servers(with_tests(wire, neighbour_in_vain, 3)) == []


def test_a_neighbour_that_speaks_is_no_server_in_vain() -> None:
    wire = with_tests(Wire(), neighbour_in_vain, 3)
    wire.arp(mac=b"\x3c\x22\xfb\0\0\x09", ip=STATION, wants=DEVICE)

    assert other_servers(wire) == []


def test_of_many_answers_to_a_client_that_with_the_clouds_address_is_kept() -> None:
    wire = Wire()
    wire.lease().name(CLOUD)
    for number, address in enumerate(("198.51.100.7", CLOUD, "198.51.100.8")):
        name = f"www{number}.example.net"
        wire.ask(name, client=OTHER, mac=OTHER_MAC)
        wire.reply(address, name=name, client=OTHER, mac=OTHER_MAC)
        wire.wait(1)
    wire.connection().syn()
    wire.wait(9)
    seen = lines(read(tables_of(wire), Target()), "dns.other_name")
    assert sorted(f"addresses={CLOUD} " in f"{line} " for line in seen) == [False, True]
