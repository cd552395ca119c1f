"""Every frame that passes an interface, with the kernel's own time: packet(7), Linux, needs
CAP_NET_RAW. Sends nothing.

Beside `live.net.raw.link` the only module that opens a socket for which a program needs rights. Not
by scapy: its sockets give a frame's time as a float (a step of 238 ns in 2026), no length of a
frame longer than the buffer, and no count of lost frames.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import time
from typing import NamedTuple, Protocol, Self

from netcheck.live.net.raw.link import how_to_be_allowed
from netcheck.recording.filters import kernel_filter
from netcheck.recording.interfaces import CannotRecord
from netcheck.text.escape import safe
from netcheck.wire import bpf, links

_EVERYTHING = 0x0003  # ETH_P_ALL (linux/if_ether.h)
_SOL_PACKET, _ADD_MEMBERSHIP, _STATISTICS, _AUXDATA = 263, 1, 6, 8  # linux/if_packet.h
_PROMISCUOUS = 1
_TIMESTAMPNS, _RCVBUFFORCE = 35, 33  # asm-generic/socket.h
_TAG_IS_VALID, _TAG_KIND_IS_VALID = 0x10, 0x40  # TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID
_AUXILIARY = struct.Struct("=IIIHHHH")  # struct tpacket_auxdata
_TIME = struct.Struct("@ll")  # struct timespec
_TWO_COUNTS = struct.Struct("=II")  # struct tpacket_stats
_BUFFER_BYTES = 4 << 20
_MOST_BYTES = 1 << 16
_MACS_BYTES = 12

_LINKS = {1: links.ETHERNET, 772: links.ETHERNET, 801: links.IEEE80211, 803: links.RADIOTAP}
"""ARPHRD_ETHER, _LOOPBACK, _IEEE80211 and _IEEE80211_RADIOTAP (linux/if_arp.h) → link type; all
others come cooked (LINUX_SLL).
"""


class Gone(CannotRecord):
    """The interface vanished during the capture."""


class Captured(NamedTuple):
    """A frame: when it passed (UTC, ns since 1970), its bytes and how many there were on the
    wire.
    """

    at_ns: int
    frame: bytes
    wire_bytes: int


class FrameSource(Protocol):
    """Where frames come from."""

    link: int

    def next(self, timeout_s: float) -> Captured | None:
        """The next frame; None when none came in time. Raises Gone where no more will come."""

    def lost(self) -> int:
        """How many frames were lost so far because they were not fetched in time."""


class Sniffer:
    """The frames of one interface, in both directions; to be closed by `with`. Raises
    CannotRecord.
    """

    def __init__(self, interface: str, cloud_port: int) -> None:
        self._interface = interface
        self._buffer = bytearray(_MOST_BYTES)
        self._lost = 0
        try:
            hardware = _hardware(interface)
            self.link = _LINKS.get(hardware, links.COOKED)
            kind = socket.SOCK_DGRAM if self.link == links.COOKED else socket.SOCK_RAW
            # Without a protocol nothing arrives before the filter stands.
            self._sock = socket.socket(socket.AF_PACKET, kind, 0)
        except PermissionError as error:
            raise CannotRecord(_no_rights()) from error
        except OSError as error:
            raise CannotRecord(
                f"Packets cannot be captured on {safe(interface, 60)}"
                f" ({safe(error.strerror or '')})."
            ) from error
        try:
            self._index = socket.if_nametoindex(interface)
            self._prepare(cloud_port)
        except OSError as error:
            self._sock.close()
            raise CannotRecord(
                f"Packets cannot be captured on {safe(interface, 60)}"
                f" ({safe(error.strerror or '')})."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def next(self, timeout_s: float) -> Captured | None:
        """See `FrameSource`."""
        self._sock.settimeout(timeout_s)
        try:
            size, ancillary, _, address = self._sock.recvmsg_into(
                [self._buffer], 256, socket.MSG_TRUNC
            )
        except TimeoutError:
            return None
        except OSError as error:
            self._check(error)
            time.sleep(timeout_s)
            return None
        frame = bytes(memoryview(self._buffer)[: min(size, _MOST_BYTES)])
        if self.link == links.COOKED:
            head = cooked(address)
            return Captured(_time_ns(ancillary), head + frame, len(head) + size)
        whole = with_tag(frame, ancillary) if self.link == links.ETHERNET else frame
        return Captured(_time_ns(ancillary), whole, size + len(whole) - len(frame))

    def lost(self) -> int:
        """See `FrameSource`; the kernel counts anew after each question."""
        self._lost += _TWO_COUNTS.unpack(
            self._sock.getsockopt(_SOL_PACKET, _STATISTICS, _TWO_COUNTS.size)
        )[1]
        return self._lost

    def _prepare(self, cloud_port: int) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        self._sock.setsockopt(_SOL_PACKET, _AUXDATA, 1)
        with contextlib.suppress(
            OSError
        ):  # needs CAP_NET_ADMIN; the usual buffer does where little passes
            self._sock.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _BUFFER_BYTES)
        if self.link == links.ETHERNET:
            bpf.attach(self._sock, kernel_filter(cloud_port))
        self._sock.bind((self._interface, _EVERYTHING))
        with contextlib.suppress(OSError):  # a tunnel has no such mode, and needs none
            member = struct.pack("=iHH8x", self._index, _PROMISCUOUS, 0)
            self._sock.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, member)

    def _check(self, error: OSError) -> None:
        """An interface that is switched off for a moment comes back, one that is gone does not.
        Raises Gone.
        """
        with contextlib.suppress(OSError):
            if (
                error.errno == errno.ENETDOWN
                and socket.if_nametoindex(self._interface) == self._index
            ):
                return
        raise Gone(
            f"The interface {safe(self._interface, 60)} is gone ({safe(error.strerror or '')})."
        ) from error


def check_rights() -> None:
    """Raises CannotRecord where this program may not listen, with what to do."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
    except PermissionError as error:
        raise CannotRecord(_no_rights()) from error
    except OSError as error:  # a sandbox or kernel without packet sockets
        raise CannotRecord(
            f"This system lets no program record ({safe(error.strerror or '')})."
        ) from error


