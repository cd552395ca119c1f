"""Raw Ethernet frames: the one place where probes open a socket for which a program needs rights.

Linux only (packet(7), CAP_NET_RAW). Everything else goes through ordinary sockets, so a live run as root uses its rights here
and nowhere else.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Self

from netcheck.live.icmp import checksum
from netcheck.model import Struct
from netcheck.plugin import CannotRun, Vantage

IPV4, ARP = 0x0800, 0x0806
BROADCAST = b"\xff" * 6
TCP, UDP = 6, 17
_ETHERNET = 1  # ARPHRD_ETHER, linux/if_arp.h
_MOST_BYTES = 2048
_ARP = struct.Struct("!HHBBH6s4s6s4s")  # hardware, protocol, their lengths, operation, sender, target (RFC 826)
_ARP_REQUEST = 1
_ARP_SENDINGS_AT_S = (0.0, 0.4)
"""RFC 5227 §1.1 asks three times over seconds; who is awake answers the first, and Wi-Fi may lose one."""


def how_to_be_allowed(command: str = "") -> str:
    """The ways to the right CAP_NET_RAW, in the middle of a sentence; `command` is what follows `netcheck`, with a space before it."""
    return (
        f"run `sudo netcheck{command}`, or give the right to a copy of the interpreter, beside it: `cd $(dirname $(command -v "
        f"netcheck)); sudo cp -L python3 python-raw; sudo setcap cap_net_raw+ep python-raw; ./python-raw -m netcheck{command}`"
    )


_NO_RIGHTS = (
    "raw frames need the right CAP_NET_RAW, and would show who offers addresses (DHCP), which of them are in use, and who cuts "
    f"connections: {how_to_be_allowed()}"
)


class Packet(Struct, frozen=True, kw_only=True):
    """An IPv4 packet as a frame carried it. `payload` is what follows the IP header."""

    source_mac: str
    source: str
    target: str
    protocol: int
    ttl: int
    payload: bytes


def open_link(here: Vantage, ethertype: int) -> Link:
    """The interface of this vantage, ready for frames of that type. Raises CannotRun, which says what is missing."""
    if sys.platform != "linux":
        raise CannotRun("raw frames are sent on Linux alone; a capture beside the device's start shows the same: `netcheck pcap`")
    if here.mac is None:
        raise CannotRun("this computer has no Ethernet or Wi-Fi interface in the network; name one with --interface")
    try:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    except PermissionError as error:
        raise CannotRun(_NO_RIGHTS) from error
    try:
        sock.bind((here.interface, ethertype))
        kind = sock.getsockname()[3]
    except OSError as error:
        sock.close()
        raise CannotRun(f"the interface does not let itself be listened to ({error.strerror})") from error
    if kind != _ETHERNET:
        sock.close()
        raise CannotRun("the interface in use carries no Ethernet frames (a tunnel?); name another one with --interface")
    return Link(sock, bytes.fromhex(here.mac.replace(":", "")))


class Link:
    """Frames of one type, in and out, on one interface; to be closed by `with`."""

    def __init__(self, sock: socket.socket, mac: bytes) -> None:
        self._sock = sock
        self.mac = mac

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def send(self, frame: bytes) -> None:
        """Put a whole frame, Ethernet header first, on the wire. Raises OSError where the interface is down."""
        self._sock.send(frame)

    def received(self, until: float) -> Iterator[bytes]:
        """Every frame of the type that passes, those sent here as well, until that monotonic time."""
        while (left_s := until - time.monotonic()) > 0:
            self._sock.settimeout(left_s)
            try:
                yield self._sock.recv(_MOST_BYTES)
            except TimeoutError:
                return


def who_has(link: Link, addresses: tuple[str, ...], listen_s: float) -> dict[str, str]:
    """Address → MAC of the first that answers for it; addresses nobody answers for are left out.

    Asked as RFC 5227 §2.1.1 probes do, without an own address, so that no neighbour table learns anything false.
    """
    begun = time.monotonic()
    found: dict[str, str] = {}
    ends_s = (*_ARP_SENDINGS_AT_S[1:], listen_s)
    for end_s in ends_s:
        for address in addresses:
            if address not in found:
                link.send(arp_question(link.mac, address))
        for frame in link.received(begun + end_s):
            claim = arp_claim(frame)
            if claim and claim[0] in addresses and claim[1] != link.mac.hex(":"):
                found.setdefault(*claim)
            if len(found) == len(addresses):
                return found
    return found


def most_arp_requests(addresses: int) -> int:
    """How many frames `who_has` may send for so many addresses."""
    return addresses * len(_ARP_SENDINGS_AT_S)


def arp_question(mac: bytes, address: str) -> bytes:
    """An ARP request of this MAC for that address, without an address of its own."""
    body = _ARP.pack(1, IPV4, 6, 4, _ARP_REQUEST, mac, bytes(4), bytes(6), socket.inet_aton(address))
    return BROADCAST + mac + struct.pack("!H", ARP) + body


def arp_claim(frame: bytes) -> tuple[str, str] | None:
    """The address that the sender of an ARP frame says is its own, and its MAC; None where it says none."""
    if len(frame) < 14 + _ARP.size:
        return None
    hardware, protocol, _, _, _, mac, address, _, _ = _ARP.unpack_from(frame, 14)
    if (hardware, protocol) != (1, IPV4) or not any(address):
        return None
    return socket.inet_ntoa(address), mac.hex(":")


def udp_broadcast(mac: bytes, source_port: int, port: int, payload: bytes) -> bytes:
    """A frame from a client without an address to everybody (RFC 2131 §4.1); the payload is of even length."""
    source, target = bytes(4), b"\xff" * 4
    udp = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    sum_ = checksum(source + target + struct.pack("!BBH", 0, UDP, len(udp)) + udp)
    udp = udp[:6] + struct.pack("!H", sum_ or 0xFFFF) + udp[8:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, UDP, 0) + source + target
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return BROADCAST + mac + struct.pack("!H", IPV4) + head + udp


def parse_ipv4(frame: bytes) -> Packet | None:
    """The IPv4 packet in an Ethernet frame; None where it is cut, no first fragment, or something else."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[14] >> 4 != 4:
        return None
    header_bytes = (frame[14] & 0x0F) * 4
    total, _, fragment, ttl, protocol = struct.unpack_from("!HHHBB", frame, 16)
    payload = frame[14 + header_bytes : 14 + total]
    if header_bytes < 20 or fragment & 0x1FFF or not payload:
        return None
    source, target = socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])
    return Packet(source_mac=frame[6:12].hex(":"), source=source, target=target, protocol=protocol, ttl=ttl, payload=payload)
