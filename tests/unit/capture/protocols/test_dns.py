"""What a round of lookups comes to; limits stand in two rows, just within and just beyond."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from netcheck.capture.read import read
from netcheck.model import Target
from netcheck.photon.addresses import PHOTON_FALLBACK
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import (
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    ROUTER,
    ROUTER_MAC,
    Wire,
    question,
)


def name_ok(wire: Wire) -> None:
    wire.lease().name(CLOUD)


def name_late(wire: Wire) -> None:
    wire.ask()
    wire.wait(5.1)
    wire.reply(CLOUD)


def name_just_in_time(wire: Wire) -> None:
    wire.ask()
    wire.wait(4.9)
    wire.reply(CLOUD)


def name_cut(wire: Wire) -> None:
    wire.ask()
    wire.wait(3.9)


def name_silent(wire: Wire) -> None:
    wire.ask()
    wire.wait(4.1)


def name_asked_twice(wire: Wire) -> None:
    wire.ask()
    wire.wait(1)
    wire.ask(ident=8)
    wire.wait(1)


def name_two_rounds(wire: Wire) -> None:
    wire.ask()
    wire.wait(8.1)
    wire.ask(ident=8)
    wire.wait(5)


def name_one_round(wire: Wire) -> None:
    wire.ask()
    wire.wait(7.9)
    wire.ask(ident=8)
    wire.wait(5)


def name_answered_asked_again(wire: Wire) -> None:
    wire.name(CLOUD)
    wire.wait(0.6)
    wire.ask(ident=8)
    wire.wait(5)


def name_answered_asked_at_once(wire: Wire) -> None:
    wire.name(CLOUD)
    wire.wait(0.4)
    wire.ask(ident=8)
    wire.wait(5)


def name_bogon(wire: Wire) -> None:
    wire.name("192.168.5.1")


def name_block_page(wire: Wire) -> None:
    wire.name("146.112.61.106")


def name_empty(wire: Wire) -> None:
    wire.name()


def name_refused(wire: Wire) -> None:
    wire.name(rcode=5)


def name_servfail(wire: Wire) -> None:
    wire.name(rcode=2)


def name_notimp(wire: Wire) -> None:
    wire.name(rcode=4)


def name_nx(wire: Wire) -> None:
    wire.name(rcode=3)


def name_local(wire: Wire) -> None:
    wire.ask("printer.lan")
    wire.wait(5)


def name_other(wire: Wire) -> None:
    wire.ask("example.com")
    wire.wait(5)


def name_ntp(wire: Wire) -> None:
    wire.ask("pool.ntp.org")
    wire.wait(5)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (
            name_ok,
            [
                (
                    "dns.cloud_name ok 0.04-0.06 #5-6 resolver=192.168.5.1 queries=1 "
                    "addresses=54.1.2.3 server=192.168.5.1 latency_ms=20.1"
                ),
            ],
        ),
        (
            name_late,
            [
                (
                    "dns.cloud_name failed late 0.00-5.10 #1-2 resolver=192.168.5.1 queries=1 "
                    "addresses=54.1.2.3 server=192.168.5.1 latency_ms=5100.1"
                ),
            ],
        ),
        (
            name_just_in_time,
            [
                (
                    "dns.cloud_name ok 0.00-4.90 #1-2 resolver=192.168.5.1 queries=1 "
                    "addresses=54.1.2.3 server=192.168.5.1 latency_ms=4900.1"
                ),
            ],
        ),
        (
            name_cut,
            [
                "dns.cloud_name unclear cut_off 0.00-3.90 #1 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_silent,
            [
                "dns.cloud_name failed timeout 0.00-4.10 #1 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_asked_twice,
            [
                "dns.cloud_name failed timeout 0.00-2.00 #1-2 resolver=192.168.5.1 queries=2",
            ],
        ),
        (
            name_two_rounds,
            [
                "dns.cloud_name failed timeout 0.00-5.00 #1 resolver=192.168.5.1 queries=1",
                "dns.cloud_name failed timeout 8.10-13.10 #2 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_one_round,
            [
                "dns.cloud_name failed timeout 0.00-12.90 #1-2 resolver=192.168.5.1 queries=2",
            ],
        ),
        (
            name_answered_asked_again,
            [
                (
                    "dns.cloud_name ok 0.00-0.02 #1-2 resolver=192.168.5.1 queries=1 "
                    "addresses=54.1.2.3 server=192.168.5.1 latency_ms=20.1"
                ),
                "dns.cloud_name failed timeout 0.62-5.62 #3 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_answered_asked_at_once,
            [
                (
                    "dns.cloud_name ok 0.00-0.02 #1-3 resolver=192.168.5.1 queries=2 "
                    "addresses=54.1.2.3 server=192.168.5.1 latency_ms=20.1"
                ),
            ],
        ),
        (
            name_bogon,
            [
                (
                    "dns.cloud_name failed bogon 0.00-0.02 #1-2 resolver=192.168.5.1 queries=1 "
                    "addresses=192.168.5.1 server=192.168.5.1 latency_ms=20.1"
                ),
            ],
        ),
        (
            name_block_page,
            [
                (
                    "dns.cloud_name failed block_page 0.00-0.02 #1-2 resolver=192.168.5.1"
                    " queries=1 addresses=146.112.61.106 server=192.168.5.1 latency_ms=20.1"
                ),
            ],
        ),
        (
            name_empty,
            [
                "dns.cloud_name failed empty 0.00-0.02 #1-2 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_refused,
            [
                "dns.cloud_name failed dns_refused 0.00-0.02 #1-2 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_servfail,
            [
                "dns.cloud_name failed servfail 0.00-0.02 #1-2 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_notimp,
            [
                "dns.cloud_name failed servfail 0.00-0.02 #1-2 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_nx,
            [
                "dns.cloud_name failed nxdomain 0.00-0.02 #1-2 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_local,
            [],
        ),
        (
            name_other,
            [
                "dns.other_name failed timeout 0.00-5.00 #1 resolver=192.168.5.1 queries=1",
            ],
        ),
        (
            name_ntp,
            [
                "internet.name_test failed timeout 0.00-5.00 #1 resolver=192.168.5.1 queries=1",
            ],
        ),
    ],
)
def test_what_a_script_says(script: Callable[[Wire], None], says: list[str]) -> None:
    wire = Wire()
    script(wire)
    wire.heard()
    assert lines(read(tables_of(wire), Target()), "dns", "internet.name") == says


def test_a_lookup_of_an_ipv6_address_is_none_of_the_photons() -> None:
    wire = Wire().name(CLOUD)
    head = struct.pack(">HHHHHH", 9, 0x0100, 1, 0, 0, 0)
    asked = question("device.spark.io")[:-4] + b"\0\x1c\0\1"
    wire.udp(DEVICE, 49153, ROUTER, 53, head + asked, macs=(DEVICE_MAC, ROUTER_MAC))
    wire.wait(9)
    [line] = lines(read(tables_of(wire), Target()), "dns")
    assert line.startswith("dns.cloud_name ok 0.00-0.02 #1-2 ")


@pytest.mark.parametrize(
    ("server", "after_s", "says"),
    [
        (CLOUD, 0.1, "unclear missed"),
        (CLOUD, 4.9, "unclear missed"),
        (CLOUD, 5.1, "failed timeout"),
        (PHOTON_FALLBACK, 0.1, "failed timeout"),
    ],
)
def test_a_device_that_goes_on_to_the_cloud_had_an_answer(
    server: str, after_s: float, says: str
) -> None:
    wire = Wire().lease()
    wire.ask()
    wire.wait(after_s)
    wire.connection(server).syn()
    wire.wait(9)
    [line] = lines(read(tables_of(wire), Target(device=DEVICE_MAC.hex(":"))), "dns.cloud_name")
    assert line.startswith(f"dns.cloud_name {says} ")


def test_an_answer_cut_before_its_addresses_denies_nothing() -> None:
    wire = Wire().lease()
    wire.name(CLOUD)
    at_ns, frame = wire.frames[-1]
    wire.frames[-1] = at_ns, frame[:-8]
    [said] = lines(read(tables_of(wire), Target()), "dns.cloud_name")
    assert said.startswith("dns.cloud_name unclear missed ")
