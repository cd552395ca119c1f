"""The 40 random bytes with which the cloud speaks first, told from what other servers say."""

from __future__ import annotations

import re
from collections.abc import Sequence

NONCE_BYTES = 40
"""Source: device-os@v0.6.0:communication/src/handshake.cpp."""
_GREETING = re.compile(
    rb"HTTP/1\.[01] [1-5][0-9]{2}|SSH-[12]\.[0-9]|220(?=[ -])|<!DOCTYPE|<html", re.IGNORECASE
)
"""What mail, file, web and login servers say first."""
_TEXT_SHARE = 0.85
"""Of 40 random bytes 38 % are printable; 85 % is six standard deviations away."""
_FEWEST_DIFFERENT = 20
"""40 random bytes hold 37 different ones; fewer than 20 does not happen."""


def flaw_of_nonce(payload: bytes, earlier: Sequence[bytes]) -> str:
    """Why these bytes are no nonce: text, short, not_random or malformed; empty for exactly 40
    bytes that are no text, not constant and not those of an earlier connection.
    """
    if is_text(payload):
        return "text"
    if len(payload) < NONCE_BYTES:
        return "short"
    if len(set(payload[:NONCE_BYTES])) < _FEWEST_DIFFERENT or payload in earlier:
        return "not_random"
    return "malformed" if len(payload) > NONCE_BYTES else ""


def is_text(payload: bytes) -> bool:
    """Could a person read the beginning?"""
    head = payload[:NONCE_BYTES]
    return sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head) >= _TEXT_SHARE * len(head)


def greeting(payload: bytes) -> str:
    """The first word of the protocol of a server's text; `text` where it is of none known."""
    known = _GREETING.match(payload)
    return known[0].decode() if known else "text"
