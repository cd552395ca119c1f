"""The path through the Internet: a user-space relay between two TUN interfaces.

It delays, loses, repeats and reorders packets, counts down their TTL as so many routers would, and
answers for those routers (RFC 792, time exceeded). It stands in for netem, which not every kernel
has. Source: Linux Documentation/networking/tuntap.rst.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass

from tests.doubles.frames import checksum

_TUNSETIFF = 0x400454CA
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_ICMP = 1
_TCP = 6
_TIME_EXCEEDED = 11
_UNREACHABLE, _TOO_LARGE = 3, 4
_DONT_FRAGMENT = 0x40
_RST_ACK = 0x14


@dataclass(frozen=True, kw_only=True)
class Path:
    """A way through the Internet; times one way, shares between 0 and 1."""

    delay_ms: float = 45.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    duplicates: float = 0.0
    reordered: float = 0.0
    """Share of packets held back by another 20 ms, so that later ones overtake them."""
    hops: int = 11
    private_hops: int = 0
    """The first so many routers have private addresses, as a building's do."""
    box_at: int = 0
    """At which router, from the near side, a box sits that does one of the next three."""
    holds_port: int = 0
    """The box drops what goes out to this TCP port."""
    cuts_port: int = 0
    """The box swallows what servers say from this TCP port and resets the connection in their name.
    """
    cuts_behind: int = 0
    """The box lets the first words of servers at this TCP port pass, and then resets the connection
    in their name.
    """
    mtu: int = 1500
    """A link of the second router's carries no longer packet; one that may not be divided ends
    there (RFC 1191).
    """
    mtu_untold: bool = False
    """It ends there without a word, and so does one that may be divided."""
    dead: bool = False
    silent_s: tuple[float, float] = (0.0, 0.0)
    """From when to when the line carries nothing, counted from the first packet that goes out."""
    seed: int = 1


def open_tun(name: str) -> int:
    """The descriptor of an existing TUN interface of the current namespace; whole IP packets in and
    out.
    """
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(
        descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI)
    )
    os.set_blocking(descriptor, False)
    return descriptor


def hop_address(distance: int, private_hops: int = 0) -> str:
    """The address that the n-th router of the path answers from, n from 1."""
    if distance <= private_hops:
        return f"10.255.{distance}.1"
    return "81.2.69.129" if distance == 1 else f"62.115.{distance}.1"


