"""Every sample gets the answer that `samples/README.md` promises, and that answer is true."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest

from netcheck.model import Verdict
from netcheck.report.screen import LINES
from netcheck.report.words import VERDICTS
from tests.doubles import log_player
from tests.helpers.typed import SAMPLES, TOP, netcheck

TESTS = TOP / "tests"
NO_CAUSE = "–"


@dataclass(frozen=True)
class Promise:
    """One line of the table, its columns without their markup."""

    file: str
    what: str
    verdict: str
    first_cause: str
    exit_code: int
    recording: str


def promises() -> list[Promise]:
    lines = (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| `")
    ]
    return [
        Promise(file, what, verdict, cause, int(code), recording)
        for file, what, verdict, cause, code, recording in rows
    ]


PROMISES = promises()
each = pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.file)


@each
def test_the_answer_is_as_promised(promise: Promise) -> None:
    ended = netcheck("pcap", SAMPLES / promise.file, "--json")
    (one,) = json.loads(ended.stdout)["diagnoses"]
    standing = [
        finding["cause"]
        for finding in one["findings"]
        if finding["level"] in ("confirmed", "likely", "possible")
    ]
    assert (one["verdict"], (standing or [NO_CAUSE])[0], ended.returncode) == (
        promise.verdict,
        promise.first_cause,
        promise.exit_code,
    )


@each
def test_the_answer_for_people_fits_80_columns_and_begins_with_the_verdict(
    promise: Promise,
) -> None:
    lines = netcheck("pcap", SAMPLES / promise.file).stdout.splitlines()
    assert lines[0][2:].startswith(f"{VERDICTS[Verdict(promise.verdict)]}: ")
    assert max(map(len, lines)) <= 80
    assert len(lines) <= LINES
    whole = netcheck("pcap", SAMPLES / promise.file, "--verbose").stdout.splitlines()
    assert whole[0].startswith(f"{promise.verdict.upper()}: ")
    assert max(map(len, whole)) <= 80


def accepted(recording: str) -> set[str]:
    """The causes of which one was brought about in a recording, by its own truth file; none where
    it is healthy.
    """
    path = TESTS / recording
    own = path.with_suffix(".json")
    if own.exists():
        return set(json.loads(own.read_text(encoding="utf-8"))["expected"])
    rows = json.loads((path.parent / "truth.json").read_text(encoding="utf-8"))
    return next(set(row["accept"]) for row in rows if row["file"] == f"{path.name}.pcap")


@each
def test_the_promise_is_what_was_brought_about(promise: Promise) -> None:
    assert promise.first_cause in (accepted(promise.recording) or {NO_CAUSE})


@each
def test_the_sample_is_the_recording(promise: Promise) -> None:
    assert (SAMPLES / promise.file).read_bytes() == (
        TESTS / f"{promise.recording}.pcap"
    ).read_bytes()


def test_every_capture_is_in_the_table_once() -> None:
    assert sorted(promise.file for promise in PROMISES) == sorted(
        path.name for path in SAMPLES.glob("*.pcap*")
    )


def test_the_commonest_faults_are_there() -> None:
    assert len(PROMISES) >= 10
    assert len({promise.first_cause for promise in PROMISES}) >= 10


def test_each_is_told_in_a_sentence() -> None:
    assert all(re.match(r"\w.{30,160}$", promise.what) for promise in PROMISES)


def test_the_log_gets_the_promised_answer_and_is_the_player_s() -> None:
    (said,) = re.findall(
        r"`netcheck (case --log samples/\S+)` says `(\w+)`, `(\w+)`, exit code (\d)",
        (SAMPLES / "README.md").read_text("utf-8"),
    )
    ended = netcheck(*said[0].split(), "--json", cwd=TOP)
    (one,) = json.loads(ended.stdout)["diagnoses"]
    assert (one["verdict"], one["findings"][0]["cause"], str(ended.returncode)) == said[1:]
    assert (SAMPLES / "blocked_port.log").read_bytes() == log_player.written(
        log_player.log("1.5.2", "port_dropped")
    )
