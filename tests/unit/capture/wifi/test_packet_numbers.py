"""Gaps in the packet numbers are frames that the monitor missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.capture.wifi.packet_numbers import LONGEST_GAP, PacketNumbers
from netcheck.model import Target
from netcheck.wifi.ccmp import Passphrase
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.places import CAPTURES
from tests.wifilab.scenarios import PASSPHRASE
from tests.wifilab.thinning import RADIOTAP

KEY, AP, STATION = bytes(16), b"\x02\0\0\0\0\1", b"\x02\0\0\0\0\2"


@pytest.mark.parametrize(
    ("numbers", "received", "missed"),
    [
        ((5, 6, 7), 3, 0),
        ((5, 6, 6, 7), 3, 0),
        ((5, 9), 2, 3),
        ((5, 7, 6, 8), 4, 0),
        ((1, 1 << 40), 2, LONGEST_GAP),
        ((3, 1), 1, 0),
    ],
)
def test_what_was_missed(numbers: tuple[int, ...], received: int, missed: int) -> None:
    counted = PacketNumbers()
    for number in numbers:
        counted.note(KEY, AP, number)
    assert (counted.received, counted.missed) == (received, missed)


def test_each_key_and_sender_counts_for_itself() -> None:
    counted = PacketNumbers()
    for key, sender, number in ((KEY, AP, 9), (KEY, STATION, 1), (bytes(32), AP, 1), (KEY, AP, 10)):
        counted.note(key, sender, number)
    assert (counted.received, counted.missed) == (4, 0)


@pytest.mark.parametrize(
    ("name", "kept_of_ten", "is_said"),
    [("healthy_wpa2", 10, False), ("healthy_wpa2", 8, True), ("healthy_tkip", 10, False)],
)
def test_more_than_a_few_are_said(
    name: str, kept_of_ten: int, tmp_path: Path, *, is_said: bool
) -> None:
    frames = list(frames_of(CAPTURES / "wifilab" / f"{name}.pcap"))
    kept = [one for at, one in enumerate(frames) if at % 10 < kept_of_ten]
    path = tmp_path / "kept.pcap"
    path.write_bytes(pcap(kept, link=RADIOTAP))
    seen = observe([str(path)], Target(), passphrase=Passphrase(PASSPHRASE.encode())).observations
    [coverage] = [o for o in seen if o.fact == "capture.coverage"]
    assert ("packet numbers are missing" in coverage.text("cannot_show")) is is_said
