"""Listening to a multicast group, which takes no rights (RFC 1112; ip(7), IP_ADD_MEMBERSHIP)."""

from __future__ import annotations

import socket
import time

from netcheck.probing.net import CannotRun, Datagram

_MOST_BYTES = 64
_MOST_DATAGRAMS = 50
"""A flood teaches nothing more."""


def listen(group: str, port: int, address: str, seconds: float) -> list[Datagram]:
    """What came to the group on the interface of that address. Raises CannotRun where the port or
    the group is not to be had.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("", port))
            sock.setsockopt(
                socket.IPPROTO_IP,
                socket.IP_ADD_MEMBERSHIP,
                socket.inet_aton(group) + socket.inet_aton(address),
            )
        except OSError as error:
            raise CannotRun(
                f"the group {group} cannot be joined on UDP port {port} ({error.strerror}); close"
                " what holds the port"
            ) from error
        return _heard(sock, time.monotonic() + seconds)


def _heard(sock: socket.socket, until: float) -> list[Datagram]:
    found: list[Datagram] = []
    while len(found) < _MOST_DATAGRAMS and (left_s := until - time.monotonic()) > 0:
        sock.settimeout(left_s)
        try:
            payload, (sender, _) = sock.recvfrom(_MOST_BYTES)
        except OSError:  # the time is over, or the interface is gone
            break
        found.append(Datagram(sender=str(sender), at=time.time(), payload=payload))
    return found
