"""What the other machines of the LAN do; each function runs inside its machine's namespace until
told to stop.
"""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import threading

import dns.exception
import dns.message
import dns.query

from tests.doubles.cloud import BANNER
from tests.doubles.dhcp import CLIENT_PORT, LAPTOP, Client, Lease, random_xid
from tests.doubles.dhcp_server import RefusingServer

_LEASE_S = 12 * 3600
"""How long a leased address is valid, as every client tells its system; the router's leases last as
long.
"""
_PAGES = ("www.example.com", "www.example.net", "www.github.com")


def browse(resolver: str, stop: threading.Event, every_s: float = 4.0) -> None:
    """Look names up and fetch their pages over plain HTTP."""
    while not stop.wait(every_s):
        name = random.choice(_PAGES)
        for address in _addresses(name, resolver):
            _fetch(address, name)


def fail_elsewhere(resolver: str, stop: threading.Event, every_s: float = 3.0) -> None:
    """What broken software does: ask for names that are not there, and connect to ports where
    nobody listens.
    """
    while not stop.wait(every_s):
        _addresses("wpad.lan", resolver)
        _addresses("telemetry.nowhere.test", resolver)
        _fetch("93.184.215.14", "www.example.com", port=8443)


def _addresses(name: str, resolver: str) -> list[str]:
    try:
        reply = dns.query.udp(dns.message.make_query(name, "A"), resolver, timeout=3)
    except (dns.exception.DNSException, OSError):
        return []
    return [record.to_text() for rrset in reply.answer for record in rrset if record.rdtype == 1]


def _fetch(address: str, name: str, port: int = 80) -> None:
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=3) as sock:
        sock.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        while sock.recv(4096):
            pass


def lease_address(interface: str, mac: str) -> Lease | None:
    """Get an address as a laptop does and use it; None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(
            ("0.0.0.0", CLIENT_PORT)
        )  # else the kernel calls the port of a renewed lease unreachable
        lease = Client(interface, mac, LAPTOP, random_xid).acquire()
    if lease:
        for command in (
            (
                f"address replace {lease.address}/{lease.mask} dev {interface} valid_lft {_LEASE_S}"
                f" preferred_lft {_LEASE_S}"
            ),
            *((f"route replace default via {lease.router}",) if lease.router else ()),
        ):
            subprocess.run(["ip", *command.split()], capture_output=True)
    return lease


def join_now_and_then(
    interface: str, mac: str, stop: threading.Event, every_s: float = 12.0
) -> None:
    """Take a lease anew every few seconds, as a machine that comes and goes."""
    while not stop.wait(every_s):
        lease_address(interface, mac)


def refuse_leases(lan: str, address: str) -> None:
    """Offer addresses and refuse them again."""
    with contextlib.suppress(OSError):
        server = RefusingServer(address=address, offered=f"{lan}.180", router=f"{lan}.1")
        server.serve("eth0")


def intercept(listener: socket.socket, manner: str) -> None:
    """Accept like a transparent proxy, and `hold` the connection, `close` it, or `greet` as a mail
    server does.
    """
    kept = []
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        if manner == "close":
            sock.close()
            continue
        if manner == "greet":
            sock.sendall(BANNER)
        kept.append(sock)
