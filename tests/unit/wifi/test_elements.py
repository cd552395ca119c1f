"""What an access point's elements say, and what of it a Photon can join (IEEE 802.11-2020
§9.4.2).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.wifi.elements import BssDescription, describe_bss, elements

NAME = b"\x00\x07HomeNet"
CHANNEL_6 = b"\x03\x01\x06"
PRIVATE = 0x0011


def rsn(*akms: int, ciphers: tuple[int, ...] = (4,), capabilities: int = 0) -> bytes:
    body = (
        b"\x01\x00\x00\x0f\xac\x04"
        + len(ciphers).to_bytes(2, "little")
        + b"".join(b"\x00\x0f\xac" + bytes((c,)) for c in ciphers)
    )
    body += (
        len(akms).to_bytes(2, "little")
        + b"".join(b"\x00\x0f\xac" + bytes((a,)) for a in akms)
        + capabilities.to_bytes(2, "little")
    )
    return b"\x30" + bytes((len(body),)) + body


WPA1 = bytes.fromhex("dd16 0050f201 0100 0050f202 0100 0050f202 0100 0050f202")


@pytest.mark.parametrize(
    ("capabilities", "security", "frequency", "obstacle"),
    [
        (PRIVATE, rsn(2), 2437, ""),
        (PRIVATE, rsn(2, 8, capabilities=0x0080), 2437, ""),
        (PRIVATE, rsn(2, ciphers=(2,)), 2437, ""),
        (PRIVATE, WPA1, 2437, ""),
        (0x0001, b"", 2437, ""),
        (PRIVATE, rsn(8, capabilities=0x00C0), 2437, "sae_only"),
        (PRIVATE, rsn(2, capabilities=0x00C0), 2437, "pmf_required"),
        (PRIVATE, rsn(1), 2437, "enterprise"),
        (PRIVATE, rsn(6), 2437, "other_security"),
        (PRIVATE, rsn(2, ciphers=(8,)), 2437, "other_security"),
        (PRIVATE, rsn(2).replace(b"\x00\x0f\xac\x02", b"\x00\x40\x96\x00"), 2437, "other_security"),
        (PRIVATE, b"\x30\x02\x01\x00", 2437, "enterprise"),
        (PRIVATE, b"", 2437, "wep"),
        (PRIVATE, rsn(2), 5180, "only_5ghz"),
        (PRIVATE, rsn(2), None, ""),
    ],
)
def test_what_keeps_a_photon_out(
    capabilities: int, security: bytes, frequency: int | None, obstacle: str
) -> None:
    assert describe_bss(capabilities, NAME + CHANNEL_6 + security, frequency).obstacle() == obstacle


def test_name_and_channel() -> None:
    made = describe_bss(PRIVATE, NAME + CHANNEL_6, 2437)
    assert (made.ssid, made.channel) == (b"HomeNet", 6)


@pytest.mark.parametrize("hidden", [b"\x00\x00", b"\x00\x04\x00\x00\x00\x00", b""])
def test_a_hidden_name_is_empty(hidden: bytes) -> None:
    assert describe_bss(PRIVATE, hidden + CHANNEL_6, None).ssid == b""


@given(st.integers(0, 0xFFFF), st.binary(max_size=300), st.none() | st.integers(0, 7000))
def test_any_bytes_are_taken(capabilities: int, body: bytes, frequency: int | None) -> None:
    made = describe_bss(capabilities, body, frequency)
    assert isinstance(made, BssDescription) and isinstance(made.obstacle(), str)
    assert sum(len(value) + 2 for values in elements(body).values() for value in values) <= len(
        body
    )
