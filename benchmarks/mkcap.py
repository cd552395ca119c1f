#!/usr/bin/env python3
"""mkcap.py OUT.pcap MEGABYTES [SEED]: a capture as of an office firewall, with known needles; the
same for the same seed.

Prints one line of JSON: packets, bytes, and how many packets are relevant. None of the background
is: its TCP segments carry no SYN, FIN or RST and no HTTP, its ports are others.
"""

from __future__ import annotations

import json
import random
import struct
import sys
from pathlib import Path
from typing import NamedTuple

DEVICES = [bytes.fromhex(mac) for mac in ("e00fcd000001", "e00fcd000002", "6c0b84aabbcc")]
GATEWAY = bytes.fromhex("00163eaa0001")
GATEWAY_IP = b"\x0a\x14\0\1"
BROADCAST = b"\xff" * 6
IP4, IP6, ARP = b"\x08\0", b"\x86\xdd", b"\x08\x06"
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
SYN, RST_ACK, ACK, PSH_ACK = 0x02, 0x14, 0x10, 0x18
RELEVANT_SHARE = 0.005
FLOWS = 5000
START_US = 1_750_000_000 * 10**6
SHORTEST_FRAME = 60


def ip4(src: bytes, dst: bytes, protocol: int, payload: bytes, fragment: int = 0x4000) -> bytes:
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 7, fragment, 64, protocol, 0)
        + src
        + dst
        + payload
    )


def ip6(following: int, payload: bytes, extension: bytes = b"") -> bytes:
    addresses = b"\xfd" + bytes(15) + b"\xfd" + bytes(14) + b"\1"
    return (
        struct.pack(">IHBB", 0x60000000, len(extension) + len(payload), following, 64)
        + addresses
        + extension
        + payload
    )


def udp(source: int, target: int, payload: bytes) -> bytes:
    return struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload


def tcp(source: int, target: int, sequence: int, flags: int, payload: bytes = b"") -> bytes:
    return (
        struct.pack(">HHIIBBHHH", source, target, sequence & 0xFFFFFFFF, 1, 0x50, flags, 4096, 0, 0)
        + payload
    )


def needles_of(device: bytes, rng: random.Random) -> list[bytes]:
    """The relevant frames of one device, untagged."""
    query = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\6device\5spark\2io\0\0\1\0\1"
    own, cloud = bytes((10, 20, 0, rng.randrange(2, 250))), bytes((54, 85, rng.randrange(256), 9))
    up, down, broadcast = GATEWAY + device, device + GATEWAY, BROADCAST + device
    answer = query + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + cloud
    discover = rng.randbytes(244) + b"\x63\x82\x53\x63\x35\1\1\xff"
    prohibited = b"\3\x0d\0\0\0\0\0\0" + ip4(own, cloud, TCP, tcp(4000, 5683, 1, SYN))[:28]
    return [
        broadcast + ARP + b"\0\1\x08\0\6\4\0\1" + device + own + bytes(6) + GATEWAY_IP,
        broadcast + IP4 + ip4(bytes(4), b"\xff" * 4, UDP, udp(68, 67, discover)),
        up + IP4 + ip4(own, GATEWAY_IP, UDP, udp(50000, 53, query)),
        down + IP4 + ip4(GATEWAY_IP, own, UDP, udp(53, 50000, answer)),
        up + IP4 + ip4(own, cloud, TCP, tcp(4000, 5683, 1, SYN)),
        down + IP4 + ip4(cloud, own, TCP, tcp(5683, 4000, 9, RST_ACK)),
        up + IP4 + ip4(own, cloud, UDP, udp(5684, 5684, b"\x16\xfe\xfd" + rng.randbytes(90))),
        up + IP4 + ip4(own, cloud, TCP, tcp(4001, 80, 1, SYN)),
        up + IP4 + ip4(own, cloud, TCP, tcp(4002, 443, 1, SYN)),
        up + IP4 + ip4(own, cloud, TCP, tcp(4001, 80, 2, PSH_ACK, b"GET / HTTP/1.1\r\n\r\n")),
        down + IP4 + ip4(cloud, own, ICMP, prohibited),
        up + IP6 + ip6(ICMPV6, b"\x87\0\0\0" + bytes(20)),
        up + IP6 + ip6(0, udp(5000, 53, query), b"\x11\0\1\4\0\0\0\0"),
        up + IP4 + ip4(own, cloud, UDP, rng.randbytes(600), 0x00B9),
    ]


