"""Bytes changed as damage, programs and attackers change them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

INTERESTING = (0, 1, 2, 4, 0x0F, 0x20, 0x3F, 0x40, 0x45, 0x4F, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)
WIDE = (
    b"\0\0",
    b"\xff\xff",
    b"\x7f\xff",
    b"\x80\x00",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\xc0\x0c",
)
UNSAFE = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        *("\x1b[2J", "\u202e", "\u3164", "\x00", "\u034f", "\r", "\n", "\ud800", "\U0001f600"),
        *("\x9b", "\u2028", "\ufeff", "é", "密", '"', "\\", "{", "[" * 500, "9" * 400, "-", "%s"),
        *("1e999", "NaN", "null", "true", "-1", "0x7f", " " * 90, ":", "=", "/", "://", "@", "#"),
    )
)


def mutated(random: Random, content: bytes, others: Sequence[bytes], most: int = 12) -> bytes:
    """The content with one to `most` changes: bytes, numbers, pieces that move, vanish, repeat or
    come from one of the others.
    """
    data = bytearray(content)
    for _ in range(random.randint(1, most)):
        _change(random, data, others)
    return bytes(data)


def _change(random: Random, data: bytearray, others: Sequence[bytes]) -> None:
    at = random.randrange(len(data) + 1)
    end = min(len(data), at + random.choice((1, 2, 4, 16, 64)))
    match random.randrange(11):
        case 0 | 1 if at < len(data):
            data[at] = random.randrange(256)
        case 2 if at < len(data):
            data[at] = random.choice(INTERESTING)
        case 3 if at < len(data):
            data[at] ^= 1 << random.randrange(8)
        case 4:
            wide = random.choice(WIDE)
            data[at : at + len(wide)] = wide
        case 5:
            del data[at:end]
        case 6:
            data[at:at] = data[at:end] * random.choice((1, 1, 2, 30))
        case 7:
            data[at:at] = random.choice(UNSAFE)
        case 8 if others:
            other = random.choice(others)
            begin = random.randrange(len(other) + 1)
            data[at:end] = other[begin : begin + random.choice((4, 16, 64, 256))]
        case 9 if random.random() < 0.3:
            del data[at:]
        case _:
            data[at:end] = random.randbytes(end - at)
