"""Frames between a station and access points: which are kept, and what is read of them."""

from __future__ import annotations

from collections import OrderedDict

import pytest

from netcheck.capture.files.tally import Packet
from netcheck.capture.protocols.wifi_frames import (
    MAX_BSS,
    MAX_JOIN_FRAMES,
    MAX_STATIONS,
    JoinFrame,
    SeenBss,
    WifiFrames,
)
from netcheck.wifi.elements import describe_bss

STATION, AP = bytes.fromhex("e04f43000001"), bytes.fromhex("c05627000001")
DOT11 = 105
SSID = b"\x00\x03Lab"


def management(kind: int, body: bytes, *, up: bool = True, receiver: bytes = b"") -> bytes:
    to, sender = (AP, STATION) if up else (STATION, AP)
    return bytes((kind << 4, 0, 0, 0)) + (receiver or to) + sender + AP + b"\0\0" + body


def eapol(flags: int, *, up: bool, data_bytes: int = 0, descriptor: int = 3) -> bytes:
    head = bytes((0x08, 1 if up else 2, 0, 0))
    addresses = AP + STATION + AP if up else STATION + AP + AP
    snap = b"\xaa\xaa\x03\0\0\0\x88\x8e"
    body = bytes((2, descriptor, 0, 95, 2)) + flags.to_bytes(2, "big") + bytes(90)
    return head + addresses + b"\0\0" + snap + body + data_bytes.to_bytes(2, "big")


def frames_of(*frames: bytes, link: int = DOT11) -> WifiFrames:
    found = WifiFrames()
    for number, frame in enumerate(frames, 1):
        found.add(Packet(number, number, link, frame, len(frame), 0), "x")
    return found


@pytest.mark.parametrize(
    ("frame", "kind", "code", "ssid", "up"),
    [
        (management(11, b"\0\0\3\0\0\0"), "auth_next", 0, b"", True),
        (management(4, SSID), "probe", 0, b"Lab", True),
        (management(4, b"\x00\x00"), "probe", 0, b"", True),
        (management(5, bytes(12) + SSID, up=False), "probe_response", 0, b"", False),
        (management(11, b"\0\0\1\0\0\0"), "auth", 0, b"", True),
        (management(11, b"\0\0\2\0\x0d\0", up=False), "auth_response", 13, b"", False),
        (management(0, bytes(4) + SSID), "assoc", 0, b"Lab", True),
        (management(2, bytes(10) + SSID), "assoc", 0, b"Lab", True),
        (management(1, b"\0\0\x11\0", up=False), "assoc_response", 17, b"", False),
        (management(3, b"\0\0\x11\0", up=False), "assoc_response", 17, b"", False),
        (management(12, b"\x0f\0", up=False), "deauth", 15, b"", False),
        (management(10, b"\x08\0"), "deauth", 8, b"", True),
        (eapol(0x0088, up=False), "key1", 0, b"", False),
        (eapol(0x0108, up=True, data_bytes=22), "key2", 0, b"", True),
        (eapol(0x0188, up=False), "key3", 0, b"", False),
        (eapol(0x0108, up=True), "key4", 0, b"", True),
    ],
)
def test_a_frame_of_a_join(frame: bytes, kind: str, code: int, ssid: bytes, *, up: bool) -> None:
    assert frames_of(frame).stations == {
        STATION.hex(":"): [JoinFrame(1, "x", 1, kind, AP.hex(":"), up, code, ssid, None)]
    }


@pytest.mark.parametrize(
    "frame",
    [
        management(11, b"\0\0\1\0\0"),
        management(1, b"\0\0\x11", up=False),
        management(12, b"\x0f", up=False),
        management(13, bytes(9)),
        management(11, b"\0\0\1\0\0\0", up=False, receiver=b"\xff" * 6),
        management(11, b"\0\0\1\0\0\0")[:23],
        eapol(0x0080, up=False),
        eapol(0x0008, up=True),
        eapol(0x0088, up=False, descriptor=2),
    ],
)
def test_other_frames_are_none_of_a_join(frame: bytes) -> None:
    assert frames_of(frame).stations == {}


def test_beacons_describe_a_network_once_and_by_the_first() -> None:
    beacon = management(8, bytes(10) + b"\x10\0" + SSID, up=False, receiver=b"\xff" * 6)
    found = frames_of(beacon, beacon)
    description = describe_bss(0x10, SSID, None)
    seen = SeenBss(1, "x", 1, AP.hex(":"), description, last_ns=2)
    assert found.networks == {(AP.hex(":"), description): seen}
    assert found.stations == {}
    assert frames_of(management(8, bytes(11), up=False)).networks == {}
    other = WifiFrames()
    other.networks[AP.hex(":"), description] = seen._replace(at_ns=0, number=9)
    found.merge(other)
    [kept] = found.networks.values()
    assert kept.at_ns == 0


def test_tables_are_bounded_and_count_what_is_left_out() -> None:
    found = WifiFrames()
    description = describe_bss(0, SSID, None)
    one = JoinFrame(1, "x", 1, "auth", "ap", True)
    for index in range(MAX_BSS + 1):
        more = WifiFrames()
        more.networks[str(index), description] = SeenBss(1, "x", 1, str(index), description)
        found.merge(more)
    assert (len(found.networks), found.left_out) == (MAX_BSS, 1)
    found.merge(
        WifiFrames(stations=OrderedDict((str(index), [one]) for index in range(MAX_STATIONS + 1)))
    )
    assert (len(found.stations), found.left_out) == (MAX_STATIONS, 2)
    found.merge(WifiFrames(stations=OrderedDict({"0": [one] * MAX_JOIN_FRAMES}), left_out=5))
    assert (len(found.stations["0"]), found.left_out) == (MAX_JOIN_FRAMES, 8)


def test_the_algorithm_of_an_authentication_and_the_encrypted_answer_to_a_challenge() -> None:
    encrypted = bytearray(management(11, bytes(140)))
    encrypted[1] = 0x40
    frames = [
        management(11, b"\3\0\1\0\0\0"),
        management(11, b"\1\0\2\0\0\0", up=False),
        bytes(encrypted),
    ]
    [seen] = frames_of(*frames).stations.values()
    assert [(f.kind, f.algorithm) for f in seen] == [
        ("auth", 3),
        ("auth_response", 1),
        ("auth_next", 1),
    ]
    for kind in (10, 12, 0, 4, 8):
        other = bytearray(management(kind, bytes(140)))
        other[1] = 0x40
        assert frames_of(bytes(other)).stations == {}
        assert frames_of(bytes(other)).networks == {}
    down = bytearray(management(11, bytes(140), up=False))
    down[1] = 0x40
    assert frames_of(bytes(down)).stations == {}