class Relay:
    """Carries packets between two descriptors until stopped."""

    def __init__(self, near: int, far: int, path: Path) -> None:
        self._other = {near: far, far: near}
        self._near = near
        self._path = path
        self._random = random.Random(path.seed)
        self._queue: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        self._stop = threading.Event()
        self._begun: float | None = None

    def stop(self) -> None:
        """Let `run` end soon."""
        self._stop.set()

    def run(self) -> None:
        """Carry until `stop`; closes the descriptors."""
        poll = select.poll()
        for descriptor in self._other:
            poll.register(descriptor, select.POLLIN)
        while not self._stop.is_set():
            for descriptor, _ in poll.poll(self._patience_ms()):
                self._take(descriptor)
            self._deliver()
        for descriptor in self._other:
            os.close(descriptor)

    def _patience_ms(self) -> float:
        return (
            max(0.0, min(200.0, 1000 * (self._queue[0][0] - time.monotonic())))
            if self._queue
            else 200.0
        )

    def _take(self, descriptor: int) -> None:
        try:
            packet = os.read(descriptor, 4096)
        except OSError:
            return
        if packet[0] >> 4 != 4 or self._path.dead or self._is_silent():
            return
        if self._path.box_at and self._is_stopped(descriptor, packet):
            return
        if packet[8] <= self._path.hops and self._path.hops:
            self._expire(descriptor, packet)
            return
        if len(packet) > self._path.mtu and self._is_too_large(descriptor, packet):
            return
        if self._random.random() >= self._path.loss:
            self._enqueue(self._other[descriptor], _age(packet, self._path.hops), self._delay_s())
            if self._random.random() < self._path.duplicates:
                self._enqueue(
                    self._other[descriptor], _age(packet, self._path.hops), self._delay_s() + 0.001
                )

    def _is_silent(self) -> bool:
        """Does the line carry nothing now?"""
        begun = self._begun = self._begun or time.monotonic()
        first, last = self._path.silent_s
        return first <= time.monotonic() - begun < last

    def _is_stopped(self, descriptor: int, packet: bytes) -> bool:
        """Does the box on the way keep this packet? One that cuts answers in its place."""
        source, target = _ports(packet)
        if descriptor == self._near:
            return packet[8] > self._path.box_at and target == self._path.holds_port
        is_cut = source == self._path.cuts_port and _has_payload(packet)
        if is_cut:
            self._enqueue(self._near, _reset(packet, 64 - self._path.box_at), self._delay_s())
        elif source == self._path.cuts_behind and _has_payload(packet):
            self._enqueue(
                self._near,
                _reset(packet, 64 - self._path.box_at, _payload_bytes(packet)),
                self._delay_s() + 0.05,
            )
        return is_cut

    def _is_too_large(self, descriptor: int, packet: bytes) -> bool:
        """Does a narrow link keep this packet? One that may be divided passes, as if it had
        been.
        """
        if self._path.mtu_untold:
            return True
        if packet[6] & _DONT_FRAGMENT:
            told = _icmp_error(
                packet,
                hop_address(2, self._path.private_hops),
                _UNREACHABLE,
                _TOO_LARGE,
                self._path.mtu,
            )
            self._enqueue(descriptor, told, self._delay_s())
        return bool(packet[6] & _DONT_FRAGMENT)

    def _delay_s(self) -> float:
        extra = 20.0 if self._random.random() < self._path.reordered else 0.0
        return (self._path.delay_ms + extra + self._random.uniform(0, self._path.jitter_ms)) / 1000

    def _expire(self, descriptor: int, packet: bytes) -> None:
        """A router on the way answers, unless the packet is itself ICMP about an error."""
        distance = packet[8] if descriptor == self._near else self._path.hops + 1 - packet[8]
        share = packet[8] / self._path.hops
        self._enqueue(
            descriptor,
            _icmp_error(packet, hop_address(distance, self._path.private_hops), _TIME_EXCEEDED),
            2 * share * self._path.delay_ms / 1000,
        )

    def _enqueue(self, descriptor: int, packet: bytes, delay_s: float) -> None:
        self._count += 1
        heapq.heappush(self._queue, (time.monotonic() + delay_s, self._count, descriptor, packet))

    def _deliver(self) -> None:
        while self._queue and self._queue[0][0] <= time.monotonic():
            _, _, descriptor, packet = heapq.heappop(self._queue)
            try:
                os.write(descriptor, packet)
            except OSError:
                return  # the namespace is going away


def _age(packet: bytes, hops: int) -> bytes:
    """The packet with its TTL counted down and the header's checksum made good."""
    length = 4 * (packet[0] & 0x0F)
    head = packet[:8] + bytes((packet[8] - hops,)) + packet[9:10] + b"\0\0" + packet[12:length]
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + packet[length:]


def _ports(packet: bytes) -> tuple[int, int]:
    """Source and target of a TCP segment; -1 for anything else."""
    if packet[9] != _TCP:
        return -1, -1
    source, target = struct.unpack_from("!HH", packet, 4 * (packet[0] & 0x0F))
    return source, target


def _has_payload(packet: bytes) -> bool:
    """Does a TCP segment carry data?"""
    return _payload_bytes(packet) > 0


def _payload_bytes(packet: bytes) -> int:
    start = 4 * (packet[0] & 0x0F)
    return len(packet) - start - 4 * (packet[start + 12] >> 4)


def _reset(packet: bytes, ttl: int, behind_bytes: int = 0) -> bytes:
    """A reset in the name of this TCP segment's sender, in its place or so far behind: where it is
    awaited (RFC 9293 §3.10.7.4).
    """
    start = 4 * (packet[0] & 0x0F)
    ports, sequence, acknowledged = struct.unpack_from("!III", packet, start)
    numbers = struct.pack("!III", ports, (sequence + behind_bytes) % 2**32, acknowledged)
    tcp = numbers + struct.pack("!BBHHH", 0x50, _RST_ACK, 0, 0, 0)
    tcp = (
        tcp[:16]
        + struct.pack("!H", checksum(packet[12:20] + struct.pack("!BBH", 0, _TCP, len(tcp)) + tcp))
        + tcp[18:]
    )
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, ttl, _TCP, 0) + packet[12:20]
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + tcp


def _icmp_error(packet: bytes, router: str, kind: int, code: int = 0, more: int = 0) -> bytes:
    """An ICMP error with the header and first 8 bytes of the packet (RFC 792); `more` is its second
    word (RFC 1191: the MTU).
    """
    quoted = packet[: 4 * (packet[0] & 0x0F) + 8]
    body = struct.pack("!BBHI", kind, code, 0, more) + quoted
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    head = (
        struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, _ICMP, 0)
        + socket.inet_aton(router)
        + packet[12:16]
    )
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body
