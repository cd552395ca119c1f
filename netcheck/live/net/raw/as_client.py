"""What does the network answer a client of another MAC? Frames with that MAC are sent, and their
answers are read.

Nobody else answers for the borrowed address, so ARP requests for it are answered as long as this
goes on; and the interface must hand over frames for a MAC that is not its own (promiscuous mode).
Sources: RFC 826 (a request also teaches its sender's address), RFC 792, RFC 9293 §3.5.1-3.5.3 (SYN,
and the reset that ends it).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence

from netcheck.live.net import tcp
from netcheck.live.net.raw.arp import arp_in, reply_to
from netcheck.live.net.raw.link import EthernetLink
from netcheck.model import Scalar, Struct
from netcheck.probing.net import ClientAnswers, Reply
from netcheck.probing.plugin import Kind
from netcheck.wire.arp import ARP_ANSWER
from netcheck.wire.decode import (
    ACK,
    ICMP,
    RST,
    SYN,
    TCP,
    UNREACHABLE,
    Icmp,
    Message,
    Tcp,
    decode,
    read_ipv4,
)
from netcheck.wire.icmp import is_echo_reply
from netcheck.wire.links import ETHERNET

_ARP_SENDINGS_AT_S, _ARP_S = (0.0, 0.5, 1.0), 1.8
_SENDINGS_AT_S = (0.0, 1.0, 2.0)
"""As a system repeats a SYN (RFC 6298 §2: after 1 s)."""
_PATIENCE_S = 3.2
"""Time for the last one's answer, too."""
_MOST_ARP_REPLIES = 8


class FrameAnswer(Struct, frozen=True, kw_only=True):
    """What a frame says to a question, and the reset to send for a connection that opened."""

    reason: str = ""
    data: tuple[tuple[str, Scalar], ...] = ()
    reset: bytes = b""


class FrameQuestion(Struct, frozen=True, kw_only=True):
    """A frame to send, and how to know its answer."""

    frame: bytes
    read: Callable[[bytes], FrameAnswer | None]


def most_frames(places: int) -> dict[Kind, int]:
    """How many frames of each kind one client may send for so many places; a reset is counted with
    its SYN.
    """
    return {
        Kind.ARP_REQUEST: len(_ARP_SENDINGS_AT_S),
        Kind.ARP_REPLY: _MOST_ARP_REPLIES,
        Kind.ICMP_ECHO: len(_SENDINGS_AT_S),
        Kind.TCP_SYN: len(_SENDINGS_AT_S) * places,
    }


class BorrowedClient:
    """A client of that MAC and address, over a link that hears frames for all MACs."""

    def __init__(self, link: EthernetLink, mac: str, address: str) -> None:
        self._link = link
        self._mac = mac
        self._address = address
        self._replies_left = _MOST_ARP_REPLIES

    def ask(
        self,
        gateway: str,
        places: Sequence[tuple[str, int]],
        patience_s: float = _PATIENCE_S,
    ) -> ClientAnswers:
        """Ask the gateway for its MAC and, if it answers, for an echo, and through it each place
        for a connection.
        """
        (arp_reply,) = self._answers([self._who_has(gateway)], _ARP_SENDINGS_AT_S, _ARP_S)
        if not arp_reply.ok:
            return ClientAnswers(arp=arp_reply)
        gateway_mac = arp_reply.text("gateway_mac")
        questions = [
            self._echo(gateway, gateway_mac),
            *(self._connection(ip, port, gateway_mac) for ip, port in places),
        ]
        echo, *connections = self._answers(questions, _SENDINGS_AT_S, patience_s)
        return ClientAnswers(arp=arp_reply, echo=echo, connections=tuple(connections))

    def _answers(
        self, questions: Sequence[FrameQuestion], sendings_at_s: Sequence[float], listen_s: float
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
        silence = Reply(ok=False, reason="timeout", took_s=listen_s)
        return [replies.get(place, silence) for place in range(len(questions))]

    def _read(
        self,
        frame: bytes,
        questions: Sequence[FrameQuestion],
        replies: dict[int, Reply],
        took_s: float,
    ) -> dict[int, Reply]:
        """The reply to a question without one that the frame answers, if any."""
        for place, question in enumerate(questions):
            answer = question.read(frame) if place not in replies else None
            if answer is not None:
                if answer.reset:
                    self._link.send(answer.reset)
                return {
                    place: Reply(
                        ok=not answer.reason, reason=answer.reason, took_s=took_s, data=answer.data
                    )
                }
        return {}

    def _answer_arp(self, frame: bytes) -> None:
        """Say whose the address is: nobody else can."""
        from netcheck.wire import frames

        asked = arp_in(frame)
        if asked is None or asked.operation == ARP_ANSWER or asked.target_ip != self._address:
            return
        if self._replies_left:
            self._replies_left -= 1
            self._link.send(
                frames.arp_reply(self._mac, self._address, asked.sender_mac, asked.sender_ip)
            )

    def _who_has(self, gateway: str) -> FrameQuestion:
        from netcheck.wire import frames

        def read(frame: bytes) -> FrameAnswer | None:
            reply = reply_to(frame, self._mac, gateway)
            return FrameAnswer(data=(("gateway_mac", reply.sender_mac),)) if reply else None

        return FrameQuestion(frame=frames.arp_request(self._mac, gateway, self._address), read=read)

    def _echo(self, gateway: str, gateway_mac: str) -> FrameQuestion:
        from netcheck.wire import frames

        token = os.urandom(16)
        ends = frames.Ends(self._mac, gateway_mac, self._address, gateway)

        def read(frame: bytes) -> FrameAnswer | None:
            packet = read_ipv4(frame)
            if packet is None or packet.offset or packet.protocol != ICMP:
                return None
            is_ours = (packet.src, packet.dst) == (gateway, self._address)
            return FrameAnswer() if is_ours and is_echo_reply(packet.payload, token) else None

        return FrameQuestion(frame=frames.icmp_echo(ends, token), read=read)

    def _connection(self, ip: str, port: int, gateway_mac: str) -> FrameQuestion:
        from netcheck.wire import frames

        own_port, number = random.randrange(32768, 61000), random.getrandbits(32)
        ends = frames.Ends(self._mac, gateway_mac, self._address, ip)

        def read(frame: bytes) -> FrameAnswer | None:
            message = decode(ETHERNET, frame)
            if message is None or message.dst != self._address:
                return None
            if isinstance(message.body, Icmp):
                return icmp_refusal(message, message.body, ip, own_port, port)
            segment = message.body
            if not isinstance(segment, Tcp) or message.src != ip:
                return None
            if (segment.sport, segment.dport) != (port, own_port):
                return None
            if segment.flags & RST:
                return FrameAnswer(reason="refused")
            if segment.flags & (SYN | ACK) != SYN | ACK or segment.ack != (number + 1) % 2**32:
                return None
            return FrameAnswer(reset=frames.tcp_reset(ends, own_port, port, segment.ack))

        return FrameQuestion(frame=frames.tcp_syn(ends, own_port, port, number), read=read)


def icmp_refusal(
    message: Message, error: Icmp, ip: str, own_port: int, port: int
) -> FrameAnswer | None:
    """What an ICMP message says of our SYN; None where it is no refusal, or not of ours."""
    if error.kind != UNREACHABLE or error.about is None:
        return None
    protocol, _, sport, target, dport = error.about
    if (protocol, sport, target, dport) != (TCP, own_port, ip, port):
        return None
    return FrameAnswer(
        reason=tcp.refusal(error.code),
        data=(("sender", message.src), ("icmp_type", error.kind), ("icmp_code", error.code)),
    )
