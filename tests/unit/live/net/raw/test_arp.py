"""Who answers for an address, frame by frame."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence

import pytest

from netcheck.live.net.raw import arp
from netcheck.live.net.raw.link import EthernetLink
from netcheck.wire.frames import arp_request
from tests.doubles import frames

OURS, PHOTON, OTHER = "02:00:00:00:00:05", "6c:0b:84:00:00:01", "02:00:00:00:00:09"
ADDRESS = "192.168.1.77"


class Neighbours(EthernetLink):
    """A link on which these machines answer ARP."""

    def __init__(self, claims: Sequence[tuple[str, str]]) -> None:
        self.mac = OURS
        self.sent: list[bytes] = []
        self._claims = claims

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def received(self, until: float) -> Iterator[bytes]:
        yield from self.sent
        for mac, address in self._claims:
            body = (
                struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2)
                + frames.mac_bytes(mac)
                + socket.inet_aton(address)
                + frames.mac_bytes(OURS)
                + bytes(4)
            )
            yield frames.mac_bytes(OURS) + frames.mac_bytes(mac) + b"\x08\x06" + body


def test_who_answers_for_an_address() -> None:
    wire = Neighbours(
        [("02:00:00:00:00:09", "192.168.1.100"), ("02:00:00:00:00:08", "192.168.1.77")]
    )

    assert arp.who_has(wire, ("192.168.1.100", "192.168.1.101"), 0.0) == {
        "192.168.1.100": "02:00:00:00:00:09"
    }
    assert len(wire.sent) == 3 <= arp.most_arp_requests(2)


def test_our_own_word_for_an_address_is_no_answer() -> None:
    assert (
        arp.who_has(Neighbours([("02:00:00:00:00:05", "192.168.1.5")]), ("192.168.1.5",), 0.0) == {}
    )


def test_an_arp_question_gives_no_address_away() -> None:
    frame = arp_request(OURS, "192.168.1.100")

    assert frame[28:32] == bytes(4)
    assert frame[38:42] == socket.inet_aton("192.168.1.100")


@pytest.mark.parametrize(
    "frame", [b"", b"\x00" * 41, frames.udp_broadcast(frames.mac_bytes(OURS), 68, 67, b"ab", 1)]
)
def test_what_is_no_arp_message(frame: bytes) -> None:
    assert arp.arp_in(frame) is None
