"""Connections to the cloud's port, judged by what DNS said and by what the client did next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netcheck.capture.cloud_connections import speaking_as_cloud
from netcheck.capture.read import read
from netcheck.model import Target
from tests.helpers.segments import connection
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import (
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    OTHER,
    OTHER_MAC,
    ROUTER,
    Wire,
    random_bytes,
)

BASE = "tcp.cloud failed timeout"
OPEN = "address=54.1.2.3 port=5683 syns=1"


def tried_then(script: Callable[[Wire], object]) -> Callable[[Wire], object]:
    def whole(wire: Wire) -> None:
        wire.name(CLOUD)
        wire.connection().syn()
        wire.wait(1)
        script(wire)

    return whole


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (lambda wire: None, [f"tcp.cloud unclear cut_off 0.02-1.02 #3 {OPEN}"]),
        (lambda wire: wire.ask(), [f"{BASE} 0.02-1.02 #3 {OPEN}"]),
        # It did not give up: something made it start over, before its patience was at an end.
        (lambda wire: wire.dhcp(1), [f"tcp.cloud unclear cut_off 0.02-1.02 #3 {OPEN}"]),
        (lambda wire: wire.ask("pool.ntp.org"), [f"tcp.cloud unclear cut_off 0.02-1.02 #3 {OPEN}"]),
        (lambda wire: wire.wait(4), [f"{BASE} 0.02-5.02 #3 {OPEN}"]),
        (lambda wire: wire.wait(4).dhcp(1), [f"{BASE} 0.02-5.02 #3 {OPEN}"]),
    ],
)
def test_a_new_attempt_ends_the_wait(script: Callable[[Wire], object], says: list[str]) -> None:
    wire = Wire()
    tried_then(script)(wire)
    assert lines(read(tables_of(wire), Target()), "tcp") == says


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (lambda talk: talk.down(flags=4), "tcp.false_address failed refused 0.02-0.02 #3-4"),
        (lambda talk: None, "tcp.false_address failed timeout 0.02-0.02 #3"),
        (lambda talk: talk.syn_ack(), "tcp.false_address unclear 0.02-0.02 #3"),
    ],
)
def test_a_false_address_says_nothing_of_the_port(script: Callable[..., object], says: str) -> None:
    wire = Wire().name("192.168.5.66")
    talk = wire.connection("192.168.5.66").syn()
    script(talk)
    wire.wait(9)
    assert lines(read(tables_of(wire), Target()), "tcp") == [says]


@pytest.mark.parametrize(
    ("server", "names", "says"),
    [
        (CLOUD, [CLOUD], []),
        (CLOUD, [], []),
        (CLOUD, ["54.9.9.9"], ["unclear differs 0.02-0.02 #3 address=54.1.2.3 fallback=False"]),
        ("54.208.229.4", [], ["unclear 0.00-0.00 #1 address=54.208.229.4 fallback=True"]),
        (
            "54.208.229.4",
            [CLOUD],
            ["unclear 0.02-0.02 #3 address=54.208.229.4 fallback=True"],
        ),
    ],
)
def test_where_the_address_came_from(server: str, names: list[str], says: list[str]) -> None:
    wire = Wire()
    if names:
        wire.name(*names)
    wire.connection(server).syn()
    wire.wait(9)
    found = lines(read(tables_of(wire), Target()), "tcp.address")
    assert found == [f"tcp.address {line}" for line in says]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda talk: talk.syn_ack(), ["ok"]),
        (lambda talk: talk.down(flags=4), ["failed refused"]),
        (lambda talk: None, []),
    ],
)
def test_a_control_shows_what_becomes_of_the_port(
    answer: Callable[..., object], says: list[str]
) -> None:
    wire = Wire().lease().name(CLOUD)
    answer(wire.connection("93.184.216.34", client=OTHER, mac=OTHER_MAC).syn())
    wire.wait(9)
    tables = tables_of(wire)
    for segments in tables.conversations.values():  # opened by another stack than a Photon's
        segments[:] = [segment._replace(window=64240) for segment in segments]
    found = lines(read(tables, Target()), "tcp")
    assert found == [f"tcp.neutral_same_port {say} 0.06-0.06 #7-8 count=1" for say in says]


@pytest.mark.parametrize(
    ("row", "is_cloud"),
    [
        ("0 >S | .1 <SA | .2 <40", True),
        ("0 >S | .1 <SA | .2 <39", False),
        ("0 >S | .1 <SA | .2 <40=", False),
        ("0 >S | .1 <SA | .2 <40t", False),
        ("0 >S | .1 <SA | .2 <40 | .3 >256", True),
        ("0 >S | .1 <SA | .2 <40 | .3 >255", False),
        ("0 >S | .1 <SA | .2 <40 | .3 >257 | .4 <257", True),
        ("0 >S | .1 <SA | .2 <40 | .3 >257 | .4 <256", False),
        ("0 >18", True),
    ],
)
def test_who_speaks_as_a_cloud(row: str, *, is_cloud: bool) -> None:
    assert bool(speaking_as_cloud([connection(row)], 5683)) is is_cloud
    assert not speaking_as_cloud([connection(row)], 5684)


def answers_that_differ(wire: Wire, others: int, mine: str = "54.9.9.9") -> None:
    """A device and others get addresses for the cloud; only those of the others speak as one."""
    wire.name(mine)
    for index in range(others):
        client, server = f"192.168.5.{40 + index}", f"192.168.5.{2 + index}"
        mac = OTHER_MAC[:5] + bytes((index,))
        wire.ask(ident=9 + index, client=client, mac=mac, server=server)
        wire.reply(CLOUD, ident=9 + index, client=client, mac=mac, server=server)
    wire.connection(client=OTHER, mac=OTHER_MAC).opened().down(random_bytes(40))
    wire.wait(9)


@pytest.mark.parametrize(
    ("others", "mine", "says"),
    [
        (2, "54.9.9.9", ["dns.compare failed differs 0.00-0.00 #1,3,5"]),
        (3, "54.9.9.9", ["dns.compare failed differs 0.00-0.00 #1,3,5"]),
        (1, "54.9.9.9", []),
        (2, CLOUD, []),
    ],
)
def test_an_address_that_no_one_else_was_given(others: int, mine: str, says: list[str]) -> None:
    wire = Wire()
    answers_that_differ(wire, others, mine)
    data = f" addresses={mine} others={CLOUD}"
    found = lines(read(tables_of(wire), Target(device=DEVICE_MAC.hex(":"))), "dns.compare")
    assert found == [say + data for say in says]


@pytest.mark.parametrize(
    ("code", "wait_s", "says"),
    [
        (13, 0.1, "failed prohibited 0.00-0.10 #1-2"),
        (1, 0.1, "failed unreachable 0.00-0.10 #1-2"),
        (1, 4.99, "failed unreachable 0.00-4.99 #1-2"),
        (1, 5.1, "failed timeout 0.00-5.00 #1"),
    ],
)
def test_an_icmp_error_about_a_lookup(code: int, wait_s: float, says: str) -> None:
    wire = Wire()
    wire.ask()
    quoted = wire.frames[0][1][14:42]
    wire.wait(wait_s)
    body = bytes((3, code)) + bytes(6) + quoted
    wire.ip(ROUTER, DEVICE, 1, body, ttl=64, macs=(OTHER_MAC, DEVICE_MAC))
    wire.wait(5)
    [found] = lines(read(tables_of(wire), Target()), "dns")
    assert found.startswith(f"dns.cloud_name {says} ")


@pytest.mark.parametrize(
    ("waits_s", "sport", "seq", "says"),
    [
        (2.0, 60212, 6515, ["device.restart unclear"]),
        (9.0, 60212, 6515, []),  # it gave up first
        (2.0, 50101, 7100, []),  # its stack counts on: the Wi-Fi was lost
    ],
)
def test_a_device_that_starts_over_before_it_gave_up_restarted(
    waits_s: float, sport: int, seq: int, says: list[str]
) -> None:
    wire = Wire().lease().name(CLOUD)
    first, second = wire.connection(sport=50100), wire.connection(sport=sport)
    first.mine, second.mine = 7000, seq
    first.opened()
    wire.wait(waits_s)
    wire.lease().name(CLOUD)
    second.syn()
    wire.wait(9)
    found = lines(read(tables_of(wire), Target()), "device.restart")
    assert [" ".join(line.split(" ")[:2]) for line in found] == says
