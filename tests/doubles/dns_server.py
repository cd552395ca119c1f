"""A DNS server that answers every question with one return code and nothing else (RFC 1035
§4.1.1).
"""

from __future__ import annotations

import socket

import dns.exception
import dns.message
import dns.rcode


def serve_code(sock: socket.socket, code: str) -> None:
    """Answer with `code` (REFUSED, SERVFAIL, …) on a bound UDP socket until it is closed."""
    while True:
        try:
            query, client = sock.recvfrom(2048)
            if client is None:  # shut down from another thread
                return
            sock.sendto(refusal(query, code), client)
        except dns.exception.DNSException:
            continue
        except OSError:
            return


def refusal(query: bytes, code: str) -> bytes:
    """The reply to one query."""
    reply = dns.message.make_response(dns.message.from_wire(query), recursion_available=True)
    reply.set_rcode(dns.rcode.from_text(code))
    return reply.to_wire()
