"""The forms of an answer: screen, reports, case file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netcheck import casefile
from netcheck.text import redact
from tests.helpers.answers import OBSERVATIONS
from tests.helpers.command import Run, World


def test_json_is_one_document_and_nothing_else(run: Run) -> None:
    ended = run("pcap", "x.pcap", "--json", "--quiet")
    assert json.loads(ended.out)["schema"] == "netcheck/1"
    assert ended.err == ""


def test_quiet_is_one_line(run: Run) -> None:
    (line,) = run("pcap", "x.pcap", "--quiet").out.splitlines()
    assert line.startswith(
        "fault: Photon e0:4f:43:00:00:01 (id 1f0056dfe347343232361234, at 192.168.1.7, Device OS"
        " 0.7.0 or newer): "
    )
    assert line.endswith(": The network blocks TCP port 5683. Allow outgoing TCP 5683.")


def test_the_text_says_how_to_prove_the_fix_with_the_same_question(run: Run) -> None:
    out = " ".join(
        run("pcap", "x.pcap", "--device", "e04f43000001", "--cloud", "c.example:1").out.split()
    )
    assert "`netcheck pcap NEW_FILE --device e0:4f:43:00:00:01 --cloud c.example:1`" in out


def test_save_keeps_all_observations_and_case_judges_them_again(
    run: Run, world: World, tmp_path: Path
) -> None:
    file = str(tmp_path / "case.jsonl")
    run("pcap", "x.pcap", "--save", file)
    first = world.judged
    assert run("case", file).code == 1
    assert world.judged == first == list(casefile.read(file).observations)


@pytest.mark.parametrize("suffix", ["html", "md", "csv", "txt", "json"])
def test_a_report_of_the_same_input_is_the_same_bytes(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    file = tmp_path / f"r.{suffix}"
    option = ("--report", str(file), "--redact-key", str(tmp_path / "key"))
    assert run("pcap", "x.pcap", *option).code == 1
    first = file.read_bytes()
    assert run("pcap", "x.pcap", *option).code == 1  # it may write its own report again
    assert file.read_bytes() == first
    assert suffix in ("csv", "txt") or b"2020-09-13T12:26:40" in first


def test_a_broken_line_of_a_case_is_named_in_the_answer(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "case.jsonl"
    casefile.write(file, OBSERVATIONS)
    file.write_bytes(file.read_bytes() + b"{}\n")
    ended = run("case", str(file), "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["unread"][0].startswith("case.jsonl: line 10 was not read")


def test_a_file_that_is_no_case_ends_with_2_beside_a_good_one(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    casefile.write(good, OBSERVATIONS)
    bad.write_text("hello")
    ended = run("case", str(good), str(bad))
    assert ended.code == 2
    assert "bad.jsonl: is no netcheck case file" in ended.err
    assert "FAULT" in ended.out


def test_reports_are_redacted_for_it_and_the_screen_is_not(run: Run, tmp_path: Path) -> None:
    report, key = tmp_path / "r.json", tmp_path / "key"
    ended = run("pcap", "x.pcap", "--json", "--report", str(report), "--redact-key", str(key))
    assert "annas-phone" in ended.out
    assert "annas-phone" not in report.read_text()
    assert json.loads(report.read_text())["redaction"] == "it"


def test_a_level_that_is_asked_for_holds_everywhere(run: Run, tmp_path: Path) -> None:
    report, saved, key = tmp_path / "r.json", tmp_path / "c.jsonl", tmp_path / "key"
    options = (
        "--redact",
        "public",
        "--redact-key",
        str(key),
        "--report",
        str(report),
        "--save",
        str(saved),
    )
    texts = (run("pcap", "x.pcap", *options).out, report.read_text(), saved.read_text())
    assert not any("192.168.1.7" in text or "annas-phone" in text for text in texts)
    run("pcap", "x.pcap", "--redact", "none", "--report", str(report))
    assert "annas-phone" in report.read_text()


def test_no_key_is_made_when_nothing_is_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str = "") -> bytes:
        raise AssertionError

    monkeypatch.setattr(redact, "load_key", refuse)
    assert run("pcap", "x.pcap").code == 1


def test_an_unwritable_report_is_named_after_the_answer(run: Run, tmp_path: Path) -> None:
    key = str(tmp_path / "key")
    ended = run(
        "pcap",
        "x.pcap",
        "--report",
        str(tmp_path / "no" / "r.json"),
        "--save",
        str(tmp_path / "no" / "c"),
        "--redact-key",
        key,
    )
    assert ended.code == 2
    assert ended.out.startswith("✗ FAULT")
    assert ended.err.count("cannot be written (No such file or directory); name another file.") == 2


def test_a_useless_redaction_key_is_named(run: Run, tmp_path: Path) -> None:
    ended = run("pcap", "x.pcap", "--redact", "it", "--redact-key", str(tmp_path))
    assert ended.code == 2
    assert "--redact-key" in ended.err
