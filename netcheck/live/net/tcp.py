"""TCP connections: does one open, what arrives on it unasked, and who refused.

On Linux the socket's error queue names the router that refused and the ICMP code it gave (ip(7),
IP_RECVERR). Elsewhere an ICMP refusal is only the error number that the system makes of it.
"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import sys
import time
from ipaddress import IPv4Address

from netcheck.model import Scalar, Struct
from netcheck.probing.net import Reply
from netcheck.vocabulary import reason_of
from netcheck.wire.icmp import TCP_PROHIBITED_CODES

Data = tuple[tuple[str, Scalar], ...]

_IP_RECVERR, _IP_MTU = 11, 14  # linux/in.h; Python's socket module has no names for them
_MSG_ERRQUEUE = getattr(socket, "MSG_ERRQUEUE", None)
_ORIGIN_ICMP = 2  # SO_EE_ORIGIN_ICMP, linux/errqueue.h
_UNREACHABLE = 3  # ICMP type, RFC 792
_HOST_UNREACHABLE = 1  # ICMP code of that type
_MOST_BYTES = 4096
"""More than this is not read: 40 are due, and a few hundred tell a banner from a nonce."""


class IcmpError(Struct, frozen=True, kw_only=True):
    """An ICMP message that ended a connection attempt, and who sent it."""

    sender: str
    type: int
    code: int


def connect(sock: socket.socket, ip: str, port: int, timeout_s: float) -> Reply:
    """Open the connection on this fresh socket. Data: rtt_ms, local, remote; of an ICMP error
    sender, icmp_type, icmp_code.

    A refusal has an rtt_ms too: it distinguishes the server's own from one made nearby.

    What this computer's own routes or rules forbid is held_here: nothing was sent, so nobody
    outside refused.
    """
    sock.settimeout(timeout_s)
    hear_icmp(sock)
    begun = time.monotonic()
    try:
        error = _begin(sock, ip, port) or _finish(sock, timeout_s)
    except OSError as refusal:
        return Reply(
            ok=False,
            reason=own_refusal(refusal),
            took_s=time.monotonic() - begun,
            data=(("remote", f"{ip}:{port}"),),
        )
    took_s = time.monotonic() - begun
    if error is not None and error.errno == errno.ECONNRESET:
        # A refused SYN has a number of its own: this one was answered, and the connection cut
        # before we could look.
        opened = (("rtt_ms", round(took_s * 1000, 1)), ("remote", f"{ip}:{port}"))
        return Reply(
            ok=True, took_s=took_s, data=(*opened, ("received_bytes", 0), ("ended", "reset"))
        )
    if error is None:
        return Reply(
            ok=True,
            took_s=took_s,
            data=(("rtt_ms", round(took_s * 1000, 1)), *_ends(sock, f"{ip}:{port}")),
        )
    icmp = icmp_error(sock)
    trip = (
        (("rtt_ms", round(took_s * 1000, 1)),)
        if isinstance(error, ConnectionRefusedError) and icmp is None
        else ()
    )
    data: Data = (*trip, ("remote", f"{ip}:{port}"), *icmp_data(icmp))
    return Reply(ok=False, reason=reason_for(error, icmp, _local(sock)), took_s=took_s, data=data)


def limit_life(sock: socket.socket, hops: int) -> None:
    """Let the packets of this socket expire at that router of their path, counted from 1; it
    answers with ICMP 11/0.
    """
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)


def listen(sock: socket.socket, want_bytes: int, patience_s: float, quiet_s: float) -> Reply:
    """What arrives on an open connection on which nothing is sent; `payload` holds it.

    Data: received_bytes, first_byte_ms (from now; missing if none came), ended (open, closed,
    reset).
    """
    begun = time.monotonic()
    received, first_s, ended = b"", None, "open"
    until = begun + patience_s
    while (
        ended == "open"
        and len(received) < _MOST_BYTES
        and (chunk := _receive(sock, until)) is not None
    ):
        if isinstance(chunk, str):
            ended = chunk
            continue
        first_s = first_s if first_s is not None else time.monotonic() - begun
        enough_before = len(received) >= want_bytes
        received += chunk
        if len(received) >= want_bytes and not enough_before:
            until = time.monotonic() + quiet_s
    first = () if first_s is None else (("first_byte_ms", round(first_s * 1000, 1)),)
    data: Data = (("received_bytes", len(received)), *first, ("ended", ended))
    return Reply(ok=True, took_s=time.monotonic() - begun, data=data, payload=received)


def _receive(sock: socket.socket, until: float) -> bytes | str | None:
    """What came; "closed" or "reset" for the end of the connection; None when the time is over."""
    left_s = until - time.monotonic()
    if left_s <= 0:
        return None
    sock.settimeout(left_s)
    try:
        return sock.recv(_MOST_BYTES) or "closed"
    except TimeoutError:
        return None
    except OSError:
        return "reset"


def path_mtu(sock: socket.socket) -> Data:
    """Data path_mtu_bytes of an open connection, as Linux knows it from its interface and from
    routers (ip(7), IP_MTU).
    """
    if sys.platform != "linux":
        return ()
    try:
        return (("path_mtu_bytes", sock.getsockopt(socket.IPPROTO_IP, _IP_MTU)),)
    except OSError:
        return ()


def hear_icmp(sock: socket.socket) -> None:
    """Ask Linux to keep the ICMP errors of this socket; other systems cannot."""
    if _MSG_ERRQUEUE is not None:
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)


def _begin(sock: socket.socket, ip: str, port: int) -> OSError | None:
    """Send the SYN. Returns an answer that came at once (a port closed on this computer).

    Raises OSError where the system would not even send.
    """
    sock.setblocking(False)
    try:
        sock.connect((ip, port))
    except BlockingIOError:
        pass
    except ConnectionRefusedError as error:
        return error
    return None


def _finish(sock: socket.socket, timeout_s: float) -> OSError | None:
    """None once the connection is open, otherwise what ended the attempt."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        if not selector.select(timeout_s):
            return TimeoutError(0, "no answer")
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return OSError(number, "") if number else None


