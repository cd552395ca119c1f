"""Raw Ethernet frames: the one place where probes open a socket for which a program needs rights.

Linux only (packet(7), CAP_NET_RAW). Everything else goes through ordinary sockets, so a live run as
root uses its rights here and nowhere else.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Self

from netcheck.live.net.icmp import checksum
from netcheck.model import Struct
from netcheck.probing.plugin import CannotRun, Vantage
from netcheck.wire import bpf

IPV4, ARP = 0x0800, 0x0806
ANY = 0x0003
"""Frames of every type (ETH_P_ALL, linux/if_ether.h)."""
BROADCAST = b"\xff" * 6
ICMP, TCP, UDP = 1, 6, 17
_ETHERNET = 1  # ARPHRD_ETHER, linux/if_arp.h
_MOST_BYTES = 2048
_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, _PACKET_MR_PROMISC, _PACKET_OUTGOING = (
    263,
    1,
    1,
    4,
)  # linux/if_packet.h, linux/socket.h
_MEMBERSHIP = struct.Struct(
    "=iHH8s"
)  # struct packet_mreq: interface index, type, length of the address, address


def how_to_be_allowed(command: str = "") -> str:
    """The ways to the right CAP_NET_RAW, in the middle of a sentence; `command` is what follows
    `netcheck`, with a space before it.
    """
    return (
        f"run `sudo netcheck{command}`, or give the right to a copy of the interpreter, beside it:"
        " `cd $(dirname $(command -v netcheck)); sudo cp -L python3 python-raw; sudo setcap"
        f" cap_net_raw+ep python-raw; ./python-raw -m netcheck{command}`"
    )


_NO_RIGHTS = (
    "raw frames need the right CAP_NET_RAW, and would show who offers addresses (DHCP), which of"
    f" them are in use, and who cuts connections: {how_to_be_allowed()}"
)


class Packet(Struct, frozen=True, kw_only=True):
    """An IPv4 packet as a frame carried it. `payload` is what follows the IP header."""

    source_mac: str
    source: str
    target: str
    protocol: int
    ttl: int
    payload: bytes


def open_link(here: Vantage, ethertype: int, *, of_all: bool = False) -> Link:
    """The interface of this vantage, ready for frames of that type. Raises CannotRun, which says
    what is missing.

    With `of_all` those for other MAC addresses come in, too, as long as the link is open
    (promiscuous mode, packet(7)).
    """
    if sys.platform != "linux":
        raise CannotRun(
            "raw frames are sent on Linux alone; a capture beside the device's start shows the"
            " same: `netcheck pcap`"
        )
    if here.mac is None:
        raise CannotRun(
            "this computer has no Ethernet or Wi-Fi interface in the network; name one with"
            " --interface"
        )
    if not here.is_linked:
        raise CannotRun(f"{here.interface} is not connected; plug its cable in, or join the Wi-Fi")
    try:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    except PermissionError as error:
        raise CannotRun(_NO_RIGHTS) from error
    except OSError as error:  # a sandbox or kernel without packet sockets
        raise CannotRun(
            f"this system has no raw frames for a program ({error.strerror})"
        ) from error
    try:
        sock.bind((here.interface, ethertype))
        kind = sock.getsockname()[3]
        if of_all:
            wish = _MEMBERSHIP.pack(
                socket.if_nametoindex(here.interface), _PACKET_MR_PROMISC, 0, b""
            )
            sock.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, wish)
    except OSError as error:
        sock.close()
        raise CannotRun(
            f"the interface does not let itself be listened to ({error.strerror})"
        ) from error
    if kind != _ETHERNET:
        sock.close()
        raise CannotRun(
            "the interface in use carries no Ethernet frames (a tunnel?); name another one with"
            " --interface"
        )
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

    def keep_only(self, wanted: bpf.FrameFilter) -> None:
        """Let in only these frames. Where the kernel takes no filter, everything still comes."""
        with contextlib.suppress(OSError):
            bpf.attach(self._sock, wanted.program)

    def send(self, frame: bytes) -> None:
        """Put a whole frame, Ethernet header first, on the wire. Raises OSError where the interface
        is down.
        """
        self._sock.send(frame)

    def received(self, until: float) -> Iterator[bytes]:
        """Every frame of the type that comes in until that monotonic time; none that this computer
        sends.
        """
        while (left_s := until - time.monotonic()) > 0:
            self._sock.settimeout(left_s)
            try:
                frame, (_, _, direction, *_) = self._sock.recvfrom(_MOST_BYTES)
            except TimeoutError:
                return
            if direction != _PACKET_OUTGOING:
                yield frame


def udp_broadcast(mac: bytes, source_port: int, port: int, payload: bytes) -> bytes:
    """A frame from a client without an address to everybody (RFC 2131 §4.1); the payload is of even
    length.
    """
    source, target = bytes(4), b"\xff" * 4
    udp = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    udp = (
        udp[:6]
        + struct.pack("!H", transport_checksum(source, target, UDP, udp) or 0xFFFF)
        + udp[8:]
    )
    return (
        BROADCAST + mac + struct.pack("!H", IPV4) + ipv4_header(source, target, UDP, len(udp)) + udp
    )


def transport_checksum(source: bytes, target: bytes, protocol: int, message: bytes) -> int:
    """The checksum of a UDP datagram or TCP segment of even length, with the addresses that it
    covers (RFC 9293 §3.1).
    """
    return checksum(source + target + struct.pack("!BBH", 0, protocol, len(message)) + message)


def ipv4_header(source: bytes, target: bytes, protocol: int, length: int) -> bytes:
    """The header of a packet with so many bytes behind it (RFC 791 §3.1)."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, protocol, 0) + source + target
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:]


def parse_ipv4(frame: bytes) -> Packet | None:
    """The IPv4 packet in an Ethernet frame; None where it is cut, no first fragment, or something
    else.
    """
    if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[14] >> 4 != 4:
        return None
    header_bytes = (frame[14] & 0x0F) * 4
    total, _, fragment, ttl, protocol = struct.unpack_from("!HHHBB", frame, 16)
    payload = frame[14 + header_bytes : 14 + total]
    if header_bytes < 20 or fragment & 0x1FFF or not payload:
        return None
    source, target = socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])
    return Packet(
        source_mac=frame[6:12].hex(":"),
        source=source,
        target=target,
        protocol=protocol,
        ttl=ttl,
        payload=payload,
    )
