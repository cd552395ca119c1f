"""What does the network answer a client of another MAC? Frames with that MAC are made here, and
their answers are read.

Nobody else answers for the borrowed address, so ARP questions for it are answered as long as this
goes on; and the interface must hand over frames for a MAC that is not its own (promiscuous mode).
Sources: RFC 826 (a request also teaches its sender's address), RFC 792, RFC 9293 §3.5.1-3.5.3 (SYN,
and the reset that ends it).
"""

from __future__ import annotations

import os
import random
import socket
import struct
import time
from collections.abc import Callable, Sequence

from netcheck.live.net import arp, icmp, raw, tcp
from netcheck.live.net.raw import Link
from netcheck.model import Scalar, Struct
from netcheck.probing.net import ClientAnswers, Reply
from netcheck.probing.plugin import Kind

_ARP_SENDINGS_AT_S, _ARP_S = (0.0, 0.5, 1.0), 1.8
_SENDINGS_AT_S, _LISTEN_S = (0.0, 1.0, 2.0), 3.2
"""As a system repeats a SYN (RFC 6298 §2: after 1 s), and time for the last one's answer."""
_MOST_ARP_REPLIES = 8
_WINDOW, _MSS = 4096, 1152
_SYN, _RST, _ACK = 0x02, 0x04, 0x10
_TCP = struct.Struct(
    "!HHIIBBHHH"
)  # ports, sequence, acknowledgement, length, flags, window, checksum, urgent
_UNREACHABLE = 3  # ICMP type
_SILENCE = Reply(ok=False, reason="timeout")


class Answer(Struct, frozen=True, kw_only=True):
    """What a frame says to a question, and what to send back for it."""

    reason: str = ""
    data: tuple[tuple[str, Scalar], ...] = ()
    farewell: bytes = b""


class Question(Struct, frozen=True, kw_only=True):
    """A frame to send, and how to know its answer."""

    frame: bytes
    read: Callable[[bytes], Answer | None]


def most_frames(places: int) -> dict[Kind, int]:
    """How many frames of each kind one persona may send for so many places; a reset is counted with
    its opening.
    """
    return {
        Kind.ARP_REQUEST: len(_ARP_SENDINGS_AT_S),
        Kind.ARP_REPLY: _MOST_ARP_REPLIES,
        Kind.ICMP_ECHO: len(_SENDINGS_AT_S),
        Kind.TCP_SYN: len(_SENDINGS_AT_S) * places,
    }


