"""Words count where they are meant, and speak against a thing where they deny it."""

from __future__ import annotations

import re

import pytest

from netcheck.vocabulary import negation
from netcheck.vocabulary.user_words import understood

FILTER = re.compile(r"mac filter|white ?list")
WPA3 = re.compile(r"wpa3")


@pytest.mark.parametrize(
    "text",
    [
        "MAC filter off",
        "MAC filter: off, WPA2",
        "no MAC filter",
        "there is no MAC filter and WPA2 is on",
        "MAC filter (disabled)",
        "the MAC filter is not active",
        "MAC filter has been turned off",
        "without whitelist; channel 6",
        "MAC filter ist aus",
        "kein MAC filter",
    ],
)
def test_a_thing_that_is_denied(text: str) -> None:
    assert negation.is_denied(FILTER, understood(text))
    assert not list(negation.asserted(FILTER, understood(text)))


@pytest.mark.parametrize(
    "text",
    [
        "MAC filter on",
        "MAC filter, firewall off",
        "no firewall, MAC filter on",
        "no firewall but a MAC filter",
        "MAC filter with 12 devices",
        "the whitelist is on and isolation is off",
    ],
)
def test_a_thing_that_is_meant(text: str) -> None:
    assert list(negation.asserted(FILTER, understood(text)))
    assert not negation.is_denied(FILTER, understood(text))


def test_what_is_denied_at_one_place_and_meant_at_another_is_meant() -> None:
    text = "wpa3 off on the guest network, wpa3 on the main one"
    assert list(negation.asserted(WPA3, text))
    assert not negation.is_denied(WPA3, text)


def test_words_that_are_not_there_are_neither_meant_nor_denied() -> None:
    assert not list(negation.asserted(WPA3, "wpa2 off"))
    assert not negation.is_denied(WPA3, "wpa2 off")


def test_what_was_only_read_of_is_hearsay() -> None:
    dfu = re.compile("cannot open dfu")
    assert negation.is_hearsay(
        dfu, understood("I read about 'Cannot open DFU device' but mine works")
    )
    assert not negation.is_hearsay(dfu, understood("cannot open DFU device, I read the manual"))


def test_a_clause_ends_with_a_comma_in_what_is_kept() -> None:
    assert understood("MAC filter off; channel 6 (hunter2)") == "mac filter off, channel …"
    kept = understood("WPA2-PSK, (AES); no hunter2, TKIP")
    assert understood(kept) == kept == "wpa2-psk, aes, no …, tkip"
