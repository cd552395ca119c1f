"""Network names as text: no two names look one, and the usual ones stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.text.escape import safe
from netcheck.wifi.names import similar_name, ssid_text


@pytest.mark.parametrize(
    ("ssid", "shown"),
    [
        (b"HomeNet", "HomeNet"),
        ("café 世界 📶".encode(), "café 世界 📶"),
        (b"Lab ", r"Lab\x20"),
        (b" Lab", r"\x20Lab"),
        (b"a  b   c", r"a \x20b \x20\x20c"),
        (b"\xff\xfe", r"\xff\xfe"),
        (rb"\xff", r"\\xff"),
        (b"a\x1b[31m", r"a\x1b[31m"),
        (rb"a\x1b[31m", r"a\\x1b[31m"),
        (b"two\nlines", r"two\x0alines"),
        ("\u202eevil".encode(), r"\u202eevil"),
        (b"<b>&amp;", "<b>&amp;"),
        (b"a\0b", r"a\x00b"),
    ],
)
def test_a_name_is_shown_safely(ssid: bytes, shown: str) -> None:
    assert safe(ssid_text(ssid)) == shown


names = st.binary(max_size=32) | st.text(max_size=10).map(lambda text: text.encode()[:32])


@given(names, names)
def test_two_names_never_look_one(one: bytes, other: bytes) -> None:
    assert (ssid_text(one) == ssid_text(other)) == (one == other)
    assert ssid_text(one).strip(" ") == ssid_text(one)


def test_similar_names() -> None:
    assert similar_name("labnet", ["Else", "LabNet ", "LABNET"]) == "LabNet "
    assert similar_name("LabNet_2G", ["LabNet"]) == "LabNet"
    assert similar_name("LabNet", ["LabNets"]) == ""
    assert similar_name("--", ["__"]) == ""
