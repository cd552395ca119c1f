"""Sockets to serve on, and waiting for what others serve."""

from __future__ import annotations

import contextlib
import socket
import time

from tests.lab.namespace import Namespace


def listener(address: str, port: int) -> socket.socket:
    """A TCP socket that listens there."""
    return socket.create_server((address, port), backlog=16)


def datagram_socket(address: str, port: int) -> socket.socket:
    """A UDP socket bound there."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, port))
    return sock


def release(sock: socket.socket) -> None:
    """Close it and wake the thread that waits on it."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def await_port(namespace: Namespace, address: str, port: int) -> None:
    """Return once something in the namespace listens there; RuntimeError after 10 s."""
    deadline = time.monotonic() + 10
    while not namespace.evaluate(lambda: _accepts(address, port)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing listens on {address}:{port} in {namespace.name}")
        time.sleep(0.02)


def _accepts(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True
