"""Is all kept that an analysis reads, and nothing that is others' business?"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.capture import observe
from netcheck.capture.files.stream import open_capture
from netcheck.model import Target
from netcheck.recording import blocks
from netcheck.recording.trim import Trim
from netcheck.wire.decode import decode
from netcheck.wire.links import ETHERNET, RADIOTAP
from tests.helpers.capture_files import REAL, frames_of
from tests.helpers.packets import ETHER, KEPT, LEFT_OUT, ip4, tcp, udp
from tests.helpers.places import TOP

CAPTURES = [
    *REAL,
    *sorted((TOP / "tests" / "recorded").glob("*.pcap")),
    *sorted((TOP / "samples").glob("*.pcap")),
]
HOST, PORT = Target().cloud_host, Target().cloud_port
MINE, OTHER, ROUTER = (
    bytes.fromhex(digits) for digits in ("e04f43000001", "001122334455", "f4f26d102030")
)
SYN, ACK, FIN = 0x02, 0x10, 0x11
SECRET = b"secret" * 20
QUESTION = bytes.fromhex("123401000001000000000000")


def recorded(path: Path, to: Path, device: str = "") -> Path:
    """That capture as `netcheck record` would have recorded it, under the same name."""
    trim, out, capture = Trim(HOST, PORT, device), to / path.name, open_capture(str(path))
    list(capture)
    [link] = capture.links
    kept = [
        (at_ns, part, len(frame))
        for at_ns, frame in frames_of(path)
        if (part := trim.kept(link, frame)) is not None
    ]
    told = blocks.statistics(
        capture.first_ns or 0,
        capture.last_ns or 0,
        received=capture.packets,
        kept=len(kept),
        lost=0,
    )
    out.write_bytes(
        blocks.section("test")
        + blocks.interface(link, "eth0")
        + b"".join(blocks.packet(*one) for one in kept)
        + told
    )
    return out


def seen(path: Path, device: str = "") -> set[tuple[object, ...]]:
    """All observations, without the packet numbers, which differ."""
    reading = observe([str(path)], Target(device=device))
    return {
        (o.stage, o.fact, o.outcome, o.reason, o.subject, o.target, o.at, o.took_s, o.data)
        for o in reading.observations
        if o.fact != "capture.coverage"
    }


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_recording_shows_what_a_whole_capture_shows(path: Path, tmp_path: Path) -> None:
    again = recorded(path, tmp_path)
    assert seen(again) == seen(path)
    [coverage] = [
        o for o in observe([str(again)], Target()).observations if o.fact == "capture.coverage"
    ]
    [before] = [
        o for o in observe([str(path)], Target()).observations if o.fact == "capture.coverage"
    ]
    assert coverage.number("span_s") == before.number("span_s")
    assert "cut short" not in coverage.text("cannot_show")


@pytest.mark.parametrize(
    "name",
    ["port_dropped", "dns_nxdomain", "device_key_stale", "no_dhcp_server", "healthy_busy_lan"],
)
def test_a_recording_of_one_device_shows_all_of_this_device(name: str, tmp_path: Path) -> None:
    path = TOP / "tests" / "recorded" / f"{name}.pcap"
    mac = next(
        o.subject
        for o in observe([str(path)], Target()).observations
        if o.fact == "device.identity"
    )
    mine = {o for o in seen(path, mac) if o[4] == mac}
    assert {o for o in seen(recorded(path, tmp_path, mac), mac) if o[4] == mac} == mine
    assert any(o[1] == "dhcp.lease" for o in mine)


# --------------------------------------------------------------------------------- what is left out


def kept(frame: bytes, device: str = "", link: int = ETHERNET) -> bytes | None:
    return Trim(HOST, PORT, device).kept(link, frame)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_no_analysis_reads_is_not_kept(name: str) -> None:
    assert kept(ETHER + LEFT_OUT[name]) is None


@pytest.mark.parametrize(
    "name", [name for name in KEPT if "fragment" not in name and "http" not in name]
)
def test_what_an_analysis_reads_is_kept_as_far_as_it_reads(name: str) -> None:
    frame = ETHER + KEPT[name]
    part = kept(frame)
    assert part is not None
    assert decode(ETHERNET, part) == decode(ETHERNET, frame)


@pytest.mark.parametrize(
    "content",
    [
        ip4(6, tcp(40000, 443, SYN, SECRET)),
        ip4(6, tcp(40000, 443, FIN, SECRET)),
        ip4(6, tcp(40000, 53, ACK, SECRET)),
        ip4(6, tcp(40000, 80, FIN, SECRET)),
        ip4(
            6,
            tcp(
                40000,
                80,
                ACK,
                b"GET /"
                + SECRET
                + b" HTTP/1.1\r\nHost: a.example\r\nCookie: "
                + SECRET
                + b"\r\n\r\n"
                + SECRET,
            ),
        ),
        ip4(
            6,
            tcp(
                80,
                40000,
                ACK,
                b"HTTP/1.1 200 OK\r\nSet-Cookie: "
                + SECRET
                + b"\r\n "
                + SECRET
                + b"\r\n\r\n"
                + SECRET,
            ),
        ),
        ip4(
            6,
            tcp(
                80,
                40000,
                ACK,
                b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/login?user="
                + SECRET
                + b"\r\n\r\n",
            ),
        ),
        ip4(17, udp(40000, 123) + bytes(64) + SECRET),
        ip4(1, bytes(8) + SECRET),
        ip4(1, b"\3\1" + bytes(6) + ip4(17, bytes(8) + SECRET)[2:]),
        b"\x86\xdd"
        + struct.pack(">IHBB", 0x60000000, 20 + len(SECRET), 6, 64)
        + bytes(32)
        + tcp(40000, 443, SYN, SECRET),
        b"\x88\x8e" + b"\2\0\0\x20" + b"\2\1\0\x20\1" + SECRET,
    ],
)
def test_the_content_of_others_connections_is_not_kept(content: bytes) -> None:
    part = kept(ETHER + content)
    assert part is not None
    assert b"secret" not in part


def test_of_a_login_page_is_kept_where_it_leads() -> None:
    head = b"HTTP/1.1 302 Found\r\nServer: x\r\nLocation: http://portal.example/login?user=me\r\n\r\nbody"
    part = kept(ETHER + ip4(6, tcp(80, 40000, ACK, head)))
    assert part is not None
    assert part.endswith(
        b"HTTP/1.1 302 Found\r\nServer:xx\r\nLocation: http://portal.example/login?xxxxxxx"
    )


def test_the_cloud_s_connection_is_kept_whole() -> None:
    frame = ETHER + ip4(6, tcp(5683, 40000, ACK, bytes(range(256)) + bytes(128)))
    assert kept(frame) == frame


@pytest.mark.parametrize("link", [ETHERNET, RADIOTAP])
def test_nothing_is_kept_from_which_a_wifi_password_could_be_guessed(link: int) -> None:
    key = (
        b"\1\3\0\x75\2\1\x0a\0\x10"
        + bytes(8)
        + b"N" * 32
        + bytes(32)
        + b"M" * 16
        + b"\0\x16"
        + b"K" * 22
    )
    radio = bytes([0, 0, 8, 0, 0, 0, 0, 0, 0x08, 1]) + bytes(22) + b"\xaa\xaa\x03\0\0\0"
    frame = (ETHER if link == ETHERNET else radio) + b"\x88\x8e" + key
    part = kept(frame, link=link)
    assert part is not None
    assert not {b"NN", b"MM", b"KK"} & {part[at : at + 2] for at in range(len(part))}
    assert part[: frame.index(b"\x88\x8e") + 9] == frame[: frame.index(b"\x88\x8e") + 9]


RSN = b"\1\0\0\x0f\xac\4\1\0\0\x0f\xac\4\1\0\0\x0f\xac\2\0\0"


def managing(kind: int, fixed: int, elements: bytes, more: bytes = b"") -> bytes:
    """A radio frame of that subtype; `more` is a longer header."""
    return (
        bytes([0, 0, 8, 0, 0, 0, 0, 0, kind << 4, 0x80 if more else 0])
        + bytes(22)
        + more
        + bytes([2] * fixed)
        + elements
    )


@pytest.mark.parametrize(("kind", "fixed"), [(0, 4), (1, 6), (2, 10), (3, 6), (11, 6)])
@pytest.mark.parametrize("more", [b"", b"more"])
def test_nor_a_hash_that_a_client_shows_to_be_let_in_again(
    kind: int, fixed: int, more: bytes
) -> None:
    name, pmkids = b"\0\3Lab", RSN + b"\2\0" + b"P" * 32 + b"\0\x0f\xac\6"
    after = b"\x32\1\x6c"
    frame = managing(
        kind,
        fixed,
        name + bytes([48, len(pmkids)]) + pmkids + bytes([55, 82]) + b"H" * 82 + after,
        more,
    )
    part = kept(frame, link=RADIOTAP)
    assert part == frame.replace(b"P" * 32, bytes(32)).replace(b"H" * 82, bytes(82))


@pytest.mark.parametrize(
    "element", [RSN, RSN + b"\0\0", RSN[:9], RSN + b"\xff\xff", b"", RSN[:6] + b"\xff\xff"]
)
def test_without_such_a_hash_a_frame_stays_as_it_is(element: bytes) -> None:
    frame = managing(0, 4, b"\0\3Lab" + bytes([48, len(element)]) + element + b"\x32\1\x6c")
    assert kept(frame, link=RADIOTAP) == frame


def test_a_fragment_is_kept_with_the_first_of_its_datagram_alone() -> None:
    trim = Trim(HOST, PORT)
    first, later = (
        ETHER + ip4(17, udp(53, 40000) + bytes(64), fragment=at) for at in (0x2000, 0x00B9)
    )
    assert trim.kept(ETHERNET, later) is None
    assert (trim.kept(ETHERNET, first), trim.kept(ETHERNET, later)) == (first, later)


# --------------------------------------------------------------------------------------- one device


def asked(name: bytes) -> bytes:
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    return udp(40000, 53) + QUESTION + labels + b"\0\0\1\0\1"


@pytest.mark.parametrize(
    ("content", "is_kept"),
    [
        (ip4(17, asked(b"bank.example")), False),
        (ip4(17, asked(b"device.spark.io")), True),
        (ip4(17, asked(b"x.tcp.particle.io")), True),
        (ip4(6, tcp(40000, 443, SYN)), False),
        (ip4(6, tcp(40000, 5683, SYN)), True),
        (ip4(17, udp(68, 67) + b"\1\1\6" + bytes(233) + b"\x63\x82\x53\x63\x35\1\1\xff"), True),
        (b"\x08\x06" + b"\0\1\x08\0\6\4\0\1" + OTHER + bytes(14), True),
        (ip4(1, b"\3\1" + bytes(6) + ip4(17, bytes(8))[2:]), True),
    ],
)
def test_asked_about_one_device_of_others_only_what_its_way_depends_on_is_kept(
    content: bytes, is_kept: bool
) -> None:
    assert (kept(ROUTER + OTHER + content, MINE.hex(":")) is not None) == is_kept
    for frame in (ROUTER + MINE + content, MINE + ROUTER + content):
        assert kept(frame, MINE.hex(":")) is not None


# -------------------------------------------------------------------------------------------- radio


def beacon(name: bytes, stamp: int) -> bytes:
    body = struct.pack("<QHH", stamp, 100, 0x11) + b"\0" + bytes([len(name)]) + name + b"\3\1\6"
    return (
        bytes([0, 0, 8, 0, 0, 0, 0, 0, 0x80, 0, 0, 0])
        + b"\xff" * 6
        + ROUTER
        + ROUTER
        + bytes(2)
        + body
    )


def test_a_beacon_is_kept_when_it_says_something_new() -> None:
    trim = Trim(HOST, PORT)
    frames = [beacon(b"home", 1), beacon(b"home", 2), beacon(b"home2", 3), beacon(b"home", 4)]
    assert [trim.kept(RADIOTAP, frame) is not None for frame in frames] == [
        True,
        False,
        True,
        False,
    ]


def test_of_encrypted_frames_the_header_of_each_sender_s_first_is_kept() -> None:
    trim = Trim(HOST, PORT)
    mine, other = (
        bytes([0, 0, 8, 0, 0, 0, 0, 0, 0x08, 0x41, 0, 0])
        + ROUTER
        + mac
        + ROUTER
        + bytes(2)
        + SECRET
        for mac in (MINE, OTHER)
    )
    parts = [trim.kept(RADIOTAP, frame) for frame in (mine, mine, other)]
    assert [part and len(part) for part in parts] == [40, None, 40]


@given(
    st.binary(max_size=120),
    st.sampled_from([1, 0, 12, 101, 105, 113, 127, 192, 276, 999]),
    st.booleans(),
)
def test_any_bytes_are_kept_in_part_or_not_at_all(frame: bytes, link: int, is_one: bool) -> None:
    part = kept(frame, MINE.hex(":") if is_one else "", link)
    assert part is None or len(part) <= len(frame)


@given(
    st.sampled_from(sorted(KEPT)), st.integers(0, 200), st.binary(max_size=8), st.integers(0, 120)
)
def test_damaged_frames_never_break_it(name: str, size: int, change: bytes, at: int) -> None:
    frame = ETHER + KEPT[name]
    damaged = (frame[:at] + change + frame[at + len(change) :])[:size]
    part = kept(damaged, MINE.hex(":"))
    assert part is None or len(part) <= len(damaged)
