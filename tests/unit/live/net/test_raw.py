"""Frames as bytes, against what the captures' own decoder and a small server make of them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import msgspec
import pytest

from netcheck.live.budget import LimitReached, MeteredNet
from netcheck.live.net import arp, dhcp, raw
from netcheck.live.net.dhcp import discover_message, parse_offer, parse_options
from netcheck.live.net.raw import Link, Packet, parse_ipv4, udp_broadcast
from netcheck.live.net.system import SystemNet
from netcheck.probing import NEW_CLIENT, CannotRun, DhcpOffer, Kind, Need, Reply, Traffic, Vantage
from netcheck.probing.testing import FakeNet
from tests.doubles import dhcp as double
from tests.doubles import frames

OURS, CLIENT = bytes.fromhex("020000000005"), "02:00:00:00:00:77"
HERE = Vantage(interface="lo0", mac="02:00:00:00:00:05", address="192.168.1.5")


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


class Wire(Link):
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


def test_a_discover_asks_for_the_client_in_a_frame_of_our_own() -> None:
    frame = udp_broadcast(OURS, 68, 67, discover_message(7, CLIENT))

    message = sent_message(frame)
    assert message is not None
    assert (message.reply, message.xid, message.kind, message.mac.hex(":")) == (
        False,
        7,
        double.Kind.DISCOVER,
        CLIENT,
    )
    assert frame[:12] == b"\xff" * 6 + OURS
    assert frames.checksum(frame[14:34]) == 0
    assert (
        frames.checksum(frame[26:34] + struct.pack("!BBH", 0, 17, len(frame) - 34) + frame[34:])
        == 0
    )
    assert frame[42 + 10] & 0x80  # the broadcast flag


def test_an_offer_is_read_with_its_options() -> None:
    packet = parse_ipv4(offer_frame(offer(7, *TERMS)))
    assert packet is not None

    found = parse_offer(packet, {7: CLIENT}, 0.2)

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
    packet = parse_ipv4(offer_frame(message))
    assert packet is not None

    assert parse_offer(packet, {7: CLIENT}, 0.0) is None


def test_no_cut_of_an_offer_crashes() -> None:
    whole = offer_frame(offer(7, *TERMS))
    for length in range(len(whole)):
        packet = parse_ipv4(whole[:length])
        if packet:
            parse_offer(packet, {7: CLIENT}, 0.0)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", {}),
        (b"\x00\x01\x04\xff\xff\xff\x00\xff\x33\x01\x01", {1: b"\xff\xff\xff\x00"}),
        (b"\x06\x02ab\x06\x01c\xff", {6: b"abc"}),
        (b"\x35\x01\x02\x06\xff1234", {53: b"\x02"}),
    ],
    ids=["nothing", "padding and end", "in two parts", "a length beyond the end"],
)
def test_options(data: bytes, expected: dict[int, bytes]) -> None:
    assert parse_options(data) == expected


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


class Neighbours(Wire):
    """A link on which these machines answer ARP."""

    def __init__(self, claims: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._claims = claims

    def received(self, until: float) -> Iterator[bytes]:
        yield from self.sent
        for mac, address in self._claims:
            body = (
                struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2)
                + frames.mac_bytes(mac)
                + socket.inet_aton(address)
                + OURS
                + bytes(4)
            )
            yield OURS + frames.mac_bytes(mac) + b"\x08\x06" + body


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
    frame = arp.question(OURS, "192.168.1.100")

    assert arp.claim(frame) is None
    assert frame[28:32] == bytes(4)
    assert frame[38:42] == socket.inet_aton("192.168.1.100")


@pytest.mark.parametrize("frame", [b"", b"\x00" * 41, frames.udp_broadcast(OURS, 68, 67, b"ab", 1)])
def test_what_is_no_claim(frame: bytes) -> None:
    assert arp.claim(frame) is None


@pytest.mark.parametrize(
    "change",
    [{12: 0x86}, {14: 0x65}, {14: 0x42}, {21: 1}],
    ids=["other type", "version 6", "short header", "later fragment"],
)
def test_what_is_no_ipv4_packet(change: dict[int, int]) -> None:
    frame = bytearray(udp_broadcast(OURS, 68, 67, b"abcd"))
    for place, value in change.items():
        frame[place] = value

    assert parse_ipv4(bytes(frame)) is None


def test_an_ipv4_packet() -> None:
    assert parse_ipv4(udp_broadcast(OURS, 68, 67, b"abcd") + b"trailer") == Packet(
        source_mac="02:00:00:00:00:05",
        source="0.0.0.0",
        target="255.255.255.255",
        protocol=17,
        ttl=64,
        payload=parse_payload(),
    )


def parse_payload() -> bytes:
    """The UDP datagram of the test above, as the double's own builder makes it."""
    return frames.udp_broadcast(OURS, 68, 67, b"abcd", 0)[34:]


