"""The parts of the lab that need no root: the relay's packets, the scenarios as data, and the
judge.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import pytest

from netcheck.correlator.catalogue import load
from tests.doubles.frames import checksum
from tests.lab.judge import Truth, complaints
from tests.lab.plan import Plan, id_of, mac_of
from tests.lab.relay import Path, Relay, hop_address
from tests.lab.scenarios import SCENARIOS, SHARP
from tests.lab.services import router_dnsmasq, router_rules


def packet(
    ttl: int = 64, mark: int = 0, source: str = "10.0.0.9", target: str = "192.52.193.10"
) -> bytes:
    """An IPv4 packet with 20 bytes behind its header, the first of which is `mark`."""
    head = (
        struct.pack("!BBHHHBBH", 0x45, 0, 40, 7, 0, ttl, 6, 0)
        + socket.inet_aton(source)
        + socket.inet_aton(target)
    )
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + bytes((mark,)) + bytes(19)


def segment(source_port: int, port: int, payload: bytes = b"", ttl: int = 64) -> bytes:
    """A TCP segment in its packet."""
    tcp = struct.pack("!HHIIBBHHH", source_port, port, 77, 1, 0x50, 0x10, 0, 0, 0) + payload
    return packet(ttl)[:20] + tcp


def aged(one: bytes, hops: int) -> bytes:
    """The packet after so many routers; the length in its header is left as it was."""
    return packet(one[8] - hops)[:20] + one[20:]


PATIENCE_S = 30
"""For what must come: how long it takes on a busy machine is no matter."""
QUIET_S = 0.1
"""For what must not come."""


@dataclass
class Ends:
    """The two sides of a relay."""

    near: socket.socket
    far: socket.socket

    def through(self, sent: list[bytes], least: int = 0) -> list[bytes]:
        """What comes out at the far end of packets put in at the near one."""
        for one in sent:
            self.near.send(one)
        return drain(self.far, least)


def drain(end: socket.socket, least: int = 0) -> list[bytes]:
    """All that arrives until nothing more does; so many are waited for, however long it takes."""
    got: list[bytes] = []
    while True:
        end.settimeout(PATIENCE_S if len(got) < least else QUIET_S)
        try:
            got.append(end.recv(4096))
        except TimeoutError:
            return got


@contextmanager
def relay(path: Path) -> Iterator[Ends]:
    """A relay between datagram sockets in place of TUN interfaces."""
    (near, near_tun), (far, far_tun) = (
        socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)
    )
    carrier = Relay(os.dup(near_tun.fileno()), os.dup(far_tun.fileno()), path)
    thread = threading.Thread(target=carrier.run, daemon=True)
    thread.start()
    try:
        yield Ends(near, far)
    finally:
        carrier.stop()
        thread.join(1)
        for sock in (near, near_tun, far, far_tun):
            sock.close()


class TestRelay:
    def test_a_packet_arrives_late_and_aged_with_a_good_checksum(self) -> None:
        with relay(Path(delay_ms=60, hops=11)) as ends:
            started = time.monotonic()
            (got,) = ends.through([packet(ttl=64)], least=1)
            assert time.monotonic() - started >= 0.06
        assert got[8] == 53
        assert checksum(got[:20]) == 0
        assert got[20:] == packet()[20:]

    def test_a_packet_too_old_is_answered_by_the_router_where_it_dies(self) -> None:
        with relay(Path(delay_ms=1, hops=11)) as ends:
            assert ends.through([packet(ttl=3)]) == []
            (answer,) = drain(ends.near, least=1)
        assert socket.inet_ntoa(answer[12:16]) == hop_address(3)
        assert socket.inet_ntoa(answer[16:20]) == "10.0.0.9"
        assert answer[20:22] == b"\x0b\x00"
        assert checksum(answer[20:]) == 0
        assert answer[28:48] == packet(ttl=3)[:20]

    def test_a_share_is_lost(self) -> None:
        with relay(Path(delay_ms=0, loss=0.5, hops=0)) as ends:
            got = ends.through([packet(mark=mark) for mark in range(100)], least=26)
        assert 25 < len(got) < 75

    def test_a_share_comes_twice(self) -> None:
        with relay(Path(delay_ms=0, duplicates=1.0, hops=0)) as ends:
            assert len(ends.through([packet(mark=1), packet(mark=2)], least=4)) == 4

    def test_some_are_overtaken(self) -> None:
        with relay(Path(delay_ms=1, reordered=0.5, hops=0, seed=2)) as ends:
            sent = [packet(mark=mark) for mark in range(20)]
            marks = [got[20] for got in ends.through(sent, least=20)]
        assert sorted(marks) == list(range(20))
        assert marks != sorted(marks)

    def test_a_dead_path_carries_nothing(self) -> None:
        with relay(Path(dead=True)) as ends:
            assert ends.through([packet()]) == []

    def test_a_box_holds_a_port_behind_its_router(self) -> None:
        with relay(Path(delay_ms=1, hops=11, box_at=3, holds_port=5683)) as ends:
            assert ends.through([segment(1234, 5683), segment(1234, 443)], least=1) == [
                aged(segment(1234, 443), 11)
            ]
            assert ends.through([segment(1234, 5683, ttl=3)]) == []
            (answer,) = drain(ends.near, least=1)
        assert socket.inet_ntoa(answer[12:16]) == hop_address(3)

    def test_a_building_has_private_routers(self) -> None:
        with relay(Path(delay_ms=1, hops=11, private_hops=2)) as ends:
            ends.through([packet(ttl=2)])
            (answer,) = drain(ends.near, least=1)
        assert socket.inet_ntoa(answer[12:16]) == "10.255.2.1"

    @pytest.mark.parametrize(
        ("flags", "passes"), [(0x40, False), (0x00, True)], ids=["may not be divided", "may be"]
    )
    def test_a_narrow_link_says_how_narrow_it_is(self, flags: int, passes: bool) -> None:
        long = packet()[:6] + bytes((flags,)) + packet()[7:] + bytes(600)
        with relay(Path(delay_ms=1, hops=0, mtu=576)) as ends:
            assert [len(got) for got in ends.through([packet(), long], least=1 + passes)] == [
                len(packet()),
                *([len(long)] if passes else []),
            ]
            answers = drain(ends.near, least=not passes)
        told = [
            (socket.inet_ntoa(answer[12:16]), answer[20:22], answer[26:28]) for answer in answers
        ]
        assert told == ([] if passes else [(hop_address(2), b"\x03\x04", struct.pack("!H", 576))])
        assert all(checksum(answer[20:]) == 0 for answer in answers)

    def test_a_black_hole_says_nothing(self) -> None:
        long = packet()[:6] + b"\x40" + packet()[7:] + bytes(600)
        with relay(Path(delay_ms=1, hops=0, mtu=576, mtu_untold=True)) as ends:
            assert ends.through([long]) == []
            assert drain(ends.near) == []

    def test_a_box_cuts_what_a_server_says_in_its_name(self) -> None:
        with relay(Path(delay_ms=1, hops=11, box_at=4, cuts_port=5683)) as ends:
            ends.far.send(segment(5683, 1234, b"\x00" * 40))
            ends.far.send(segment(5683, 1234))
            reset, plain = drain(ends.near, least=2)
        assert plain == aged(segment(5683, 1234), 11)
        assert (reset[8], reset[33] & 0x04, reset[24:28]) == (60, 0x04, plain[24:28])
        assert reset[12:20] == plain[12:20]
        assert checksum(reset[:20]) == 0
        assert checksum(reset[12:20] + struct.pack("!BBH", 0, 6, 20) + reset[20:]) == 0

    def test_a_box_cuts_behind_what_a_server_said(self) -> None:
        with relay(Path(delay_ms=1, hops=11, box_at=4, cuts_behind=5683)) as ends:
            ends.far.send(segment(5683, 1234, b"\x00" * 40))
            passed, reset = drain(ends.near, least=2)
        assert passed == aged(segment(5683, 1234, b"\x00" * 40), 11)
        assert (reset[8], reset[33] & 0x04) == (60, 0x04)
        assert struct.unpack("!I", reset[24:28])[0] == struct.unpack("!I", passed[24:28])[0] + 40

    def test_other_protocols_are_left_out(self) -> None:
        with relay(Path(delay_ms=0, hops=0)) as ends:
            assert ends.through([b"\x60" + bytes(39)]) == []


class TestScenarios:
    def test_every_cause_named_is_in_the_catalogue(self) -> None:
        known = load().causes.keys()
        for scenario in SCENARIOS.values():
            named = (
                scenario.expected
                | scenario.tolerated
                | scenario.forbidden
                | frozenset[str]().union(*scenario.also)
            )
            assert named <= known, scenario.name

    @pytest.mark.parametrize("name", SCENARIOS)
    def test_a_fault_names_its_cause_and_health_none(self, name: str) -> None:
        scenario = SCENARIOS[name]
        assert bool(scenario.expected) != bool(scenario.healthy)
        assert not scenario.expected & scenario.forbidden
        assert not scenario.healthy or scenario.forbidden == SHARP

    @pytest.mark.parametrize(
        "name", [name for name in SCENARIOS if not name.startswith("healthy_")]
    )
    def test_a_fault_changes_the_network(self, name: str) -> None:
        scenario = SCENARIOS[name]
        assert scenario.plan != Plan(lan=scenario.plan.lan)

    def test_devices_differ_from_scenario_to_scenario(self) -> None:
        assert len({(mac_of(name, 0), id_of(name, 0)) for name in SCENARIOS}) == len(SCENARIOS)
        assert all(len(bytes.fromhex(id_of(name, 0))) == 12 for name in SCENARIOS)

    def test_configurations_have_their_places_filled_in(self) -> None:
        for name, scenario in SCENARIOS.items():
            texts = (
                router_rules(scenario.plan, "6c:0b:84:00:00:01"),
                router_dnsmasq(scenario.plan, FilePath("folder"), "6c:0b:84:00:00:01"),
            )
            assert not any(
                place in text for text in texts for place in ("{mac}", "{lan}", "{gateway}")
            ), name


def diagnosis(verdict: str, *findings: tuple[str, str], tcp: str = "failed") -> dict[str, Any]:
    return {
        "verdict": verdict,
        "findings": [{"cause": cause, "level": level} for cause, level in findings],
        "ladder": [{"stage": "tcp", "state": tcp}],
    }


FAULT = Truth(False, frozenset({"dns_hijacked", "dns_unreachable"}), frozenset({"mac_filter"}))


@pytest.mark.parametrize(
    ("truth", "said", "right"),
    [
        (
            FAULT,
            diagnosis("fault", ("dns_unreachable", "likely"), ("ip_conflict", "possible")),
            True,
        ),
        (
            FAULT,
            diagnosis("fault", ("ip_conflict", "likely"), ("dns_unreachable", "likely")),
            False,
        ),
        (FAULT, diagnosis("suspected", ("dns_hijacked", "possible")), False),
        (
            FAULT,
            diagnosis("fault", ("dns_hijacked", "confirmed"), ("mac_filter", "possible")),
            False,
        ),
        (
            FAULT,
            diagnosis("fault", ("dns_hijacked", "confirmed"), ("mac_filter", "unlikely")),
            True,
        ),
        (Truth(True, frozenset(), frozenset({"mac_filter"})), diagnosis("healthy"), True),
        (Truth(True, frozenset(), frozenset({"mac_filter"})), diagnosis("suspected"), False),
        (Truth(None, frozenset({"dns_hijacked"}), frozenset()), diagnosis("healthy"), True),
        (
            Truth(None, frozenset({"dns_hijacked"}), frozenset()),
            diagnosis("fault", ("ip_conflict", "likely")),
            False,
        ),
        (
            Truth(
                False,
                frozenset({"dns_hijacked"}),
                frozenset(),
                (frozenset({"cloud_port_blocked"}),),
            ),
            diagnosis("fault", ("dns_hijacked", "likely")),
            False,
        ),
        (
            Truth(
                False,
                frozenset({"dns_hijacked"}),
                frozenset(),
                (frozenset({"cloud_port_blocked"}),),
            ),
            diagnosis("fault", ("dns_hijacked", "likely"), tcp="unreached"),
            True,
        ),
    ],
)
def test_the_judge(truth: Truth, said: dict[str, Any], right: bool) -> None:
    assert (complaints(said, truth) == []) is right
