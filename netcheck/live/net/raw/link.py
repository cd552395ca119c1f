"""Raw Ethernet frames, in and out: the one place where probes open a socket for which a program
needs rights.

On Linux a packet socket (packet(7), CAP_NET_RAW), which a helper opens for a live run that gave its
rights up (`netcheck.host.helper`). Elsewhere scapy's: BPF devices on macOS and the BSDs
(administrator), Npcap on Windows. Everything else goes through ordinary sockets. What comes in is
bytes, read by `netcheck.wire`: scapy takes apart nothing that a stranger sent.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, Self

from netcheck.host.vantage import Vantage
from netcheck.probing.net import CannotRun
from netcheck.wire import bpf
from netcheck.wire.addresses import mac_text
from netcheck.wire.bpf import FrameFilter
from netcheck.wire.links import ARP, IPV4

ANY = 0x0003
"""Frames of every type (ETH_P_ALL, linux/if_ether.h)."""
_ETHERNET = 1  # ARPHRD_ETHER, linux/if_arp.h
_SOL_PACKET, _ADD_MEMBERSHIP, _PROMISCUOUS = 263, 1, 1  # linux/if_packet.h
_MOST_BYTES = 2048
_BUFFER_BYTES = 1 << 18
_EXPRESSIONS = {IPV4: "ip", ARP: "arp", ANY: ""}
"""Type of frame → filter for libpcap (pcap-filter(7)), which is told no type."""
OpenPacketSocket = Callable[[], socket.socket]
"""Makes a packet socket that is bound to nothing. Raises OSError."""


class Layer2Socket(Protocol):
    """What is used of a socket of scapy."""

    ins: Any

    def send(self, frame: bytes, /) -> int: ...

    def recv_raw(self, most_bytes: int, /) -> tuple[object, bytes | None, object]: ...

    def select(self, sockets: list[Layer2Socket], seconds: float, /) -> list[Layer2Socket]: ...

    def close(self) -> None: ...


def how_to_be_allowed(command: str = "") -> str:
    """The ways to the right CAP_NET_RAW, in the middle of a sentence; `command` is what follows
    `netcheck`, with a space before it.
    """
    return (
        f"run `sudo netcheck{command}`, or give the right to a copy of the interpreter, beside it:"
        " `cd $(dirname $(command -v netcheck)); sudo cp -L python3 python-raw; sudo setcap"
        f" cap_net_raw+ep python-raw; ./python-raw -m netcheck{command}`"
    )


_SHOWS = (
    "and would show who offers addresses (DHCP), which of them are in use, and who cuts connections"
)
_NO_RIGHTS = f"raw frames need the right CAP_NET_RAW, {_SHOWS}: {how_to_be_allowed()}"
_HOW_ELSEWHERE = {
    "darwin": "run `sudo netcheck`",
    "win32": "install Npcap (npcap.com), and run netcheck as administrator",
}


def open_link(
    here: Vantage,
    ethertype: int,
    *,
    only: FrameFilter | None = None,
    of_all: bool = False,
    of_own: bool = False,
    packet_socket: OpenPacketSocket | None = None,
) -> EthernetLink:
    """The interface of this vantage, ready for frames of that type. Raises CannotRun, which says
    what is missing.

    `only`: let in just these; where the kernel takes no filter, everything of the type still comes.
    `of_all`: those for other MAC addresses come in, too, as long as the link is open (promiscuous
    mode). `of_own`: those that this computer sends are handed over, and no others (Linux; they show
    by the type ANY alone). `packet_socket`: opens an unbound one on Linux, in the place of this
    process, which gave that right up.
    """
    if here.mac is None:
        raise CannotRun(
            "this computer has no Ethernet or Wi-Fi interface in the network; name one with"
            " --interface"
        )
    if not here.is_linked:
        raise CannotRun(f"{here.interface} is not connected; plug its cable in, or join the Wi-Fi")
    if sys.platform == "linux":
        make = packet_socket or _own_packet_socket
        sock = _packet_socket(here.interface, ethertype, only, of_all, make)
        sock.of_own = of_own
        return EthernetLink(sock, here.mac)
    if of_own:
        raise CannotRun("what leaves this computer is told from what comes on Linux alone")
    return EthernetLink(_pcap_socket(here.interface, ethertype, only, of_all), here.mac)


def _own_packet_socket() -> socket.socket:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)


def _packet_socket(
    interface: str,
    ethertype: int,
    only: FrameFilter | None,
    of_all: bool,
    make: OpenPacketSocket,
) -> PacketSocket:
    """On Linux, with a filter of our own: scapy would ask libpcap for one."""
    try:
        bare = make()
    except PermissionError as error:
        raise CannotRun(_NO_RIGHTS) from error
    except OSError as error:  # a sandbox or kernel without packet sockets
        raise CannotRun(
            f"this system has no raw frames for a program ({error.strerror})"
        ) from error
    try:
        sock = PacketSocket(bare, interface, ethertype, only, of_all=of_all)
    except OSError as error:
        bare.close()
        raise CannotRun(f"frames cannot be captured on the interface ({error.strerror})") from error
    if sock.kind != _ETHERNET:
        sock.close()
        raise CannotRun(
            "the interface in use carries no Ethernet frames (a tunnel?); name another one with"
            " --interface"
        )
    return sock


class PacketSocket:
    """The frames of one interface by a packet socket that is bound to nothing yet (packet(7)).

    Not scapy's, which opens its socket itself: this one may come from a process that has the right.
    """

    def __init__(
        self,
        bare: socket.socket,
        interface: str,
        ethertype: int,
        only: FrameFilter | None,
        *,
        of_all: bool,
    ) -> None:
        self.ins = bare
        self.of_own = False
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        if only is not None:
            with contextlib.suppress(OSError):
                bpf.attach(bare, only.program)
        bare.bind((interface, ethertype))
        self.kind: int = bare.getsockname()[3]
        if of_all:  # the membership ends with the socket
            index = socket.if_nametoindex(interface)
            bare.setsockopt(
                _SOL_PACKET, _ADD_MEMBERSHIP, struct.pack("=iHH8x", index, _PROMISCUOUS, 0)
            )

    def send(self, frame: bytes) -> int:
        return self.ins.send(frame)

    def recv_raw(self, most_bytes: int) -> tuple[object, bytes | None, object]:
        """As scapy's: no frame for one that goes out, or `of_own` for one that comes."""
        frame, address = self.ins.recvfrom(most_bytes)
        is_own = address[2] == socket.PACKET_OUTGOING
        return None, frame if is_own is self.of_own else None, None

    def select(self, sockets: list[Layer2Socket], seconds: float) -> list[Layer2Socket]:
        """Those of the sockets from which something can be read in time."""
        ready = set(select.select([one.ins for one in sockets], [], [], seconds)[0])
        return [one for one in sockets if one.ins in ready]

    def close(self) -> None:
        self.ins.close()


