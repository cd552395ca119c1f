"""By which interface this computer's packets leave for the Internet, and what may take them
elsewhere. Sends nothing.
"""

from __future__ import annotations

import socket
import sys
from urllib.parse import urlsplit

from netcheck.host.interfaces import hold
from netcheck.photon.addresses import INTERNET_TEST

_ANY_PORT = 53


def source(bound_to: str = "", to: str = INTERNET_TEST) -> str:
    """The address that a datagram of this computer for the Internet, or `to`, would carry; empty
    where its routes lead nowhere, or refuse.

    Connecting a UDP socket makes the system choose a route, and sends nothing (udp(7)). Only Linux
    holds a socket to an interface in spite of the routes, so only there `bound_to` counts.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        if bound_to and sys.platform == "linux":
            hold(sock, bound_to)
        try:
            sock.connect((to, _ANY_PORT))
        except OSError:
            return ""
        return str(sock.getsockname()[0])


def proxies() -> tuple[str, ...]:
    """The web proxies in the environment or the system's settings, as host:port: never their user
    names and passwords.
    """
    from urllib.request import (
        getproxies,
    )  # here: it loads the whole HTTP client, which `netcheck --help` does not need

    found = [
        place
        for kind, address in getproxies().items()
        if kind != "no" and (place := host_and_port(address))
    ]
    return tuple(dict.fromkeys(found))


def host_and_port(address: str) -> str:
    """`proxy.lan:3128` of `http://user:secret@proxy.lan:3128/` or of `proxy.lan:3128`; empty for
    what is no address.
    """
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return ""
