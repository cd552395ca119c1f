"""The sockets of the device's own access point, held to its network, and a look at this computer's
links; nothing else sends here.

A socket is held to the link by name (Linux: SO_BINDTODEVICE, open to every user since 5.7; macOS:
IP_BOUND_IF), and carries the link's own address, which is what Windows chooses the way by. So the
device answers also where another network of this computer uses 192.168.0.x.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from netcheck.device.softap import framing
from netcheck.device.softap.dialogue import TCP, Came
from netcheck.device.softap.route import Here, Link
from netcheck.model import Struct
from netcheck.vocabulary import reason_of

_LINUX_INTERFACES = Path("/sys/class/net")
_IP_BOUND_IF = 25  # bsd/netinet/in.h of macOS; Python's socket module has no name for it


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait, in seconds: for the connection, for a whole answer, and for that to
    `scan-ap`, for which the device scans.
    """

    connect_s: float = 5.0
    answer_s: float = 6.0
    scan_s: float = 12.0


PATIENCE = Patience()


class SoftApDoor:
    """Asks the device over one link of this computer."""

    def __init__(
        self, link: Link, patience: Patience = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._link, self._patience, self._clock = link, patience, clock

    def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> Came:
        wire, port = _question(over, command)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            hold(sock, self._link)
            sock.settimeout(self._patience.connect_s)
            try:
                sock.connect((framing.ADDRESS, port))
            except OSError as error:
                return Came(ended=not_opened(error))
            within_s = self._patience.scan_s if command == "scan-ap" else self._patience.answer_s
            return self._converse(sock, wire, within_s, is_whole)

    def _converse(
        self, sock: socket.socket, wire: bytes, within_s: float, is_whole: Callable[[bytes], bool]
    ) -> Came:
        """Send the question and read until the answer is whole, too long or late, or the other end
        stops.
        """
        received, until = b"", self._clock() + within_s
        try:
            sock.sendall(wire)
            while len(received) < framing.MOST_BYTES and (left_s := until - self._clock()) > 0:
                sock.settimeout(left_s)
                part = sock.recv(framing.MOST_BYTES - len(received))
                if not part:
                    return Came(payload=received, ended="closed")
                received += part
                if part.rstrip().endswith((b"}", b"0")) and is_whole(received):
                    return Came(payload=received, ended="whole")
        except TimeoutError:
            return Came(payload=received, ended="silent")
        except OSError:
            return Came(payload=received, ended="reset")
        return Came(payload=received, ended="silent")


def _question(over: str, command: str) -> tuple[bytes, int]:
    if over == TCP:
        return framing.over_tcp(command), framing.TCP_PORT
    return framing.over_http(command), framing.HTTP_PORT


def not_opened(error: OSError) -> str:
    """Why a connection did not open, as a word of softap_talk.NOT_OPENED."""
    if isinstance(error, TimeoutError) or error.errno in (errno.EHOSTUNREACH, errno.EHOSTDOWN):
        return "timeout"  # nobody answered ARP: as silent as nobody answering the SYN
    reason = reason_of(error)
    return "refused" if reason == "reset" else reason


def hold(sock: socket.socket, link: Link) -> None:
    """Hold the socket to that link, as far as the system and this user's rights allow; else the
    routes decide.
    """
    with contextlib.suppress(OSError):
        if sys.platform == "linux":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link.name.encode())
        elif sys.platform == "darwin":
            sock.setsockopt(socket.IPPROTO_IP, _IP_BOUND_IF, socket.if_nametoindex(link.name))
    with contextlib.suppress(OSError):
        sock.bind((link.address, 0))


def here() -> Here:
    """This computer's links, and the one that its routes choose for the device. Sends nothing."""
    links = tuple(_links())
    return Here(
        links=links, route=_route({link.address: link.name for link in links if link.address})
    )


def _links() -> Iterator[Link]:
    import netifaces  # here: a compiled library that `netcheck --help` does not need

    for name in netifaces.interfaces():
        try:
            rows = netifaces.ifaddresses(name).get(netifaces.AF_INET, [])
        except (ValueError, OSError):  # it has just gone
            continue
        if any(str(row.get("addr", "")).startswith("127.") for row in rows):
            continue
        for row in rows or [{}]:
            yield Link(
                name=name,
                address=row.get("addr", ""),
                netmask=row.get("netmask", ""),
                is_wifi=_is_wifi(name),
            )


def _is_wifi(name: str) -> bool | None:
    if sys.platform != "linux":
        return None
    folder = _LINUX_INTERFACES / name
    return (folder / "phy80211").exists() or (folder / "wireless").exists()


def _route(names: dict[str, str]) -> str:
    """The link whose address a datagram for the device would carry. Connecting a UDP socket sends
    nothing (udp(7)).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((framing.ADDRESS, framing.HTTP_PORT))
        except OSError:
            return ""
        return names.get(str(sock.getsockname()[0]), "")
