"""A local cloud for TCP 5683, true or with one of the faults that a cloud can show.

Behaviour as in spark-protocol js/clients/SparkCore.js and js/lib/Handshake.js, except that the 256
bytes are put together from as many segments as they come in.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.doubles import messages
from tests.doubles.handshake import (
    NONCE_BYTES,
    REQUEST_BYTES,
    DecryptionError,
    Request,
    Sealer,
    new_credentials,
    new_key,
    new_nonce,
    open_request,
    public_der,
    seal_answer,
)
from tests.doubles.stream import Ended, Stream, TooLate, reset

KEY_FILE = Path(__file__).with_name("keys") / "test-only-cloud-private.pem"
BANNER = b"220 mail.example.net ESMTP Postfix (Debian/GNU)\r\n"


class Fault(StrEnum):
    """What this cloud does wrong; each belongs to a row of the diagnostic table of the
    handshake.
    """

    NONE = "none"
    HOLD_AT_ACCEPT = "hold at accept"
    SHORT_NONCE = "39 bytes of nonce"
    BANNER = "text banner"
    CLOSE_AT_ACCEPT = "close at accept"
    RESET_AT_ACCEPT = "reset at accept"
    ZERO_NONCE = "nonce of zeros"
    LATE_NONCE = "nonce after 25 s"
    SLOW_NONCE = "nonce after 5 s"
    RESET_BEHIND_NONCE = "reset behind the nonce"
    HOLD_AFTER_REQUEST = "hold after 256"
    CLOSE_AFTER_REQUEST = "close after 256"
    RESET_AFTER_REQUEST = "reset after 256"
    OTHER_DEVICE_KEY = "answer for another device's key"
    OTHER_SIGNER = "signature by another key"
    TRUNCATED_ANSWER = "200 of 384 bytes"
    NO_HELLO = "no Hello"
    CLOSE_AFTER_HELLO = "close after Hello"
    NO_PING_ACK = "pings not acknowledged"
    RESET_WHEN_IDLE = "reset when idle"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long this cloud waits, in seconds."""

    request_s: float = 30.0
    hello_s: float = 30.0
    idle_s: float = 31.0
    hold_s: float = 90.0
    """How long a connection is kept open without a word: longer than any device waits."""
    late_nonce_s: float = 25.0
    slow_nonce_s: float = 5.0
    idle_reset_s: float = 8.0
    behind_nonce_s: float = 0.2
    """Time for the nonce to arrive, before the reset overtakes it."""