def needles(rng: random.Random) -> list[bytes]:
    """The relevant frames: plain, with one tag, some with two tags and some in PPPoE."""
    plain = [frame for device in DEVICES for frame in needles_of(device, rng)]
    tagged = [frame[:12] + b"\x81\0\0\x64" + frame[12:] for frame in plain]
    twice = [frame[:12] + b"\x88\xa8\0\5\x81\0\0\x64" + frame[12:] for frame in plain[::5]]
    ip_only = [frame for frame in plain if frame[12:14] == IP4][::4]
    pppoe = [
        frame[:12]
        + b"\x88\x64\x11\0\0\7"
        + struct.pack(">H", len(frame) - 12)
        + b"\0\x21"
        + frame[14:]
        for frame in ip_only
    ]
    return plain + tagged + twice + pppoe


class Flow(NamedTuple):
    """One background conversation: the Ethernet headers of both directions without type, and who
    with whom.
    """

    up: bytes
    down: bytes
    client: bytes
    server: bytes
    client_port: int
    server_port: int
    is_udp: bool
    is_ip6: bool

    @classmethod
    def random(cls, rng: random.Random) -> Flow:
        is_udp, is_ip6 = rng.random() < 0.35, rng.random() < 0.08
        mac = b"\xac\x37\x43" + rng.randbytes(3)
        tag = b"\x81\0" + struct.pack(">H", rng.randrange(1, 4000)) if rng.random() < 0.15 else b""
        client = bytes((10, 20, rng.randrange(16), rng.randrange(2, 254)))
        server = bytes((rng.randrange(20, 220),)) + rng.randbytes(3)
        port = (
            rng.choice((443, 443, 3478, 16400))
            if is_udp
            else rng.choice((443, 443, 443, 443, 80, 8080, 5223, 22))
        )
        return cls(
            GATEWAY + mac + tag,
            mac + GATEWAY + tag,
            client,
            server,
            rng.randrange(32768, 61000),
            port,
            is_udp,
            is_ip6,
        )

    def frame(self, rng: random.Random, pool: bytes, sequence: int) -> bytes:
        """A packet of it: small ones and bare acknowledgements up, mostly full ones down."""
        is_up = rng.random() < 0.38
        start = rng.randrange(len(pool) // 2)
        payload = pool[start : start + self._size(rng, is_up)]
        ports = (
            (self.client_port, self.server_port) if is_up else (self.server_port, self.client_port)
        )
        if self.is_udp:
            protocol, segment = UDP, udp(*ports, b"\x41" + payload)
        else:
            record = b"\x17\3\3" + struct.pack(">H", len(payload)) + payload if payload else b""
            protocol, segment = TCP, tcp(*ports, sequence, PSH_ACK if payload else ACK, record)
        header = self.up if is_up else self.down
        if self.is_ip6:
            return header + IP6 + ip6(protocol, segment)
        ends = (self.client, self.server) if is_up else (self.server, self.client)
        return header + IP4 + ip4(*ends, protocol, segment)

    def _size(self, rng: random.Random, is_up: bool) -> int:
        if not is_up:
            return 1400 if rng.random() < 0.52 else rng.randrange(30, 700)
        if self.is_udp:
            return rng.randrange(28, 60)
        return 0 if rng.random() < 0.8 else rng.randrange(20, 900)


def write(path: Path, size: int, seed: int = 1) -> dict[str, int | str]:
    """Write a capture of at least `size` bytes; what it holds comes back."""
    rng = random.Random(seed)
    pool, wanted = rng.randbytes(1 << 22), needles(rng)
    flows = [Flow.random(rng) for _ in range(FLOWS)]
    packets = relevant = 0
    written, at_us = 24, START_US
    with path.open("wb", buffering=1 << 20) as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        while written < size:
            frame = flows[int(rng.paretovariate(0.6)) % FLOWS].frame(rng, pool, packets)
            if rng.random() < RELEVANT_SHARE:
                frame = wanted[relevant % len(wanted)]
                relevant += 1
            frame = frame.ljust(SHORTEST_FRAME, b"\0")
            at_us += rng.randrange(1, 60)
            file.write(
                struct.pack("<IIII", at_us // 10**6, at_us % 10**6, len(frame), len(frame)) + frame
            )
            written += 16 + len(frame)
            packets += 1
    return {"file": str(path), "packets": packets, "relevant": relevant, "bytes": written}


if __name__ == "__main__":
    print(
        json.dumps(
            write(
                Path(sys.argv[1]),
                int(float(sys.argv[2]) * 1e6),
                int(sys.argv[3]) if len(sys.argv) > 3 else 1,
            )
        )
    )
