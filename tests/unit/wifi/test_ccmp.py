"""Keys and frames of WPA2 against published vectors, and any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.wifi.ccmp import (
    PairKeys,
    Passphrase,
    decrypted,
    group_key,
    header_bytes,
    is_signed_with,
    key_frame,
)

KEYS = PairKeys(bytes(16), bytes(16), bytes(16))


@pytest.mark.parametrize(
    ("secret", "ssid", "key"),
    [
        (b"password", b"IEEE", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"),
        (
            b"ThisIsAPassword",
            b"ThisIsASSID",
            "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af",
        ),
    ],
)
def test_the_keys_of_the_standards_annex_j(secret: bytes, ssid: bytes, key: str) -> None:
    assert Passphrase(secret).master_key(ssid).hex() == key
    assert Passphrase(key.encode()).master_key(b"any").hex() == key


@given(st.binary(max_size=120))
def test_any_bytes_are_taken(data: bytes) -> None:
    assert decrypted(bytes(16), data) is None
    assert header_bytes(data) in (24, 26, 30, 32)
    found = key_frame(data)
    if found is not None:
        assert not is_signed_with(KEYS, found)
        assert group_key(KEYS, found) is None
