"""A client of another MAC, as frames: what it sends, and what it takes for an answer."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from netcheck.live.net.raw.arp import arp_in
from netcheck.live.net.raw.as_client import BorrowedClient, most_frames
from netcheck.live.net.raw.link import EthernetLink
from netcheck.live.send_limits import LimitReached, MeteredNet
from netcheck.probing import ClientAnswers, Kind, Traffic
from netcheck.probing.testing import FakeNet
from netcheck.wire.arp import ARP_ANSWER, ARP_ASK, Arp
from netcheck.wire.decode import ICMP, TCP, Ipv4Packet, read_ipv4
from netcheck.wire.frames import arp_reply, arp_request
from tests.doubles.frames import checksum, mac_bytes

OWN, DEVICE, ROUTER = "02:00:00:00:00:05", "6c:0b:84:00:00:01", "02:00:00:00:00:01"
ADDRESS, GATEWAY, WEB, CLOUD = (
    "192.168.1.254",
    "192.168.1.1",
    ("8.8.8.8", 443),
    ("192.52.193.10", 5683),
)
SYN_ACK, RST = 0x12, 0x04


class Lan(EthernetLink):
    """A link to a router that lets some through: it answers what was sent, in the way it is told
    to.
    """

    def __init__(
        self, *, arp_answered: bool = True, ping: bool = True, opening: str = "open", asks: int = 0
    ) -> None:
        self.mac = OWN
        self.sent: list[bytes] = []
        self._arp, self._ping, self._opening = arp_answered, ping, opening
        self._asks = asks
        self._read = 0

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    def received(self, until: float) -> Iterator[bytes]:
        for _ in range(self._asks):
            yield arp_request(ROUTER, ADDRESS, GATEWAY)
        for frame in self.sent[self._read :]:
            yield from self._answers(frame)
        self._read = len(self.sent)

    def _answers(self, frame: bytes) -> Iterator[bytes]:
        question, packet = arp_in(frame), read_ipv4(frame)
        if question and question.operation == ARP_ASK and self._arp:
            yield arp_reply(ROUTER, GATEWAY, question.sender_mac, question.sender_ip)
        elif packet and packet.protocol == ICMP and self._ping:
            yield ipv4(GATEWAY, ICMP, b"\0" + packet.payload[1:])
        elif packet and packet.protocol == TCP and not packet.payload[13] & RST:
            yield from self._to_opening(packet)

    def _to_opening(self, packet: Ipv4Packet) -> Iterator[bytes]:
        own_port, port, number = struct.unpack_from("!HHI", packet.payload)
        if self._opening == "prohibited":
            quoted = frame_of(OWN, ADDRESS, packet.dst, TCP, packet.payload)[14:42]
            yield ipv4(GATEWAY, ICMP, bytes((3, 13)) + bytes(6) + quoted)
        elif self._opening != "silent":
            flags = SYN_ACK if self._opening == "open" else RST
            yield ipv4(
                packet.dst,
                TCP,
                struct.pack("!HHIIBBHHH", port, own_port, 9, number + 1, 0x50, flags, 1000, 0, 0),
            )
            yield ipv4(packet.dst, TCP, b"\0" * 19)  # and rubbish


def frame_of(mac: str, source: str, target: str, protocol: int, message: bytes) -> bytes:
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, protocol, 0)
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    return mac_bytes(DEVICE) + mac_bytes(mac) + b"\x08\x00" + header + addresses + message


def ipv4(source: str, protocol: int, message: bytes) -> bytes:
    """A frame from the router to the client."""
    return frame_of(ROUTER, source, ADDRESS, protocol, message)


def asked(lan: Lan) -> ClientAnswers:
    return BorrowedClient(lan, DEVICE, ADDRESS).ask(GATEWAY, [WEB, CLOUD])


def arps(lan: Lan) -> list[Arp]:
    """What was sent by ARP."""
    return [message for message in map(arp_in, lan.sent) if message is not None]


def words(posed: ClientAnswers) -> list[str]:
    replies = (posed.arp, *([posed.echo] if posed.echo else []), *posed.connections)
    return [reply.reason or "ok" for reply in replies]


@pytest.mark.parametrize(
    ("lan", "expected"),
    [
        (Lan(), ["ok", "ok", "ok", "ok"]),
        (Lan(arp_answered=False), ["timeout"]),
        (Lan(ping=False), ["ok", "timeout", "ok", "ok"]),
        (Lan(opening="silent"), ["ok", "ok", "timeout", "timeout"]),
        (Lan(opening="refused"), ["ok", "ok", "refused", "refused"]),
        (Lan(opening="prohibited"), ["ok", "ok", "prohibited", "prohibited"]),
    ],
    ids=["all open", "no ARP", "no ping", "dropped", "refused", "prohibited"],
)
def test_what_a_client_of_another_mac_is_answered(lan: Lan, expected: list[str]) -> None:
    assert words(asked(lan)) == expected


def test_every_frame_carries_the_other_mac_and_the_borrowed_address() -> None:
    lan = Lan(asks=1)

    asked(lan)

    assert {frame[6:12].hex(":") for frame in lan.sent} == {DEVICE}
    packets = [packet for frame in lan.sent if (packet := read_ipv4(frame))]
    assert {packet.src for packet in packets} == {ADDRESS}
    assert {message.sender_ip for message in arps(lan)} == {ADDRESS}


def test_frames_have_right_checksums() -> None:
    lan = Lan()

    asked(lan)

    for frame in lan.sent:
        packet = read_ipv4(frame)
        if packet:
            assert checksum(frame[14:34]) == 0
            pseudo = (
                frame[26:34] + struct.pack("!BBH", 0, packet.protocol, len(packet.payload))
                if packet.protocol == TCP
                else b""
            )
            assert checksum(pseudo + packet.payload) == 0


def test_what_opened_is_reset_with_the_number_that_was_acknowledged() -> None:
    lan = Lan()

    asked(lan)

    segments = [
        packet.payload
        for frame in lan.sent
        if (packet := read_ipv4(frame)) and packet.protocol == TCP
    ]
    resets = [payload for payload in segments if payload[13] & RST]
    numbers = {
        payload[:4]: struct.unpack_from("!I", payload, 4)[0]
        for payload in segments
        if not payload[13] & RST
    }
    assert len(resets) == 2
    assert all(
        struct.unpack_from("!I", reset, 4)[0] == (numbers[reset[:4]] + 1) % 2**32
        for reset in resets
    )


def test_an_acknowledgement_of_something_else_opens_nothing() -> None:
    class Blind(Lan):
        def _to_opening(self, packet: Ipv4Packet) -> Iterator[bytes]:
            own_port, port = struct.unpack_from("!HH", packet.payload)
            yield ipv4(
                packet.dst,
                TCP,
                struct.pack("!HHIIBBHHH", port, own_port, 9, 77, 0x50, SYN_ACK, 1000, 0, 0),
            )

    assert words(asked(Blind())) == ["ok", "ok", "timeout", "timeout"]


def test_questions_for_the_borrowed_address_are_answered_and_not_for_ever() -> None:
    lan = Lan(asks=20, ping=False, opening="silent")

    asked(lan)

    answers = [message for message in arps(lan) if message.operation == ARP_ANSWER]
    assert {(answer.sender_mac, answer.sender_ip) for answer in answers} == {(DEVICE, ADDRESS)}
    assert len(answers) == most_frames(2)[Kind.ARP_REPLY]


def test_no_more_is_sent_than_is_counted() -> None:
    lan = Lan(asks=20, ping=False, opening="silent")

    asked(lan)

    kinds = {Kind.ICMP_ECHO: ICMP, Kind.TCP_SYN: TCP}
    packets = [packet.protocol for frame in lan.sent if (packet := read_ipv4(frame))]
    most = most_frames(2)
    assert all(packets.count(protocol) <= most[kind] for kind, protocol in kinds.items())
    assert len(lan.sent) <= sum(most.values())


def test_no_cut_of_an_answer_crashes() -> None:
    class Cutting(Lan):
        def _answers(self, frame: bytes) -> Iterator[bytes]:
            for whole in list(super()._answers(frame)):
                yield from (whole[:length] for length in range(len(whole) + 1))

    assert words(asked(Cutting())) == ["ok"] * 4
    assert words(asked(Cutting(opening="prohibited")))[2:] == ["prohibited"] * 2


def test_posing_is_counted_by_kind_before_it_is_done() -> None:
    enough = [
        Traffic(kind=kind, to="the gateway", at_most=most) for kind, most in most_frames(1).items()
    ]
    net = MeteredNet(FakeNet(), enough, "6c:0b:84:00:00:01")

    net.ask_as_client("6c:0b:84:00:00:01", ADDRESS, GATEWAY, [CLOUD])

    assert net.sent == {"arp_reply": 8, "arp_request": 3, "icmp_echo": 3, "tcp_syn": 3}
    with pytest.raises(LimitReached):
        net.ask_as_client("6c:0b:84:00:00:01", ADDRESS, GATEWAY, [CLOUD])
