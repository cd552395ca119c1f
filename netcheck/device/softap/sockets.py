"""The sockets to the device's own access point, held to the interface that joined it; nothing else
sends here.

So the device answers also where another network of this computer uses 192.168.0.x.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable

from netcheck.device.softap import framing
from netcheck.device.softap.dialogue import TCP, SoftApReply
from netcheck.device.softap.route import LocalNetworks
from netcheck.host.interfaces import InterfaceAddress, hold, ipv4_addresses
from netcheck.model import Struct
from netcheck.vocabulary import reason_of


class SoftApTimeouts(Struct, frozen=True, kw_only=True):
    """How long to wait, in seconds: for the connection, for a whole answer, and for that to
    `scan-ap`, for which the device scans.
    """

    connect_s: float = 5.0
    answer_s: float = 6.0
    scan_s: float = 12.0


TIMEOUTS = SoftApTimeouts()


class SoftApSockets:
    """Asks the device over one link of this computer."""

    def __init__(
        self,
        link: InterfaceAddress,
        timeouts: SoftApTimeouts = TIMEOUTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link, self._timeouts, self._clock = link, timeouts, clock

    def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
        wire, port = _question(over, command)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            hold(sock, self._link.name, self._link.address)
            sock.settimeout(self._timeouts.connect_s)
            try:
                sock.connect((framing.ADDRESS, port))
            except OSError as error:
                return SoftApReply(ended=not_opened(error))
            within_s = self._timeouts.scan_s if command == "scan-ap" else self._timeouts.answer_s
            return self._converse(sock, wire, within_s, is_whole)

    def _converse(
        self, sock: socket.socket, wire: bytes, within_s: float, is_whole: Callable[[bytes], bool]
    ) -> SoftApReply:
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
                    return SoftApReply(payload=received, ended="closed")
                received += part
                if part.rstrip().endswith((b"}", b"0")) and is_whole(received):
                    return SoftApReply(payload=received, ended="whole")
        except TimeoutError:
            return SoftApReply(payload=received, ended="silent")
        except OSError:
            return SoftApReply(payload=received, ended="reset")
        return SoftApReply(payload=received, ended="silent")


def _question(over: str, command: str) -> tuple[bytes, int]:
    if over == TCP:
        return framing.over_tcp(command), framing.TCP_PORT
    return framing.over_http(command), framing.HTTP_PORT


def not_opened(error: OSError) -> str:
    """Why a connection did not open, as a word of dialogue.NOT_OPENED."""
    if isinstance(error, TimeoutError) or error.errno in (errno.EHOSTUNREACH, errno.EHOSTDOWN):
        return "timeout"  # no answer to ARP: seen from here the same as none to the SYN
    reason = reason_of(error)
    return "refused" if reason == "reset" else reason


def local_networks() -> LocalNetworks:
    """This computer's links, and the one that its routes choose for the device. Sends nothing."""
    links = tuple(ipv4_addresses())
    return LocalNetworks(
        links=links, route=_route({link.address: link.name for link in links if link.address})
    )


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
