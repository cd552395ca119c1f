"""What ARP says of gateway, resolver and address; limits stand in two rows, just within and just
beyond.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netcheck.capture.ordering import in_order
from netcheck.capture.protocols.arp import gateways_of
from netcheck.capture.protocols.dhcp import dhcp_exchanges
from netcheck.capture.read import read
from netcheck.model import Target
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import DEVICE, DEVICE_MAC, OTHER_MAC, ROUTER, ROUTER_MAC, Wire


def ask_gateway(wire: Wire, wait_s: float = 0) -> None:
    wire.arp(mac=DEVICE_MAC, ip=DEVICE, wants=ROUTER)
    wire.wait(wait_s)


def gateway_answers(wire: Wire) -> None:
    wire.lease().gateway()


def gateway_late(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 2.4)
    wire.arp(mac=ROUTER_MAC, ip=ROUTER, wants=DEVICE, answers=DEVICE_MAC)


def gateway_too_late(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 2.6)
    wire.arp(mac=ROUTER_MAC, ip=ROUTER, wants=DEVICE, answers=DEVICE_MAC)


def gateway_once_cut(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 2.4)


def gateway_once(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 2.6)


def gateway_twice(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 1)
    ask_gateway(wire, 0.1)


def gateway_two_rounds(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 6.1)
    ask_gateway(wire, 3)


def gateway_one_round(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 5.9)
    ask_gateway(wire, 3)


def gateway_used(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 1)
    wire.ask()
    wire.wait(3)


def gateway_says_so_to_all(wire: Wire) -> None:
    wire.lease()
    ask_gateway(wire, 0.1)
    wire.arp(mac=ROUTER_MAC, ip=ROUTER, wants=ROUTER)
    wire.wait(1)


def resolver_silent(wire: Wire) -> None:
    wire.lease(dns="192.168.5.7")
    for gap in (1, 6.1, 1):
        wire.arp(mac=DEVICE_MAC, ip=DEVICE, wants="192.168.5.7")
        wire.wait(gap)


def resolver_once(wire: Wire) -> None:
    wire.lease(dns="192.168.5.7")
    wire.arp(mac=DEVICE_MAC, ip=DEVICE, wants="192.168.5.7")
    wire.wait(9)


def conflict(wire: Wire) -> None:
    for m in (DEVICE_MAC, OTHER_MAC, DEVICE_MAC):
        wire.arp(mac=m, ip=DEVICE, wants=ROUTER)
        wire.wait(1)


def no_conflict(wire: Wire) -> None:
    for m in (DEVICE_MAC, OTHER_MAC):
        wire.arp(mac=m, ip=DEVICE, wants=ROUTER)
        wire.wait(1)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (
            gateway_answers,
            [
                (
                    "gateway.arp ok 0.04-0.04 #5-6 gateway=192.168.5.1 asked=1 "
                    "gateway_mac=c0:56:27:00:00:01"
                ),
            ],
        ),
        (
            gateway_late,
            [
                (
                    "gateway.arp ok 0.04-2.44 #5-6 gateway=192.168.5.1 asked=1 "
                    "gateway_mac=c0:56:27:00:00:01"
                ),
            ],
        ),
        (
            gateway_too_late,
            [
                "gateway.arp failed timeout 0.04-2.54 #5 gateway=192.168.5.1 asked=1",
            ],
        ),
        (
            gateway_once_cut,
            [
                "gateway.arp unclear cut_off 0.04-2.44 #5 gateway=192.168.5.1 asked=1",
            ],
        ),
        (
            gateway_once,
            [
                "gateway.arp failed timeout 0.04-2.54 #5 gateway=192.168.5.1 asked=1",
            ],
        ),
        (
            gateway_twice,
            [
                "gateway.arp failed timeout 0.04-1.14 #5-6 gateway=192.168.5.1 asked=2",
            ],
        ),
        (
            gateway_two_rounds,
            [
                "gateway.arp failed timeout 0.04-2.54 #5 gateway=192.168.5.1 asked=1",
                "gateway.arp failed timeout 6.14-8.64 #6 gateway=192.168.5.1 asked=1",
            ],
        ),
        (
            gateway_one_round,
            [
                "gateway.arp failed timeout 0.04-8.44 #5-6 gateway=192.168.5.1 asked=2",
            ],
        ),
        (
            gateway_used,
            [],
        ),
        (
            gateway_says_so_to_all,
            [
                (
                    "gateway.arp ok 0.04-0.14 #5-6 gateway=192.168.5.1 asked=1 "
                    "gateway_mac=c0:56:27:00:00:01"
                ),
            ],
        ),
        (
            resolver_silent,
            [
                "dns.resolver_arp failed timeout 0.04-1.04 #5-6 resolver=192.168.5.7 asked=2",
                "dns.resolver_arp failed timeout 7.14-7.14 #7 resolver=192.168.5.7 asked=1",
            ],
        ),
        (
            resolver_once,
            [],
        ),
        (
            conflict,
            [
                "gateway.arp failed timeout 0.00-3.00 #1,3 gateway=192.168.5.1 asked=2",
                (
                    "address.conflict failed conflict 1.00-1.00 #1-2 address=192.168.5.20 "
                    "rival_mac=3c:22:fb:00:00:01"
                ),
                (
                    "address.conflict failed conflict 0.00-0.00 #1-2 address=192.168.5.20 "
                    "rival_mac=e0:4f:43:00:00:01 count=1"
                ),
                "gateway.arp unclear cut_off 1.00-3.00 #2 gateway=192.168.5.1 asked=1 count=1",
            ],
        ),
        (
            no_conflict,
            [
                "gateway.arp unclear cut_off 0.00-2.00 #1 gateway=192.168.5.1 asked=1",
                "gateway.arp unclear cut_off 1.00-2.00 #2 gateway=192.168.5.1 asked=1 count=1",
            ],
        ),
    ],
)
def test_what_a_script_says(script: Callable[[Wire], None], says: list[str]) -> None:
    wire = Wire()
    script(wire)
    assert lines(read(tables_of(wire), Target()), "gateway", "address", "dns.resolver") == says


@pytest.mark.parametrize(
    ("wanted", "gateway"),
    [
        (["192.168.5.7"], "192.168.5.7"),
        (["192.168.5.7", ROUTER], ROUTER),
        (["192.168.5.7", "192.168.5.8"], ""),
    ],
)
def test_the_gateway_of_a_client_without_a_lease(wanted: list[str], gateway: str) -> None:
    wire = Wire().lease()
    for address in wanted:
        wire.arp(mac=OTHER_MAC, ip="192.168.5.30", wants=address)
    record = in_order(tables_of(wire))
    exchanges = dhcp_exchanges(record.dhcp)
    found = gateways_of(record, frozenset(), exchanges)
    assert found.get(OTHER_MAC.hex(":"), "") == gateway
    assert found[DEVICE_MAC.hex(":")] == ROUTER


@pytest.mark.parametrize(("rival", "is_named"), [(OTHER_MAC, False), (ROUTER_MAC, True)])
def test_where_two_machines_answer_for_the_gateway_neither_names_the_network(
    rival: bytes, *, is_named: bool
) -> None:
    wire = Wire().lease()
    wire.arp(mac=DEVICE_MAC, ip=DEVICE, wants=ROUTER)
    wire.arp(mac=rival, ip=ROUTER, wants=DEVICE, answers=DEVICE_MAC)
    wire.arp(mac=ROUTER_MAC, ip=ROUTER, wants=DEVICE, answers=DEVICE_MAC)
    wire.wait(5)
    [line] = lines(read(tables_of(wire), Target()), "gateway.arp")

    assert line.startswith("gateway.arp ok")
    assert ("gateway_mac=" in line) is is_named