def load_cloud_key(path: Path = KEY_FILE) -> RSAPrivateKey:
    """The private key of the tests' cloud: for tests only, and published with them."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return key


@dataclass
class Cloud:
    """Serves any number of connections, one thread each.

    `devices` maps ids to the public keys that the cloud holds for them (DER). Connections of an id
    that connects again are closed, as in the maintained open-source server.
    """

    key: RSAPrivateKey
    devices: Mapping[bytes, bytes]
    fault: Fault = Fault.NONE
    patience: Patience = Patience()
    _current: dict[bytes, socket.socket] = field(default_factory=dict)

    def serve(self, listener: socket.socket) -> None:
        """Accept until the listener is closed."""
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.converse, args=(sock,), daemon=True).start()

    def converse(self, sock: socket.socket) -> None:
        """One connection from the nonce to its end; closes the socket."""
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._converse(Stream(sock))
        except (Ended, TooLate, DecryptionError):
            pass
        finally:
            sock.close()

    def _converse(self, stream: Stream) -> None:
        nonce = self._greet(stream)
        request = self._receive_request(stream, nonce)
        credentials = self._answer(stream, request)
        session = Session(stream, Sealer(credentials), Sealer(credentials), credentials)
        self._replace(request.device_id, stream.sock)
        self._run(session)

    def _greet(self, stream: Stream) -> bytes:
        """Send the nonce and return it; does not return where the fault lies here."""
        nonce = new_nonce()
        match self.fault:
            case Fault.HOLD_AT_ACCEPT:
                self._hold(stream)
            case Fault.CLOSE_AT_ACCEPT:
                raise Ended("by fault")
            case Fault.RESET_AT_ACCEPT:
                reset(stream.sock)
                raise Ended("by fault")
            case Fault.SHORT_NONCE:
                stream.send(nonce[:-1])
                self._hold(stream)
            case Fault.BANNER:
                stream.send(BANNER)
                self._hold(stream)
            case Fault.ZERO_NONCE:
                nonce = bytes(NONCE_BYTES)
            case Fault.LATE_NONCE:
                time.sleep(self.patience.late_nonce_s)
            case Fault.SLOW_NONCE:
                time.sleep(self.patience.slow_nonce_s)
        stream.send(nonce)
        if self.fault is Fault.RESET_BEHIND_NONCE:
            time.sleep(self.patience.behind_nonce_s)
            reset(stream.sock)
            raise Ended("by fault")
        return nonce

    def _receive_request(self, stream: Stream, nonce: bytes) -> Request:
        """Message 2, checked; does not return where it is wrong or the fault lies here."""
        message = stream.exactly(REQUEST_BYTES, self.patience.request_s)
        match self.fault:
            case Fault.HOLD_AFTER_REQUEST:
                self._hold(stream)
            case Fault.CLOSE_AFTER_REQUEST:
                raise Ended("by fault")
            case Fault.RESET_AFTER_REQUEST:
                reset(stream.sock)
                raise Ended("by fault")
        request = open_request(message, self.key)
        if request.nonce != nonce:
            raise Ended("another nonce")
        return request

    def _answer(self, stream: Stream, request: Request) -> bytes:
        """Send message 3 and return the credentials in it; Ended for an id that is not known."""
        device_key = self.devices.get(request.device_id)
        if device_key is None:
            raise Ended("unknown device id")
        if self.fault is Fault.OTHER_DEVICE_KEY:
            device_key = public_der(new_key(1024))
        signer = new_key(2048) if self.fault is Fault.OTHER_SIGNER else self.key
        credentials = new_credentials()
        answer = seal_answer(credentials, device_key, signer)
        if self.fault is Fault.TRUNCATED_ANSWER:
            stream.send(answer[:200])
            self._hold(stream)
        stream.send(answer)
        return credentials

    def _run(self, session: Session) -> None:
        """From the device's Hello to the end of the session."""
        session.receive(self.patience.hello_s)
        if self.fault is Fault.NO_HELLO:
            self._hold(session.stream)
        session.send(messages.server_hello(session.next_id()))
        if self.fault is Fault.CLOSE_AFTER_HELLO:
            raise Ended("by fault")
        session.send(messages.describe_request(session.next_id(), 1))
        idle_s = (
            self.patience.idle_reset_s
            if self.fault is Fault.RESET_WHEN_IDLE
            else self.patience.idle_s
        )
        try:
            while True:
                self._react(session, session.receive(idle_s))
        except TooLate:
            if self.fault is Fault.RESET_WHEN_IDLE:
                reset(session.stream.sock)
            raise

    def _react(self, session: Session, message: bytes) -> None:
        if messages.is_ping(message):
            if self.fault is not Fault.NO_PING_ACK:
                session.send(messages.acknowledge(message))
        elif messages.is_time_request(message):
            session.send(messages.content(message, int(time.time()).to_bytes(4)))

    def _replace(self, device_id: bytes, sock: socket.socket) -> None:
        """Make this the device's connection; an older one is shut down."""
        older = self._current.get(device_id)
        self._current[device_id] = sock
        if older is not None and older.fileno() >= 0:
            older.shutdown(socket.SHUT_RDWR)

    def _hold(self, stream: Stream) -> None:
        """Take whatever comes and say nothing, until the other end has enough."""
        stream.exactly(1 << 20, self.patience.hold_s)


@dataclass
class Session:
    """The encrypted part of one connection, seen from the cloud."""

    stream: Stream
    inbound: Sealer
    outbound: Sealer
    credentials: bytes
    _message_id: int = 0

    def next_id(self) -> int:
        """The next message id of this end."""
        self._message_id += 1
        return self._message_id

    def send(self, message: bytes) -> None:
        """One message in one frame."""
        self.stream.send(self.outbound.seal(message))

    def receive(self, within_s: float) -> bytes:
        """The next message of the device."""
        return self.stream.frame(self.inbound, within_s)
