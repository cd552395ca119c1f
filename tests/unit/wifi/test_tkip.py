"""TKIP's mixing and RC4 against published vectors, and any bytes."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.wifi.tkip import first_phase, opened, rc4, second_phase

KEY, TRANSMITTER = bytes(range(16)), bytes.fromhex("102233445566")


@pytest.mark.parametrize(
    ("key", "plain", "cipher"),
    [
        (b"Key", b"Plaintext", "bbf316e8d940af0ad3"),
        (b"Wiki", b"pedia", "1021bf0420"),
        (b"Secret", b"Attack at dawn", "45a01f645fc35b383552544b9bf5"),
    ],
)
def test_rc4(key: bytes, plain: bytes, cipher: str) -> None:
    assert rc4(key, plain).hex() == cipher
    assert rc4(key, plain[1:], skipped=1).hex() == cipher[2:]


def test_the_mixing_of_the_standards_annex_j() -> None:
    first = first_phase(KEY, TRANSMITTER, 0)
    assert first == (0x3DD2, 0x016E, 0x76F4, 0x8697, 0xB2E8)
    assert second_phase(KEY, first, 0).hex() == "00200033ea8d2f60ca6d1374234a660b"


def sealed(plain: bytes, number: int) -> bytes:
    low, high = number & 0xFFFF, number >> 16
    mixed = second_phase(KEY, first_phase(KEY, TRANSMITTER, high), low)
    content = plain + bytes(8)
    head = bytes((low >> 8, mixed[1], low & 0xFF, 0x20)) + high.to_bytes(4, "little")
    return head + rc4(mixed, content + zlib.crc32(content).to_bytes(4, "little"))


@given(st.binary(max_size=60), st.integers(0, 2**48 - 1))
def test_a_frame_opens_with_its_key_alone(plain: bytes, number: int) -> None:
    body = sealed(plain, number)
    assert opened(KEY, TRANSMITTER, body) == plain
    assert opened(KEY[::-1], TRANSMITTER, body) is None
    assert opened(KEY, TRANSMITTER, body[:-1]) is None


@given(st.binary(max_size=80))
def test_any_bytes_are_taken(data: bytes) -> None:
    assert opened(KEY, TRANSMITTER, data) is None