def with_tag(frame: bytes, ancillary: list[tuple[int, int, bytes]]) -> bytes:
    """The Ethernet frame with its 802.1Q tag, which the kernel hands over apart from it."""
    for level, kind, data in ancillary:
        if (level, kind) == (_SOL_PACKET, _AUXDATA) and len(data) >= _AUXILIARY.size:
            status, _, _, _, _, tag, tag_kind = _AUXILIARY.unpack_from(data)
            if status & _TAG_IS_VALID:
                protocol = tag_kind if status & _TAG_KIND_IS_VALID else 0x8100
                return frame[:_MACS_BYTES] + struct.pack(">HH", protocol, tag) + frame[_MACS_BYTES:]
    return frame


def _time_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    """When the kernel saw the frame; now, where it does not say."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMPNS) and len(data) >= _TIME.size:
            seconds, rest = _TIME.unpack_from(data)
            return int(seconds) * 10**9 + int(rest)
    return time.time_ns()


def cooked(address: tuple[str, int, int, int, bytes]) -> bytes:
    """The header of LINKTYPE_LINUX_SLL: direction, hardware, sender's address, protocol."""
    _, protocol, direction, hardware, sender = address
    return struct.pack(">HHH8sH", direction, hardware, len(sender), sender[:8], protocol)


def _hardware(interface: str) -> int:
    """The kind of interface, ARPHRD_*."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as sock:
        sock.bind((interface, 0))
        return int(sock.getsockname()[3])


def _no_rights() -> str:
    return (
        f"Recording needs the right CAP_NET_RAW: {how_to_be_allowed(' record')}. "
        "Or record on another system: `netcheck record --guide router`, or `--guide hotspot`."
    )
