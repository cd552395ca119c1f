"""Frames to messages: whatever the bytes, a message or None, and never more than was there."""

from __future__ import annotations

import random
import socket

import pytest

from netcheck.wire.decode import Ipv4Packet, Tcp, Udp, decode, read_ipv4
from netcheck.wire.icmp import echo_request, is_echo_reply
from netcheck.wire.links import ETHERNET
from tests.doubles import frames

OURS = bytes.fromhex("020000000005")
FRAME = frames.udp_broadcast(OURS, 40000, 5683, b"abcd", 1)


def test_an_ipv4_packet_without_the_trailer_of_its_frame() -> None:
    assert read_ipv4(FRAME + b"trailer") == Ipv4Packet(
        src="0.0.0.0",
        dst="255.255.255.255",
        ttl=frames.TTL,
        id=1,
        protocol=socket.IPPROTO_UDP,
        offset=0,
        more=False,
        length=12,
        payload=FRAME[34:],
    )


@pytest.mark.parametrize(
    "change",
    [{12: 0x86}, {14: 0x65}, {14: 0x42}],
    ids=["other type", "version 6", "short header"],
)
def test_what_is_no_ipv4_packet(change: dict[int, int]) -> None:
    frame = bytearray(FRAME)
    for place, value in change.items():
        frame[place] = value

    assert read_ipv4(bytes(frame)) is None


def test_a_fragment_is_told() -> None:
    frame = bytearray(FRAME)
    frame[20:22] = b"\x20\x01"

    packet = read_ipv4(bytes(frame))

    assert packet is not None
    assert (packet.offset, packet.more) == (8, True)


def test_no_bytes_are_too_odd() -> None:
    rng = random.Random(7)
    for _ in range(5000):
        frame = bytearray(FRAME + rng.randbytes(60))
        for _ in range(rng.randrange(1, 12)):
            frame[rng.randrange(12, len(frame))] = rng.choice((0, 1, 6, 17, 53, 67, 255))
        for link in (ETHERNET, rng.randrange(300)):
            decode(link, bytes(frame[: rng.randrange(len(frame) + 1)]))
        read_ipv4(bytes(frame))


def test_a_cut_frame_gives_a_shorter_message_or_none() -> None:
    for length in range(len(FRAME) + 1):
        message = decode(ETHERNET, FRAME[:length])
        assert (message is None) == (length < 42)
        assert message is None or message.body == Udp(40000, 5683, FRAME[42:length])


def test_an_echo_is_known_by_its_token() -> None:
    token = bytes(range(16))
    reply = b"\0" + echo_request(token)[1:]

    assert frames.checksum(echo_request(token)) == 0
    assert is_echo_reply(reply, token)
    assert not is_echo_reply(echo_request(token), token)
    assert not any(is_echo_reply(reply[:length], token) for length in range(len(reply)))


def test_a_segment_is_read_with_its_flags() -> None:
    segment = (
        b"\x16\x33\x9c\x40" + (9).to_bytes(4) + (7).to_bytes(4) + b"\x50\x12\x10\x00" + bytes(4)
    )
    frame = FRAME[:16] + (40).to_bytes(2) + FRAME[18:23] + b"\x06" + FRAME[24:34] + segment

    message = decode(ETHERNET, frame)

    assert message is not None
    assert isinstance(message.body, Tcp)
    assert (message.body.sport, message.body.flags, message.body.ack) == (5683, 0x12, 7)
