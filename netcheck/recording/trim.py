"""What is kept of a frame: as much as an analysis reads, and nothing that belongs to others alone.

`relevant.exact` says which frames are read, `decode` and `wifi_frames` how far; so a trimmed
recording gives the same observations as a whole one. What lies between two things that are read is
overwritten: with zeros where a Wi-Fi password could be guessed from it (IEEE 802.11-2020 §12.7.2:
the nonces and check sum of a key message), with `x` in web headers. These are overwritten by hand:
what parses HTTP says nothing of where a value stood, and a head is often cut.
"""

from __future__ import annotations

from typing import NamedTuple

from netcheck.capture.files import relevant
from netcheck.capture.files.tally import Packet
from netcheck.capture.protocols.wifi_frames import BEACON, WifiFrames
from netcheck.photon.addresses import INTERNET_TEST
from netcheck.recording.management import without_hashes
from netcheck.wire import links
from netcheck.wire.decode import (
    TIME_EXCEEDED,
    UNREACHABLE,
    Arp,
    Dhcp,
    Dns,
    Fragment,
    Icmp,
    Tcp,
    Udp,
    decode,
)
from netcheck.wire.links import Dot11, Located

_WHOLE_PORTS = frozenset({53, 67, 68})
_DATAGRAM_BYTES = 64
"""As much of another datagram as `tables` keeps."""
_ICMP_BYTES = 8
_PORTS_BYTES = 8
_EAPOL_KEY = 3
_KEY_SECRETS = slice(17, 97)
"""Nonce, IV, counters and check sum in the body of a key message."""
_KEY_BYTES = 99
_EAPOL_BYTES = 5
_PROTECTED_BYTES = 32
"""The longest 802.11 header."""
_CHECKSUM_BYTES = 4
_HEAD_BYTES = 2048
_READ_HEADERS = (b"host", b"location")
_MOST_REMEMBERED = 256
_CLOUD_NAMES = (".particle.io", ".spark.io")
_TEST_NAME = "pool.ntp.org"


class Cut(NamedTuple):
    """How many bytes of a frame to keep, and what stands in place of those from `at` on."""

    end: int
    at: int = 0
    instead: bytes = b""


class Trim:
    """Frame after frame to what is kept of it. Remembers a bounded number of fragments and of
    senders.
    """

    def __init__(self, cloud_host: str, cloud_port: int, device: str = "") -> None:
        """`device`: the MAC of the one that is asked about; then of others only what its connection
        depends on is kept.
        """
        self._cloud_host = cloud_host.lower()
        self._cloud_port = cloud_port
        self._device = bytes.fromhex(device.replace(":", "")) if device else b""
        self._datagrams: dict[bytes, None] = {}
        self._protected: dict[bytes, None] = {}
        self._wifi = WifiFrames()

    def kept(self, link: int, frame: bytes) -> bytes | None:
        """What to keep of the frame; None for nothing."""
        radio = links.dot11(link, frame)
        if radio is not None and not radio.is_data:
            is_kept = radio.is_management and self._is_new(link, frame, radio)
            return without_hashes(frame, radio) if is_kept else None
        if not relevant.exact(link, frame, self._cloud_port):
            return (
                self._first_protected(frame, radio)
                if radio is not None and radio.is_protected
                else None
            )
        place = links.locate(link, frame)
        if (
            place is None
            or self._is_of_others(link, frame, place)
            or self._is_stray_fragment(frame, place)
        ):
            return None
        return _trimmed(
            frame, _cut(frame, place, self._cloud_port), _CHECKSUM_BYTES if radio is not None else 0
        )

    def _is_new(self, link: int, frame: bytes, radio: Dot11) -> bool:
        """Any management frame but a beacon that only repeats what its access point said before."""
        if radio.kind != BEACON:
            return True
        before = len(self._wifi.networks)
        self._wifi.add(Packet(0, 0, link, frame, len(frame), 0), "")
        return len(self._wifi.networks) > before

    def _first_protected(self, frame: bytes, radio: Dot11) -> bytes | None:
        """The header of each sender's first encrypted frame: enough to say that there were such."""
        sender = frame[radio.offset + 10 : radio.offset + 16]
        return (
            frame[: radio.offset + _PROTECTED_BYTES] if _is_first(self._protected, sender) else None
        )

    def _is_stray_fragment(self, frame: bytes, place: Located) -> bool:
        """A later piece of a datagram (RFC 791 §3.2) whose first piece was none of ours: nothing
        tells what it carries.
        """
        if place.ethertype != links.IPV4:
            return False
        header = frame[place.offset : place.offset + 20]
        datagram, offset = (
            header[4:6] + header[9:10] + header[12:20],
            (header[6] & 0x1F) << 8 | header[7],
        )
        if offset:
            return datagram not in self._datagrams
        if header[6] & 0x20:
            _is_first(self._datagrams, datagram)
        return False

    def _is_of_others(self, link: int, frame: bytes, place: Located) -> bool:
        """Of others, where one device is asked about, and nothing its connection depends on?"""
        if not self._device or place.src is None or self._device in (place.src, place.dst):
            return False
        if place.ethertype in (links.ARP, links.RARP, links.EAPOL):
            return False
        message = decode(link, frame)
        match message.body if message is not None else None:
            case Tcp() as tcp:
                return self._cloud_port not in (tcp.sport, tcp.dport) and not (
                    message and INTERNET_TEST in (message.src, message.dst)
                )
            case Dns() as dns:
                return dns.name not in (self._cloud_host, _TEST_NAME) and not dns.name.endswith(
                    _CLOUD_NAMES
                )
            case Arp() | Dhcp() | Icmp() | Udp():
                return False
            case Fragment() | None:
                return True


