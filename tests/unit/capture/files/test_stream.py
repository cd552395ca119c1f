"""Does the reader hand over exactly the relevant packets of every kind of file, and say what it
read?
"""

from __future__ import annotations

import gzip
import io
import os
import random
import struct
import subprocess
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from netcheck.capture.files import compressed, stream
from netcheck.capture.files.relevant import NOBODY, Watched, exact, watched
from netcheck.capture.files.stream import CaptureError, Packet, open_capture
from tests.helpers.capture_files import (
    REAL,
    block,
    interface,
    option,
    packet,
    pcap,
    pcapng,
    read,
    read_simply,
    section,
)
from tests.helpers.link_types import WRAPPED
from tests.helpers.packets import ETHER, KEPT, LEFT_OUT, SYN_FRAME

NOISE = (
    SYN_FRAME[:34] + struct.pack(">HH", 40000, 443) + SYN_FRAME[38:47] + b"\x10" + SYN_FRAME[48:]
)
PLAIN = LEFT_OUT["tcp ack"]
T0 = 1_750_000_000 * 10**9
FRAMES = [(T0 + k * 10**8 + 1000, SYN_FRAME if k % 3 == 0 else NOISE) for k in range(30)]
BLOCKS = (1, 17, 100, 4096, 1 << 17)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write bytes to a file and give its path."""

    def to_file(data: bytes, name: str = "capture") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return to_file


def frames_of(data: bytes) -> list[tuple[int, bytes]]:
    """Every Ethernet frame of a real pcap file, with its time."""
    at, frames = 24, []
    while at < len(data):
        seconds, micros, size = struct.unpack_from("<III", data, at)
        frames.append((seconds * 10**9 + micros * 1000, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return frames


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
@pytest.mark.parametrize("block_bytes", BLOCKS)
def test_engine_equals_slow_walk_on_real_captures(path: Path, block_bytes: int) -> None:
    assert read(path, block_bytes) == read_simply(path.read_bytes())


@pytest.mark.parametrize(
    "path", [path for path in REAL if path.suffix == ".pcap"][:6], ids=lambda path: path.stem
)
def test_container_and_byte_order_do_not_matter(path: Path, write: Write) -> None:
    original = read(path)
    link, frames = original.links.pop(), frames_of(path.read_bytes())
    variants = [
        pcap(frames, order=order, magic=magic, link=link)
        for order in "<>"
        for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)
    ]
    variants += [pcapng(frames, order=order, link=link) for order in "<>"]
    for data in variants:
        for packed in (data, gzip.compress(data, mtime=0), zstandard.compress(data)):
            assert read(write(packed)).kept == original.kept


def test_engine_equals_slow_walk_on_truncations(write: Write) -> None:
    rng = random.Random(7)
    for path in rng.choices(REAL, k=60):
        data = path.read_bytes()
        cut = data[: rng.randrange(60, len(data))]
        assert read(write(cut), rng.choice(BLOCKS)) == read_simply(cut), (path.name, len(cut))


BACKGROUND = {
    "plain": (1, ETHER + PLAIN),
    "tagged": (1, ETHER + b"\x81\x00\x00\x64" + PLAIN),
    "tagged twice": (1, ETHER + b"\x88\xa8\x00\x05\x81\x00\x00\x64" + PLAIN),
    "pppoe": (1, ETHER + b"\x88\x64\x11\x00\x00\x07\x00\x2a\x00\x21" + PLAIN[2:]),
    "ipv6": (1, ETHER + LEFT_OUT["tcp other port v6"]),
    "cooked": (113, bytes(14) + PLAIN),
    "cooked v2": (276, PLAIN[:2] + bytes(18) + PLAIN[2:]),
    "raw": (101, PLAIN[2:]),
    "loopback": (0, b"\x02\0\0\0" + PLAIN[2:]),
    "wifi": (
        127,
        bytes([0, 0, 8, 0, 0, 0, 0, 0, 0x08, 1]) + bytes(22) + b"\xaa\xaa\x03\0\0\0" + PLAIN,
    ),
    "wifi qos": (
        127,
        bytes([0, 0, 8, 0, 0, 0, 0, 0, 0x88, 1]) + bytes(24) + b"\xaa\xaa\x03\0\0\0" + PLAIN,
    ),
    "wifi protected": (127, bytes([0, 0, 8, 0, 0, 0, 0, 0, 0x88, 0x41]) + bytes(80)),
    "wifi control": (127, bytes([0, 0, 8, 0, 0, 0, 0, 0, 0xD4, 0]) + bytes(30)),
}


@pytest.mark.parametrize("name", BACKGROUND)
@pytest.mark.parametrize("make", [pcap, pcapng])
def test_background_is_passed_over_without_making_packets(
    write: Write, monkeypatch: pytest.MonkeyPatch, make: Callable[..., bytes], name: str
) -> None:
    """One handed over costs ten times one passed over. Those at the edge of what was read go the
    slow way: two in a short file.
    """
    asked = []

    def slowly(link: int, frame: bytes, _port: int) -> bool:
        asked.append(frame)
        return exact(link, frame)

    monkeypatch.setattr(stream, "exact", slowly)
    link, frame = BACKGROUND[name]
    capture = open_capture(str(write(make([(T0, frame)] * 50, link=link))))
    assert list(capture) == []
    assert capture.packets == 50
    assert len(asked) <= 2


def test_capture_whose_payloads_are_capture_records(write: Write) -> None:
    inner = pcap(FRAMES)
    frames = [
        (at_ns, NOISE + inner[k * 40 : k * 40 + 1000]) for k, (at_ns, _) in enumerate(FRAMES)
    ] + FRAMES
    for data in (pcap(frames), pcapng(frames)):
        for block_bytes in BLOCKS:
            result = read(write(data), block_bytes)
            assert result == read_simply(data)
            assert result.relevant == 10


def test_packets_carry_number_time_and_lengths(write: Write) -> None:
    kept = read(write(pcap(FRAMES, wire_more=9))).kept
    assert kept[1] == Packet(4, T0 + 3 * 10**8 + 1000, 1, SYN_FRAME, len(SYN_FRAME) + 9, 0)
    assert [packet.number for packet in kept] == list(range(1, 31, 3))


def test_tally_tells_span_snap_length_and_links(write: Write) -> None:
    result = read(write(pcap(FRAMES, wire_more=1)))
    assert (result.packets, result.relevant, result.snaplen_cut, result.links) == (30, 10, 10, {1})
    assert (result.first_ns, result.last_ns) == (FRAMES[0][0], FRAMES[-1][0])
    assert (result.backward_steps, result.is_whole) == (0, True)


def test_tally_is_kept_up_while_reading(write: Write) -> None:
    capture = open_capture(str(write(pcap(FRAMES))))
    packets = iter(capture)
    next(packets)
    next(packets)
    assert (capture.packets, capture.relevant, capture.last_ns) == (4, 2, FRAMES[3][0])
    capture.close()


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_clock_that_jumps_back(write: Write, make: Callable[..., bytes]) -> None:
    jumps = [
        0,
        5,
        4.5,
        2,
        2.2,
        9,
        8.9,
        1,
    ]  # seconds; back by more than one twice: 4.5 → 2 and 8.9 → 1
    frames = [(T0 + int(jump * 10**9), NOISE) for jump in jumps]
    for block_bytes in BLOCKS:
        result = read(write(make(frames)), block_bytes)
        assert (result.backward_steps, result.first_ns, result.last_ns) == (2, T0, T0 + 9 * 10**9)


def test_span_counts_a_packet_that_is_early_within_its_second(write: Write) -> None:
    frames = [(T0 + micros * 1000, NOISE) for micros in (500, 400, 900, 600)]
    result = read(write(pcap(frames)))
    assert (result.first_ns, result.last_ns) == (T0 + 400_000, T0 + 900_000)


def test_sections_with_own_byte_order_interfaces_and_clocks(write: Write) -> None:
    nanos = option(9, b"\x09")
    binary = option(9, bytes([0x80 | 10]))
    shifted = option(14, struct.pack(">q", 3600), ">")
    data = (
        section()
        + interface(options=nanos)
        + interface(link=101)
        + packet(T0 + 1, SYN_FRAME)
        + packet(T0 // 1000, SYN_FRAME[14:], number=1)
    )
    data += (
        section(">")
        + interface(">", options=shifted)
        + interface(">", options=binary)
        + packet(T0 // 1000, SYN_FRAME, ">")
    )
    data += (
        section()
        + interface(options=binary)
        + packet(1024 * 5 + 512, SYN_FRAME)
        + packet(1024 * 6, SYN_FRAME)
    )
    for block_bytes in BLOCKS:
        kept = read(write(data), block_bytes).kept
        assert [(p.number, p.at_ns, p.link, p.interface) for p in kept] == [
            (1, T0 + 1, 1, 0),
            (2, T0, 101, 1),
            (3, T0 + 3600 * 10**9, 1, 2),
            (4, 5_500_000_000, 1, 4),
            (5, 6_000_000_000, 1, 4),
        ]


def test_two_ethernet_interfaces_are_told_apart(write: Write) -> None:
    data = (
        section()
        + interface()
        + interface()
        + b"".join(packet(T0 // 1000, SYN_FRAME, number=k % 2) for k in range(6))
    )
    assert [p.interface for p in read(write(data)).kept] == [0, 1] * 3


def test_packet_block_with_options_and_blocks_of_other_kinds(write: Write) -> None:
    comment = option(1, b"a comment") + bytes(4)
    other = block(4, b"names") + block(0x80000001, bytes(500_000))
    data = (
        section()
        + interface()
        + packet(1, SYN_FRAME, options=comment)
        + other
        + packet(2, NOISE)
        + packet(3, SYN_FRAME, options=comment)
    )
    for block_bytes in BLOCKS:
        result = read(write(data), block_bytes)
        assert ([p.number for p in result.kept], result.is_whole) == ([1, 3], True)
        assert {p.frame for p in result.kept} == {SYN_FRAME}


def test_simple_and_obsolete_packet_blocks(write: Write) -> None:
    old = block(
        2,
        struct.pack("<HHIIII", 0, 7, 0, 5_000_000, len(SYN_FRAME), len(SYN_FRAME))
        + SYN_FRAME
        + bytes(-len(SYN_FRAME) % 4),
    )
    simple = block(3, struct.pack("<I", len(SYN_FRAME)) + SYN_FRAME)
    capture = open_capture(str(write(section() + interface() + old + simple)))
    assert [(p.number, p.at_ns, p.frame) for p in capture] == [
        (1, 5 * 10**9, SYN_FRAME),
        (2, 5 * 10**9, SYN_FRAME),
    ]
    assert capture.problems == [
        "1 packets carry no time; each was given that of the packet before it."
    ]


def test_simple_packet_block_is_cut_to_the_snap_length(write: Write) -> None:
    data = (
        section()
        + interface(snaplen=52)
        + block(3, struct.pack("<I", len(SYN_FRAME)) + SYN_FRAME[:52])
    )
    (kept,) = read(write(data)).kept
    assert (kept.frame, kept.wire_len) == (SYN_FRAME[:52], len(SYN_FRAME))


def test_unsupported_link_of_one_interface_is_counted(write: Write) -> None:
    data = (
        section()
        + interface(link=189)
        + interface()
        + packet(1, SYN_FRAME)
        + packet(2, SYN_FRAME, number=1)
        + packet(3, SYN_FRAME)
    )
    capture = open_capture(str(write(data)))
    assert [p.number for p in capture] == [2]
    assert (capture.packets, capture.links) == (3, {1, 189})
    assert capture.problems == [
        "2 packets were not read: their kind of link (link type 189) is not supported."
    ]


def test_time_beyond_any_calendar_is_bounded(write: Write) -> None:
    data = section() + interface(options=option(9, b"\x00")) + packet(2**64 - 1, SYN_FRAME)
    data += (
        section()
        + interface(options=option(14, struct.pack("<q", -(2**62))))
        + packet(1, SYN_FRAME)
    )
    assert [p.at_ns for p in read(write(data)).kept] == [253_402_300_799 * 10**9, 0]


def test_protected_data_is_counted(write: Write) -> None:
    protected = b"\x08\x41" + bytes(40)
    beacon = b"\x80\x00" + bytes(40)
    capture = open_capture(
        str(write(pcap([(T0, protected), (T0, beacon), (T0, protected)], link=105)))
    )
    assert [p.number for p in capture] == [2]
    assert capture.protected == 2


@pytest.mark.parametrize("make", [pcap, pcapng])
@pytest.mark.parametrize("link", [105, 127])
def test_protected_data_of_watched_stations_is_passed_on(
    write: Write, make: Callable[..., bytes], link: int
) -> None:
    radio = bytes((0, 0, 8, 0, 0, 0, 0, 0)) if link == 127 else b""
    photon, other = bytes.fromhex("e04f43000001"), bytes.fromhex("3c22fb000001")
    frames = [
        radio + control + first + second + bytes(60)
        for control in (b"\x08\x41\0\0", b"\x88\x42\0\0")
        for first, second in ((other, photon), (photon, other), (other, other))
    ]
    path = str(write(make([(T0, frame) for frame in frames], link=link)))
    expected: list[tuple[Watched, list[int]]] = [
        (NOBODY, []),
        (watched(""), [1, 2, 4, 5]),
        (watched(other.hex(":")), [1, 2, 3, 4, 5, 6]),
        (watched("", every=True), [1, 2, 3, 4, 5, 6]),
    ]
    for stations, numbers in expected:
        capture = open_capture(path, watched=stations)
        assert [packet.number for packet in capture] == numbers
        assert (capture.protected, capture.relevant) == (6, 0)


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_pipe_is_read_without_seeking(tmp_path: Path, make: Callable[..., bytes]) -> None:
    fifo, data = tmp_path / "fifo", make(FRAMES)
    os.mkfifo(fifo)

    def feed() -> None:
        with fifo.open("wb", buffering=0) as pipe:
            for at in range(0, len(data), 37):
                pipe.write(data[at : at + 37])

    feeder = threading.Thread(target=feed)
    feeder.start()
    kept = read(fifo).kept
    feeder.join()
    assert [p.number for p in kept] == list(range(1, 31, 3))


def test_standard_input(write: Write) -> None:
    program = (
        "from netcheck.capture.files.stream import open_capture; print([p.number for p in"
        " open_capture('-')])"
    )
    with write(pcap(FRAMES)).open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", program], stdin=file, capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == str(list(range(1, 31, 3)))


def test_terminal_is_no_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    with pytest.raises(CaptureError, match="is a terminal"):
        open_capture("-")


# -- packed files


def test_gzip_of_several_members_with_padding(write: Write) -> None:
    data = pcap(FRAMES)
    packed = b"".join(
        gzip.compress(data[at : at + 50], mtime=0) for at in range(0, len(data), 50)
    ) + bytes(512)
    assert read(write(packed)) == read_simply(data)


def test_zstd_of_several_frames(write: Write) -> None:
    data = pcap(FRAMES)
    packed = zstandard.compress(data[:300]) + zstandard.compress(data[300:])
    assert read(write(packed)) == read_simply(data)


def test_gzip_without_isal(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        compressed, "_gzip_library", lambda: ((lambda: zlib.decompressobj(wbits=31)), zlib.error)
    )
    assert read(write(gzip.compress(pcap(FRAMES), mtime=0))) == read_simply(pcap(FRAMES))


@pytest.mark.parametrize("tail", [b"", b"garbage behind it"])
def test_damaged_gzip_keeps_what_was_read(write: Write, tail: bytes) -> None:
    packed = gzip.compress(
        pcap([(T0, SYN_FRAME + random.Random(k).randbytes(900)) for k in range(300)])
    )
    packed = packed + tail if tail else packed[: len(packed) // 2]
    capture = open_capture(str(write(packed)))
    assert len(list(capture)) == (300 if tail else capture.packets) > 100
    assert len(capture.problems) == 1
    assert "gzip" in capture.problems[0]


def test_damaged_zstd_keeps_what_was_read(write: Write) -> None:
    packed = zstandard.compress(
        pcap([(T0, SYN_FRAME + random.Random(k).randbytes(900)) for k in range(900)])
    )
    for data in (packed[:-100], packed + b"garbage behind it"):
        capture = open_capture(str(write(data)))
        assert len(list(capture)) > 500
        assert len(capture.problems) == 1


def zstd_of_window(data: bytes, log: int) -> bytes:
    """Packed as `zstd --long=LOG` does from a pipe."""
    parameters = zstandard.ZstdCompressionParameters(window_log=log)
    packing = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packing.compress(data) + packing.flush()


def test_a_zstd_window_that_is_too_large_is_said_as_such(write: Write) -> None:
    data = pcap(FRAMES)
    assert read(write(zstd_of_window(data, 27))) == read_simply(data)
    with pytest.raises(CaptureError, match=r"window of more than 128 MB.*unzstd --long=31"):
        open_capture(str(write(zstd_of_window(data, 28))))
    parts = zstandard.compress(data[:300]) + zstd_of_window(data[300:], 28)
    capture = open_capture(str(write(parts)))
    list(capture)
    assert len(capture.problems) == 1
    assert "window of more than 128 MB" in capture.problems[0]


@pytest.mark.parametrize("name", WRAPPED)
def test_the_fast_loops_keep_the_same_packets_on_every_link(name: str, write: Write) -> None:
    link, wrap = WRAPPED[name]
    every = [ETHER + payload for payload in (*KEPT.values(), *LEFT_OUT.values())]
    wrapped = [one for frame in (*every, NOISE, SYN_FRAME) if (one := wrap(frame)) is not None]
    frames = [(T0 + number * 1000, frame) for number, frame in enumerate(wrapped)]
    for data in (pcap(frames, link=link), pcapng(frames, link=link)):
        for block_bytes in BLOCKS:
            assert read(write(data), block_bytes) == read_simply(data)
    relevant = sum(exact(link, frame) for frame in wrapped)
    assert len(KEPT) / 3 < relevant < len(wrapped)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, bytes])
def test_zeros_behind_a_header_end_the_reading(
    write: Write, pack: Callable[[bytes], bytes]
) -> None:
    capture = open_capture(str(write(pack(pcap(FRAMES) + bytes(30_000_000)))))
    assert len(list(capture)) == 10
    assert capture.problems == [
        f"The capture is damaged at byte {len(pcap(FRAMES))}: there are zeros where a packet should"
        " begin; only the 30 packets before were read."
    ]


def test_endless_blocks_without_packets_end(write: Write) -> None:
    start = section() + interface() + packet(1, SYN_FRAME)
    chunk = zstandard.compress(block(0x80000001, bytes((1 << 24) - 12)))
    capture = open_capture(
        str(
            write(zstandard.compress(start) + chunk * 20 + zstandard.compress(packet(2, SYN_FRAME)))
        )
    )
    assert [p.number for p in capture] == [1]
    assert "only blocks without a packet" in capture.problems[0]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_memory_does_not_follow_the_packing_ratio(
    write: Write, pack: Callable[[bytes], bytes]
) -> None:
    chunk = pcap([(T0 + k, NOISE.ljust(60_000, b"x")) for k in range(10)])[24:]
    path = write(pack(pcap([])) + pack(chunk) * 50)
    tracemalloc.start()
    capture = open_capture(str(path), 1 << 16)
    assert list(capture) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert capture.packets == 500
    assert peak < 3_000_000 < 50 * len(chunk)


@pytest.mark.parametrize("is_packed", [False, True])
def test_200_megabytes_of_zeros(tmp_path: Path, is_packed: bool) -> None:
    path = tmp_path / "zeros"
    with path.open("wb") as file:
        if is_packed:
            file.write(zstandard.compress(bytes(10**7)) * 20)
        else:
            file.truncate(200_000_000)
    with pytest.raises(CaptureError, match="neither pcap nor pcapng"):
        open_capture(str(path))


# -- what cannot be read


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"Hello, this is a text file.\n" * 9, "is text"),
        ("Käse und mehr\n".encode() * 90, "is text"),
        (bytes(5000), "neither pcap nor pcapng"),
        (gzip.compress(bytes(5000), mtime=0), "neither pcap nor pcapng"),
        (zstandard.compress(bytes(5000)), "neither pcap nor pcapng"),
        (b"\xff" * 10, "neither pcap nor pcapng"),
        (b"BZh91AY&SY" + bytes(50), "bunzip2"),
        (b"\xfd7zXZ\x00" + bytes(50), "unxz"),
        (b"PK\x03\x04" + bytes(50), "unzip"),
        (gzip.compress(gzip.compress(bytes(500), mtime=0), mtime=0), "packed twice"),
        (gzip.compress(pcap(FRAMES), mtime=0)[:12], "in the middle of its gzip data"),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 300, "damaged gzip data"),
        (
            zstandard.ZstdCompressor().compress(pcap(FRAMES))[:4] + b"\xff" * 99,
            "damaged Zstandard data",
        ),
        (b"snoop\x00\x00\x00" + bytes(50), "Solaris"),
        (pcap(FRAMES)[:23], "ends in its file header"),
        (pcapng(FRAMES)[:20], "ends in its file header"),
        (pcap([], link=147), "link type 147"),
        (section()[:8] + bytes(40), "no byte order"),
    ],
)
def test_one_sentence_says_why_nothing_can_be_read(write: Write, data: bytes, says: str) -> None:
    with pytest.raises(CaptureError) as raised:
        open_capture(str(write(data, "lobby")))
    text = str(raised.value)
    assert says in text
    assert "lobby" in text
    assert text.endswith(".") and "\n" not in text


def test_missing_directory_and_odd_names(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "none", "does not exist"), (tmp_path, "is a directory")):
        with pytest.raises(CaptureError, match=says):
            open_capture(str(path))
    with pytest.raises(CaptureError) as raised:
        open_capture("evil\x1b[2J\u202e\0name")
    assert str(raised.value).startswith("evil?[2J??name cannot be opened")


def test_no_permission(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_args: object, **_options: object) -> io.RawIOBase:
        raise PermissionError(13, "Permission denied")

    path = write(pcap(FRAMES))
    monkeypatch.setattr(os, "open", forbid)
    with pytest.raises(CaptureError, match="may not be read by you"):
        open_capture(str(path))


def test_input_error_keeps_what_was_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = open_capture(str(write(pcap(FRAMES))), 200)

    def fail(_buffer: memoryview) -> int:
        raise OSError(5, "Input/output error")

    packets = iter(capture)
    next(packets)
    monkeypatch.setattr(capture._source, "readinto", fail)
    assert list(packets) == []
    assert "could not be read further (Input/output error)" in capture.problems[0]


def test_file_header_alone_is_an_empty_capture(write: Write) -> None:
    for data in (pcap([]), section(), section() + interface()):
        capture = open_capture(str(write(data)))
        assert list(capture) == []
        assert (capture.packets, capture.first_ns, capture.problems) == (0, None, [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            pcap(FRAMES) + struct.pack("<IIII", 1, 1, 262_145, 262_145) + bytes(300_000),
            "a packet of 262145 bytes is announced",
        ),
        (pcap(FRAMES)[:-1], "ends in the middle of a packet"),
        (pcap(FRAMES) + b"\x01", "ends in the middle of a packet"),
        (pcapng(FRAMES)[:-1], "ends in the middle of a packet"),
        (pcapng(FRAMES) + struct.pack("<II", 5, 0), "a block of 0 bytes"),
        (pcapng(FRAMES) + struct.pack("<II", 6, 30), "a block of 30 bytes"),
        (
            pcapng(FRAMES) + block(6, struct.pack("<5I", 0, 0, 0, 5000, 5000) + bytes(40)),
            "a packet of 5000 bytes is announced in a block",
        ),
        (pcapng(FRAMES) + packet(1, SYN_FRAME, number=1), "interface 1, which is not described"),
        (pcapng(FRAMES) + block(0x0A0D0D0A, bytes(16)), "no byte order"),
    ],
)
def test_what_is_not_read_is_said(write: Write, data: bytes, says: str) -> None:
    for block_bytes in BLOCKS:
        capture = open_capture(str(write(data)), block_bytes)
        list(capture)
        assert len(capture.problems) == 1
        assert says in capture.problems[0]
        assert f"only the {capture.packets} " in capture.problems[0]
        assert capture.packets in (29, 30)
