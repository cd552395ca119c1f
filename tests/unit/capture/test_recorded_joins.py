"""Joins recorded in the Wi-Fi lab: the cause that was injected comes first, in the clear or through
encryption, and nothing comes of those that are well.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from netcheck import casefile
from netcheck.capture import observe
from netcheck.model import Target, Verdict
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.places import CAPTURES, RECORDED
from tests.wifilab.judge import complaint, said
from tests.wifilab.record import TRUTH
from tests.wifilab.scenarios import SCENARIOS
from tests.wifilab.thinning import RADIOTAP

FOLDER = CAPTURES / "wifilab"
ROWS = json.loads((FOLDER / TRUTH).read_text())
ENCRYPTED = [row for row in ROWS if row["psk"]]


def file_of(row: dict[str, Any]) -> str:
    return str(row["file"])


@pytest.mark.parametrize("row", ROWS, ids=file_of)
def test_as_received(row: dict[str, Any]) -> None:
    assert complaint(row, FOLDER / row["file"]) == ""


@pytest.mark.parametrize("row", ROWS, ids=file_of)
def test_what_is_saved_is_what_was_seen(row: dict[str, Any], tmp_path: Path) -> None:
    seen = tuple(observe([str(FOLDER / row["file"])], Target()).observations)
    casefile.write(tmp_path / "saved.jsonl", seen)
    kept = casefile.read(str(tmp_path / "saved.jsonl")).observations
    assert {*map(casefile.encoded, kept)} == {*map(casefile.encoded, seen)}


@pytest.mark.parametrize("row", ENCRYPTED, ids=file_of)
def test_through_encryption(row: dict[str, Any]) -> None:
    assert complaint(row, FOLDER / row["file"], is_opened=True) == ""


@pytest.mark.parametrize("row", [r for r in ENCRYPTED if r["same_as"]], ids=file_of)
def test_the_same_first_cause_as_on_a_wire(row: dict[str, Any]) -> None:
    twin = RECORDED / f"{row['same_as']}.pcap"
    mac = json.loads(twin.with_suffix(".json").read_text())["devices"][0]["mac"]
    assert said(FOLDER / row["file"], row["sta_mac"], row["psk"]).cause == said(twin, mac).cause


@pytest.mark.parametrize("row", [r for r in ROWS if r["healthy"]], ids=file_of)
def test_frames_that_the_monitor_missed_accuse_nobody(row: dict[str, Any], tmp_path: Path) -> None:
    random = Random(row["file"])
    kept = [one for one in frames_of(FOLDER / row["file"]) if random.random() >= 0.1]
    path = tmp_path / "lossy.pcap"
    path.write_bytes(pcap(kept, link=RADIOTAP))
    assert said(path, row["sta_mac"], row["psk"]).verdict is not Verdict.FAULT


def test_an_answer_that_the_monitor_missed_is_no_silent_name_server(tmp_path: Path) -> None:
    [row] = [one for one in ROWS if one["file"] == "healthy_open.pcap"]
    frames = list(frames_of(FOLDER / row["file"]))
    dns = [one for one in frames if b"\6device\5spark\2io\0" in one[1]]
    opens = next(at for at, frame in frames if at > dns[-1][0] and b"\x16\x33" in frame)
    until = opens + 6 * 10**9
    path = tmp_path / "lossy.pcap"
    kept = [one for one in frames if one not in dns[1:] and one[0] <= until]
    path.write_bytes(pcap(kept, link=RADIOTAP))
    one = said(path, row["sta_mac"])
    assert (one.verdict, one.cause) == (Verdict.HEALTHY, "")


def test_the_truth_is_that_of_the_lab() -> None:
    assert {row["healthy"] for row in ROWS} == {True, False}
    for row in ROWS:
        scenario = SCENARIOS[file_of(row).removesuffix(".pcap")]
        assert (row["fault"], row["accept"]) == (scenario.what, list(scenario.accept))
