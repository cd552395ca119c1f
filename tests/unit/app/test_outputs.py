"""Files that a run is to write: refused before anything is read, written whole after the answer."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.command import Run

OWN = b'{"schema":"netcheck-case/1","version":"0"}\n'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    path.write_bytes(OWN)
    return path


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 8 KiB: the error of a full disk, at the same place (EFBIG)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("option", ["--save", "--report"])
def test_a_refusal_is_one_sentence_before_anything_is_read(
    run: Run, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "notes.json"
    path.write_text("mine")
    ended = run("pcap", "x.pcap", option, str(path))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"netcheck: {option}: {path} exists already and was not written by netcheck; name another"
        " file, or remove it.\n"
    )
    assert path.read_text() == "mine"


def test_a_case_file_is_not_saved_over_itself(run: Run, own: Path) -> None:
    ended = run("case", str(own), "--save", str(own))
    assert (ended.code, own.read_bytes()) == (2, OWN)
    assert ended.err.endswith("is read in the same run; name another file.\n")


def test_two_outputs_do_not_replace_each_other(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "x.json")
    ended = run("pcap", "x.pcap", "--save", file, "--report", file)
    assert ended.code == 2
    assert "is named twice" in ended.err


def test_save_to_standard_output_is_refused_in_a_sentence(run: Run) -> None:
    ended = run("pcap", "x.pcap", "--save", "-")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == ("netcheck: --save: - standard output carries the answer; name a file.\n")


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_is_a_sentence_after_the_answer(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netcheck.casefile.lines", lambda _: [b"x" * 9000])
    ended = run("pcap", "x.pcap", "--save", str(own))
    assert ended.code == 2
    assert ended.out.startswith("✗ FAULT")
    assert "cannot be written (File too large); name another file." in ended.err
    assert own.read_bytes() == OWN
