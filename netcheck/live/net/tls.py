"""TLS to a host of the web: does its own certificate come back, and if not, whose?

The standard library says why a certificate is refused, but shows it only where nothing is checked:
so whose it is takes a second connection, which is made only then. Sources: RFC 8446 §4.4.2
(certificates), RFC 9525 (names in them), RFC 6066 §3 (server name); verification codes: OpenSSL,
x509_vfy.h.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import msgspec

from netcheck.live.net import tcp
from netcheck.live.plugin_guard import printable
from netcheck.model import Scalar
from netcheck.probing.net import Reply

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

T = TypeVar("T")
Data = tuple[tuple[str, Scalar], ...]

_WRONG_NAME = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_WRONG_TIME = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, _HAS_EXPIRED
_MOST_NAMES = 3
_MOST_TEXT = 100


class Broken(Exception):
    """The connection ended, or made no sense, while TLS was at work; the text is a word of
    `netcheck.vocabulary.REASONS`.
    """


def trusting() -> ssl.SSLContext:
    """A context that trusts whom this computer trusts."""
    return ssl.create_default_context()


def is_anyone_trusted(context: ssl.SSLContext) -> bool:
    """Does this computer know any authority at all? A folder of certificates is read only when one
    is needed.
    """
    places = ssl.get_default_verify_paths()
    has_folder = places.capath is not None and any(os.scandir(places.capath))
    return bool(context.cert_store_stats()["x509_ca"]) or has_folder


def greet(
    sock: socket.socket, ip: str, host: str, port: int, timeout_s: float, context: ssl.SSLContext
) -> Reply:
    """Ok if the host showed a certificate of its own. Data: those of a connection, and tls_ms.

    Reasons: those of a connection that does not open; other_host, unknown_issuer, not_in_date;
    silent, closed, reset and malformed of one that opened. The time limit holds for the connection
    and for the greeting, each.
    """
    with contextlib.ExitStack() as held:
        return opened(sock, ip, host, port, timeout_s, context, held)[0]


def opened(
    sock: socket.socket,
    ip: str,
    host: str,
    port: int,
    timeout_s: float,
    context: ssl.SSLContext,
    held: contextlib.ExitStack,
) -> tuple[Reply, ssl.SSLSocket | None]:
    """As `greet`, and the socket to go on with, where it is ok; `held` closes it."""
    reply = tcp.connect(sock, ip, port, timeout_s)
    if not reply.ok:
        return reply, None
    begun = time.monotonic()
    try:
        wrapped = _wrapped(sock, host, context)
        held.enter_context(wrapped)
        patiently(wrapped, wrapped.do_handshake, begun + timeout_s)
    except Broken as end:
        reply = msgspec.structs.replace(
            reply, ok=False, reason=str(end), took_s=reply.took_s + time.monotonic() - begun
        )
        return reply, None
    took_s = time.monotonic() - begun
    data = (*reply.data, ("tls_ms", round(took_s * 1000, 1)))
    return msgspec.structs.replace(reply, took_s=reply.took_s + took_s, data=data), wrapped


def _wrapped(sock: socket.socket, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    """The socket of an open connection, ready for TLS. Raises Broken where the other end has cut it
    already.
    """
    try:
        wrapped = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        wrapped.setblocking(False)
    except OSError as error:
        raise Broken(reason_of(error)) from error
    return wrapped


def patiently(sock: ssl.SSLSocket, step: Callable[[], T], until: float) -> T:
    """What a step of TLS returns, however many packets it takes. Raises Broken where it fails or
    the time is over.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                selector.modify(sock, selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                selector.modify(sock, selectors.EVENT_WRITE)
            except OSError as error:
                raise Broken(reason_of(error)) from error
            if not selector.select(max(0.0, until - time.monotonic())):
                raise Broken("silent")


def reason_of(error: OSError) -> str:
    """The reason word for how TLS failed on an open connection."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        return (
            "other_host"
            if code in _WRONG_NAME
            else "not_in_date"
            if code in _WRONG_TIME
            else "unknown_issuer"
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "closed"
    return "malformed" if isinstance(error, ssl.SSLError) else "reset"


def shown(sock: socket.socket, ip: str, host: str, port: int, timeout_s: float) -> bytes:
    """The certificate (DER) that is shown for the host, whatever it is worth; empty where none
    is.
    """
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.ExitStack() as held:
        _, wrapped = opened(sock, ip, host, port, timeout_s, context, held)
        return (wrapped.getpeercert(binary_form=True) or b"") if wrapped else b""


def examined(refused: Reply, certificate: bytes, host: str) -> Reply:
    """The refusal of an unknown issuer with what the certificate says: other_host where it is not
    made out to that host.

    Data: names and issuer. A firewall or proxy that inspects TLS makes one out to the host, a login
    page shows its own.
    """
    names, issuer = written_in(certificate)
    data: Data = (
        ("names", printable(" ".join(names[:_MOST_NAMES]), _MOST_TEXT)),
        ("issuer", printable(issuer, _MOST_TEXT)),
    )
    is_other = bool(names) and not any(is_made_out_to(name, host) for name in names)
    return msgspec.structs.replace(
        refused, reason="other_host" if is_other else refused.reason, data=(*refused.data, *data)
    )


def written_in(certificate: bytes) -> tuple[list[str], str]:
    """The host names in a certificate, and the name of who signed it; nothing where it cannot be
    read.
    """
    from cryptography import (
        x509,
    )  # here: a compiled library that a certificate in order does not need

    try:
        read = x509.load_der_x509_certificate(certificate)
        issuer = read.issuer.rfc4514_string()
        return list(_names(read)), issuer
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return [], ""


def _names(certificate: Certificate) -> Iterator[str]:
    """The DNS names of a certificate; without any, its common names as old ones have them."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        yield from certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        yield from (
            str(name.value)
            for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        )


def is_made_out_to(name: str, host: str) -> bool:
    """Does that name in a certificate mean this host? A star stands for the whole first label (RFC
    9525 §6.3).
    """
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    return name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2])
