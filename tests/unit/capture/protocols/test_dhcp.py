"""What a DHCP exchange comes to; each limit stands in two rows, just within and just beyond it."""

from __future__ import annotations

from collections.abc import Callable
from socket import inet_aton

import pytest

from netcheck.capture.read import read
from netcheck.model import Target
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import DEVICE, DEVICE_MAC, PHOTON_OPTIONS, ROUTER, Wire


def ask_gateway(wire: Wire, wait_s: float = 0) -> None:
    wire.arp(mac=DEVICE_MAC, ip=DEVICE, wants=ROUTER)
    wire.wait(wait_s)


def no_offer_cut(wire: Wire) -> None:
    wire.dhcp(1)
    wire.wait(3.4)


def no_offer(wire: Wire) -> None:
    wire.dhcp(1)
    wire.wait(3.6)


def no_offer_twice(wire: Wire) -> None:
    wire.dhcp(1)
    wire.wait(2)
    wire.dhcp(1)
    wire.wait(1)


def new_attempt_after_15s(wire: Wire) -> None:
    wire.dhcp(1)
    wire.wait(15.1)
    wire.dhcp(1)
    wire.wait(1)


def same_attempt_within_15s(wire: Wire) -> None:
    wire.dhcp(1)
    wire.wait(14.9)
    wire.dhcp(1)
    wire.wait(1)


def no_ack(wire: Wire) -> None:
    wire.dhcp(1)
    wire.dhcp(2, yiaddr=DEVICE)
    wire.dhcp(3)
    wire.wait(4)


def offer_only(wire: Wire) -> None:
    wire.dhcp(1)
    wire.dhcp(2, yiaddr=DEVICE)
    wire.wait(4)


def ack_passed_by(wire: Wire) -> None:
    wire.dhcp(3)
    wire.wait(1)
    ask_gateway(
        wire,
    )
    wire.wait(9)


def nak(wire: Wire) -> None:
    wire.dhcp(3)
    wire.dhcp(6)
    wire.wait(1)


def declined(wire: Wire) -> None:
    wire.lease()
    wire.dhcp(4)


def without_router(wire: Wire) -> None:
    wire.lease(router="")


def without_dns(wire: Wire) -> None:
    wire.lease(dns="")


def router_elsewhere(wire: Wire) -> None:
    wire.lease(router="10.0.0.1")


def two_servers(wire: Wire) -> None:
    wire.dhcp(1)
    wire.dhcp(2, yiaddr=DEVICE, options=b"\x03\x04\xc0\xa8\x05\x01")
    wire.dhcp(2, yiaddr=DEVICE, server="192.168.5.9", options=b"\x03\x04\xc0\xa8\x05\x09")
    wire.wait(4)


