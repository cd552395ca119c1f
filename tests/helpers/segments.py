"""TCP connections in a line: for tables of cases about what a connection means.

    0 >S | .1 <SA | .2 <40 | .3 >256 | .35 <A

Each packet is its time in seconds, its direction (`>` from the client) and either flags (S, A, F,
R) or a number of bytes, which carry ACK; a trailing `r` sends the last bytes of that side again,
`t` sends text, `=` the same byte over and over, `/TTL` another TTL. Sequence numbers follow by
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from netcheck.capture.protocols.cloud_steps import CloudStep
from netcheck.capture.protocols.tcp import Connection, connections
from netcheck.capture.records import FlowKey, TcpSegment
from netcheck.model import Scalar
from tests.helpers.wire import random_bytes

SECOND_NS = 10**9
KEY = FlowKey("192.168.5.20", 50000, "54.1.2.3", 5683)
FLAGS = {"F": 1, "S": 2, "R": 4, "A": 16}
_PACKET = re.compile(r"(\d*\.?\d+) ([<>])([SAFR]+|\d+)([rt=]?)(?:/(\d+))?")


def segments(line: str, key: FlowKey = KEY) -> list[TcpSegment]:
    """The segments that one line says."""
    following = {True: 1000, False: 9000}
    last = {True: 1000, False: 9000}
    found = []
    for number, word in enumerate(line.split(" | "), 1):
        match = _PACKET.fullmatch(word.strip())
        assert match, word
        at_s, direction, what, mark, ttl = match.groups()
        up = direction == ">"
        size = int(what) if what.isdigit() else 0
        flags = 16 if what.isdigit() else sum(FLAGS[letter] for letter in what)
        seq = last[up] if mark == "r" else following[up]
        payload = {"t": b"text ", "=": b"\x07"}.get(mark, b"") * size or random_bytes(size, word)
        found.append(
            TcpSegment(
                at_ns=round(float(at_s) * SECOND_NS),
                source="x",
                number=number,
                up=up,
                flags=flags,
                seq=seq,
                ack=following[not up] if flags & 16 else 0,
                length=size,
                ttl=int(ttl) if ttl else (255 if up else 52),
                window=4608,
                ip_id=number,
                mss=1152,
                rich=False,
                mac="e0:4f:43:00:00:01" if up else "c0:56:27:00:00:01",
                payload=payload[:size] if key.server_port in (80, 5683) else b"",
            )
        )
        last[up] = seq
        following[up] = max(following[up], seq + size + bool(flags & 3))
    return found


def connection(line: str, key: FlowKey = KEY) -> Connection:
    """The one connection that a line says."""
    [found] = connections(key, segments(line, key))
    return found


def step_line(step: CloudStep) -> str:
    """`FACT OUTCOME REASON FROM-TO #PACKETS NAME=VALUE …`, but for the digest of random bytes."""
    numbers = ",".join(str(packet.number) for packet in step.packets)
    words = [step.fact, step.outcome, step.reason, _span(step.at_ns, step.end_ns), f"#{numbers}"]
    return " ".join(word for word in (*words, *_data(step.data)) if word)


def _span(at_ns: int, end_ns: int) -> str:
    return f"{at_ns / SECOND_NS:.4g}-{end_ns / SECOND_NS:.4g}"


def _data(data: Sequence[tuple[str, Scalar]]) -> list[str]:
    return [f"{name}={value}" for name, value in data if name != "sealed_head"]
