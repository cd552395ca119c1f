"""Joins recorded in the Wi-Fi lab: the cause that was injected comes first, in the clear or through
encryption, and nothing comes of those that are well.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.helpers.places import CAPTURES, RECORDED
from tests.wifilab.judge import complaint, said
from tests.wifilab.record import TRUTH
from tests.wifilab.scenarios import SCENARIOS

FOLDER = CAPTURES / "wifilab"
ROWS = json.loads((FOLDER / TRUTH).read_text())
ENCRYPTED = [row for row in ROWS if row["psk"]]


def file_of(row: dict[str, Any]) -> str:
    return str(row["file"])


@pytest.mark.parametrize("row", ROWS, ids=file_of)
def test_as_received(row: dict[str, Any]) -> None:
    assert complaint(row, FOLDER / row["file"]) == ""


@pytest.mark.parametrize("row", ENCRYPTED, ids=file_of)
def test_through_encryption(row: dict[str, Any]) -> None:
    assert complaint(row, FOLDER / row["file"], is_opened=True) == ""


@pytest.mark.parametrize("row", [r for r in ENCRYPTED if r["same_as"]], ids=file_of)
def test_the_same_first_cause_as_on_a_wire(row: dict[str, Any]) -> None:
    twin = RECORDED / f"{row['same_as']}.pcap"
    mac = json.loads(twin.with_suffix(".json").read_text())["devices"][0]["mac"]
    assert said(FOLDER / row["file"], row["sta_mac"], row["psk"]).cause == said(twin, mac).cause


def test_the_truth_is_that_of_the_lab() -> None:
    assert {row["healthy"] for row in ROWS} == {True, False}
    for row in ROWS:
        scenario = SCENARIOS[file_of(row).removesuffix(".pcap")]
        assert (row["fault"], row["accept"]) == (scenario.what, list(scenario.accept))
