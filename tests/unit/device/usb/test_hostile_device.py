"""Whatever comes over the port, from whatever program, is understood or not, in bounded time, and
nothing harmful is sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netcheck.device.usb import codes, console, diagnostics, modules
from netcheck.device.usb.dialogue import MOST_CHARACTERS, Timeouts, UsbDialogue
from netcheck.device.usb.serial_port import COMMANDS
from netcheck.vocabulary import DATA, MODES, REASONS
from tests.doubles.serial_photon import SECRET, Console

WORDS = st.sampled_from(
    [
        "system firmware version: 1.5.2\n\r\n",
        "Your device id is 6f00631a7f47343232363230\r\n",
        "Your device MAC address is\r\n",
        "6c:0b:84:6e:93:cb\r\n",
        "Device Secret: " + SECRET + "\r\n",
        "Device claimed: yes\r\n",
        "0000012345 [hal.wlan] INFO: x\r\n",
        '{"p":6,"m":[{"s":1,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":21,"d":[]}]}\r\n',
        '{"sys:uptime":1,"net:err":1062}\r\n',
        "{" * 200,
        "SSID: ",
        "> ",
        "Cleared Wi-Fi credentials\r\n",
    ]
)
TEXT = st.lists(st.one_of(WORDS, st.text(max_size=40)), max_size=12).map("".join)
KEYS = ["p", "m", "f", "n", "l", "v", "d", "vc", "vv", "net:err", "cloud:err", "x"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=25,
)


@given(TEXT)
def test_every_reader_takes_any_text(text: str) -> None:
    console.version(text), console.device_id(text), console.mac(text), console.claimed(text)
    assert console.speaker(text) in {"", *MODES}
    assert console.measured(text).characters <= len(text)
    modules.parse(text)
    diagnostics.parse(text)


@given(JSON)
def test_every_reader_takes_any_json(value: object) -> None:
    both = ({"m": value, "p": value}, {"net:err": value, "cloud:connatt": value})
    text = "\r\n".join(map(json.dumps, both))
    found = modules.parse(text)
    assert found is None or len(found.all) <= modules.MOST_MODULES
    told = diagnostics.parse(text)
    assert told is None or isinstance(told.network_error, int | None)


def test_deep_and_long_texts_end() -> None:
    for text in (
        "[" * 100_000,
        "{" * 100_000,
        '{"m":' * 20_000,
        '{"a":1}' * 10_000,
        "9" * 50_000,
        '{"l":"INFO","m":' * 4_000,
    ):
        modules.parse(text)
        diagnostics.parse(text)
        console.without_logs(text)


class Babbler:
    """Answers each letter with the next of some texts, and writes one by itself; its clock goes on
    by itself.
    """

    def __init__(self, by_itself: bytes, answers: list[bytes]) -> None:
        self.time, self.sent = 0.0, bytearray()
        self._waiting, self._answers = by_itself, answers

    def read(self, wait_s: float) -> bytes:
        part, self._waiting = self._waiting[:4096], self._waiting[4096:]
        self.time += 0.001 if part else wait_s
        return part

    def write(self, command: bytes) -> None:
        self.sent += command
        self._waiting += self._answers.pop(0) if self._answers else b""

    def close(self) -> None:
        pass


ANSWERS = st.lists(st.one_of(TEXT.map(str.encode), st.binary(max_size=60)), max_size=7)


@settings(max_examples=200)
@given(st.one_of(TEXT.map(str.encode), st.binary(max_size=60)), ANSWERS)
@example(b"", [b"", b"system firmware version: 1.5.2\n\r\n"])
def test_no_text_makes_the_dialogue_send_anything_harmful(
    by_itself: bytes, answers: list[bytes]
) -> None:
    serial_port = Babbler(by_itself, answers)
    reading = UsbDialogue(serial_port, lambda: serial_port.time, Timeouts()).run()
    assert set(serial_port.sent) <= COMMANDS
    assert len(serial_port.sent) == len(set(serial_port.sent))
    assert reading.mode in MODES
    if reading.mode != "listening":
        assert bytes(serial_port.sent) in (b"", b"v", b"vi")
    assert serial_port.time < 60
    assert SECRET not in repr(reading)


def test_the_id_is_asked_for_once_where_the_version_comes_late() -> None:
    late = b"system firmware version: 1.5.2\n\r\n"
    serial_port = Babbler(b"", [b"", late])
    reading = UsbDialogue(serial_port, lambda: serial_port.time, Timeouts()).run()
    assert (reading.mode, reading.firmware, reading.device_id) == ("listening", "1.5.2", "")
    assert bytes(serial_port.sent) == b"vim"  # nothing answers `m`, so no more is asked

    both = late + b"Your device id is 6f00631a7f47343232363230\r\n"
    serial_port = Babbler(b"", [b"", both])
    reading = UsbDialogue(serial_port, lambda: serial_port.time, Timeouts()).run()
    assert (reading.firmware, reading.device_id) == ("1.5.2", "6f00631a7f47343232363230")
    assert bytes(serial_port.sent) == b"vim"


class LateBabbler(Babbler):
    """Answers `v` only when `i` comes, and `i` a while after that."""

    def read(self, wait_s: float) -> bytes:
        if self.sent == b"vi" and not self._waiting and self.time > 8.0 and self._late:
            self._waiting, self._late = self._late, b""
        return super().read(wait_s)

    _late = b"Your device id is 6f00631a7f47343232363230\r\n"


def test_an_id_that_comes_after_the_late_version_is_taken() -> None:
    serial_port = LateBabbler(b"", [b"", b"system firmware version: 1.5.2\n\r\n"])
    reading = UsbDialogue(serial_port, lambda: serial_port.time, Timeouts()).run()
    assert (reading.firmware, reading.device_id) == ("1.5.2", "6f00631a7f47343232363230")
    assert bytes(serial_port.sent) == b"vim"


def test_a_port_that_never_stops_talking_is_left() -> None:
    serial_port = Babbler(b"0123456789abcdef\r\n" * 20_000, [])
    reading = UsbDialogue(serial_port, lambda: serial_port.time, Timeouts()).run()
    assert (reading.mode, bytes(serial_port.sent)) == ("app", b"")
    assert 0 < reading.said.characters <= MOST_CHARACTERS


@pytest.mark.parametrize("table", [codes.WIFI, codes.PROTOCOL, codes.SYSTEM])
def test_every_code_has_a_reason_with_words(table: dict[int, str]) -> None:
    assert set(table.values()) <= set(REASONS)
    assert "number" in DATA


@pytest.mark.parametrize(
    ("understand", "letter"),
    [(console.version, b"v"), (console.device_id, b"i"), (console.mac, b"m")],
)
def test_half_an_answer_is_none(understand: Callable[[str], str], letter: bytes) -> None:
    whole = Console().take(letter).decode()
    assert understand(whole)
    end = whole.index(understand(whole)) + len(understand(whole))
    assert [understand(whole[:cut]) for cut in range(end + 1)] == [""] * (end + 1)