# rights


def test_without_rights_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(raw.sys, "platform", "linux")
    monkeypatch.setattr(raw.socket, "socket", forbid)
    monkeypatch.setattr(SystemNet, "vantage", lambda self: HERE)

    missing = SystemNet().lacks(Need.RAW_SOCKETS)

    assert (missing.ok, missing.reason) == (False, "needs")
    assert "sudo netcheck" in missing.text("says")
    assert "setcap cap_net_raw+ep" in missing.text("says")
    assert len(missing.text("says")) <= 500


def test_where_there_are_no_raw_frames_at_all_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def lack(*_: object) -> None:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(raw.sys, "platform", "linux")
    monkeypatch.setattr(raw.socket, "socket", lack)

    with pytest.raises(CannotRun, match="not supported"):
        raw.open_link(HERE, raw.ARP)


@pytest.mark.parametrize(
    ("platform", "here", "word"),
    [
        ("darwin", HERE, "Linux"),
        ("linux", Vantage(interface="tun0"), "--interface"),
        ("linux", msgspec.structs.replace(HERE, is_linked=False), "not connected"),
    ],
)
def test_what_else_can_be_missing(
    platform: str, here: Vantage, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw.sys, "platform", platform)

    with pytest.raises(CannotRun, match=word):
        raw.open_link(here, raw.ARP)


def test_frames_are_counted_by_kind_before_they_are_sent() -> None:
    allowed = (
        Traffic(kind=Kind.DHCP_DISCOVER, to="everybody", at_most=3),
        Traffic(kind=Kind.ARP_REQUEST, to="everybody", at_most=2),
    )
    net = MeteredNet(FakeNet(), allowed, CLIENT)

    net.discover([CLIENT])
    net.who_has(["192.168.1.100"])

    assert net.sent == {"arp_request": 2, "dhcp_discover": 3}
    for question in (lambda: net.discover([CLIENT]), lambda: net.who_has(["192.168.1.100"])):
        with pytest.raises(LimitReached):
            question()


@pytest.mark.parametrize(
    ("as_device", "is_asked"), [("", False), ("02:00:00:00:00:78", False), (CLIENT, True)]
)
def test_nobody_is_asked_in_the_place_of_another_machine_unless_the_user_names_it(
    as_device: str, is_asked: bool
) -> None:
    net = FakeNet()
    metered = MeteredNet(net, [Traffic(kind=kind, to="x", at_most=99) for kind in Kind], as_device)

    metered.discover([NEW_CLIENT, net.vantage().mac or NEW_CLIENT])
    for question in (
        lambda: metered.discover([NEW_CLIENT, CLIENT]),
        lambda: metered.ask_as_client(CLIENT, "192.168.1.9", "192.168.1.1", []),
    ):
        with nullcontext() if is_asked else pytest.raises(LimitReached, match="--as-device"):
            question()


def test_the_fake_network_needs_rights_as_the_real_one_does() -> None:
    with pytest.raises(CannotRun):
        FakeNet(missing={Need.RAW_SOCKETS: Reply(ok=False, reason="needs")}).discover([CLIENT])
