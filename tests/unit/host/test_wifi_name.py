"""The name of the Wi-Fi in which this computer is."""

from __future__ import annotations

import msgspec
import pytest

from netcheck.correlator import diagnose
from netcheck.host import wifi_name
from netcheck.model import Target
from netcheck.report.answer import redacted
from netcheck.report.layout import Style
from netcheck.report.terminal import render
from netcheck.report.view import view
from netcheck.text.redact import Redaction
from tests.helpers.answers import answer
from tests.helpers.notation import case
from tests.helpers.vantage import HERE, live


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Current Wi-Fi Network: Lab Net\n", "Lab Net"),
        ("You are not associated with an AirPort network.\n", ""),
        (
            (
                "    SSID                   : Lab: 2\r\n    BSSID                  :"
                " aa:bb:cc:dd:ee:ff\r\n"
            ),
            "Lab: 2",
        ),
        ("    SSID : One\r\n\r\n    SSID : Two\r\n", ""),
        ("    SSID : <redacted>\n", ""),
        ("    SSID : " + "x" * 99, "x" * 32),
        ("", ""),
    ],
)
def test_the_name_in_what_a_tool_prints(printed: str, name: str) -> None:
    assert wifi_name.told(printed) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [(b"Lab\0\0", "Lab"), (b"\xff\x1b", "\\xff\\x1b"), (b"x" * 40, "x" * 32), (b"", "")],
)
def test_the_bytes_of_a_name(name: bytes, expected: str) -> None:
    assert wifi_name.shown(name) == expected


def reported(name: str, level: Redaction = Redaction.NONE) -> str:
    """What a person reads after a run in a Wi-Fi of that name, with the Photon in another."""
    place = live(HERE)[0]
    seen = [
        msgspec.structs.replace(place, data=(*place.data, ("ssid", name))),
        *case(DEVICE_IN_LAB),
    ]
    whole = answer(*diagnose(seen, Target()), observations=tuple(seen))
    return render(view(redacted(whole, level, bytes(32)), {}), Style())


DEVICE_IN_LAB = (
    "dev device.identity ok rank=5 \n dev wifi.join ok @1 ssid=Lab \n dev tcp.cloud ok @4"
)


def test_the_name_of_a_wifi_reaches_no_terminal_as_it_is() -> None:
    text = reported("\x1b[2J\u202e")

    assert "\x1b" not in text and "\u202e" not in text
    assert "Wi-Fi \\x1b[2J\\u202e" in text


def test_the_name_of_a_wifi_can_be_hidden() -> None:
    assert "Annas-Net" in reported("Annas-Net")
    assert "Annas-Net" not in reported("Annas-Net", Redaction.PUBLIC)


def test_an_interface_that_is_no_wifi_has_no_name() -> None:
    assert wifi_name.of_interface("lo") == ""
