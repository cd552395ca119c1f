"""Crowds and forgeries: what a capture is filled with stays bounded in the tables and in what is
said of it, and is counted.

The sizes are such that anything quadratic would be noticed by whoever runs these tests.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

import pytest

from netcheck.capture import observe
from netcheck.capture.photons import MAX_PHOTONS
from netcheck.capture.read import MAX_CONTROLS, read
from netcheck.capture.records import CapturedMessage, FileCoverage
from netcheck.capture.tables import (
    CLOUD_BYTES,
    LIMITS,
    MAX_ADDRESSES,
    PER_CLIENT,
    SEGMENT_COST,
    Tables,
)
from netcheck.correlator import diagnose
from netcheck.model import Observation, Outcome, Target, Verdict
from netcheck.wire.decode import decode
from tests.helpers import crowds
from tests.helpers.capture_changes import Labelled, holds, labelled, on_ethernet
from tests.helpers.crowds import anywhere, before
from tests.helpers.places import CAPTURES
from tests.helpers.wire import CLOUD, DEVICE, DEVICE_MAC, OTHER, OTHER_MAC, ROUTER, Wire

pytestmark = pytest.mark.slow


ETHERNET = 1
FACTS_OF_ONE = 12
"""Facts, outcomes and reasons together, that one client of these crowds can show."""


def tables_of(wire: Wire) -> Tables:
    tables = Tables()
    for number, (at_ns, frame) in enumerate(wire.frames, 1):
        message = decode(ETHERNET, frame)
        if message is not None:
            tables.add(CapturedMessage(at_ns, "crowd.pcap", number, message))
    tables.files.append(
        FileCoverage(
            "crowd.pcap",
            wire.frames[0][0],
            wire.frames[-1][0],
            len(wire.frames),
            len(wire.frames),
            (ETHERNET,),
        )
    )
    return tables


def forged(random: Random) -> bytes:
    """A locally administered MAC that no two packets share."""
    return b"\x02" + random.randbytes(5)


def arp_questions(wire: Wire, count: int) -> None:
    random = Random(1)
    for _ in range(count):
        wire.arp(mac=forged(random), ip=anywhere(random), wants=anywhere(random))


def arp_claims_of_one_address(wire: Wire, count: int) -> None:
    random = Random(2)
    for _ in range(count):
        wire.arp(mac=forged(random), ip=ROUTER, wants=DEVICE)


def networks(wire: Wire, count: int) -> None:
    random = Random(3)
    for index in range(count):
        mac, net = forged(random), f"10.{index // 250 % 250}.{index % 250}"
        wire.arp(mac=mac, ip=f"{net}.2", wants=f"{net}.1")
        wire.arp(mac=forged(random), ip=f"{net}.1", wants=f"{net}.2", answers=mac)


def names(wire: Wire, count: int) -> None:
    random = Random(4)
    for index in range(count):
        wire.ask(
            f"name{index}.example.com", ident=index & 0xFFFF, client=anywhere(random), mac=OTHER_MAC
        )


def cloud_names(wire: Wire, count: int) -> None:
    random = Random(5)
    for index in range(count // 2):
        client, mac = anywhere(random), forged(random)
        wire.ask(ident=index & 0xFFFF, client=client, mac=mac)
        wire.reply(
            f"54.{index // 250 % 250}.{index % 250}.9", ident=index & 0xFFFF, client=client, mac=mac
        )


def discovers(wire: Wire, count: int) -> None:
    random = Random(6)
    for _ in range(count):
        wire.dhcp(1, mac=forged(random))


def announcements(wire: Wire, count: int) -> None:
    random = Random(7)
    for _ in range(count):
        payload = bytes.fromhex("50020000b168ff") + random.randbytes(12)
        wire.udp(
            anywhere(random),
            5683,
            "224.0.1.187",
            5683,
            payload,
            macs=(forged(random), bytes.fromhex("01005e0001bb")),
        )


def port_scan(wire: Wire, count: int) -> None:
    for index in range(count):
        wire.connection(
            CLOUD, index % 65536, sport=1024 + index % 60000, client=OTHER, mac=OTHER_MAC
        ).syn()


def one_syn_from_everywhere(wire: Wire, count: int) -> None:
    random = Random(8)
    for index in range(count):
        talk = wire.connection(
            CLOUD, sport=1024 + index % 60000, client=anywhere(random), mac=forged(random)
        )
        talk.mine = 6510
        talk.syn()


CROWDS: dict[Callable[[Wire, int], None], int] = {
    arp_questions: 200_000,
    arp_claims_of_one_address: 40_000,
    networks: 20_000,
    names: 100_000,
    cloud_names: 40_000,
    discovers: 30_000,
    announcements: 10_000,
    port_scan: 50_000,
    one_syn_from_everywhere: 20_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("crowd", CROWDS, ids=lambda crowd: crowd.__name__)
def test_a_crowd_stays_bounded(crowd: Callable[[Wire, int], None]) -> None:
    wire = Wire()
    crowd(wire, CROWDS[crowd])
    tables = tables_of(wire)
    kept = {
        "arp": len(tables.arp),
        "dhcp": len(tables.dhcp),
        "icmp": len(tables.icmp),
        "multicast": len(tables.udp),
    }
    assert all(count <= LIMITS[kind] for kind, count in kept.items())
    assert len(tables.dns) <= 2 * LIMITS["dns"]
    assert (
        sum(len(segments) for segments in tables.conversations.values())
        <= LIMITS["tcp"] + CLOUD_BYTES // SEGMENT_COST
    )
    assert len(tables.senders) <= MAX_ADDRESSES
    assert len(tables.unicast) <= 2 * MAX_ADDRESSES
    observations = read(tables, Target())
    assert len({o.subject for o in observations}) <= MAX_PHOTONS + MAX_CONTROLS + 1
    assert len(observations) <= (MAX_PHOTONS + MAX_CONTROLS + 1) * FACTS_OF_ONE
    assert len(diagnose(observations, Target())) <= MAX_PHOTONS


def cannot_show(observations: list[Observation]) -> str:
    [coverage] = [o for o in observations if o.fact == "capture.coverage"]
    return coverage.text("cannot_show")


@pytest.mark.slow
def test_what_was_left_out_is_said() -> None:
    wire = Wire()
    arp_questions(wire, LIMITS["arp"] + 7)
    assert "7 more arp messages" in cannot_show(read(tables_of(wire), Target()))


SMALL = {"arp": 300, "dhcp": 300, "dns": 300, "icmp": 100, "multicast": 100, "tcp": 500, "udp": 100}


@pytest.mark.slow
@pytest.mark.parametrize(
    "capture",
    [one for one in labelled() if on_ethernet(one)],
    ids=lambda capture: capture.name,
)
def test_a_crowd_before_changes_no_answer(
    capture: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netcheck.capture.tables.LIMITS", SMALL)
    monkeypatch.setattr("netcheck.capture.tables.MAX_ADDRESSES", 500)
    assert holds(capture, before(600, *crowds.CROWDS)) == ""


@pytest.mark.slow
@pytest.mark.parametrize("crowd", [crowds.arp, crowds.dhcp], ids=lambda crowd: crowd.__name__)
@pytest.mark.parametrize("name", ["recorded-address_conflict", "gw_dead-91", "dns_nxdomain-bb"])
def test_a_full_table_before_changes_no_answer(name: str, crowd: crowds.Crowd) -> None:
    [capture] = [one for one in labelled() if one.name == name]
    assert holds(capture, before(LIMITS["arp"] + 5_000, crowd)) == ""


def test_a_crowd_after_leaves_the_photon_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netcheck.capture.tables.LIMITS", SMALL)
    wire = Wire().lease().gateway().name(CLOUD)
    wire.connection().session()
    for crowd in crowds.CROWDS:
        crowd(wire, 2 * SMALL["tcp"])
    tables = tables_of(wire)
    own = [heard for heard in tables.arp if DEVICE_MAC.hex(":") in heard.message[:2]]
    assert len(own) == 2
    assert len([heard for heard in tables.dhcp if heard.number <= 4]) == 4
    [diagnosis] = diagnose(read(tables, Target()), Target())
    assert (diagnosis.device.mac, diagnosis.verdict) == (DEVICE_MAC.hex(":"), Verdict.HEALTHY)


def test_what_a_photon_showed_before_it_was_known_as_one_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netcheck.capture.tables.LIMITS", SMALL)
    wire = Wire()
    wire.arp(mac=OTHER_MAC, ip=OTHER, wants=ROUTER)
    wire.ask(client=OTHER, mac=OTHER_MAC)
    crowds.arp(wire, 2 * SMALL["arp"])
    assert OTHER_MAC.hex(":") in [heard.message.src_mac for heard in tables_of(wire).arp]


def test_silence_is_not_judged_where_packets_were_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netcheck.capture.tables.LIMITS", {**SMALL, "arp": 8})
    wire = Wire()
    for _ in range(3):
        wire.dhcp(1)
        wire.wait(5)
    [lease] = [o for o in read(tables_of(wire), Target()) if o.fact == "dhcp.lease"]
    assert (lease.outcome, lease.reason) == (Outcome.FAILED, "no_offer")
    for _ in range(7):  # perhaps an address was used before
        wire.gateway(is_there=False).wait(30)
    seen = read(tables_of(wire), Target())
    [lease] = [o for o in seen if o.fact == "dhcp.lease"]
    assert (lease.outcome, lease.reason) == (Outcome.UNCLEAR, "left_out")
    assert "1 more arp messages of clients that may be Photons" in cannot_show(seen)


def test_one_chatty_host_takes_nobody_elses_room() -> None:
    wire = Wire()
    for _ in range(LIMITS["arp"] + 1):
        wire.arp(mac=OTHER_MAC, ip=OTHER, wants=ROUTER)
    wire.gateway()
    kept = [heard.message.src_mac for heard in tables_of(wire).arp]
    assert kept.count(OTHER_MAC.hex(":")) == PER_CLIENT
    assert DEVICE_MAC.hex(":") in kept


@pytest.mark.slow
def test_a_photon_in_a_crowd_is_still_judged() -> None:
    wire = Wire()
    wire.lease().gateway().name(CLOUD)
    wire.connection().session()
    names(wire, 2 * LIMITS["dns"])
    port_scan(wire, 5_000)
    wire.wait(30)
    wire.announce(bytes(12))
    [diagnosis] = diagnose(read(tables_of(wire), Target()), Target())
    assert (diagnosis.device.mac, diagnosis.verdict) == (DEVICE_MAC.hex(":"), Verdict.HEALTHY)


def test_two_processes_give_what_one_gives() -> None:
    paths = [str(path) for path in sorted(CAPTURES.glob("*.pcap*"))[:3]]
    assert len(paths) > 1
    with ProcessPoolExecutor(max_workers=2) as pool:
        shared = observe(paths, Target(), mapper=pool.map)
    alone = observe(paths, Target())
    assert sorted(map(repr, shared.observations)) == sorted(map(repr, alone.observations))
    assert shared.unread == alone.unread


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    paths = [str(path) for path in sorted(CAPTURES.glob("*.pcap*"))[:3]]
    there, back = observe(paths, Target()), observe(paths[::-1], Target())
    assert sorted(map(repr, there.observations)) == sorted(map(repr, back.observations))
