"""One question to a UDP service, sent again if need be, and the first datagram that comes back."""

from __future__ import annotations

import socket
import time

from netcheck.live.net import tcp
from netcheck.live.net.tcp import Data
from netcheck.probing.net import Reply

_MOST_BYTES = 2048
"""More than any answer that is asked for here."""


def exchange(
    sock: socket.socket, ip: str, port: int, request: bytes, sendings: int, apart_s: float
) -> Reply:
    """Ok once a datagram came from there; `payload` holds it. Data: rtt_ms (missing where it was
    sent again: which was answered?), remote; of an ICMP error sender, icmp_type, icmp_code.

    Reasons: timeout, refused (no such service), prohibited, unreachable, no_route, held_here. What
    the answer says is not judged.
    """
    tcp.hear_icmp(sock)
    begun = time.monotonic()
    remote = (("remote", f"{ip}:{port}"),)
    try:
        sock.connect((ip, port))
    except OSError as error:
        return Reply(
            ok=False, reason=tcp.own_refusal(error), took_s=time.monotonic() - begun, data=remote
        )
    try:
        answer, rtt = _first_answer(sock, request, sendings, apart_s)
    except OSError as error:
        icmp = tcp.icmp_error(sock)
        return Reply(
            ok=False,
            reason=_reason(sock, error, icmp),
            took_s=time.monotonic() - begun,
            data=(*remote, *tcp.icmp_data(icmp)),
        )
    return Reply(ok=True, took_s=time.monotonic() - begun, data=(*rtt, *remote), payload=answer)


def _first_answer(
    sock: socket.socket, request: bytes, sendings: int, apart_s: float
) -> tuple[bytes, Data]:
    """What came, and the round trip if one sending was enough. Raises TimeoutError, and OSError as
    the socket does.
    """
    sock.settimeout(apart_s)
    begun = time.monotonic()
    for sending in range(1, sendings + 1):
        sock.send(request)
        try:
            answer, rtt_ms = sock.recv(_MOST_BYTES), round((time.monotonic() - begun) * 1000, 1)
            return answer, (("rtt_ms", rtt_ms),) if sending == 1 else ()
        except TimeoutError:
            if sending == sendings:
                raise
    raise TimeoutError


def reason(sock: socket.socket, error: OSError) -> str:
    """Why no answer came, as `exchange` says it."""
    return _reason(sock, error, tcp.icmp_error(sock))


def _reason(sock: socket.socket, error: OSError, icmp: tcp.IcmpError | None) -> str:
    """A closed port says so by ICMP 3/3, which for a datagram is no sign of a firewall.

    A permission is refused by this computer's own rules alone (its firewall): no ICMP message ends
    in that error number.
    """
    if isinstance(error, PermissionError):
        return "held_here"
    local = str(sock.getsockname()[0])
    is_refused = isinstance(error, ConnectionRefusedError)
    is_own = icmp is not None and icmp.sender == local != str(sock.getpeername()[0])
    return "refused" if is_refused and not is_own else tcp.reason_for(error, icmp, local)
