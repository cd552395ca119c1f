"""Capture files for tests: writers of every kind, and a reader so simple that it can be
believed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from netcheck.capture.files.relevant import exact
from netcheck.capture.files.stream import Packet, open_capture
from netcheck.wire.links import dot11
from tests.helpers.places import CAPTURES

REAL = sorted(path for path in CAPTURES.rglob("*") if path.suffix in (".pcap", ".pcapng"))
Frames = Iterable[tuple[int, bytes]]
"""Time in ns and bytes of each."""


def pcap(
    frames: Frames, *, order: str = "<", magic: int = 0xA1B2C3D4, link: int = 1, wire_more: int = 0
) -> bytes:
    """A pcap file; the magic says the unit of time and the size of a record's header. `wire_more`:
    bytes not captured of each.
    """
    unit_ns, tail = {0xA1B2C3D4: (1000, b""), 0xA1B23C4D: (1, b""), 0xA1B2CD34: (1000, bytes(8))}[
        magic
    ]
    out = bytearray(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link))
    for at_ns, frame in frames:
        seconds, rest = divmod(at_ns, 10**9)
        out += (
            struct.pack(
                order + "IIII", seconds, rest // unit_ns, len(frame), len(frame) + wire_more
            )
            + tail
            + frame
        )
    return bytes(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A pcapng block, padded."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(order: str = "<", link: int = 1, snaplen: int = 0, options: bytes = b"") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)


def packet(
    stamp: int,
    frame: bytes,
    order: str = "<",
    number: int = 0,
    options: bytes = b"",
    wire_more: int = 0,
) -> bytes:
    """An Enhanced Packet Block; `stamp` in units of its interface."""
    head = struct.pack(
        order + "5I", number, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), len(frame) + wire_more
    )
    return block(6, head + frame + bytes(-len(frame) % 4) + options, order)


def pcapng(frames: Frames, *, order: str = "<", link: int = 1) -> bytes:
    """A pcapng file of one section and one interface, in microseconds."""
    return (
        section(order)
        + interface(order, link)
        + b"".join(packet(at_ns // 1000, frame, order) for at_ns, frame in frames)
    )


@dataclass
class Read:
    """What a reader made of a file."""

    kept: list[Packet] = field(default_factory=list)
    packets: int = 0
    relevant: int = 0
    first_ns: int | None = None
    last_ns: int | None = None
    links: set[int] = field(default_factory=set)
    snaplen_cut: int = 0
    backward_steps: int = 0
    protected: int = 0
    is_whole: bool = True


def read(path: Path | str, block_bytes: int = 1 << 16) -> Read:
    """What the program makes of it."""
    capture = open_capture(str(path), block_bytes)
    kept = list(capture)
    return Read(
        kept,
        capture.packets,
        capture.relevant,
        capture.first_ns,
        capture.last_ns,
        capture.links,
        capture.snaplen_cut,
        capture.backward_steps,
        capture.protected,
        not capture.problems,
    )


def frames_of(path: Path) -> list[tuple[int, bytes]]:
    """Every packet of a file, relevant or not: time in ns and bytes."""
    data = path.read_bytes()
    records = _pcapng_records(data) if data.startswith(b"\x0a\x0d\x0d\x0a") else _pcap_records(data)
    return [(record.at_ns, record.frame) for record in records if record is not None]


def read_simply(data: bytes) -> Read:
    """What it should make of it: every record in turn, `exact` asked for each."""
    result, before_ns = Read(), None
    is_pcapng = data.startswith(b"\x0a\x0d\x0d\x0a")
    records = _pcapng_records(data) if is_pcapng else _pcap_records(data)
    result.links = set() if is_pcapng else {_pcap_link(data)}
    for record in records:
        if record is None:
            result.is_whole = False
            break
        result.packets += 1
        result.links.add(record.link)
        result.first_ns = (
            record.at_ns if result.first_ns is None else min(result.first_ns, record.at_ns)
        )
        result.last_ns = (
            record.at_ns if result.last_ns is None else max(result.last_ns, record.at_ns)
        )
        result.backward_steps += before_ns is not None and record.at_ns < before_ns - 10**9
        before_ns = record.at_ns
        radio = dot11(record.link, record.frame)
        result.protected += radio is not None and radio.is_data and radio.is_protected
        if exact(record.link, record.frame):
            result.relevant += 1
            result.snaplen_cut += len(record.frame) < record.wire_len
            result.kept.append(record._replace(number=result.packets))
    return result


def _pcap_link(data: bytes) -> int:
    """The link type that the file's header names."""
    return int.from_bytes(data[20:24], "big" if data[0] == 0xA1 else "little") & 0x03FFFFFF


def _pcap_records(data: bytes) -> Iterator[Packet | None]:
    """Each record; None where the file is cut or damaged."""
    order = ">" if data[0] == 0xA1 else "<"
    (magic,) = struct.unpack_from(order + "I", data)
    link = _pcap_link(data)
    unit_ns, header = {0xA1B2C3D4: (1000, 16), 0xA1B23C4D: (1, 16), 0xA1B2CD34: (1000, 24)}[magic]
    at = 24
    while at < len(data):
        if at + header > len(data):
            yield None
            return
        seconds, fraction, size, wire_len = struct.unpack_from(order + "IIII", data, at)
        at += header
        if size > 262144 or at + size > len(data) or seconds == fraction == size == wire_len == 0:
            yield None
            return
        yield Packet(
            0, seconds * 10**9 + fraction * unit_ns, link, data[at : at + size], wire_len, 0
        )
        at += size


def _pcapng_records(data: bytes) -> Iterator[Packet | None]:
    """Each Enhanced Packet Block of microsecond interfaces; None where the file is cut or
    damaged.
    """
    at, order, earlier = 0, "<", 0
    links: list[tuple[int, int]] = []
    while at < len(data):
        if data[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}.get(
                data[at + 8 : at + 12], ""
            )
            earlier, links = earlier + len(links), []
        if not order or at + 8 > len(data):
            yield None
            return
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or size % 4 or at + size > len(data):
            yield None
            return
        if kind == 1:
            links.append(struct.unpack_from(order + "H", data, at + 8)[0])
        if kind == 6:
            number, high, low, captured, wire_len = (
                struct.unpack_from(order + "5I", data, at + 8) if size >= 28 else (0, 0, 0, 1, 0)
            )
            if captured + 32 > size or number >= len(links):
                yield None
                return
            stamp = min((high << 32 | low) * 1000, 253_402_300_799 * 10**9)
            yield Packet(
                0,
                stamp,
                links[number],
                data[at + 28 : at + 28 + captured],
                wire_len,
                earlier + number,
            )
        at += size