def two_servers_alike(wire: Wire) -> None:
    wire.dhcp(1)
    wire.dhcp(2, yiaddr=DEVICE, options=b"\x03\x04\xc0\xa8\x05\x01")
    wire.dhcp(2, yiaddr=DEVICE, server="192.168.5.9", options=b"\x03\x04\xc0\xa8\x05\x01")
    wire.wait(4)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (
            no_offer_cut,
            [
                "dhcp.lease unclear cut_off 0.00-3.40 #1 discovers=1",
            ],
        ),
        (
            no_offer,
            [
                "dhcp.lease failed no_offer 0.00-3.50 #1 discovers=1",
            ],
        ),
        (
            no_offer_twice,
            [
                "dhcp.lease failed no_offer 0.00-3.00 #1-2 discovers=2",
            ],
        ),
        (
            new_attempt_after_15s,
            [
                "dhcp.lease failed no_offer 0.00-3.50 #1 discovers=1",
                "dhcp.lease unclear cut_off 15.10-16.10 #2 discovers=1",
            ],
        ),
        (
            same_attempt_within_15s,
            [
                "dhcp.lease failed no_offer 0.00-15.90 #1-2 discovers=2",
            ],
        ),
        (
            no_ack,
            [
                "dhcp.lease failed no_ack 0.00-3.50 #1,3 discovers=1",
                "dhcp.servers ok 0.00-0.00 #2 servers=192.168.5.1",
            ],
        ),
        (
            offer_only,
            [
                "dhcp.lease failed no_ack 0.00-3.50 #1-2 discovers=1",
                "dhcp.servers ok 0.00-0.00 #2 servers=192.168.5.1",
            ],
        ),
        (
            ack_passed_by,
            [
                "dhcp.lease unclear begun_before 0.00-1.00 #1 discovers=0",
            ],
        ),
        (
            nak,
            [
                "dhcp.lease failed nak 0.00-0.00 #1-2 discovers=0",
            ],
        ),
        (
            declined,
            [
                (
                    "dhcp.lease ok 0.00-0.03 #1,4 server=192.168.5.1 address=192.168.5.20 "
                    "lease_s=86400 discovers=1"
                ),
                (
                    "dhcp.options ok 0.03-0.03 #4 address=192.168.5.20 mask=255.255.255.0 "
                    "router=192.168.5.1 resolvers=192.168.5.1"
                ),
                "address.conflict failed declined 0.04-0.04 #5",
                "dhcp.servers ok 0.00-0.00 #4 servers=192.168.5.1",
            ],
        ),
        (
            without_router,
            [
                (
                    "dhcp.lease ok 0.00-0.03 #1,4 server=192.168.5.1 address=192.168.5.20 "
                    "lease_s=86400 discovers=1"
                ),
                (
                    "dhcp.options failed missing_router 0.03-0.03 #4 address=192.168.5.20 "
                    "mask=255.255.255.0 router= resolvers=192.168.5.1"
                ),
                "dhcp.servers ok 0.00-0.00 #4 servers=192.168.5.1",
            ],
        ),
        (
            without_dns,
            [
                (
                    "dhcp.lease ok 0.00-0.03 #1,4 server=192.168.5.1 address=192.168.5.20 "
                    "lease_s=86400 discovers=1"
                ),
                (
                    "dhcp.options failed missing_dns 0.03-0.03 #4 address=192.168.5.20 "
                    "mask=255.255.255.0 router=192.168.5.1 resolvers="
                ),
                "dhcp.servers ok 0.00-0.00 #4 servers=192.168.5.1",
            ],
        ),
        (
            router_elsewhere,
            [
                (
                    "dhcp.lease ok 0.00-0.03 #1,4 server=192.168.5.1 address=192.168.5.20 "
                    "lease_s=86400 discovers=1"
                ),
                (
                    "dhcp.options failed off_subnet 0.03-0.03 #4 address=192.168.5.20 "
                    "mask=255.255.255.0 router=10.0.0.1 resolvers=192.168.5.1"
                ),
                "dhcp.servers ok 0.00-0.00 #4 servers=192.168.5.1",
            ],
        ),
        (
            two_servers,
            [
                "dhcp.lease failed no_ack 0.00-3.50 #1-3 discovers=1",
                "dhcp.servers failed two_servers 0.00-0.00 #2-3 servers=192.168.5.1 192.168.5.9",
            ],
        ),
        (
            two_servers_alike,
            [
                "dhcp.lease failed no_ack 0.00-3.50 #1-3 discovers=1",
                "dhcp.servers ok 0.00-0.00 #2-3 servers=192.168.5.1 192.168.5.9",
            ],
        ),
    ],
)
def test_what_a_script_says(script: Callable[[Wire], None], says: list[str]) -> None:
    wire = Wire()
    script(wire)
    assert lines(read(tables_of(wire), Target()), "dhcp", "address") == says


# -- transaction ids that change within an exchange, as those of Device OS up to 0.6.4 do

OLD = 0xABCD0001
GIVEN = (
    b"\x33\x04\0\1\x51\x80\x01\x04\xff\xff\xff\0\x03\x04\xc0\xa8\x05\x01\x06\x04\xc0\xa8\x05\x01"
)
ADDRESS, SERVER = b"\x32\x04" + inet_aton(DEVICE), b"\x36\x04" + inet_aton(ROUTER)
OTHER_ADDRESS = b"\x32\x04" + inet_aton("192.168.5.99")


