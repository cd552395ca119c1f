"""`python -m tests.lab.flood KIND INTERFACE`: sends frames as fast as it can, until it is ended.

KIND is `syn` (each of another connection to the cloud's port) or `dns` (each a lookup of another
name).
"""

from __future__ import annotations

import itertools
import socket
import struct
import sys

from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

_MACS = Ether(src="6c:0b:84:00:11:22", dst="02:00:00:00:00:01")
_NUMBER_AT = {"syn": 38, "dns": 42}
_KINDS = 512
"""So many different frames, sent in turn."""


def main() -> None:
    """Send."""
    kind, interface = sys.argv[1:]
    frames = [_frame(kind, number) for number in range(_KINDS)]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((interface, 0))
        for round_number in itertools.count():
            for frame in frames:
                # Another sequence number or lookup id in each round: none is a retransmission.
                at = _NUMBER_AT[kind]
                number = struct.pack(">H", round_number & 0xFFFF)
                sock.send(frame[:at] + number + frame[at + 2 :])


def _frame(kind: str, number: int) -> bytes:
    return bytes(_MACS / IP(src=f"10.0.{number % 250}.9", dst="10.0.0.1") / _content(kind, number))


def _content(kind: str, number: int) -> Packet:
    if kind == "syn":
        return TCP(sport=1024 + number, dport=5683, flags="S", seq=number)
    return UDP(sport=1024 + number, dport=53) / DNS(
        qd=DNSQR(qname=f"{number:x}.{'a' * 50}.{'b' * 50}.example.com")
    )


if __name__ == "__main__":
    main()
