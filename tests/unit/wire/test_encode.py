"""A frame written from a message is read as that message."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.capture.files.stream import open_capture
from netcheck.wire.decode import (
    Body,
    Dhcp,
    Dns,
    Fragment,
    Icmp,
    Message,
    RouterAdvertisement,
    Udp,
    decode,
)
from netcheck.wire.encode import encode
from netcheck.wire.links import COOKED, COOKED_V2, ETHERNET, RADIOTAP
from tests.helpers.capture_files import REAL, frames_of

MACS = ("6c:0b:84:00:00:01", "02:00:00:00:00:02")


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_each_message_of_a_capture(path: Path) -> None:
    capture = open_capture(str(path))
    list(capture)
    [link] = capture.links
    for _, frame in frames_of(path):
        message = decode(link, frame)
        if message is None or isinstance(message.body, Fragment):
            continue
        if isinstance(message.body, Dns):
            message = message._replace(body=message.body._replace(aliases=()))
        again = encode(link, message)
        assert again is not None and decode(link, again) == message


ADDRESSES = st.ip_addresses(v=4).map(str)
LABELS = st.from_regex(r"[a-z0-9_-]{1,63}", fullmatch=True)
DNS = st.builds(
    Dns,
    id=st.integers(0, 0xFFFF),
    is_answer=st.booleans(),
    rcode=st.integers(0, 15),
    truncated=st.booleans(),
    name=st.lists(LABELS, max_size=3).map(".".join),
    qtype=st.integers(0, 0xFFFF),
    addresses=st.lists(ADDRESSES, max_size=8).map(tuple),
    aliases=st.just(()),
)
DHCP = st.builds(
    Dhcp,
    kind=st.integers(0, 255),
    xid=st.integers(0, 0xFFFFFFFF),
    client_mac=st.just(MACS[0]),
    ciaddr=ADDRESSES,
    yiaddr=ADDRESSES,
    relay=ADDRESSES,
    server=st.just("") | ADDRESSES,
    requested=st.just("") | ADDRESSES,
    mask=st.just("") | ADDRESSES,
    routers=st.lists(ADDRESSES, max_size=8).map(tuple),
    resolvers=st.lists(ADDRESSES, max_size=8).map(tuple),
    lease_s=st.none() | st.integers(0, 0xFFFFFFFF),
    host_name=st.binary(max_size=64),
    parameters=st.binary(max_size=600),
    message=st.binary(max_size=128),
    op=st.integers(0, 255),
    portal=st.binary(max_size=255),
    proxy_script=st.binary(max_size=255),
)
ABOUT = st.tuples(
    st.integers(0, 255), ADDRESSES, st.integers(0, 65535), ADDRESSES, st.integers(0, 65535)
)
BYTE = st.integers(0, 255)
ICMP = (
    st.builds(Icmp, kind=BYTE, code=BYTE, about=st.none(), mtu_bytes=st.just(0))
    | st.builds(Icmp, kind=st.sampled_from((3, 11)), code=BYTE, about=ABOUT, mtu_bytes=st.just(0))
    | st.builds(
        Icmp, kind=st.just(3), code=st.just(4), about=ABOUT, mtu_bytes=st.integers(0, 0xFFFF)
    )
)
UDP = st.builds(Udp, sport=st.just(123), dport=st.just(40000), payload=st.binary(max_size=64))


@given(DNS | DHCP | ICMP | UDP, st.sampled_from((ETHERNET, COOKED, COOKED_V2, RADIOTAP, 101, 0)))
def test_any_message(body: Body, link: int) -> None:
    src_mac = MACS[0] if link in (ETHERNET, COOKED, COOKED_V2, RADIOTAP) else None
    dst_mac = MACS[1] if link in (ETHERNET, RADIOTAP) else None
    message = Message(src_mac, dst_mac, "10.0.0.1", "10.0.0.2", 64, 7, body)
    frame = encode(link, message)
    assert frame is not None and decode(link, frame) == message


@pytest.mark.parametrize("name", [".a", "a..b", "a" * 64, ".".join(["a" * 60] * 5)])
def test_a_name_that_no_message_can_hold(name: str) -> None:
    dns = Dns(1, False, 0, False, name, 1, (), ())
    assert encode(ETHERNET, Message(*MACS, "10.0.0.1", "10.0.0.2", 64, 7, dns)) is None


@given(st.integers(0, 0xFFFF), st.sampled_from((ETHERNET, COOKED, COOKED_V2, RADIOTAP, 101)))
def test_any_router_advertisement(lifetime_s: int, link: int) -> None:
    src_mac = MACS[0] if link in (ETHERNET, COOKED, COOKED_V2, RADIOTAP) else None
    dst_mac = MACS[1] if link in (ETHERNET, RADIOTAP) else None
    ends = (src_mac, dst_mac, "fe80::1", "ff02::1")
    message = Message(*ends, 255, 0, RouterAdvertisement(lifetime_s))
    frame = encode(link, message)
    assert frame is not None and decode(link, frame) == message
    assert decode(link, frame.replace(b"\x3a\xff", b"\x3a\xfe")) is None, "it came from far"
