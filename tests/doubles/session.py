"""The device's end of a cloud connection: handshake, then a session, on a socket that is already
connected.

Source: device-os communication/src/spark_protocol.cpp (to 0.7.0) and protocol.cpp (0.8.0 on) for
order and deadlines; system/src/system_cloud_internal.cpp for what follows the handshake.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.doubles import messages
from tests.doubles.firmware import FirmwareLine
from tests.doubles.handshake import (
    ANSWER_BYTES,
    NONCE_BYTES,
    AuthenticationError,
    DecryptionError,
    Identity,
    Sealer,
    open_answer,
    seal_request,
)
from tests.doubles.stream import Ended, Stream, TooLate

_SLICE_S = 0.5
"""How often a waiting session looks whether it is to stop."""


class HandshakeFailed(Exception):
    """The device gives the connection up before a session; the text names the step."""


class SessionEnded(Exception):
    """An established session is over; the text says how."""


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """The device's patience and its own pace, in seconds."""

    nonce_s: float = 20.0
    key_s: float = 20.0
    ping_after_s: float = 15.0
    ping_answer_s: float = 10.0
    encrypt_s: float = 0.05
    """One RSA-2048 public operation, as measured between nonce and message 2."""
    decrypt_s: float = 0.19
    """One RSA-1024 private operation and the check, as measured between message 3 and Hello."""


@dataclass
class Channel:
    """The encrypted stream of one connection, seen from the device."""

    stream: Stream
    inbound: Sealer
    outbound: Sealer
    message_id: int
    token: int

    def next_id(self) -> int:
        """Counts every message of the device that is not an acknowledgement."""
        self.message_id = (self.message_id + 1) & 0xFFFF
        return self.message_id

    def send(self, message: bytes) -> None:
        """One message in one frame."""
        self.stream.send(self.outbound.seal(message))

    def receive(self, within_s: float) -> bytes:
        """The cloud's next message; TooLate or Ended otherwise."""
        return self.stream.frame(self.inbound, within_s)


def shake_hands(
    stream: Stream,
    identity: Identity,
    cloud_key: RSAPublicKey | None,
    line: FirmwareLine,
    deadlines: Deadlines,
) -> Channel:
    """From the cloud's nonce to its Hello; HandshakeFailed if a step does not come about.

    Without a cloud key (a damaged key area) the device gives up after the nonce, sending nothing.
    """
    nonce = _expect(stream, NONCE_BYTES, deadlines.nonce_s, "nonce")
    if cloud_key is None:
        raise HandshakeFailed("server key unusable")
    time.sleep(deadlines.encrypt_s)
    _send(stream, seal_request(nonce, identity, cloud_key), "request")
    answer = _expect(stream, ANSWER_BYTES, deadlines.key_s, "key")
    time.sleep(deadlines.decrypt_s)
    try:
        credentials = open_answer(answer, identity.key, cloud_key)
    except (DecryptionError, AuthenticationError) as error:
        raise HandshakeFailed(f"key: {error}") from error
    channel = _open_channel(stream, credentials, line)
    _exchange_hello(channel, line)
    return channel


def _open_channel(stream: Stream, credentials: bytes, line: FirmwareLine) -> Channel:
    """Counters start from the salt: big-endian in the old protocol class, little-endian in the new
    one.
    """
    salt = credentials[32:]
    first_id = int.from_bytes(salt[:2], "big" if line.early_ping else "little")
    return Channel(stream, Sealer(credentials), Sealer(credentials), first_id, salt[2])


def _exchange_hello(channel: Channel, line: FirmwareLine) -> None:
    try:
        channel.send(messages.hello(channel.next_id(), long=line.long_hello))
        if line.early_ping:
            channel.send(messages.ping(channel.next_id()))
        channel.receive(line.hello_wait_s)
    except (TooLate, Ended) as error:
        raise HandshakeFailed(f"hello: {_why(error)}") from error


def _expect(stream: Stream, count: int, within_s: float, step: str) -> bytes:
    try:
        return stream.exactly(count, within_s)
    except (TooLate, Ended) as error:
        raise HandshakeFailed(f"{step}: {_why(error)}") from error


def _send(stream: Stream, data: bytes, step: str) -> None:
    try:
        stream.send(data)
    except Ended as error:
        raise HandshakeFailed(f"{step}: {_why(error)}") from error


def _why(error: Exception) -> str:
    return "timed out" if isinstance(error, TooLate) else f"ended ({error})"


def introduce(channel: Channel, line: FirmwareLine) -> None:
    """What the device sends first in a session: events (to 2.x), subscription, time request.
    SessionEnded if it breaks.
    """
    try:
        if not line.long_hello:
            channel.send(messages.event(channel.next_id(), "spark/hardware/max_binary", "125952"))
            channel.send(messages.event(channel.next_id(), "spark/hardware/ota_chunk_size", "512"))
        channel.send(messages.subscribe(channel.next_id(), channel.token, "spark"))
        channel.send(messages.time_request(channel.next_id(), channel.token))
    except Ended as error:
        raise SessionEnded(str(error)) from error


def keep_alive(channel: Channel, deadlines: Deadlines, stop: threading.Event, until: float) -> None:
    """Answer the cloud and ping it when idle, until `stop` is set or the monotonic time `until`;
    SessionEnded if it breaks.
    """
    pinged, since = False, time.monotonic()
    while not stop.is_set() and time.monotonic() < until:
        left_s = (
            since
            + (deadlines.ping_answer_s if pinged else deadlines.ping_after_s)
            - time.monotonic()
        )
        try:
            if left_s > 0:
                answer(channel, channel.receive(min(left_s, _SLICE_S)))
                pinged = False
            elif pinged:
                raise SessionEnded("ping not answered")
            else:
                channel.send(messages.ping(channel.next_id()))
                pinged = True
        except TooLate:
            continue
        except Ended as error:
            raise SessionEnded(str(error)) from error
        since = time.monotonic()


def answer(channel: Channel, message: bytes) -> None:
    """React to one message of the cloud: pings are acknowledged, Describe is answered. Ended if it
    breaks.
    """
    if messages.is_ping(message):
        channel.send(messages.acknowledge(message))
    elif messages.is_describe_request(message):
        channel.send(
            messages.content(
                message,
                json.dumps({"f": [], "v": {}, "p": messages.PLATFORM_PHOTON, "m": []}).encode(),
            )
        )