def _pcap_socket(
    interface: str, ethertype: int, only: FrameFilter | None, of_all: bool
) -> Layer2Socket:
    """On other systems, through their BPF devices or Npcap."""
    expression = only.expression if only is not None else _EXPRESSIONS[ethertype]
    device = rf"\Device\NPF_{interface}" if sys.platform == "win32" else interface
    try:
        sock: Layer2Socket = _scapy_socket()(
            iface=device, promisc=of_all, filter=expression or None
        )
    except CannotRun:
        raise
    except Exception as error:  # scapy has a dozen kinds for what is missing here
        how = _HOW_ELSEWHERE.get(sys.platform, "run netcheck as administrator")
        raise CannotRun(
            f"raw frames need an administrator's rights, {_SHOWS}: {how}; a capture beside the"
            " device's start shows the same: `netcheck pcap`"
        ) from error
    return sock


def _scapy_socket() -> Any:
    """The class of layer-2 sockets that scapy has for this system. Raises CannotRun where scapy
    does not load: it looks at the system's interfaces and routes as it does so.
    """
    try:
        # One import for all threads: two that load different modules of scapy could meet halfway.
        from netcheck.wire import frames
    except Exception as error:
        raise CannotRun(f"scapy does not load on this system ({type(error).__name__})") from error
    return frames.layer2_socket()


class EthernetLink:
    """Frames of one type, in and out, on one interface; to be closed by `with`. `mac` is the
    interface's own.
    """

    def __init__(self, sock: Layer2Socket, mac: str) -> None:
        self._sock = sock
        self.mac = mac

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def send(self, frame: bytes) -> None:
        """Put a whole frame, Ethernet header first, on the wire. Raises OSError where the interface
        is down.
        """
        self._sock.send(frame)

    def received(self, until: float) -> Iterator[bytes]:
        """Every frame of the type that comes in until that monotonic time; none that this computer
        sends, or `of_own` only those.
        """
        while (left_s := until - time.monotonic()) > 0:
            if not self._sock.select([self._sock], left_s):
                continue
            _, frame, _ = self._sock.recv_raw(_MOST_BYTES)  # None for one that goes out (Linux)
            if frame and (sys.platform == "linux" or mac_text(frame[6:12]) != self.mac):
                yield frame
