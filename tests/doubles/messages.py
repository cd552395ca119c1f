"""The CoAP messages inside the encrypted frames, as bytes.

Source: device-os communication/src/messages.cpp; spark-protocol js/lib/Messages.js. CoAP: RFC 7252
§3.
"""

from __future__ import annotations

PING_BYTES = 4
PLATFORM_PHOTON = 6
ANNOUNCEMENT_GROUP = "224.0.1.187"
CLOUD_PORT = 5683

_UNSET = b"\xff\xff"


def hello(message_id: int, *, long: bool) -> bytes:
    """The device's Hello: 15 bytes, or 27 from 3.0.0 on."""
    flags = b"\x00\x7e" if long else b"\x00\x02"
    body = (
        b"\x50\x02"
        + message_id.to_bytes(2)
        + b"\xb1h\xff"
        + _UNSET
        + _UNSET
        + flags
        + PLATFORM_PHOTON.to_bytes(2)
    )
    if not long:
        return body
    return (
        body
        + b"\x00\x00"
        + (3301).to_bytes(2)
        + (800).to_bytes(2)
        + (125_952).to_bytes(4)
        + (512).to_bytes(2)
    )


def server_hello(message_id: int) -> bytes:
    """The cloud's Hello, 6 bytes."""
    return b"\x50\x02" + message_id.to_bytes(2) + b"\xb1h"


def ping(message_id: int) -> bytes:
    """A confirmable empty message (RFC 7252 §4.3)."""
    return b"\x40\x00" + message_id.to_bytes(2)


def acknowledge(message: bytes) -> bytes:
    """The empty acknowledgement of a message."""
    return b"\x60\x00" + message[2:4]


def is_ping(message: bytes) -> bool:
    """Is it a confirmable empty message?"""
    return len(message) == PING_BYTES and message[:2] == b"\x40\x00"


def time_request(message_id: int, token: int) -> bytes:
    """The device asks for the time, 7 bytes."""
    return b"\x41\x01" + message_id.to_bytes(2) + bytes((token,)) + b"\xb1t"


def is_time_request(message: bytes) -> bool:
    """Is it a GET of `t`?"""
    return message[:2] == b"\x41\x01" and message[5:] == b"\xb1t"


def describe_request(message_id: int, token: int) -> bytes:
    """The cloud asks what the device offers, 7 bytes."""
    return b"\x41\x01" + message_id.to_bytes(2) + bytes((token,)) + b"\xb1d"


def is_describe_request(message: bytes) -> bool:
    """Is it a GET of `d`?"""
    return message[:2] == b"\x41\x01" and message[5:] == b"\xb1d"


def content(request: bytes, payload: bytes) -> bytes:
    """The piggy-backed 2.05 answer to a GET (RFC 7252 §5.2.1)."""
    return b"\x61\x45" + request[2:5] + b"\xff" + payload


def subscribe(message_id: int, token: int, prefix: str) -> bytes:
    """GET `e/<prefix>`: events of a kind are wanted. Prefixes up to 12 letters."""
    return b"\x41\x01" + message_id.to_bytes(2) + bytes((token,)) + b"\xb1e" + _segment(prefix)


def event(message_id: int, name: str, data: str) -> bytes:
    """A public event that wants no acknowledgement."""
    return (
        b"\x50\x02" + message_id.to_bytes(2) + b"\xb1E" + _segment(name) + b"\xff" + data.encode()
    )


def _segment(text: str) -> bytes:
    """A further Uri-Path option (RFC 7252 §3.1: lengths from 13 on take one more byte)."""
    value = text.encode()
    return (
        bytes((len(value),)) + value if len(value) < 13 else bytes((0x0D, len(value) - 13)) + value
    )


def announcement(device_id: bytes) -> bytes:
    """What the device tells its LAN by multicast after a finished handshake, 19 bytes."""
    return b"\x50\x02\x00\x00\xb1h\xff" + device_id
