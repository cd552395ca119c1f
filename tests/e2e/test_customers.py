"""`netcheck case SITES/*.jsonl`: a table over many customers, each judged as by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netcheck.app import commands
from netcheck.correlator.catalogue import load
from tests.helpers.places import SAMPLES

CUSTOMERS = (
    *("blocked_port", "wrong_keys", "no_address", "login_page", "healthy", "silent_proxy"),
    *("denied_name", "full_pool", "forgotten_connection"),
)
ROUTER = "f4:f2:6d:10:20:30"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit):
        commands.main(list(arguments))
    return capsys.readouterr().out


@pytest.fixture
def files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """A case file of each customer, each with a router of its own; one only tells."""
    made = []
    for number, name in enumerate(CUSTOMERS, 10):
        file = tmp_path / f"{name}.jsonl"
        run(capsys, "pcap", str(SAMPLES / f"{name}.pcap"), "--save", str(file))
        file.write_text(file.read_text().replace(ROUTER, f"f4:f2:6d:10:20:{number}"))
        made.append(str(file))
    told = tmp_path / "told.jsonl"
    run(capsys, "case", "--led", "red SOS, then 8 blinks", "--save", str(told))
    return [*made, str(told)]


def test_each_customer_is_judged_as_by_itself(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    table = run(capsys, "case", *files)
    lines = table.splitlines()
    assert lines[0] == "10 devices, worst first:"
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "HEALTHY" in lines[10]
    together = {
        str(one["device"]["mac"]): one
        for one in json.loads(run(capsys, "case", *files, "--json"))["diagnoses"]
    }
    for file in files:
        (alone,) = json.loads(run(capsys, "case", file, "--json"))["diagnoses"]
        assert together[str(alone["device"]["mac"])] == alone
        (row,) = [line for line in lines[1:11] if f"{Path(file).stem}: " in line] or [""]
        causes = load().causes
        leading = alone["findings"][0]["cause"] if alone["verdict"] == "fault" else ""
        if row and leading:
            assert causes[leading].title[:20] in row


def test_a_public_answer_names_no_file(
    files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = str(tmp_path / "key")
    hidden = run(capsys, "case", *files, "--redact", "public", "--redact-key", key)
    assert "blocked_port" not in hidden
    assert "blocked_port: " in run(capsys, "case", *files, "--redact", "it", "--redact-key", key)


def test_two_customers_who_only_tell_stay_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"anna": "red SOS, then 8 blinks", "bert": "blinks blue rapidly"}
    files = [str(tmp_path / f"{name}.jsonl") for name in said]
    for file, light in zip(files, said.values(), strict=True):
        run(capsys, "case", "--led", light, "--save", file)
    alone = [json.loads(run(capsys, "case", file, "--json"))["diagnoses"] for file in files]
    assert json.loads(run(capsys, "case", *files, "--json"))["diagnoses"] == [*alone[0], *alone[1]]
    lines = run(capsys, "case", *files).splitlines()
    assert lines[0] == "2 devices, worst first:"
    assert [line.split(":")[0].split()[-1] for line in lines[1:3]] == list(said)
    assert "--device MAC" not in lines[-1]
    report = tmp_path / "both.md"
    run(capsys, "case", *files, "--report", str(report))
    for name in said:
        assert f"your Photon ({name})" in report.read_text(encoding="utf-8")
