"""Who offers an address to whom: what is sent, and what is taken for an offer."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from netcheck.live.net.raw import dhcp
from netcheck.live.net.raw.dhcp import offer_in
from netcheck.live.net.raw.link import EthernetLink
from netcheck.probing import DhcpOffer
from tests.doubles import dhcp as double
from tests.doubles import frames

OURS, CLIENT = "02:00:00:00:00:05", "02:00:00:00:00:77"


def offer_frame(message: double.Message, server: str = "192.168.1.1", ttl: int = 64) -> bytes:
    """An Ethernet frame with a server's answer to everybody."""
    frame = bytearray(
        frames.udp_broadcast(bytes.fromhex("020000000001"), 67, 68, message.encode(), 1)
    )
    frame[22] = ttl
    frame[26:30] = socket.inet_aton(server)
    return bytes(frame)


def offer(
    xid: int, *options: tuple[int, bytes], mac: str = CLIENT, kind: int = 2
) -> double.Message:
    return double.Message(
        True, xid, frames.mac_bytes(mac), ((53, bytes((kind,))), *options), offered="192.168.1.100"
    )


TERMS = (
    (54, socket.inet_aton("192.168.1.1")),
    (1, socket.inet_aton("255.255.255.0")),
    (3, socket.inet_aton("192.168.1.1")),
    (6, socket.inet_aton("192.168.1.1") + socket.inet_aton("8.8.8.8")),
    (51, (3600).to_bytes(4)),
    (114, b"https://login.example/\x1b[2J"),
)


class Wire(EthernetLink):
    """A link without a socket: `answer` makes the frames that come back from what was sent."""

    def __init__(self, *, answered_at: int = 1) -> None:
        self.mac = OURS
        self.sent: list[bytes] = []
        self._answered_at = answered_at

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def received(self, until: float) -> Iterator[bytes]:
        yield from self.sent  # what we send comes back to us, too
        asked = [message for message in map(sent_message, self.sent) if message]
        for message in asked if len(asked) >= self._answered_at else ():
            yield offer_frame(offer(message.xid, *TERMS, mac=message.mac.hex(":")))


def sent_message(frame: bytes) -> double.Message | None:
    datagram = frames.parse_udp(frame)
    return double.decode(datagram.payload) if datagram else None


def test_an_offer_is_read_with_its_options() -> None:
    found = offer_in(offer_frame(offer(7, *TERMS)), {7: CLIENT}, 0.2)

    assert found is not None
    assert (found.client, found.server, found.server_mac, found.address) == (
        CLIENT,
        "192.168.1.1",
        "02:00:00:00:00:01",
        "192.168.1.100",
    )
    assert (found.mask, found.lease_s) == ("255.255.255.0", 3600)
    assert (found.routers, found.resolvers) == (("192.168.1.1",), ("192.168.1.1", "8.8.8.8"))
    assert found.portal == "https://login.example/?[2J"


@pytest.mark.parametrize(
    "message",
    [
        offer(8, *TERMS),
        offer(7, *TERMS, mac="02:00:00:00:00:78"),
        offer(7, *TERMS, kind=5),
        double.Message(False, 7, frames.mac_bytes(CLIENT), ((53, b"\x02"),)),
    ],
    ids=["other id", "other client", "an acknowledgement", "a request"],
)
def test_what_is_no_offer_for_us(message: double.Message) -> None:
    assert offer_in(offer_frame(message), {7: CLIENT}, 0.0) is None


def test_no_cut_of_an_offer_crashes() -> None:
    whole = offer_frame(offer(7, *TERMS))
    for length in range(len(whole)):
        offer_in(whole[:length], {7: CLIENT}, 0.0)


def test_who_is_served_is_not_asked_again() -> None:
    wire, heard = Wire(), list[DhcpOffer]()

    found = dhcp.discover(wire, [CLIENT], 0.0, heard.append)

    assert [one.client for one in found] == [CLIENT]
    assert heard[:1] == list(found)
    assert len(wire.sent) == 1


def test_who_is_not_served_is_asked_three_times() -> None:
    wire = Wire(answered_at=4)

    assert dhcp.discover(wire, [CLIENT], 0.0, lambda offer: None) == ()
    assert len(wire.sent) == 3 == dhcp.most_discovers(1)


class Crowd(Wire):
    """A link on which each question meets thousands of servers."""

    def received(self, until: float) -> Iterator[bytes]:
        for one in self.sent:
            message = sent_message(one)
            assert message is not None
            for number in range(5000):
                server = (54, bytes([10, 1, number >> 8, number & 255]))
                yield offer_frame(offer(message.xid, server, mac=message.mac.hex(":")))


def test_of_a_flood_of_offers_some_are_heard() -> None:
    heard = list[DhcpOffer]()

    found = dhcp.discover(Crowd(), [CLIENT], 0.0, heard.append)

    assert 10 < len(found) == len(heard) < 100
