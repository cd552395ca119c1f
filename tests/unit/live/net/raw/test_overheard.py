"""What neighbours say to everybody, frame by frame, and who answers for an address."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence

import pytest

from netcheck.live.net.raw import arp
from netcheck.live.net.raw.link import EthernetLink
from netcheck.live.net.raw.overheard import heard_neighbour, listen_to_broadcasts
from netcheck.probing import HeardNeighbour
from netcheck.wire.arp import UNSET
from netcheck.wire.frames import arp_reply, arp_request
from tests.doubles import dhcp as double
from tests.doubles import frames

OURS, PHOTON, OTHER = (
    bytes.fromhex("020000000005"),
    bytes.fromhex("6c0b84000001"),
    bytes.fromhex("020000000009"),
)
GROUP = bytes.fromhex("01005e0001bb")
ADDRESS = "192.168.1.77"
ID = "1f0056dfe347343232361234"
LIKE_PHOTON = (55, double.PHOTON_PARAMETERS)


def request(
    *options: tuple[int, bytes], xid: int = 0x2A, kind: int = 3, reply: bool = False
) -> bytes:
    """A client's DHCP message to everybody."""
    message = double.Message(reply, xid, PHOTON, ((53, bytes((kind,))), *options))
    return frames.udp_broadcast(PHOTON, 68, 67, message.encode(), 1)


def datagram(
    payload: bytes, source: str = ADDRESS, mac: bytes = PHOTON, to: bytes = GROUP
) -> bytes:
    """A multicast datagram to the port of announcements."""
    frame = bytearray(frames.udp_broadcast(mac, 5683, 5683, payload, 1))
    frame[:6], frame[26:30] = to, socket.inet_aton(source)
    return bytes(frame)


def told(one: HeardNeighbour | None) -> tuple[object, ...] | None:
    return None if one is None else (one.mac, one.said, one.address, one.id, one.is_photon)


ANNOUNCEMENT = bytes.fromhex("50020000b168ff" + ID)
MAC, OUR_MAC, OTHER_MAC = PHOTON.hex(":"), OURS.hex(":"), OTHER.hex(":")
ARP_REQUEST = arp_request(MAC, ADDRESS, ADDRESS)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (ARP_REQUEST, (MAC, "arp", ADDRESS, "", False)),
        (arp_request(MAC, ADDRESS), (MAC, "arp", "", "", False)),
        (request(LIKE_PHOTON, kind=1), (MAC, "dhcp", "", "", True)),
        (request(LIKE_PHOTON, kind=1, xid=0xABCD0007), (MAC, "dhcp", "", "", True)),
        (request((55, b"\x01\x03"), kind=1), (MAC, "dhcp", "", "", False)),
        (
            request(LIKE_PHOTON, (50, socket.inet_aton(ADDRESS)), (12, ID.encode())),
            (MAC, "dhcp", ADDRESS, ID, True),
        ),
        (request((12, ID.encode())), (MAC, "dhcp", "", "", False)),
        (request((50, b"abc"), (12, b"annas-phone")), (MAC, "dhcp", "", "", False)),
        (request(LIKE_PHOTON, reply=True), (MAC, "datagram", "", "", False)),
        (datagram(ANNOUNCEMENT), (MAC, "datagram", ADDRESS, ID, False)),
        (datagram(ANNOUNCEMENT + b"xx"), (MAC, "datagram", ADDRESS, "", False)),
        (datagram(b""), (MAC, "datagram", ADDRESS, "", False)),
        (datagram(ANNOUNCEMENT, to=OURS), None),
        (arp_reply(MAC, ADDRESS, OUR_MAC, "192.168.1.5"), None),
        (datagram(ANNOUNCEMENT, mac=GROUP), None),
        (frames.BROADCAST + OTHER + ARP_REQUEST[12:], None),
        (frames.BROADCAST + PHOTON + b"\x86\xdd" + bytes(60), None),
        (b"", None),
    ],
)
def test_what_a_frame_tells_of_its_sender(
    frame: bytes, expected: tuple[object, ...] | None
) -> None:
    assert told(heard_neighbour(frame, 5.0)) == expected


def test_no_cut_of_a_frame_crashes() -> None:
    for whole in (
        arp_request(MAC, ADDRESS),
        request(LIKE_PHOTON, (12, ID.encode())),
        datagram(ANNOUNCEMENT),
    ):
        for length in range(len(whole)):
            heard_neighbour(whole[:length], 5.0)


class Ether(EthernetLink):
    """A link on which these frames pass, once for each listening."""

    def __init__(self, passing: Sequence[bytes]) -> None:
        self.mac = OURS.hex(":")
        self.sent: list[bytes] = []
        self._passing = passing

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def received(self, until: float) -> Iterator[bytes]:
        yield from self._passing


def test_each_neighbour_is_told_once_and_this_computer_not() -> None:
    own = arp_request(OUR_MAC, ADDRESS, "192.168.1.5")

    heard = listen_to_broadcasts(
        Ether([own, request(LIKE_PHOTON), request(LIKE_PHOTON), datagram(ANNOUNCEMENT)]), 0.0
    )

    assert [(one.mac, one.said) for one in heard] == [(MAC, "dhcp"), (MAC, "datagram")]


def test_a_crowd_has_an_end() -> None:
    crowd = [
        arp_request(struct.pack("!HI", 0x0200, number).hex(":"), ADDRESS) for number in range(1000)
    ]

    assert len(listen_to_broadcasts(Ether(crowd), 0.0)) == 300


def test_all_that_answer_for_an_address_are_told() -> None:
    link = Ether([arp_reply(mac, ADDRESS, OUR_MAC, "192.168.1.5") for mac in (MAC, OTHER_MAC)])

    assert arp.claimants(link, ADDRESS, 0.0) == (MAC, OTHER_MAC)
    assert len(link.sent) == arp.CLAIM_SENDINGS
    assert all(asked.sender_ip == UNSET for asked in map(arp.arp_in, link.sent) if asked)


def test_only_answers_to_this_computer_count() -> None:
    passing = [
        arp_request(OTHER_MAC, ADDRESS, ADDRESS),
        arp_reply(OTHER_MAC, ADDRESS, MAC, "192.168.1.9"),
        arp_reply(OTHER_MAC, "192.168.1.78", OUR_MAC, "192.168.1.5"),
    ]

    assert arp.claimants(Ether(passing), ADDRESS, 0.0) == ()
