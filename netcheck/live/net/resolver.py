"""One question to one resolver, as the Photon would ask it: type A, recursion wanted, no EDNS, over
UDP.

The Photon's resolver waits 5 s for an answer with an A record and looks at nothing else (device-os,
WICED DNS client); this one says also what else came back.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from netcheck.live.net import tcp, udp
from netcheck.probing.net import CannotRun, Reply

if TYPE_CHECKING:
    from dns.message import Message

_PORT = 53
_SENT_AT = (0.0, 0.3, 0.7)
"""When the question is sent, as parts of the time: one lost datagram is no broken resolver, nor is
an outage of 3 s in the 5 s that a Photon waits.
"""
_MOST_ADDRESSES = 16
_RCODES = {"NXDOMAIN": "nxdomain", "REFUSED": "dns_refused"}
_WIRE_BYTES = 4096


def ask(
    name: str, server: str, timeout_s: float, open_socket: Callable[[], socket.socket]
) -> Reply:
    """The resolver's A records. Ok if there is at least one; data: server, rcode, addresses,
    cnames, ttl_s.

    Reasons: timeout, refused (no resolver there), prohibited and unreachable (a router says so),
    nxdomain, dns_refused, servfail, empty, malformed, held_here. Raises CannotRun for a name that
    cannot be put into a query.
    """
    query = _query(name)
    begun = time.monotonic()
    with open_socket() as sock:
        try:
            tcp.hear_icmp(sock)
            sock.connect((server, _PORT))
        except OSError:
            return _no_answer("held_here", server, begun)
        try:
            answer = _exchange(sock, query, timeout_s)
        except PermissionError:  # this computer's own firewall
            return _no_answer("held_here", server, begun)
        except OSError as error:
            return _no_answer(_reason(sock, error), server, begun)
    return judge(answer, server, time.monotonic() - begun)


def _reason(sock: socket.socket, error: OSError) -> str:
    """Why no answer came. That this computer has no route is known before: now it means that a
    neighbour answers no ARP request.
    """
    reason = udp.reason(sock, error)
    return "timeout" if reason == "no_route" else reason


def judge(answer: Message | None, server: str, took_s: float) -> Reply:
    """The answer as a reply; None stands for one that cannot be understood."""
    if answer is None:
        return Reply(ok=False, reason="malformed", took_s=took_s, data=(("server", server),))
    import dns.rcode  # here: `netcheck --help` must not load dnspython

    rcode = dns.rcode.to_text(answer.rcode())
    addresses, cnames, ttl_s = _records(answer)
    usable = rcode == "NOERROR" and bool(addresses)
    reason = "" if usable else "empty" if rcode == "NOERROR" else _RCODES.get(rcode, "servfail")
    ttl = (("ttl_s", ttl_s),) if usable else ()
    data = (
        ("server", server),
        ("rcode", rcode),
        ("addresses", " ".join(addresses)),
        ("cnames", " ".join(cnames)),
        *ttl,
    )
    return Reply(ok=usable, reason=reason, took_s=took_s, data=data)


def _no_answer(reason: str, server: str, begun: float) -> Reply:
    return Reply(
        ok=False, reason=reason, took_s=time.monotonic() - begun, data=(("server", server),)
    )


def _query(name: str) -> Message:
    import dns.exception  # here: `netcheck --help` must not load dnspython
    import dns.message

    try:
        return dns.message.make_query(name, "A")
    except (dns.exception.DNSException, UnicodeError) as error:
        raise CannotRun(
            f"{name!r} is no host name that DNS can carry; check the name of the cloud"
        ) from error


def _exchange(sock: socket.socket, query: Message, timeout_s: float) -> Message | None:
    """The answer to the query, None for one not understood.

    Raises TimeoutError, and OSError as the socket does.
    """
    wire = query.to_wire()
    begun = time.monotonic()
    for until in (*_SENT_AT[1:], 1.0):
        sock.send(wire)
        with suppress(TimeoutError):
            return _await_answer(sock, query, begun + timeout_s * until)
    raise TimeoutError


def _await_answer(sock: socket.socket, query: Message, until: float) -> Message | None:
    """The first datagram that answers this query; others, late or forged, are passed over."""
    import dns.exception  # here: `netcheck --help` must not load dnspython
    import dns.message

    while (left_s := until - time.monotonic()) > 0:
        sock.settimeout(left_s)
        wire = sock.recv(_WIRE_BYTES)
        if wire[:2] != query.id.to_bytes(2, "big"):
            continue
        try:
            answer = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
        except dns.exception.DNSException:
            return None
        if query.is_response(answer):
            return answer
    raise TimeoutError


def _records(answer: Message) -> tuple[list[str], list[str], int]:
    """A records and alias names in the order of the reply, and the shortest time to live among the
    A records.
    """
    import dns.rdatatype  # here: `netcheck --help` must not load dnspython

    addresses: list[str] = []
    cnames: list[str] = []
    ttls: list[int] = []
    for rrset in answer.answer:
        if rrset.rdtype == dns.rdatatype.A:
            addresses += [record.to_text() for record in rrset]
            ttls.append(rrset.ttl)
        elif rrset.rdtype == dns.rdatatype.CNAME:
            cnames += [record.to_text() for record in rrset]
    return addresses[:_MOST_ADDRESSES], cnames[:_MOST_ADDRESSES], min(ttls, default=0)
