"""Frames from strangers, as a raw socket hands them over: whatever they hold, no reader of live
probes fails, sends more than it may, or takes one for an answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from netcheck.live.net.raw import arp
from netcheck.live.net.raw.as_client import BorrowedClient, most_frames
from netcheck.live.net.raw.connection_frames import segments
from netcheck.live.net.raw.dhcp import offer_in
from netcheck.live.net.raw.link import EthernetLink
from netcheck.live.net.raw.overheard import heard_neighbour
from netcheck.probing import Kind
from netcheck.wire import frames
from netcheck.wire.frames import Ends
from tests.doubles import dhcp as double
from tests.doubles import frames as doubles

OURS, DEVICE, ROUTER = "02:00:00:00:00:05", "6c:0b:84:00:00:01", "02:00:00:00:00:01"
ADDRESS, GATEWAY, CLOUD = "192.168.1.254", "192.168.1.1", "192.52.193.10"
BACK = Ends(ROUTER, DEVICE, CLOUD, ADDRESS)
OFFER = double.Message(
    True,
    7,
    doubles.mac_bytes(DEVICE),
    ((53, b"\x02"), (54, b"\1\2\3\4"), (3, b"\1\2\3\4"), (114, b"https://a.example/")),
    offered=ADDRESS,
).encode()
VALID = (
    frames.arp_request(ROUTER, ADDRESS, GATEWAY),
    frames.arp_reply(ROUTER, GATEWAY, DEVICE, ADDRESS),
    frames.dhcp_discover(DEVICE, 0x2A, DEVICE, (1, 3, 28, 6)),
    frames.icmp_echo(BACK, bytes(16)),
    frames.tcp_syn(BACK, 5683, 40000, 9),
    frames.tcp_reset(BACK, 5683, 40000, 9),
    doubles.udp_broadcast(doubles.mac_bytes(ROUTER), 67, 68, OFFER, 1),
)
READERS: dict[str, Callable[[bytes], object]] = {
    "arp": arp.arp_in,
    "arp reply": lambda frame: arp.reply_to(frame, DEVICE, GATEWAY),
    "offer": lambda frame: offer_in(frame, {7: DEVICE}, 0.1),
    "neighbour": lambda frame: heard_neighbour(frame, 5.0),
    "segments": lambda frame: list(segments([frame], CLOUD, 5683, 40000)),
}


def mutated(rng: random.Random) -> bytes:
    """A valid frame with some bytes changed, cut, or with more behind it."""
    frame = bytearray(rng.choice(VALID))
    for _ in range(rng.randrange(6)):
        frame[rng.randrange(len(frame))] = rng.choice((0, 1, 4, 0x45, 0x4F, 6, 17, 127, 255))
    return bytes(frame[: rng.randrange(len(frame) + 1)]) + rng.randbytes(rng.randrange(20))


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_each_reader_knows_a_valid_frame_and_survives_every_cut(
    reader: Callable[[bytes], object],
) -> None:
    assert any(reader(frame) for frame in VALID)
    for frame in VALID:
        for length in range(len(frame)):
            reader(frame[:length])


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_each_reader_survives_what_was_changed(reader: Callable[[bytes], object]) -> None:
    rng = random.Random(20)
    for _ in range(3000):
        reader(mutated(rng))
        reader(rng.randbytes(rng.randrange(200)))


class Flood(EthernetLink):
    """A link on which changed frames rain whenever somebody listens."""

    def __init__(self, seed: int) -> None:
        self.mac = OURS
        self.sent: list[bytes] = []
        self._rng = random.Random(seed)

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def received(self, until: float) -> Iterator[bytes]:
        for _ in range(400):
            yield mutated(self._rng)
        yield VALID[1]


@pytest.mark.parametrize("seed", range(8))
def test_in_a_flood_no_more_is_sent_and_nothing_is_taken_for_an_answer(seed: int) -> None:
    link = Flood(seed)

    answers = BorrowedClient(link, DEVICE, ADDRESS).ask(GATEWAY, [(CLOUD, 5683), (CLOUD, 443)])

    assert answers.arp.ok
    assert [reply.reason for reply in answers.connections] == ["timeout", "timeout"]
    most = most_frames(2)
    kinds = [arp.arp_in(frame) for frame in link.sent]
    replies = [message for message in kinds if message and message.operation == 2]
    assert len(replies) <= most[Kind.ARP_REPLY]
    assert len(link.sent) <= sum(most.values())
    assert {frame[6:12].hex(":") for frame in link.sent} == {DEVICE}
