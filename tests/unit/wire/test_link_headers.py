"""Headers before a frame: their lengths and byte orders; what cannot be right gives nothing."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.wire.link_headers import avs, cisco_hdlc, nflog, pktap, ppp, prism
from tests.helpers import link_types

ETHER = bytes(range(12)) + b"\x08\x00" + b"\x45" + bytes(19)


def test_pktap_names_the_link_type_behind_it() -> None:
    assert pktap(link_types.pktap(ETHER, link=12, length=156)) == (12, 156)
    assert pktap(struct.pack("<III", 12, 1, 1)) == (1, 12)
    assert pktap(struct.pack("<III", 11, 1, 1)) is None
    assert pktap(struct.pack("<II", 8, 1)) is None


@pytest.mark.parametrize("order", ["<", ">"])
def test_nflog_tells_the_packet_and_its_sender(order: str) -> None:
    record = link_types.nflog(ETHER, order=order)
    assert record is not None
    found = nflog(record)
    assert found is not None
    assert (record[found.offset :], found.src, found.dst) == (ETHER[14:], ETHER[6:12], ETHER[:6])


def test_nflog_without_addresses_and_cut_short() -> None:
    head = b"\x02\0\0\x05"
    source = struct.pack("<HH", 16, 8) + b"\0\6\0\0" + ETHER[6:12] + b"\0\0"
    payload = struct.pack("<HH", 24, 9) + ETHER[14:]
    assert nflog(head + payload) == (8, None, None)
    assert nflog(head + source + payload) == (24, ETHER[6:12], None)
    assert nflog(head + source.replace(b"\0\6", b"\0\x08", 1) + payload) == (24, None, None)
    assert nflog(head + payload[:12]) == (8, None, None)
    assert nflog(head + source) is None
    assert nflog(head) is None


def test_ppp_with_and_without_what_may_be_left_out() -> None:
    assert ppp(b"\xff\x03\x00\x21") == (0x21, 4)
    assert ppp(b"\x00\x21") == (0x21, 2)
    assert ppp(b"\x21") == (0x21, 1)
    assert ppp(b"\xff\x03\x57") == (0x57, 3)
    assert ppp(b"") is None
    assert ppp(b"xx\x00\x57", 2) == (0x57, 4)


def test_cisco_hdlc_is_known_by_its_address() -> None:
    assert cisco_hdlc(b"\x0f\0\x08\0") == (0x0800, 4)
    assert cisco_hdlc(b"\x8f\0\x86\xdd") == (0x86DD, 4)
    assert cisco_hdlc(b"\xff\x03\0\x21") is None
    assert cisco_hdlc(b"\x0f\1\x08\0") is None
    assert cisco_hdlc(b"\x0f\0\x08") is None


def test_headers_of_radio_frames() -> None:
    assert prism(link_types.PRISM) == 144
    assert prism(struct.pack(">II", 0x41, 24) + bytes(16)) == 24
    assert prism(struct.pack("<II", 0x44, 23) + bytes(16)) is None
    assert prism(struct.pack("<II", 0x44, 25) + bytes(16)) is None
    assert prism(link_types.AVS) == avs(link_types.AVS) == 64
    assert avs(struct.pack(">II", 0x80211002, 8)) == 8
    assert avs(struct.pack(">II", 0x80211002, 7)) is None
    assert avs(struct.pack(">I", 0x80211002)) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(frame: bytes) -> None:
    for found in (pktap(frame), nflog(frame)):
        assert found is None or found.offset <= len(frame)
    for length in (prism(frame), avs(frame)):
        assert length is None or length <= len(frame)
    for place in (ppp(frame), cisco_hdlc(frame)):
        assert place is None or place[1] <= len(frame) + 1
