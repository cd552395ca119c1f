"""What was captured twice counts once, and what was sent twice counts twice."""

from __future__ import annotations

import pytest

from netcheck.capture.ordering import MIRROR_NS, SLACK_NS, in_order
from netcheck.capture.protocols.wifi_frames import JoinFrame
from netcheck.capture.records import CapturedMessage, FileCoverage
from netcheck.capture.tables import Tables
from netcheck.wire.decode import Arp, Message

ARP = Arp(1, "e0:4f:43:00:00:01", "192.168.5.20", "192.168.5.1")
MESSAGE = Message("e0:4f:43:00:00:01", "ff:ff:ff:ff:ff:ff", "", "", 0, 0, ARP)


def tables(*seen: tuple[str, int], files: tuple[tuple[str, int, int], ...] = ()) -> Tables:
    found = Tables()
    for number, (source, at_ns) in enumerate(seen, 1):
        found.add(CapturedMessage(at_ns, source, number, MESSAGE))
    found.files += [FileCoverage(*file, packets=1) for file in files]
    return found


@pytest.mark.parametrize(
    ("seen", "numbers"),
    [
        ([("x", 0), ("x", MIRROR_NS)], [1]),
        ([("x", 0), ("x", MIRROR_NS + 1)], [1, 2]),
        ([("x", 5), ("x", 0)], [2]),
        ([("x", 0), ("x", MIRROR_NS), ("x", 2 * MIRROR_NS)], [1]),
        ([("x", 0), ("y", 1)], [1, 2]),
    ],
)
def test_one_packet_seen_twice_is_one(seen: list[tuple[str, int]], numbers: list[int]) -> None:
    assert [captured.number for captured in in_order(tables(*seen)).arp] == numbers


@pytest.mark.parametrize(
    ("begins_ns", "numbers"), [(SLACK_NS, [1, 2, 3, 4]), (SLACK_NS - 1, [1, 2])]
)
def test_two_points_that_saw_the_same_time_saw_the_same(begins_ns: int, numbers: list[int]) -> None:
    files = (("x", 0, 2 * SLACK_NS), ("y", begins_ns, 9 * SLACK_NS))
    seen = [("x", 0), ("x", SLACK_NS), ("y", 2 * SLACK_NS), ("y", 3 * SLACK_NS)]
    found = in_order(tables(*seen, files=files))
    assert [captured.number for captured in found.arp] == numbers


def test_files_without_packets_and_an_earlier_long_one_count_rightly() -> None:
    files = (("x", 0, 9 * SLACK_NS), ("y", 1, 2), ("z", 5 * SLACK_NS, 6 * SLACK_NS))
    record = in_order(tables(("x", 0), ("z", 5 * SLACK_NS), files=files))
    assert [captured.number for captured in record.arp] == [1]
    assert (record.first_ns, record.last_ns) == (0, 9 * SLACK_NS)
    assert [file.source for file in record.files] == ["x", "y", "z"]


def test_a_record_spans_the_files_that_hold_packets() -> None:
    found = tables(files=(("x", 5, 7),))
    found.files.append(FileCoverage("empty", 1, 99, packets=0))
    record = in_order(found)
    assert (record.first_ns, record.last_ns) == (5, 7)
    assert (in_order(Tables()).first_ns, in_order(Tables()).last_ns) == (0, 0)


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (JoinFrame(MIRROR_NS, "y", 2, "auth", "ap", True), 1),
        (JoinFrame(MIRROR_NS + 1, "y", 2, "auth", "ap", True), 2),
        (JoinFrame(1, "x", 2, "auth", "ap", False), 2),
        (JoinFrame(1, "x", 2, "auth", "ap2", True), 2),
        (JoinFrame(1, "x", 2, "auth", "ap", True, code=1), 2),
        (JoinFrame(1, "x", 2, "auth", "ap", True, ssid=b"n"), 2),
        (JoinFrame(1, "x", 2, "auth", "ap", True, frequency_mhz=2412), 1),
    ],
)
def test_a_join_frame_that_two_monitors_received_is_one(other: JoinFrame, count: int) -> None:
    found = Tables()
    found.wifi.stations["s"] = [other, JoinFrame(0, "x", 1, "auth", "ap", True)]
    frames = in_order(found).join_frames["s"]
    assert len(frames) == count
    assert frames[0].number == 1
