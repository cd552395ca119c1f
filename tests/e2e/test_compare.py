"""`netcheck compare` on recorded captures, logs and case files."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from netcheck.app import commands
from netcheck.correlator.catalogue import load
from netcheck.model import Stage
from tests.helpers.places import RECORDED, SAMPLES

FAULTS = (
    *("no_dhcp_server", "pool_exhausted", "gateway_silent", "dns_silent", "dns_nxdomain"),
    *("dns_private", "internet_dead", "port_dropped", "port_reset", "port_admin_prohibited"),
    *("cloud_host_dead", "proxy_silent", "payload_swallowed", "server_key_other"),
    *("device_key_stale", "short_nonce"),
)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        commands.main(["compare", *arguments])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = run(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.parametrize("name", FAULTS)
def test_the_rung_and_the_cause(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    expected = json.loads((RECORDED / f"{name}.json").read_text())["expected"]
    found = document(capsys, str(RECORDED / "healthy_1_5_2.pcap"), str(RECORDED / f"{name}.pcap"))
    assert (found["working"], found["failing"]) == ("healthy_1_5_2.pcap", f"{name}.pcap")
    assert found["cause"] in expected
    stages = {load().causes[cause].stage for cause in expected}
    # A router that answers lookups itself fails there where its line is dead.
    assert Stage(found["differs_at"]) in (stages if name != "internet_dead" else {Stage.DNS})


@pytest.mark.parametrize("name", ["port_dropped", "healthy_1_5_2"])
def test_identical_inputs_say_so(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = RECORDED / f"{name}.pcap"
    again = tmp_path / "again.pcap"
    again.write_bytes(capture.read_bytes())
    code, out, err = run(capsys, str(capture), str(again))
    assert (code, err) == (0, "")
    assert out.startswith("No difference: every case says the same.")


def test_a_capture_a_log_and_a_case_file_are_told_apart_by_what_they_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "x.log"
    with pytest.raises(SystemExit):
        commands.main(["pcap", str(RECORDED / "healthy_1_5_2.pcap"), "--save", str(saved)])
    capsys.readouterr()
    log = tmp_path / "y.pcap"
    log.write_bytes((SAMPLES / "blocked_port.log").read_bytes())
    found = document(capsys, str(saved), str(log))
    assert (found["working"], found["failing"], found["differs_at"]) == ("x.log", "y.pcap", "tcp")


def test_the_evidence_of_an_answer_is_a_capture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "evidence.pcapng"
    for _ in range(2):  # its own file is replaced
        with pytest.raises(SystemExit) as ended:
            commands.main(["pcap", str(RECORDED / "port_dropped.pcap"), "--report", str(out)])
        assert ended.value.code == 1
    assert b'For "Outbound TCP port 5683 is blocked"' in out.read_bytes()
    for arguments, says in (
        (["--redact", "public"], "would show addresses"),
        (["--device", "00:11:22:33:44:55"], "holds no packet"),
    ):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            commands.main(
                ["pcap", str(RECORDED / "port_dropped.pcap"), "--report", str(out), *arguments]
            )
        assert ended.value.code == 2
        assert says in capsys.readouterr().err


def test_people_get_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("healthy_1_5_2", "port_dropped", "server_key_other")
    _, out, _ = run(capsys, *(str(RECORDED / f"{name}.pcap") for name in names))
    lines = out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("First difference: tcp works in healthy_1_5_2.pcap")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Missing argument"),
        (("x.pcap",), "Name two files or more"),
        (("missing.pcap", "x.pcap"), "cannot be read (No such file or directory)"),
        ((str(SAMPLES), str(SAMPLES)), "cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (4, "") or code == 2
    assert says in err


@pytest.mark.parametrize("suffix", ["html", "md", "json"])
@pytest.mark.parametrize("level", ["it", "public", "none"])
def test_a_report_hides_what_its_level_hides(
    suffix: str, level: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / f"both.{suffix}"
    pair = [str(SAMPLES / "healthy.pcap"), str(SAMPLES / "blocked_port.pcap")]
    more = ["--redact", level, "--redact-key", str(tmp_path / "key")]
    code, out, err = run(capsys, *pair, "--report", str(report), *more)
    assert (code, err) == (0, "")
    said = report.read_text() + out
    for original in ("6c:0b:84:6e:93:cb", "blocked_port", "healthy.pcap"):
        assert (original in html.unescape(said)) == (level != "public")
    assert ("10.0.0.117" in said) == (level != "public" and suffix == "html")
    assert ("6f00631a7f47343232363230" in said) == (level == "none" and suffix == "html")


def test_a_report_of_another_kind_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = [str(SAMPLES / "healthy.pcap"), str(SAMPLES / "blocked_port.pcap")]
    code, out, err = run(capsys, *pair, "--report", str(tmp_path / "x.csv"))
    assert (code, out) == (2, "")
    assert ".html, .pdf, .md, .json" in err
