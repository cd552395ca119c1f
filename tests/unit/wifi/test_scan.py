"""Bands and channels of frequencies, security in words, and two scans as one."""

from __future__ import annotations

import pytest

from netcheck.wifi.scan import band_of, channel_of, described_in_words, frequency_of
from tests.helpers.scans import scan


@pytest.mark.parametrize(
    ("mhz", "band", "channel"),
    [
        (2412, "2.4", 1),
        (2472, "2.4", 13),
        (2484, "2.4", 14),
        (5180, "5", 36),
        (5885, "5", 177),
        (5935, "6", 2),
        (5955, "6", 1),
        (7115, "6", 233),
        (900, "", 0),
        (60480, "", 0),
        (0, "", 0),
        (None, "", 0),
    ],
)
def test_the_band_and_channel_of_a_frequency(mhz: int | None, band: str, channel: int) -> None:
    assert (band_of(mhz), channel_of(mhz)) == (band, channel)
    if channel > 2:
        assert frequency_of(channel, band) == mhz


@pytest.mark.parametrize(("channel", "band"), [(0, "2.4"), (15, "2.4"), (200, "5"), (1, "")])
def test_no_such_channel(channel: int, band: str) -> None:
    assert frequency_of(channel, band) is None


@pytest.mark.parametrize(
    ("words", "obstacle", "is_known"),
    [
        ("open", "", True),
        ("owe", "other_security", True),
        ("wep", "wep", True),
        ("wpa", "", True),
        ("wpa2", "", True),
        ("wpa wpa2", "", True),
        ("wpa2 wpa3", "", True),
        ("wpa3", "sae_only", True),
        ("wpa2 enterprise", "enterprise", True),
        ("wpa3 enterprise", "enterprise", True),
        ("", "", False),
    ],
)
def test_security_in_words(words: str, obstacle: str, is_known: bool) -> None:
    told, has_security = described_in_words(b"Home", 2437, 6, frozenset(words.split()))

    assert (told.obstacle(), has_security) == (obstacle, is_known)


def test_two_scans_unite_what_they_found() -> None:
    first = scan("05 2437 ch6 psk b g -70 name=Home\n06 5180 ch36 psk g -50 name=Home")
    second = scan("05 2437 ch6 psk b g -60 name=Home\n07 2462 ch11 psk b g -80 name=Other")

    both = first.with_next(second)

    assert [(one.bssid[-2:], one.signal_dbm) for one in both.found] == [
        ("05", -60),
        ("07", -80),
        ("06", -50),
    ]
    assert (both.scans, both.is_fresh) == (2, True)


def test_a_second_scan_that_failed_takes_nothing_away() -> None:
    first = scan("05 2437 ch6 psk b g -70 name=Home")

    assert first.with_next(scan("", reason="needs")) is first


def test_the_age_of_a_list_is_that_of_its_newest_row() -> None:
    kept = scan("05 2437 ch6 psk -70 age=20\n06 5180 ch36 psk -50 age=4", is_fresh=False)

    assert kept.age_s == 4
    assert scan("05 2437 ch6 psk -70 age=20").age_s == 0
