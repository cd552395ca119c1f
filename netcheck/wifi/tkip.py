"""TKIP, the cipher of WPA, and RC4 on which it rests: what an encrypted frame holds.

IEEE 802.11-2020 §12.5.2 (TKIP), annex J.2 (its S-box and test vectors). Only read, never sent:
whether a key fits shows by the check sum (ICV), the Michael MIC is left alone. Pure; any bytes are
accepted.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache

KEY_BYTES, PAIR_BYTES = 16, 32
"""The temporal key, and with the two of Michael behind it."""
_HEADER_BYTES, _MICHAEL_BYTES, _ICV_BYTES = 8, 8, 4
_EXTENDED_IV = 0x20
_WORD = 0xFFFF


def rc4(key: bytes, data: bytes, *, skipped: int = 0) -> bytes:
    """The data, enciphered or deciphered, after so many bytes of the key stream."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 0xFF
        state[i], state[j] = state[j], state[i]
    i = j = 0
    stream = bytearray()
    for _ in range(skipped + len(data)):
        i = (i + 1) & 0xFF
        j = (j + state[i]) & 0xFF
        state[i], state[j] = state[j], state[i]
        stream.append(state[(state[i] + state[j]) & 0xFF])
    return bytes(a ^ b for a, b in zip(data, stream[skipped:], strict=True))


def opened(key: bytes, transmitter: bytes, body: bytes) -> bytes | None:
    """What the body of a frame, from its TKIP header on, holds from LLC on; None where the key does
    not fit, or it is cut short.
    """
    tail = _MICHAEL_BYTES + _ICV_BYTES
    if len(body) < _HEADER_BYTES + tail or not body[3] & _EXTENDED_IV:
        return None
    low, high = body[0] << 8 | body[2], int.from_bytes(body[4:8], "little")
    mixed = second_phase(key, first_phase(key, transmitter, high), low)
    if body[1] != mixed[1]:
        return None
    plain = rc4(mixed, body[_HEADER_BYTES:])
    content, icv = plain[:-_ICV_BYTES], plain[-_ICV_BYTES:]
    return content[:-_MICHAEL_BYTES] if zlib.crc32(content) == _little(icv) else None


def first_phase(key: bytes, transmitter: bytes, high: int) -> tuple[int, ...]:
    """Key, address and the upper 32 bits of the frame's number, mixed."""
    p = [high & _WORD, high >> 16, *struct.unpack("<3H", transmitter)]
    words = struct.unpack("<8H", key[:KEY_BYTES])
    for n in range(8):
        odd = n & 1
        for at in range(5):
            word = words[odd + 2 * (at % 4)]
            p[at] = p[at] + _substituted(p[at - 1] ^ word) & _WORD
        p[4] = p[4] + n & _WORD
    return tuple(p)


def second_phase(key: bytes, first: tuple[int, ...], low: int) -> bytes:
    """The RC4 key of the frame whose number has these lower 16 bits."""
    words = struct.unpack("<8H", key[:KEY_BYTES])
    p = [*first, first[4] + low & _WORD]
    for at in range(6):
        p[at] = p[at] + _substituted(p[at - 1] ^ words[at]) & _WORD
    for at in range(6):
        word = words[6 + at] if at < 2 else 0
        p[at] = p[at] + _rotated(p[at - 1] ^ word) & _WORD
    head = bytes((low >> 8, (low >> 8 | 0x20) & 0x7F, low & 0xFF, (p[5] ^ words[0]) >> 1 & 0xFF))
    return head + struct.pack("<6H", *p)


def _rotated(word: int) -> int:
    return word >> 1 | (word & 1) << 15


def _substituted(word: int) -> int:
    box = _box()
    high = box[word >> 8]
    return box[word & 0xFF] ^ (high >> 8 | (high & 0xFF) << 8)


@cache
def _box() -> tuple[int, ...]:
    """TKIP's S-box: of each value of that of AES (FIPS 197 §5.1.1), twice and three times it in
    its field.
    """
    box = []
    for value in range(256):
        inverse = next((x for x in range(256) if _product(value, x) == 1), 0)
        s = 0x63
        for turn in range(5):
            s ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        box.append(_product(2, s) << 8 | _product(3, s))
    return tuple(box)


def _product(a: int, b: int) -> int:
    """In the field of AES (FIPS 197 §4.2)."""
    result = 0
    while b:
        result ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return result


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
