"""DHCP messages and options, whole, cut and hostile."""

from __future__ import annotations

import random
import socket

import pytest

from netcheck.wire.dhcp import BOOT_REPLY, OFFER, read_dhcp, read_options
from tests.doubles import dhcp as double
from tests.doubles import frames

CLIENT = "6c:0b:84:00:00:01"
LONG_NAME = b"n" * 255
OPTIONS = (
    (53, bytes((OFFER,))),
    (54, socket.inet_aton("192.168.1.1")),
    (1, socket.inet_aton("255.255.255.0")),
    (3, socket.inet_aton("192.168.1.1")),
    (6, socket.inet_aton("192.168.1.1") + socket.inet_aton("8.8.8.8")),
    (51, (3600).to_bytes(4)),
    (12, LONG_NAME),
    (56, b"no"),
    (114, b"https://login.example/"),
    (252, b"http://wpad.example/"),
)
WHOLE = double.Message(True, 7, frames.mac_bytes(CLIENT), OPTIONS, offered="192.168.1.100").encode()


def test_a_message_is_read_with_its_options() -> None:
    message = read_dhcp(WHOLE)

    assert message is not None
    assert (message.op, message.kind, message.xid) == (BOOT_REPLY, OFFER, 7)
    assert (message.client_mac, message.yiaddr) == (CLIENT, "192.168.1.100")
    assert (message.server, message.mask, message.lease_s) == (
        "192.168.1.1",
        "255.255.255.0",
        3600,
    )
    assert (message.routers, message.resolvers) == (("192.168.1.1",), ("192.168.1.1", "8.8.8.8"))
    assert (message.portal, message.proxy_script) == (
        b"https://login.example/",
        b"http://wpad.example/",
    )
    assert message.host_name == LONG_NAME[:64]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", {}),
        (b"\x00\x01\x04\xff\xff\xff\x00\xff\x33\x01\x01", {1: b"\xff\xff\xff\x00"}),
        (b"\x06\x02ab\x06\x01c\xff", {6: b"abc"}),
        (b"\x35\x01\x02\x06\xff1234", {53: b"\x02"}),
        (b"\x35\x01\x02\x06", {53: b"\x02"}),
        (b"\x35\x01\x02\x06\x02ab\x06\x02c", {53: b"\x02"}),
        (b"\x35\x00\x0c\x01a", {53: b"", 12: b"a"}),
    ],
    ids=[
        "nothing",
        "padding and end",
        "in two pieces",
        "a length beyond the end",
        "no length",
        "the second piece cut",
        "an empty value",
    ],
)
def test_options(data: bytes, expected: dict[int, bytes]) -> None:
    assert read_options(data) == expected


def test_cut_at_any_byte_a_list_gives_whole_options_or_none() -> None:
    listed = WHOLE[240:]
    whole = read_options(listed)
    assert whole == dict(OPTIONS)

    for length in range(len(listed) + 1):
        assert read_options(listed[:length]).items() <= whole.items()


def test_cut_at_any_byte_a_message_says_nothing_that_the_whole_one_does_not() -> None:
    whole = read_dhcp(WHOLE)
    assert whole is not None
    absent = (0, "", (), None, b"")

    for length in range(len(WHOLE)):
        message = read_dhcp(WHOLE[:length])
        assert (message is None) == (length < 240)
        assert message is None or all(
            found in (*absent, said) for found, said in zip(message, whole, strict=True)
        )


def test_random_bytes_give_a_message_or_none() -> None:
    rng = random.Random(4)
    for _ in range(3000):
        data = bytearray(WHOLE)
        for _ in range(rng.randrange(1, 30)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        read_dhcp(bytes(data))
        read_options(rng.randbytes(rng.randrange(600)))
