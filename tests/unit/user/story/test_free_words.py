"""The light, versions, names, lengths and messages in a story."""

from __future__ import annotations

import pytest

from netcheck.user import led
from netcheck.user.story.free_words import light, texts, versions


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("updated from 0.6.3 to 0.7.0", [("firmware", "0.7.0")]),
        (
            "with 0.6.3 it works, but not with 0.7.0",
            [("works_on_firmware", "0.6.3"), ("firmware", "0.7.0")],
        ),
        ("since 0.7.0 nothing works", [("firmware", "0.7.0")]),
        ("on android 5.0.1 with set-up library 0.3.4", []),
        ("the router is 192.168.1.1", []),
    ],
)
def test_versions_are_those_of_device_os(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert list(versions([sentence])) == expected


@pytest.mark.parametrize(
    ("sentence", "key", "value"),
    [
        ("The network is called 'Café du coin'.", "ssid", "Café du coin"),
        ("Its name is Anna’s iPhone, and it fails", "ssid", "Anna’s iPhone"),
        ("my password has 63 characters", "password_length", "63"),
        ("it is stuck at connecting to the network.", "setup_step", "connecting to the network"),
        ('I get the message "wrong password"', "setup_error", "wrong password"),
        ("The app didn't find any photon nearby", "setup_error", "n't find any photon nearby"),
    ],
)
def test_names_numbers_and_messages(sentence: str, key: str, value: str) -> None:
    assert (key, value) in list(texts([sentence]))


def test_a_name_is_none_where_none_is_given() -> None:
    assert "ssid" not in dict(texts(["The network's name is not in the list."]))


def test_only_what_speaks_of_the_light_is_read_as_light() -> None:
    said = light(["I flashed Tinker, then the LED was blinking green.", "My phone is fine."])
    assert said == "then the LED was blinking green."


def test_the_part_that_puts_a_light_into_the_past_goes_with_it() -> None:
    story = ["All was fine until last week, breathing cyan, now it blinks green."]
    assert [one.state for one in led.read(light(story)).lights] == ["green_blinking"]