class Persona:
    """A client of that MAC and address, played over a link that hears frames for all MACs."""

    def __init__(self, link: Link, mac: str, address: str) -> None:
        self._link = link
        self._mac = bytes.fromhex(mac.replace(":", ""))
        self._address = address
        self._replies_left = _MOST_ARP_REPLIES

    def ask(self, gateway: str, places: Sequence[tuple[str, int]]) -> ClientAnswers:
        """Ask the gateway for its MAC and, if it answers, for an echo, and through it each place
        for a connection.
        """
        (arp_reply,) = self._answers([self._who_has(gateway)], _ARP_SENDINGS_AT_S, _ARP_S)
        if not arp_reply.ok:
            return ClientAnswers(arp=arp_reply)
        gateway_mac = bytes.fromhex(arp_reply.text("gateway_mac").replace(":", ""))
        questions = [
            self._echo(gateway, gateway_mac),
            *(self._opening(ip, port, gateway_mac) for ip, port in places),
        ]
        echo, *connections = self._answers(questions, _SENDINGS_AT_S, _LISTEN_S)
        return ClientAnswers(arp=arp_reply, echo=echo, connections=tuple(connections))

    def _answers(
        self, questions: Sequence[Question], sendings_at_s: Sequence[float], listen_s: float
    ) -> list[Reply]:
        """The reply to each, those without an answer asked again. Ends when all are answered."""
        begun = time.monotonic()
        replies: dict[int, Reply] = {}
        for end_s in (*sendings_at_s[1:], listen_s):
            for place, question in enumerate(questions):
                if place not in replies:
                    self._link.send(question.frame)
            for frame in self._link.received(begun + end_s):
                self._answer_arp(frame)
                replies |= self._read(frame, questions, replies, time.monotonic() - begun)
                if len(replies) == len(questions):
                    return [replies[place] for place in range(len(questions))]
        return [replies.get(place, _SILENCE) for place in range(len(questions))]

    def _read(
        self, frame: bytes, questions: Sequence[Question], replies: dict[int, Reply], took_s: float
    ) -> dict[int, Reply]:
        """The reply to a question without one that the frame answers, if any."""
        for place, question in enumerate(questions):
            answer = question.read(frame) if place not in replies else None
            if answer is not None:
                if answer.farewell:
                    self._link.send(answer.farewell)
                return {
                    place: Reply(
                        ok=not answer.reason, reason=answer.reason, took_s=took_s, data=answer.data
                    )
                }
        return {}

    def _answer_arp(self, frame: bytes) -> None:
        """Say whose the address is: nobody else can."""
        said = arp.parse(frame)
        if said and not said.is_reply and said.wanted == self._address and self._replies_left:
            self._replies_left -= 1
            self._link.send(arp.reply(self._mac, self._address, said.mac, said.address))

    def _who_has(self, gateway: str) -> Question:
        def read(frame: bytes) -> Answer | None:
            said = arp.parse(frame)
            is_ours = (
                said is not None
                and said.is_reply
                and said.address == gateway
                and frame[:6] == self._mac
            )
            return Answer(data=(("gateway_mac", said.mac.hex(":")),)) if said and is_ours else None

        return Question(frame=arp.question(self._mac, gateway, self._address), read=read)

    def _echo(self, gateway: str, gateway_mac: bytes) -> Question:
        token = os.urandom(16)

        def read(frame: bytes) -> Answer | None:
            packet = raw.parse_ipv4(frame)
            if packet is None or (packet.protocol, packet.source, packet.target) != (
                raw.ICMP,
                gateway,
                self._address,
            ):
                return None
            return Answer() if icmp.is_reply(packet.payload, token) else None

        return Question(
            frame=self._packet(gateway_mac, gateway, raw.ICMP, icmp.echo_request(token)), read=read
        )

    def _opening(self, ip: str, port: int, gateway_mac: bytes) -> Question:
        own_port, number = random.randrange(32768, 61000), random.getrandbits(32)

        def read(frame: bytes) -> Answer | None:
            packet = raw.parse_ipv4(frame)
            if packet is None or packet.target != self._address:
                return None
            if packet.protocol == raw.ICMP:
                return icmp_refusal(packet, ip, own_port, port)
            if packet.protocol != raw.TCP or packet.source != ip or len(packet.payload) < _TCP.size:
                return None
            their_port, to_port, _, acknowledged, _, flags, *_ = _TCP.unpack_from(packet.payload)
            if (their_port, to_port) != (port, own_port):
                return None
            if flags & _RST:
                return Answer(reason="refused")
            if flags & (_SYN | _ACK) != _SYN | _ACK or acknowledged != (number + 1) % 2**32:
                return None
            reset = self._packet(
                gateway_mac, ip, raw.TCP, self._segment(ip, own_port, port, acknowledged, _RST)
            )
            return Answer(farewell=reset)

        syn = self._segment(ip, own_port, port, number, _SYN, struct.pack("!BBH", 2, 4, _MSS))
        return Question(frame=self._packet(gateway_mac, ip, raw.TCP, syn), read=read)

    def _segment(
        self, ip: str, own_port: int, port: int, number: int, flags: int, options: bytes = b""
    ) -> bytes:
        words = (_TCP.size + len(options)) // 4
        blank = _TCP.pack(own_port, port, number, 0, words << 4, flags, _WINDOW, 0, 0) + options
        sum_ = raw.transport_checksum(
            socket.inet_aton(self._address), socket.inet_aton(ip), raw.TCP, blank
        )
        return blank[:16] + struct.pack("!H", sum_) + blank[18:]

    def _packet(self, gateway_mac: bytes, ip: str, protocol: int, message: bytes) -> bytes:
        header = raw.ipv4_header(
            socket.inet_aton(self._address), socket.inet_aton(ip), protocol, len(message)
        )
        return gateway_mac + self._mac + struct.pack("!H", raw.IPV4) + header + message


def icmp_refusal(packet: raw.Packet, ip: str, own_port: int, port: int) -> Answer | None:
    """What an ICMP message says of our opening; None where it is no refusal, or not of ours (RFC
    792: it quotes 28 bytes).
    """
    message, quoted = packet.payload, packet.payload[8:]
    if len(quoted) < 28 or message[0] != _UNREACHABLE or quoted[9] != raw.TCP:
        return None
    header_bytes = (quoted[0] & 0x0F) * 4
    ports = struct.pack("!HH", own_port, port)
    if quoted[16:20] != socket.inet_aton(ip) or quoted[header_bytes : header_bytes + 4] != ports:
        return None
    return Answer(
        reason=tcp.refusal(message[1]),
        data=(("sender", packet.source), ("icmp_type", message[0]), ("icmp_code", message[1])),
    )