def own_refusal(error: OSError) -> str:
    """The reason where `connect` itself failed: this computer's routes or rules, whatever number
    says so.
    """
    reason = reason_of(error)
    return "no_address" if reason == "no_address" else "held_here"


def reason_for(error: OSError, icmp: IcmpError | None, local: str) -> str:
    """Why the attempt ended. A host unreachable made by this computer itself (nobody answered its
    ARP) is no_route; what else it says itself comes from its own rules.
    """
    if isinstance(error, TimeoutError):
        return "timeout"
    if icmp is None or icmp.type != _UNREACHABLE:
        return reason_of(error)
    if icmp.sender == local:
        return "no_route" if icmp.code == _HOST_UNREACHABLE else "held_here"
    return refusal(icmp.code)


def refusal(code: int) -> str:
    """What an ICMP message of type 3 and that code says of a TCP connection: that rules forbid it,
    or that there is no route.
    """
    return "prohibited" if code in TCP_PROHIBITED_CODES else "unreachable"


def icmp_error(sock: socket.socket) -> IcmpError | None:
    """The ICMP message kept for this socket, or None: none came, or this system keeps none. What is
    not there yet is not waited for.
    """
    if _MSG_ERRQUEUE is None:
        return None
    sock.setblocking(False)
    try:
        _, ancillary, _, _ = sock.recvmsg(512, 512, _MSG_ERRQUEUE)
    except OSError:
        return None
    for level, kind, value in ancillary:
        if level == socket.IPPROTO_IP and kind == _IP_RECVERR:
            return parse_extended_error(value)
    return None


def parse_extended_error(value: bytes) -> IcmpError | None:
    """The ICMP error in a struct sock_extended_err and the offender's address behind it (ip(7));
    None for other errors.
    """
    if len(value) < 24:
        return None
    origin, kind, code = struct.unpack_from("=4xBBB", value)
    if origin != _ORIGIN_ICMP:
        return None
    return IcmpError(sender=str(IPv4Address(value[20:24])), type=kind, code=code)


def icmp_data(icmp: IcmpError | None) -> Data:
    """Who sent an ICMP error, and its type and code; nothing where there is none."""
    return (
        ()
        if icmp is None
        else (("sender", icmp.sender), ("icmp_type", icmp.type), ("icmp_code", icmp.code))
    )


def _local(sock: socket.socket) -> str:
    return str(sock.getsockname()[0])


def _ends(sock: socket.socket, remote: str) -> Data:
    address, port = sock.getsockname()[:2]
    return (("local", f"{address}:{port}"), ("remote", remote))