def _is_first(seen: dict[bytes, None], what: bytes) -> bool:
    """Was it not seen before? Remembers it, and forgets the oldest of too many."""
    if what in seen:
        return False
    seen[what] = None
    if len(seen) > _MOST_REMEMBERED:
        del seen[next(iter(seen))]
    return True


def _trimmed(frame: bytes, cut: Cut, spare: int) -> bytes:
    """The frame, cut; on a radio link with room for the check sum that its header may announce at
    the end.
    """
    if cut.instead:
        frame = frame[: cut.at] + cut.instead + frame[cut.at + len(cut.instead) :]
    return (
        frame
        if cut.end >= len(frame)
        else frame[: cut.end] + bytes(min(spare, len(frame) - cut.end))
    )


def _cut(frame: bytes, place: Located, cloud_port: int) -> Cut:
    if place.ethertype == links.EAPOL:
        return _eapol(frame, place.offset)
    if place.ethertype not in (links.IPV4, links.IPV6):
        return Cut(len(frame))
    if place.ethertype == links.IPV6:
        return _ipv6(frame, place.offset, cloud_port)
    at = place.offset
    total = int.from_bytes(frame[at + 2 : at + 4], "big")
    end = min(at + total, len(frame)) if total else len(frame)
    if (frame[at + 6] & 0x3F) or frame[at + 7]:
        return Cut(end)
    return _transport(frame, frame[at + 9], at + (frame[at] & 0x0F) * 4, end, cloud_port)


def _ipv6(frame: bytes, at: int, cloud_port: int) -> Cut:
    """As `decode` goes past extension headers; what it does not read is kept to the header
    alone.
    """
    protocol, end = (
        frame[at + 6],
        min(at + 40 + int.from_bytes(frame[at + 4 : at + 6], "big"), len(frame)),
    )
    at += 40
    while protocol in relevant.IPV6_OPTIONS and at + 8 <= end:
        protocol, at = frame[at], at + 8 + 8 * frame[at + 1]
    return _transport(frame, protocol, at, end, cloud_port)


def _transport(frame: bytes, protocol: int, at: int, end: int, cloud_port: int) -> Cut:
    """How far the message in an IP packet is read that begins at `at` and ends at `end`."""
    ports = {
        int.from_bytes(frame[at : at + 2], "big"),
        int.from_bytes(frame[at + 2 : at + 4], "big"),
    }
    if protocol == relevant.UDP:
        return Cut(end if ports & _WHOLE_PORTS else min(at + 8 + _DATAGRAM_BYTES, end))
    if protocol == relevant.TCP:
        if cloud_port in ports or len(frame) < at + 13:
            return Cut(end)
        content = at + (frame[at + 12] >> 4) * 4
        return _web(frame, content, end) if relevant.WEB_PORT in ports else Cut(min(content, end))
    quotes = protocol == relevant.ICMP and frame[at : at + 1] in (
        bytes([UNREACHABLE]),
        bytes([TIME_EXCEEDED]),
    )
    if quotes and len(frame) > at + _ICMP_BYTES:
        return Cut(min(at + _ICMP_BYTES + (frame[at + _ICMP_BYTES] & 0x0F) * 4 + _PORTS_BYTES, end))
    return Cut(min(at + _ICMP_BYTES, end))


def _web(frame: bytes, at: int, end: int) -> Cut:
    """Of an HTTP message the head, and of this only where it leads; of other segments nothing."""
    content = frame[at:end]
    if not content.startswith(relevant.HTTP_HEADS):
        return Cut(min(at, end))
    lines = content[:_HEAD_BYTES].partition(b"\r\n\r\n")[0].split(b"\r\n")
    head = b"\r\n".join([_first_line(lines[0]), *map(_header, lines[1:])])
    return Cut(at + len(head), at, head)


def _first_line(line: bytes) -> bytes:
    """A status line as it is, a request line without what was asked for (RFC 9112 §3, §4)."""
    if line.startswith(b"HTTP/1."):
        return line
    method, _, rest = line.partition(b" ")
    return method + b" " + b"x" * len(rest) if rest else method


def _header(line: bytes) -> bytes:
    """A header line whose value is read, up to a query (RFC 3986 §3.4), or the name of another."""
    name, colon, value = line.partition(b":")
    if not colon:
        return b"x" * len(line)
    if name.strip().lower() not in _READ_HEADERS:
        return name + colon + b"x" * len(value)
    place, mark, query = value.partition(b"?")
    return name + colon + place + mark + b"x" * len(query)


def _eapol(frame: bytes, at: int) -> Cut:
    """A key message without its secrets and data; of others, which may name a user, the kind."""
    if frame[at + 1 : at + 2] != bytes([_EAPOL_KEY]):
        return Cut(min(at + _EAPOL_BYTES, len(frame)))
    secrets = frame[at + _KEY_SECRETS.start : at + _KEY_SECRETS.stop]
    return Cut(min(at + _KEY_BYTES, len(frame)), at + _KEY_SECRETS.start, bytes(len(secrets)))
