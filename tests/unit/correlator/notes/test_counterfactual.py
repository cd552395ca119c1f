"""If the fault were fixed: which steps above it were seen to work, and which are unknown."""

from __future__ import annotations

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.correlator.notes.wording import is_background
from netcheck.model import Target
from tests.helpers.notation import DEV, case
from tests.helpers.places import RECORDED
from tests.helpers.recorded import first_device

BLOCKED = """
dev dhcp.lease ok @0
dev gateway.arp ok @1
dev dns.cloud_name ok @2
dev internet.test ok @3
dev tcp.cloud failed timeout >device.spark.io:5683 @4 +5
dev tcp.cloud failed timeout >device.spark.io:5683 @14 +5
"""


def notes(text: str) -> list[str]:
    return [
        note
        for note in diagnose(case(text), Target(device=DEV))[0].notes
        if note.startswith(("With this", "That is not all"))
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "Nothing is known yet of the steps above it: handshake, session."),
        (
            "ctl handshake.nonce ok @6",
            "Seen to work above it, by this Photon or another client: handshake. Nothing is known"
            " yet of: session.",
        ),
    ],
)
def test_with_the_port_open_would_it_then_work(more: str, said: str) -> None:
    assert notes(BLOCKED + more)[0].endswith(said)


def test_nothing_is_asked_of_what_is_well() -> None:
    assert notes("dev dhcp.lease ok\ndev handshake.welcome ok @2\ndev session.open ok @3") == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("port_dropped_for_a_while", ["With this fixed it should work: every step above it was"]),
        (
            "pair_conflict_port_reset",
            ["With this fixed, would it work? Seen to work above", "That"],
        ),
    ],
)
def test_a_second_fault_above_is_to_be_fixed_too(name: str, said: list[str]) -> None:
    target = first_device(name)
    seen = observe([str(RECORDED / f"{name}.pcap")], target).observations
    found = [note for note in diagnose(seen, target)[0].notes if note.startswith(("With", "That"))]
    assert len(found) == len(said)
    assert all(one.startswith(begin) for one, begin in zip(found, said, strict=True))


def test_it_is_no_note_of_the_first_screen() -> None:
    assert all(is_background(note) for note in notes(BLOCKED))
    assert not is_background("Device OS 0.6.0 makes no two or three orange flashes.")
