"""Is all kept that an analysis reads, and nothing that is others' business?"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.capture import observe
from netcheck.capture.files.relevant import exact
from netcheck.capture.files.stream import open_capture
from netcheck.capture.files.tally import Packet
from netcheck.capture.protocols.wifi_frames import WifiFrames
from netcheck.model import Target
from netcheck.recording.pcapng import blocks
from netcheck.recording.trim import Trim
from netcheck.wire.decode import Tcp, decode
from netcheck.wire.links import EAPOL, ETHERNET, IPV4, IPV6, RADIOTAP, dot11, locate
from tests.helpers.capture_files import REAL, frames_of
from tests.helpers.packets import ETHER, KEPT, LEFT_OUT, ip4, tcp, udp
from tests.helpers.places import TOP

pytestmark = pytest.mark.slow


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
    assert (part and decode(ETHERNET, part)) == decode(ETHERNET, frame)


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
    assert (part is None) == (decode(ETHERNET, ETHER + content) is None)
    assert b"secret" not in (part or b"")


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("rest", [b"/login?user=me", b"/a;token=me", b"#me", b"?me", b"\\me", b""])
def test_of_a_login_page_is_kept_where_it_leads(end: bytes, rest: bytes) -> None:
    fields = [b"Server: x", b"Location: http://me:pw@Portal.example:80" + rest, b"Cookie: me"]
    head = end.join([b"HTTP/1.1 302 Found", *fields, b"", b"me"])
    part = kept(ETHER + ip4(6, tcp(80, 40000, ACK, head)))
    assert part is not None
    assert part[54:] == b"HTTP/1.1 302\nlocation:http://portal.example:80"


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_of_a_request_is_kept_which_host_was_asked(end: bytes) -> None:
    head = end.join([b"GET /me HTTP/1.1", b"Cookie: me", b"Host: A.example", b"", b"me"])
    part = kept(ETHER + ip4(6, tcp(40000, 80, ACK, head)))
    assert part is not None
    assert part[54:] == (b"GET " if end == b"\r" else b"GET \nhost:a.example")


def test_of_a_web_page_is_kept_that_it_came_and_its_length() -> None:
    fields = [b"Cookie: me", b"Content-Type: text/html;me", b"Content-Length: 9", b"", b"me"]
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *fields])
    part = kept(ETHER + ip4(6, tcp(80, 40000, ACK, head)))
    assert part is not None
    assert part[54:] == b"HTTP/1.1 200\ncontent-type:text/html\ncontent-length:9"


def test_of_a_request_is_kept_the_path_of_a_page_that_finds_login_pages() -> None:
    head = b"GET /generate_204?me HTTP/1.1\r\nHost: a.example\r\n\r\n"
    part = kept(ETHER + ip4(6, tcp(40000, 80, ACK, head)))
    assert part is not None
    assert part[54:] == b"GET /generate_204\nhost:a.example"


@pytest.mark.parametrize(
    ("request_", "is_kept"),
    [
        (b"CONNECT me.example:443 HTTP/1.1", b"CONNECT \nhost:a.example"),
        (b"GET http://me.example/me HTTP/1.1", b"GET http://\nhost:a.example"),
    ],
)
def test_of_a_request_to_a_proxy_is_kept_that_it_was_one(request_: bytes, is_kept: bytes) -> None:
    fields = [b"Proxy-Authorization: Basic me", b"Host: a.example", b"", b""]
    head = b"\r\n".join([request_, *fields])
    part = kept(ETHER + ip4(6, tcp(40000, 3128, ACK, head)))
    assert part is not None
    assert part[54:] == is_kept


UP, DOWN = (40000, 5683), (5683, 40000)


def numbered(ends: tuple[int, int], flags: int, seq: int, ack: int, payload: bytes = b"") -> bytes:
    segment = tcp(*ends, flags, payload)
    return ETHER + ip4(6, segment[:4] + struct.pack(">II", seq, ack) + segment[12:])


def cloud_trim() -> Trim:
    """One that saw a connection to the cloud open, with contents from 101 (up) and 201 (down)."""
    trim = Trim(HOST, PORT)
    assert trim.kept(ETHERNET, numbered(UP, SYN, 100, 0))
    assert trim.kept(ETHERNET, numbered(DOWN, SYN | ACK, 200, 101))
    return trim


def content(part: bytes | None) -> bytes:
    assert part is not None
    return part[54:]


def test_of_the_cloud_s_connection_what_the_handshake_is_judged_by_is_kept() -> None:
    trim, random = cloud_trim(), bytes(range(128, 256)) * 8
    down = content(trim.kept(ETHERNET, numbered(DOWN, ACK, 201, 101, random[:600])))
    up = content(trim.kept(ETHERNET, numbered(UP, ACK, 101, 201, random[:300])))
    assert sorted(down[:40]) == list(range(128, 168))
    assert down[40:] == random[40:48] + bytes(120) + random[168:424]
    assert up == random[:8] + bytes(248)
    session = numbered(DOWN, ACK, 625, 357, random[:34])
    assert content(trim.kept(ETHERNET, session)) == b""


def test_the_length_of_what_is_not_kept_is_known() -> None:
    part = cloud_trim().kept(ETHERNET, numbered(DOWN, ACK, 625, 357, SECRET))
    message = decode(ETHERNET, part or b"")
    assert message is not None and isinstance(message.body, Tcp)
    assert (message.body.length, message.body.payload) == (len(SECRET), b"")


def test_text_at_the_cloud_s_port_is_kept_in_shape_alone() -> None:
    trim, text = cloud_trim(), b"HTTP/1.1 302 Found\r\nSet-Cookie: secret=12345678901234567890\r\n"
    down = content(trim.kept(ETHERNET, numbered(DOWN, ACK, 201, 101, text * 9)))
    up = content(trim.kept(ETHERNET, numbered(UP, ACK, 101, 201, b"GET /secret HTTP/1.1")))
    assert (len(down), len(set(down))) == (40, len(set(text[:40])))
    assert down.startswith(b"ABBCDEF") and up == b"GET " + b"x" * 12 + bytes(4)
    later = numbered(DOWN, ACK, 201 + 9 * len(text), 101, bytes(range(128, 200)))
    assert content(trim.kept(ETHERNET, later)) == b""


def test_a_connection_that_was_open_before_shows_no_content() -> None:
    assert content(kept(numbered(DOWN, ACK, 201, 101, SECRET))) == b""


# --------------------------------------------------------------------------- nothing that is unread


KEY = (
    b"\1\3\0\x75\2\1\x0a\0\x10"
    + bytes(range(1, 9))
    + b"N" * 32
    + b"V" * 32
    + b"M" * 16
    + b"\0\x16"
    + b"K" * 22
)
RSN = b"\1\0\0\x0f\xac\4\1\0\0\x0f\xac\4\1\0\0\x0f\xac\2\0\0"
HASHES = RSN + b"\2\0" + b"P" * 32 + b"\0\x0f\xac\6"
ELEMENTS = (
    b"\0\3Lab\3\1\6"
    + bytes([48, len(HASHES)])
    + HASHES
    + bytes([55, 82])
    + b"H" * 82
    + b"\xff\x11\x08"
    + b"F" * 16
    + b"\xdd\x0a\0\x50\xf2\1\1\0\0\x50\xf2\2"
    + b"\xdd\5WPS: "
)
TUNED = bytes([0, 0, 14, 0, 0x2E, 0, 0, 0, 0x10, 2]) + b"\x85\x09\xa0\0"
"""radiotap: flags (a check sum follows), rate, channel 2437 MHz."""


def managing(
    kind: int,
    fixed: bytes,
    elements: bytes = ELEMENTS,
    fragment: int = 0,
    *,
    up: bool = False,
    flags: int = 0,
) -> bytes:
    """A radio frame of that subtype between a station and its access point, with a check sum."""
    up = up or kind in (0, 2, 4)
    sender = MINE if up else ROUTER
    return (
        TUNED
        + bytes([kind << 4, flags, 1, 2])
        + (ROUTER if up else MINE)
        + sender
        + ROUTER
        + bytes([0x30 | fragment, 5])
        + fixed
        + elements
        + b"CRC!"
    )


def data_frame(flags: int, ethertype: bytes, payload: bytes) -> bytes:
    ends = (ROUTER + MINE + OTHER) if flags & 1 else (MINE + ROUTER + OTHER)
    return (
        TUNED
        + bytes([8, flags, 1, 2])
        + ends
        + b"\x30\0\xaa\xaa\3\0\0\0"
        + ethertype
        + payload
        + b"CRC!"
    )


def question(name: bytes, kind: int = 1, answers: bytes = b"", count: int = 0) -> bytes:
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    flags = 0x8183 if count else 0x0120
    head = struct.pack(">HHHHHH", 0x1234, flags, 1, count, 0, 1)
    return (
        udp(*((53, 40000) if count else (40000, 53)))
        + head
        + labels
        + struct.pack(">BHH", 0, kind, 1)
        + answers
    )


ANSWERS = b"\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\5alias\0\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x36\xd0\xe5\4"
DHCP_FIXED = (
    struct.pack(">BBBBIHH", 1, 1, 6, 0, 0x2A, 1, 0x8000)
    + bytes(range(1, 17))
    + MINE
    + b"\xff" * 10
    + b"s" * 64
    + b"f" * 128
    + b"\x63\x82\x53\x63"
)
OPTIONS = (
    b"\x35\1\5\x36\4\x0a\0\0\1\1\4\xff\xff\xff\0\3\4\x0a\0\0\1\6\4\x0a\0\0\1"
    b"\x33\4\0\0\x0e\x10\x0c\5bob-s\x37\2\1\3\x38\3msg\x3d\3cid\x72\3url\xfc\3pac\xff"
)
QUOTED = b"\3\1\1\1\1\1\1\1" + ip4(6, tcp(40000, 5683, SYN, SECRET), options=b"\1" * 8)[2:]
EVERY_KIND = {
    "arp": (
        ETHERNET,
        ETHER + b"\x08\x06\0\1\x08\0\6\4\0\1" + MINE + b"\1\2\3\4" + OTHER + b"\5\6\7\x08pad",
    ),
    "tagged": (ETHERNET, ETHER + b"\x81\x00\x2f\xff" + ip4(6, tcp(40000, 443, SYN))),
    "icmp echo": (ETHERNET, ETHER + ip4(1, b"\x08\0abcdef" + SECRET)),
    "icmp error": (ETHERNET, ETHER + ip4(1, QUOTED)),
    "syn with options": (
        ETHERNET,
        ETHER
        + ip4(
            6,
            tcp(40000, 443, SYN, SECRET, b"\2\4\5\xb4\1\3\3\7\x08\x0aTIMETIME\x22\x0aCOOKIE!!"),
            options=b"\x94\4\1\1",
        ),
    ),
    "syn over ipv6": (
        ETHERNET,
        ETHER
        + b"\x86\xdd"
        + struct.pack(">IHBB", 0x6FFFFFFF, 28, 0, 64)
        + bytes(range(32))
        + b"\6\0\5\2\1\1\1\1"
        + tcp(40000, 443, SYN),
    ),
    "fin": (ETHERNET, ETHER + ip4(6, tcp(40000, 443, FIN, SECRET))),
    "dns over tcp": (ETHERNET, ETHER + ip4(6, tcp(40000, 53, ACK, SECRET))),
    "http": (
        ETHERNET,
        ETHER + ip4(6, tcp(40000, 80, ACK, b"GET /" + SECRET + b"\nHost: a.b\nX: y")),
    ),
    "cloud": (ETHERNET, ETHER + ip4(6, tcp(5683, 40000, ACK, SECRET))),
    "dns question": (ETHERNET, ETHER + ip4(17, question(b"device.spark.io"))),
    "dns other kind": (ETHERNET, ETHER + ip4(17, question(b"secret.example", 28))),
    "dns local": (ETHERNET, ETHER + ip4(17, question(b"secret-phone.local"))),
    "dns answer": (ETHERNET, ETHER + ip4(17, question(b"device.spark.io", 1, ANSWERS, 2) + SECRET)),
    "not dns": (ETHERNET, ETHER + ip4(17, udp(40000, 53) + SECRET)),
    "dhcp": (ETHERNET, ETHER + ip4(17, udp(68, 67) + DHCP_FIXED + OPTIONS)),
    "ntp": (ETHERNET, ETHER + ip4(17, udp(40000, 123) + SECRET)),
    "others' coap": (ETHERNET, ETHER + ip4(17, udp(40000, 5683) + SECRET)),
    "dtls": (ETHERNET, ETHER + ip4(17, udp(40000, 5684) + b"\x16\xfe\xfd" + SECRET)),
    "eapol on a wire": (ETHERNET, ETHER + b"\x88\x8e" + KEY),
    "raw ip": (101, ip4(1, QUOTED)[2:]),
    "loopback": (0, b"\2\0\0\0" + ip4(1, QUOTED)[2:]),
    "cooked": (113, b"\0\3\0\1\0\6" + MINE + b"zz" + ip4(1, QUOTED)),
    "cooked v2": (276, b"\x08\0\0\0\0\0\0\1\0\1\3\6" + MINE + b"zz" + ip4(1, QUOTED)[2:]),
    "radio ip": (RADIOTAP, data_frame(1, b"", ip4(1, QUOTED))),
    "radio ppi": (192, b"\0\0\x08\0\x69\0\0\0" + data_frame(2, b"", ip4(1, QUOTED))[14:]),
    "key up": (RADIOTAP, data_frame(1, b"\x88\x8e", KEY)),
    "key down": (RADIOTAP, data_frame(2, b"\x88\x8e", KEY[:5] + b"\0\x8a" + KEY[7:])),
    "wep": (RADIOTAP, data_frame(0x41, b"", SECRET)),
    "beacon": (RADIOTAP, managing(8, b"TIMESTAMIN\x31\4")),
    "probe response": (RADIOTAP, managing(5, b"TIMESTAMIN\x31\4")),
    "probe request": (RADIOTAP, managing(4, b"")),
    "association": (RADIOTAP, managing(0, b"\x31\4\1\0")),
    "association answer": (RADIOTAP, managing(1, b"\x31\4\x11\0\2\xc0")),
    "reassociation": (RADIOTAP, managing(2, b"\x31\4\1\0" + OTHER)),
    "authentication": (RADIOTAP, managing(11, b"\2\0\2\0\x0f\0")),
    "authentication begun": (RADIOTAP, managing(11, b"\3\0\1\0\0\0", up=True)),
    "authentication goes on": (RADIOTAP, managing(11, b"\3\0\2\0\0\0", up=True)),
    "wep challenge answered": (RADIOTAP, managing(11, SECRET, up=True, flags=0x40)),
    "encrypted deauthentication": (RADIOTAP, managing(12, SECRET, flags=0x40)),
    "encrypted of a Photon": (
        RADIOTAP,
        TUNED + b"\x88\x41\1\2" + ROUTER + MINE + b"\xff" * 6 + SECRET,
    ),
    "encrypted to a Photon": (RADIOTAP, TUNED + b"\x08\x42\1\2" + MINE + ROUTER + OTHER + SECRET),
    "authentication in pieces": (RADIOTAP, managing(11, b"\2\0\2\0\x0f\0", fragment=1)),
    "deauthentication": (RADIOTAP, managing(12, b"\x0f\0")),
    "fast transition": (RADIOTAP, managing(13, b"\6\1" + MINE + ROUTER + b"\0\0")),
    "public action": (RADIOTAP, managing(13, b"\4\x0a" + SECRET)),
}
STRUCTURE = {
    "IPv4 or IPv6 total length": "what reads the file needs it; the analysis cuts by it alone",
    "UDP length": "other programs read the payload by it",
    "TCP data offset": "where the content begins, of which there may be none",
    "length of a TCP option": "ends the option that stands for those a Photon does not offer",
    "length of a key message": "other programs read the message by it",
    "length of the key data": "1 says that there is any",
    "number of suites": "the last list ends with its element, whatever it says",
}


def noticed(link: int, frame: bytes) -> tuple[object, ...]:
    """All that the analysis takes from a frame."""
    wifi, radio = WifiFrames(), dot11(link, frame)
    wifi.add(Packet(1, 1, link, frame, len(frame), 0), "x")
    is_encrypted = radio is not None and radio.is_data and radio.is_protected
    message = decode(link, frame)
    return exact(link, frame), is_encrypted, message, wifi.networks, wifi.stations, wifi.data


def structure(link: int, part: bytes) -> set[int]:
    """Where the bytes stand that are kept for STRUCTURE."""
    place = locate(link, part)
    if place is None:
        return {part.rindex(oui) - 2 for oui in (b"\0\x0f\xac", b"\0\x50\xf2") if oui in part}
    at = place.offset
    if place.ethertype == EAPOL:
        return {at + 3, at + 98}
    if place.ethertype == IPV6:
        return {at + 4, at + 5, at + 52}
    if place.ethertype != IPV4:
        return set()
    options = at + 40 + (4 if part[at + 40 : at + 41] == b"\2" else 0)
    return {at + 2, at + 3} | ({at + 24, at + 25} if part[at + 9] == 17 else {options + 1, at + 32})


@pytest.mark.parametrize("name", EVERY_KIND)
def test_each_byte_that_is_kept_is_read(name: str) -> None:
    link, frame = EVERY_KIND[name]
    part = kept(frame, link=link)
    if part is None:
        return
    unread = [
        at
        for at, byte in enumerate(part)
        if byte
        and noticed(link, part[:at] + bytes([byte ^ 0xFF]) + part[at + 1 :]) == noticed(link, part)
    ]
    assert [(at, part[at]) for at in unread if at not in structure(link, part)] == []


@pytest.mark.parametrize("name", EVERY_KIND)
def test_what_is_not_read_leaves_no_trace(name: str) -> None:
    """Whatever stands in the bytes of a frame that the analysis does not notice, the same is
    kept.
    """
    link, frame = EVERY_KIND[name]
    before, part = noticed(link, frame), kept(frame, link=link)
    for at, byte in enumerate(frame):
        other = frame[:at] + bytes([byte ^ 0xFF]) + frame[at + 1 :]
        if noticed(link, other) == before:
            assert kept(other, link=link) == part, at


@pytest.mark.parametrize("name", EVERY_KIND)
def test_no_kind_of_frame_keeps_a_secret(name: str) -> None:
    link, frame = EVERY_KIND[name]
    part = kept(frame, link=link) or b""
    secrets = (b"secret", b"NN", b"MM", b"KK", b"VV", b"PP", b"HH", b"FF", b"CRC", b"TIME", b"bob")
    assert [secret for secret in secrets if secret in part] == []


@pytest.mark.parametrize(
    "name",
    [
        "encrypted deauthentication",
        "public action",
        "fast transition",
        "authentication in pieces",
        "eapol on a wire",
        "not dns",
    ],
)
def test_a_frame_of_which_nothing_is_read_is_left_out(name: str) -> None:
    link, frame = EVERY_KIND[name]
    assert kept(frame, link=link) is None


@pytest.mark.parametrize(
    "name", ["beacon", "probe response", "probe request", "association", "key up"]
)
def test_of_a_radio_frame_all_is_kept_that_is_read(name: str) -> None:
    link, frame = EVERY_KIND[name]
    part = kept(frame, link=link)
    assert part is not None and noticed(link, part) == noticed(link, frame)


@pytest.mark.parametrize(
    "element", [RSN, RSN + b"\0\0", RSN[:9], RSN + b"\xff\xff", b"", RSN[:6] + b"\xff\xff"]
)
def test_the_security_that_is_offered_is_kept_as_it_is_read(element: bytes) -> None:
    frame = managing(8, b"TIMESTAMIN\x31\4", b"\0\3Lab" + bytes([48, len(element)]) + element)
    part = kept(frame, link=RADIOTAP)
    assert part is not None and noticed(RADIOTAP, part) == noticed(RADIOTAP, frame)
    assert len(part) <= len(frame)


def test_fragments_are_kept_as_the_datagram_that_they_make() -> None:
    trim, asked_for = Trim(HOST, PORT), question(b"device.spark.io")
    first = ETHER + ip4(17, asked_for[:24], fragment=0x2000)
    later = ETHER + ip4(17, asked_for[24:], fragment=3)
    assert trim.kept(ETHERNET, first) is None
    assert trim.kept(ETHERNET, later) == kept(ETHER + ip4(17, asked_for))
    assert trim.kept(ETHERNET, later) is None


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


def test_an_acknowledgement_is_kept_of_a_frame_that_is_kept() -> None:
    trim, radio = Trim(HOST, PORT), bytes([0, 0, 8, 0, 0, 0, 0, 0])
    asked = (
        radio + bytes([0xB0, 0, 0, 0]) + ROUTER + MINE + ROUTER + bytes([0, 0, 0, 0, 1, 0, 0, 0])
    )

    def acked(receiver: bytes) -> bytes | None:
        return trim.kept(RADIOTAP, radio + bytes([0xD4, 0, 0x3A, 1]) + receiver + bytes(4))

    assert acked(MINE) is None, "nothing was sent before"
    assert trim.kept(RADIOTAP, asked) is not None
    assert acked(OTHER) is None
    assert (acked(MINE) or b"")[8:18] == bytes([0xD4, 0, 0, 0]) + MINE


def test_of_encrypted_frames_a_photon_s_headers_are_kept_of_others_that_there_were_such() -> None:
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
    assert [part and len(part) for part in parts] == [len(mine), len(mine), 32]
    assert not any(part and SECRET[:6] in part for part in parts)
    assert not any(mac in (parts[2] or ROUTER) for mac in (MINE, OTHER, ROUTER))


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
