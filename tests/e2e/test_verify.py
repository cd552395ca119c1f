"""`netcheck verify` on recorded captures: by new evidence, and by probes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from netcheck import casefile
from netcheck.app import commands
from netcheck.app.cases import before
from netcheck.live.registry import find
from netcheck.model import Target
from tests.helpers.places import RECORDED, SAMPLES

BLOCKED, HEALTHY = RECORDED / "port_dropped.pcap", RECORDED / "healthy_1_5_2.pcap"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        commands.main(["verify", *arguments])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def fixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A healthy case of the device of BLOCKED."""
    saved = tmp_path / "now.jsonl"
    with pytest.raises(SystemExit):
        commands.main(["pcap", str(HEALTHY), "--save", str(saved)])
    capsys.readouterr()
    device = before.fault(str(BLOCKED), Target()).device
    own = next(o for o in casefile.read(str(saved)).observations if o.fact == "device.identity")
    text = saved.read_text().replace(own.text("mac"), device.mac or "")
    saved.write_text(text.replace(own.text("id"), device.id or ""))
    return str(saved)


def test_fixed(fixed: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(BLOCKED), "--case", fixed)
    assert (code, err) == (0, "")
    assert out.startswith("✓ FIXED: Opening a connection to the cloud works now.\nBefore ")
    assert len(out.splitlines()) <= 24
    code, out, _ = run(capsys, str(BLOCKED), "--case", fixed, "--json")
    document = json.loads(out)
    assert (code, document["schema"], document["result"]) == (0, "netcheck-verify/1", "fixed")
    assert document["before"] == {
        "verdict": "fault",
        "stage": "tcp",
        "cause": "cloud_port_blocked",
        "level": "likely",
    }
    assert document["answer"]["diagnoses"][0]["verdict"] == "healthy"


@pytest.mark.parametrize("more", [(), ("--verbose",), ("--quiet",), ("--redact", "public")])
def test_not_fixed(more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(BLOCKED), "--pcap", str(BLOCKED), *more)
    assert (code, err) == (1, "")
    assert "Outbound TCP port 5683 is blocked, as before." in out.splitlines()[0]
    if more != ("--verbose",):
        assert len(out.splitlines()) <= 24


def test_another_photon(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, str(BLOCKED), "--pcap", str(HEALTHY))
    assert code == 3
    assert out.startswith("? NOT SURE: This is another Photon than before.")


def test_what_shows_no_fault_cannot_be_verified(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(HEALTHY), "--pcap", str(HEALTHY))
    assert (code, out) == (2, "")
    assert "shows no fault" in err


def test_the_plan_says_what_would_run_again_and_be_sent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netcheck.app.live_run.check", lambda *_: pytest.fail("it was run"))
    code, out, err = run(capsys, str(BLOCKED), "--plan")
    assert (code, err) == (0, "")
    again, others = out.split("Run again: ")[1].split("Not asked again: ")
    assert "cloud_port" in again
    assert "dhcp_lease" in others.split("This run would send")[0]
    assert "device.spark.io" in others
    document = json.loads(run(capsys, str(BLOCKED), "--plan", "--json")[1])
    assert document["schema"] == "netcheck-plan/1"
    assert "cloud_port" in document["again"]
    assert "dhcp_lease" in document["as_before"]
    assert document["sends"]


def test_with_new_evidence_the_plan_is_to_send_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys, str(BLOCKED), "--plan", "--pcap", str(BLOCKED))
    assert code == 0
    assert "no probe runs again" in out
    assert "This run would send nothing to any network." in out
    document = json.loads(run(capsys, str(BLOCKED), "--plan", "--pcap", str(BLOCKED), "--json")[1])
    assert document["again"] == document["sends"] == []


def test_a_plan_for_what_shows_no_fault_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(HEALTHY), "--plan")
    assert (code, out) == (2, "")
    assert "shows no fault" in err


def test_probes_are_those_that_a_fix_may_have_changed() -> None:
    fault = before.fault(str(BLOCKED), Target())
    wanted, others = (
        {probe.name for probe in one}
        for one in before.chosen(fault, [one for one in find() if not one.on_request])
    )
    assert {"vantage", "cloud_port", "internet_test", "own_firewall"} <= wanted
    assert {"dhcp_lease", "gateway", "ipv6"} <= others


def test_without_new_evidence_the_network_is_asked() -> None:
    """In a network namespace of its own, which has no network at all."""
    if os.geteuid() != 0:
        pytest.skip("needs root: a network namespace to run the probes in")
    typed = ["unshare", "-n", "netcheck", "verify", str(SAMPLES / "blocked_port.pcap")]
    ended = subprocess.run(
        [*typed, "--serial", "none", "--budget", "5"], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 3, ended.stderr
    assert ended.stdout.startswith("? NOT SURE: What was seen now does not show opening a ")
    assert "Nothing left this machine but packets that --plan lists" in ended.stdout
