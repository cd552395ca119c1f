"""What other connections, web answers and NTP say of the internet; limits stand in two rows, just
within and just beyond.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netcheck.capture.read import read
from netcheck.model import Target
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import (
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    ROUTER_MAC,
    TEST,
    Wire,
)

HOST = "93.184.216.34"


def own_test_ok(wire: Wire) -> None:
    wire.name(CLOUD)
    wire.internet_test()


def own_test_fails(wire: Wire) -> None:
    wire.name(CLOUD)
    wire.internet_test(works=False)


def own_test_cut(wire: Wire) -> None:
    wire.connection(TEST, 53).syn()
    wire.wait(3.9)


def own_test_silent(wire: Wire) -> None:
    wire.connection(TEST, 53).syn()
    wire.wait(4.1)


def own_test_twice(wire: Wire) -> None:
    talk = wire.connection(TEST, 53).syn()
    wire.wait(1)
    talk.syn(again=True)
    wire.wait(1)


def reach_prohibited(wire: Wire) -> None:
    talk = wire.connection(HOST, 443).syn()
    wire.wait(0.1)
    wire.icmp(talk, code=13)
    wire.wait(5)


def reach_unreachable(wire: Wire) -> None:
    talk = wire.connection(HOST, 443).syn()
    wire.wait(0.1)
    wire.icmp(talk, code=1)
    wire.wait(5)


def reach_port_unreachable(wire: Wire) -> None:
    talk = wire.connection(HOST, 443).syn()
    wire.wait(0.1)
    wire.icmp(talk, code=3)
    wire.wait(5)


def reach_icmp_at_5s(wire: Wire) -> None:
    talk = wire.connection(HOST, 443).syn()
    wire.wait(4.99)
    wire.icmp(talk, code=1)
    wire.wait(5)


def reach_icmp_too_late(wire: Wire) -> None:
    talk = wire.connection(HOST, 443).syn()
    wire.wait(5.1)
    wire.icmp(talk, code=1)
    wire.wait(5)


def reach_own_network(wire: Wire) -> None:
    wire.connection("192.168.5.77", 443).syn()
    wire.wait(9)


def cloud_other_port(wire: Wire) -> None:
    wire.name(CLOUD)
    wire.connection().syn()
    wire.wait(5)
    wire.connection(CLOUD, 443).opened()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (
            own_test_ok,
            [
                "internet.test ok 0.02-0.11 #3-4 ttl=52 rtt_ms=90.1",
            ],
        ),
        (
            own_test_fails,
            [
                "internet.test failed timeout 0.02-5.02 #3",
            ],
        ),
        (
            own_test_cut,
            [
                "internet.test unclear cut_off 0.00-3.90 #1",
            ],
        ),
        (
            own_test_silent,
            [
                "internet.test failed timeout 0.00-4.10 #1",
            ],
        ),
        (
            own_test_twice,
            [
                "internet.test failed timeout 0.00-2.00 #1-2",
            ],
        ),
        (
            reach_prohibited,
            [
                (
                    "internet.reach failed prohibited 0.00-0.10 #1-2 icmp_from=192.168.5.1 "
                    "icmp_code=13"
                ),
            ],
        ),
        (
            reach_unreachable,
            [
                (
                    "internet.reach failed unreachable 0.00-0.10 #1-2 icmp_from=192.168.5.1 "
                    "icmp_code=1"
                ),
            ],
        ),
        (
            reach_port_unreachable,
            [
                "internet.reach failed prohibited 0.00-0.10 #1-2 icmp_from=192.168.5.1 icmp_code=3",
            ],
        ),
        (
            reach_icmp_at_5s,
            [
                (
                    "internet.reach failed unreachable 0.00-4.99 #1-2 icmp_from=192.168.5.1 "
                    "icmp_code=1"
                ),
            ],
        ),
        (
            reach_icmp_too_late,
            [
                "internet.reach failed timeout 0.00-5.00 #1",
            ],
        ),
        (
            reach_own_network,
            [],
        ),
        (
            cloud_other_port,
            [
                "tcp.cloud_other_port ok 5.02-5.11 #4-5 ttl=52 rtt_ms=90.1",
            ],
        ),
    ],
)
def test_what_a_script_says(script: Callable[[Wire], None], says: list[str]) -> None:
    wire = Wire()
    script(wire)
    wire.heard()
    assert lines(read(tables_of(wire), Target()), "internet", "tcp.cloud_other") == says


@pytest.mark.parametrize(
    ("requests", "gap_s", "reply_s", "wait_s", "says"),
    [
        (1, 0, 0.1, 0, ["ok 0.00-0.10 #3-4"]),
        (1, 0, 2.9, 1, ["ok 0.00-2.90 #3-4"]),
        (1, 0, 3.1, 1, ["failed timeout 0.00-2.00 #3"]),
        (1, 0, None, 1.9, ["unclear cut_off 0.00-1.90 #3"]),
        (1, 0, None, 2.1, ["failed timeout 0.00-2.00 #3"]),
        (2, 1, None, 0.5, ["failed timeout 0.00-1.50 #3-4"]),
        (2, 10.4, None, 3, ["failed timeout 0.00-12.40 #3-4"]),
        (2, 10.6, None, 3, ["failed timeout 0.00-2.00 #3", "failed timeout 10.60-12.60 #4"]),
    ],
)
def test_ntp(
    requests: int, gap_s: float, reply_s: float | None, wait_s: float, says: list[str]
) -> None:
    wire = Wire()
    wire.ask("pool.ntp.org")
    wire.reply(HOST, name="pool.ntp.org")
    wire.at = 0.0001
    for index in range(requests):
        wire.wait(gap_s if index else 0)
        wire.udp(DEVICE, 123, HOST, 123, bytes(48), macs=(DEVICE_MAC, ROUTER_MAC))
    if reply_s is not None:
        wire.wait(reply_s)
        wire.udp(HOST, 123, DEVICE, 4000, bytes(48), macs=(ROUTER_MAC, DEVICE_MAC), ttl=50)
    wire.wait(wait_s)
    wire.heard()
    found = lines(read(tables_of(wire), Target()), "internet.test")
    assert found == [f"internet.test {line}" for line in says]


@pytest.mark.parametrize(
    ("code", "reason"),
    [(0, "unreachable"), (3, "prohibited"), (8, "unreachable")]
    + [(code, "prohibited") for code in (9, 10, 13)]
    + [(code, "unreachable") for code in (11, 12, 14)],
)
def test_which_icmp_codes_forbid(code: int, reason: str) -> None:
    wire = Wire()
    talk = wire.connection(HOST, 443).syn()
    wire.icmp(talk, code=code)
    [line] = lines(read(tables_of(wire), Target()), "internet")
    assert line.startswith(f"internet.reach failed {reason} ")
