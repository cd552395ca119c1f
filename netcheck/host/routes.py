"""By which interface this computer's packets leave for the Internet, and what may take them
elsewhere. Sends nothing.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from netcheck.photon.addresses import INTERNET_TEST

_TUNNEL_NAMES = (
    "tun",
    "tap",
    "utun",
    "wg",
    "ppp",
    "ipsec",
    "tailscale",
    "zt",
    "nordlynx",
    "proton",
)
_LINUX_INTERFACES = Path("/sys/class/net")
_ANY_PORT = 53


def source(bound_to: str = "", to: str = INTERNET_TEST) -> str:
    """The address that a datagram of this computer for the Internet, or `to`, would carry; empty
    where its routes lead nowhere, or refuse.

    Connecting a UDP socket makes the system choose a route, and sends nothing (udp(7)). Only Linux
    holds a socket to an interface in spite of the routes, so only there `bound_to` counts.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        if bound_to and sys.platform == "linux":
            with contextlib.suppress(
                OSError
            ):  # Without the interface or the right, the routes decide, as for any program.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, bound_to.encode())
        try:
            sock.connect((to, _ANY_PORT))
        except OSError:
            return ""
        return str(sock.getsockname()[0])


def is_tunnel(name: str, mac: str | None) -> bool:
    """Is it a VPN or another link without neighbours? Such have no MAC, but for those that play an
    Ethernet (tap).
    """
    return (
        mac is None
        or name.startswith(_TUNNEL_NAMES)
        or (_LINUX_INTERFACES / name / "tun_flags").exists()
    )


def is_linked(name: str) -> bool | None:
    """Is its cable in, or its Wi-Fi joined? None where the system does not tell (Linux:
    Documentation/ABI/testing/sysfs-class-net).
    """
    try:
        return (_LINUX_INTERFACES / name / "carrier").read_text().strip() == "1"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:  # EINVAL: it is switched off
        return False


def is_port(name: str) -> bool:
    """Is it a part of a bridge or a bond, which alone has addresses?"""
    return (_LINUX_INTERFACES / name / "master").exists()


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