def selects(wire: Wire, xid: int, options: bytes = ADDRESS + SERVER) -> Wire:
    wire.dhcp(3, xid=xid, options=PHOTON_OPTIONS + options)
    return wire


def exchange(wire: Wire, *kinds: int, xid: int = OLD, wait_s: float = 0.01) -> Wire:
    """Those messages, of which the second two have the next id."""
    for kind in kinds:
        at = xid + (kind in (3, 5, 6))
        if kind == 3:
            selects(wire, at)
        else:
            is_answer = kind in (2, 5)
            wire.dhcp(
                kind,
                xid=at,
                yiaddr=DEVICE if is_answer else "0.0.0.0",
                options=GIVEN if is_answer else PHOTON_OPTIONS,
            )
        wire.wait(wait_s)
    return wire


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (lambda wire: exchange(wire, 1, 2, 3, 5), ["ok 1"]),
        (lambda wire: exchange(wire, 1, 3, 5), ["ok 1"]),
        (lambda wire: exchange(wire, 1, 2, 3, 3, 5), ["ok 1"]),
        (lambda wire: exchange(wire, 1, 2, 1, 2, 3, 5), ["ok 2"]),
        (lambda wire: (exchange(wire, 1, 2, 3), wire.wait(4)), ["failed no_ack 1"]),
        (lambda wire: (exchange(wire, 1, 3), wire.wait(4)), ["failed no_ack 1"]),
        (
            lambda wire: (exchange(wire, 1, 2, 3, 6), exchange(wire, 1, 2, 3, 5, xid=OLD + 2)),
            ["failed nak 1", "ok 1"],
        ),
        (
            lambda wire: (exchange(wire, 1, 2, 3, 5), exchange(wire, 1, 2, 3, 5, xid=OLD + 2)),
            ["ok 1", "ok 1"],
        ),
        (
            lambda wire: (exchange(wire, 1), wire.wait(14.9), exchange(wire, 3, 5)),
            ["ok 1"],
        ),
        (
            lambda wire: (exchange(wire, 1), wire.wait(15), exchange(wire, 3, 5)),
            ["failed no_offer 1", "ok 0"],
        ),
        (
            lambda wire: (exchange(wire, 1, 2), selects(wire, 9, ADDRESS), exchange(wire, 5)),
            ["ok 1"],
        ),
        (
            lambda wire: (exchange(wire, 1, 2), selects(wire, 9, OTHER_ADDRESS), exchange(wire, 5)),
            ["failed no_ack 1", "ok 0"],
        ),
        (
            lambda wire: (exchange(wire, 1, 2), selects(wire, 9, SERVER), exchange(wire, 5)),
            ["failed no_ack 1", "ok 0"],
        ),
        (
            lambda wire: (exchange(wire, 3), wire.wait(1), selects(wire, 9), exchange(wire, 5)),
            ["failed no_ack 0", "ok 0"],
        ),
    ],
)
def test_a_request_is_joined_by_what_it_names(
    script: Callable[[Wire], object], says: list[str]
) -> None:
    wire = Wire()
    script(wire)
    found = [o for o in read(tables_of(wire), Target()) if o.fact == "dhcp.lease"]
    told = [" ".join(filter(None, (o.outcome, o.reason))) for o in found]
    counts = [o.number("discovers") or 0 for o in found]
    assert [f"{one} {count:.0f}" for one, count in zip(told, counts, strict=True)] == says


@pytest.mark.parametrize("kinds", [(1, 2, 3, 5), ()])
def test_an_address_is_declined_under_another_id(kinds: tuple[int, ...]) -> None:
    wire = Wire()
    exchange(wire, *kinds)
    wire.dhcp(4, xid=OLD + 2, options=ADDRESS + SERVER)
    found = read(tables_of(wire), Target())
    assert len(lines(found, "address.conflict")) == 1
    assert len(lines(found, "dhcp.lease")) == bool(kinds)
