"""Is the network layer found in frames of every link type, and nothing found where there is
none?
"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.wire import links
from netcheck.wire.links import Located, dot11, locate
from tests.helpers.link_types import WITHOUT_MACS, WRAPPED, pktap

A, B, C, D = (bytes([2, 0, 0, 0, 0, k]) for k in range(1, 5))
IP4 = b"\x45" + bytes(19)
IP6 = b"\x60" + bytes(39)
TYPE4 = b"\x08\x00"
SNAP4 = b"\xaa\xaa\x03\x00\x00\x00\x08\x00"
TAG = b"\x81\x00\x00\x64"
QINQ = b"\x88\xa8\x00\x05"
OLD_TAG = b"\x91\x00\x00\x05"


def pppoe(protocol: int) -> bytes:
    return b"\x88\x64\x11\x00\x00\x07\x00\x20" + struct.pack(">H", protocol)


def data_frame(
    flags: int,
    *,
    subtype: int = 0,
    extra: bytes = b"",
    sequence: bytes = b"\x00\x00",
    body: bytes = SNAP4 + IP4,
) -> bytes:
    """An 802.11 data frame with addresses A, B, C; `extra` stands behind the sequence control."""
    return bytes([0x08 | subtype << 4, flags, 0, 0]) + A + B + C + sequence + extra + body


def radiotap(frame: bytes, *, present: int = 0, fields: bytes = b"") -> bytes:
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields + frame


def ppi(frame: bytes, *, link: int = 105, fields: bytes = b"") -> bytes:
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), link) + fields + frame


ETHER = B + A
COOKED = struct.pack(">HHH", 0, 1, 6) + A + b"\0\0"
COOKED2 = struct.pack(">HIHBB", 0, 3, 1, 0, 6) + A + b"\0\0"

FOUND = [
    # wired
    ("ethernet", 1, ETHER + TYPE4 + IP4, (0x0800, 14, A, B)),
    ("ethernet arp", 1, ETHER + b"\x08\x06" + bytes(28), (0x0806, 14, A, B)),
    ("ethernet nothing behind the type", 1, ETHER + TYPE4, (0x0800, 14, A, B)),
    ("one tag", 1, ETHER + TAG + TYPE4 + IP4, (0x0800, 18, A, B)),
    ("two tags", 1, ETHER + QINQ + TAG + TYPE4 + IP4, (0x0800, 22, A, B)),
    ("three tags", 1, ETHER + OLD_TAG + QINQ + TAG + TYPE4 + IP4, (0x0800, 26, A, B)),
    ("pppoe ipv4", 1, ETHER + pppoe(0x21) + IP4, (0x0800, 22, A, B)),
    ("tagged pppoe ipv6", 1, ETHER + TAG + pppoe(0x57) + IP6, (0x86DD, 26, A, B)),
    ("cooked", 113, COOKED + TYPE4 + IP4, (0x0800, 16, A, None)),
    ("cooked, tagged", 113, COOKED + TAG + TYPE4 + IP4, (0x0800, 20, A, None)),
    (
        "cooked without address",
        113,
        struct.pack(">HHH", 0, 772, 0) + bytes(8) + TYPE4 + IP4,
        (0x0800, 16, None, None),
    ),
    ("cooked v2", 276, b"\x86\xdd" + COOKED2 + IP6, (0x86DD, 20, A, None)),
    (
        "cooked v2, tagged",
        276,
        b"\x81\x00" + COOKED2 + b"\x00\x64" + TYPE4 + IP4,
        (0x0800, 24, A, None),
    ),
    *[(f"raw {link} v4", link, IP4, (0x0800, 0, None, None)) for link in (12, 14, 101, 228)],
    *[(f"raw {link} v6", link, IP6, (0x86DD, 0, None, None)) for link in (12, 14, 101, 229)],
    ("loopback little-endian", 0, b"\x02\0\0\0" + IP4, (0x0800, 4, None, None)),
    ("loopback big-endian", 0, b"\0\0\0\x02" + IP4, (0x0800, 4, None, None)),
    ("loopback macOS ipv6", 0, b"\x1e\0\0\0" + IP6, (0x86DD, 4, None, None)),
    ("loopback Windows ipv6", 0, b"\x17\0\0\0" + IP6, (0x86DD, 4, None, None)),
    ("loopback OpenBSD", 108, b"\0\0\0\x18" + IP6, (0x86DD, 4, None, None)),
    # 802.11; addresses by To DS and From DS
    ("wifi ad hoc", 105, data_frame(0), (0x0800, 32, B, A)),
    ("wifi to the access point", 105, data_frame(1), (0x0800, 32, B, C)),
    ("wifi from the access point", 105, data_frame(2), (0x0800, 32, C, A)),
    ("wifi bridge", 105, data_frame(3, extra=D), (0x0800, 38, D, C)),
    ("wifi qos", 105, data_frame(1, subtype=8, extra=b"\0\0"), (0x0800, 34, B, C)),
    (
        "wifi qos with HT control",
        105,
        data_frame(0x81, subtype=8, extra=bytes(6)),
        (0x0800, 38, B, C),
    ),
    (
        "wifi eapol",
        105,
        data_frame(2, body=SNAP4[:6] + b"\x88\x8e" + bytes(95)),
        (0x888E, 32, C, A),
    ),
    (
        "wifi bridge-tunnelled",
        105,
        data_frame(2, body=b"\xaa\xaa\x03\x00\x00\xf8\x81\x37"),
        (0x8137, 32, C, A),
    ),
    ("wifi tagged", 105, data_frame(2, body=SNAP4[:6] + TAG + TYPE4 + IP4), (0x0800, 36, C, A)),
    ("radiotap", 127, radiotap(data_frame(1)), (0x0800, 40, B, C)),
    (
        "radiotap, header filled up",
        127,
        radiotap(data_frame(1, subtype=8, extra=bytes(4)), present=2, fields=b"\x20"),
        (0x0800, 45, B, C),
    ),
    ("ppi", 192, ppi(data_frame(1)), (0x0800, 40, B, C)),
    ("ppi with ethernet", 192, ppi(ETHER + TYPE4 + IP4, link=1), (0x0800, 22, A, B)),
]

NOTHING = [
    ("802.15.4, between the switches' numbers", 283, ETHER + bytes(4) + TYPE4 + IP4),
    ("dsa, cut in the tag", 284, ETHER + bytes(4) + TYPE4[:1]),
    ("pktap of a comment", 258, struct.pack("<III", 12, 2, 1) + ETHER + TYPE4 + IP4),
    ("pktap longer than the frame", 258, struct.pack("<III", 900, 1, 1) + ETHER + TYPE4 + IP4),
    ("pktap in pktap", 258, pktap(pktap(ETHER + TYPE4 + IP4), link=258)),
    ("pktap of wifi", 258, pktap(data_frame(1), link=105)),
    ("nflog, other version", 239, b"\2\1\0\5" + struct.pack("<HH", 24, 9) + IP4),
    ("nflog without a packet", 239, b"\2\0\0\5" + struct.pack("<HH", 8, 10) + b"in\0\0"),
    ("nflog, a value without length", 239, b"\2\0\0\5" + bytes(4) + IP4),
    ("nflog, no ip", 239, b"\2\0\0\5" + struct.pack("<HH", 24, 9) + bytes(20)),
    ("ppp control protocol", 9, b"\xff\x03\xc0\x21" + bytes(20)),
    ("ppp, cut", 9, b"\xff\x03"),
    ("pppoe session, cut", 51, bytes(6)),
    ("cisco keepalive", 50, b"\x8f\0\x80\x35" + bytes(2)),
    ("prism, other code", 119, struct.pack("<II", 0x45, 144) + bytes(136) + data_frame(1)),
    ("prism longer than the frame", 119, struct.pack("<II", 0x44, 900) + data_frame(1)),
    ("avs, other magic", 163, struct.pack(">II", 0x80211101, 64) + bytes(56) + data_frame(1)),
    ("unknown link", 147, ETHER + TYPE4 + IP4),
    ("empty", 1, b""),
    ("cut header", 1, (ETHER + TYPE4)[:13]),
    ("length instead of type", 1, ETHER + b"\x00\x26" + bytes(38)),
    ("four tags", 1, ETHER + TAG * 4 + TYPE4 + IP4),
    ("cut in a tag", 1, ETHER + TAG),
    ("pppoe discovery", 1, ETHER + b"\x88\x64\x11\x00\x00\x07\x00\x20\xc0\x21"),
    ("cut in pppoe", 1, ETHER + pppoe(0x21)[:-1]),
    ("cooked, cut", 113, COOKED + TYPE4[:1]),
    ("cooked v2, cut", 276, (TYPE4 + COOKED2)[:19]),
    ("raw, no version", 101, b"\x00" * 20),
    ("loopback, other family", 0, b"\x07\0\0\0" + IP4),
    ("wifi beacon", 105, b"\x80\x00" + bytes(60)),
    ("wifi null function", 105, data_frame(1, subtype=4)),
    ("wifi protected", 105, data_frame(0x41)),
    ("wifi aggregate", 105, data_frame(1, subtype=8, extra=b"\x80\0")),
    ("wifi later fragment", 105, data_frame(1, sequence=b"\x01\0")),
    ("wifi without SNAP", 105, data_frame(1, body=b"\x42\x42\x03" + bytes(20))),
    ("wifi other version", 105, b"\x09" + data_frame(1)[1:]),
    ("wifi cut", 105, data_frame(1)[:31]),
    ("radiotap, bad check sum", 127, radiotap(data_frame(1), present=2, fields=b"\x40")),
    ("radiotap, other version", 127, b"\x01" + radiotap(data_frame(1))[1:]),
    ("radiotap longer than the frame", 127, struct.pack("<BBHI", 0, 0, 900, 0) + data_frame(1)),
    ("ppi in ppi", 192, ppi(ppi(data_frame(1)), link=192)),
    (
        "ppi, bad check sum",
        192,
        ppi(data_frame(1), fields=struct.pack("<HHQHHHBBbb", 2, 20, 0, 5, 0, 0, 0, 0, 0, 0)),
    ),
]


@pytest.mark.parametrize(
    ("link", "frame", "located"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND]
)
def test_network_layer_is_found(
    link: int, frame: bytes, located: tuple[int, int, bytes | None, bytes | None]
) -> None:
    assert locate(link, frame) == Located(*located)


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize("packet", [TYPE4 + IP4, b"\x86\xdd" + IP6, b"\x08\x06" + bytes(28)])
def test_what_stands_behind_headers_of_other_links(name: str, packet: bytes) -> None:
    link, wrap = WRAPPED[name]
    wrapped = wrap(ETHER + packet)
    if wrapped is None:
        return
    found = locate(link, wrapped)
    assert found is not None
    assert found.ethertype == int.from_bytes(packet[:2], "big")
    assert wrapped[found.offset :] == packet[2:]
    is_bare = link in WITHOUT_MACS or name == "pktap of a tunnel"
    assert (found.src, found.dst) == ((None, None) if is_bare else (A, B))


@pytest.mark.parametrize(
    ("link", "frame"), [row[1:] for row in NOTHING], ids=[row[0] for row in NOTHING]
)
def test_no_network_layer(link: int, frame: bytes) -> None:
    assert locate(link, frame) is None


def test_dot11_tells_kind_place_and_protection() -> None:
    beacon = b"\x80\x00" + bytes(34)
    fields = bytes(8) + b"\x10"  # TSFT, then flags: check sum at the end
    found = dot11(127, radiotap(beacon + b"FCS!", present=3, fields=fields))
    assert found is not None
    assert (found.kind, found.offset, found.end) == (0x08, 17, 17 + 36)
    assert found.is_management and not found.is_data and not found.is_protected
    protected = dot11(105, data_frame(0x41, subtype=8))
    assert protected is not None
    assert (protected.kind, protected.is_data, protected.is_protected) == (0x28, True, True)


def test_radiotap_flags_stand_behind_all_presence_words() -> None:
    words = struct.pack("<II", 0x80000000, 0)
    frame = radiotap(data_frame(1), present=0x80000003, fields=words + bytes(8) + b"\x40")
    assert locate(127, frame) is None
    assert locate(127, frame.replace(bytes(8) + b"\x40", bytes(9), 1)) is not None


def test_check_sum_of_ppi_is_left_off() -> None:
    common = struct.pack("<HHQHHHBBbb", 2, 20, 0, 1, 0, 0, 0, 0, 0, 0)
    other = struct.pack("<HH", 3, 4) + bytes(4)
    frame = ppi(b"\x80\x00" + bytes(34) + b"FCS!", fields=other + common)
    found = dot11(192, frame)
    assert found is not None
    assert frame[found.end :] == b"FCS!"


LINKS = sorted(
    {*range(2), 12, 14, 101, 105, 108, 113, 127, 147, 192, 228, 229, 276}
    | {link for link, _ in WRAPPED.values()}
)


@given(st.sampled_from(LINKS), st.binary(max_size=120))
def test_any_bytes_are_taken(link: int, frame: bytes) -> None:
    located = locate(link, frame)
    assert located is None or (links.is_supported(link) and 0 <= located.offset <= len(frame))
    found = dot11(link, frame)
    assert found is None or found.offset + 10 <= found.end <= len(frame)


_MUTATED = FOUND + [
    (name, link, wrapped, None)
    for name, (link, wrap) in WRAPPED.items()
    if (wrapped := wrap(ETHER + TYPE4 + IP4)) is not None
]


@given(st.sampled_from(_MUTATED), st.data())
def test_cut_and_mutated_frames_are_taken(
    row: tuple[str, int, bytes, object], data: st.DataObject
) -> None:
    _, link, frame, _ = row
    mutated = bytearray(frame)
    mutated[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(mutated[: data.draw(st.integers(0, len(frame)))])
    located = locate(link, cut)
    assert located is None or located.offset <= len(cut)
