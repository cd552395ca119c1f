"""The command as a user types it: a process of its own, real files, real exit codes."""

from __future__ import annotations

import gzip
import json
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.helpers.typed import NETCHECK, TOP, WITHIN_S, answer, netcheck

CAPTURES = TOP / "tests" / "captures"
TRUTH = {
    row["file"]: row for row in json.loads((CAPTURES / "truth.json").read_text(encoding="utf-8"))
}


# ------------------------------------------------------------------------------------ right answers


def test_a_fault_is_named_with_its_packets() -> None:
    file = CAPTURES / "tcp_drop.pcap"
    ended = netcheck("pcap", file)
    assert ended.returncode == 1
    assert ended.stdout.startswith("✗ FAULT: ")
    assert "tcp_drop.pcap#" in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80
    best = answer("pcap", file)["diagnoses"][0]["findings"][0]
    assert best["cause"] in TRUTH["tcp_drop.pcap"]["accept"]


def test_a_healthy_device_ends_with_0() -> None:
    ended = netcheck("pcap", CAPTURES / "healthy_boot.pcap")
    assert ended.returncode == 0
    assert ended.stdout.startswith("✓ HEALTHY: ")


def test_a_saved_case_gives_the_diagnosis_of_its_capture(tmp_path: Path) -> None:
    case = tmp_path / "case.jsonl"
    first = answer("pcap", CAPTURES / "dns_nxdomain.pcap", "--save", case)
    again = answer("case", case)
    assert again["diagnoses"] == first["diagnoses"]
    assert again["observations"] == first["observations"]


def test_a_case_and_a_capture_merge(tmp_path: Path) -> None:
    case = tmp_path / "case.jsonl"
    answer("pcap", CAPTURES / "tcp_drop.pcap", "--save", case)
    together = answer("pcap", CAPTURES / "tcp_drop.pcap", "--case", case)
    assert together["diagnoses"] == answer("pcap", CAPTURES / "tcp_drop.pcap")["diagnoses"]


def test_one_device_can_be_asked_about() -> None:
    rows = [
        row
        for row in json.loads((CAPTURES / "truth.json").read_text())
        if row["file"] == "two_devices_one_bad_key.pcap"
    ]
    for row in rows:
        (diagnosis,) = answer("pcap", CAPTURES / row["file"], "--device", row["device_mac"])[
            "diagnoses"
        ]
        assert diagnosis["device"]["mac"] == row["device_mac"]
        assert (diagnosis["verdict"] == "healthy") == row["healthy"]


def test_a_device_that_was_not_seen_is_thin_evidence() -> None:
    ended = netcheck(
        "pcap", CAPTURES / "healthy_boot.pcap", "--device", "e0:4f:43:99:99:99", "--json"
    )
    assert ended.returncode == 3
    assert len(json.loads(ended.stdout)["diagnoses"]) == 1


def test_a_capture_may_come_through_a_pipe() -> None:
    with (CAPTURES / "healthy_boot.pcap").open("rb") as stream:
        ended = netcheck("pcap", "-", "--quiet", stdin=stream)
    assert ended.returncode == 0
    assert ended.stdout.startswith("healthy: ")


def test_a_compressed_capture_is_the_same_capture(tmp_path: Path) -> None:
    packed = tmp_path / "tcp_drop.pcap.gz"
    packed.write_bytes(gzip.compress((CAPTURES / "tcp_drop.pcap").read_bytes()))
    findings = [
        one["diagnoses"][0]["findings"][0]["cause"]
        for one in (answer("pcap", packed), answer("pcap", CAPTURES / "tcp_drop.pcap"))
    ]
    assert findings[0] == findings[1]


def test_a_public_report_names_nobody(tmp_path: Path) -> None:
    row = TRUTH["tcp_drop.pcap"]
    report = tmp_path / "report.json"
    netcheck(
        "pcap",
        CAPTURES / "tcp_drop.pcap",
        "--report",
        report,
        "--redact",
        "public",
        "--redact-key",
        tmp_path / "key",
    )
    text = report.read_text(encoding="utf-8")
    assert row["device_mac"] not in text
    assert row["device_ip"] not in text
    assert "tcp_drop" not in text


def test_a_redacted_case_can_still_be_judged(tmp_path: Path) -> None:
    case = tmp_path / "case.jsonl"
    first = answer(
        "pcap",
        CAPTURES / "tcp_drop.pcap",
        "--save",
        case,
        "--redact",
        "public",
        "--redact-key",
        tmp_path / "key",
    )
    again = answer("case", case)
    assert [one["cause"] for one in again["diagnoses"][0]["findings"]] == [
        one["cause"] for one in first["diagnoses"][0]["findings"]
    ]
    assert again["diagnoses"][0]["verdict"] == first["diagnoses"][0]["verdict"] == "fault"


# ------------------------------------------------------------------------------------- what is said


def test_the_light_alone_is_judged() -> None:
    ended = netcheck("case", "--led", "blinks green then quick cyan, then 1 red, sometimes orange")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.startswith("✗ FAULT: ")
    assert "handshake ✗" in ended.stdout
    whole = netcheck("case", "--led", "blinks green then quick cyan, then 1 red", "--verbose")
    assert "✗ handshake  failed     led" in whole.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80


@pytest.mark.parametrize("option", [("--led", "gurgling zonk"), ("--tell", "led=gurgling zonk")])
def test_nonsense_about_the_light_is_one_sentence_and_2(option: tuple[str, str]) -> None:
    ended = netcheck("case", *option)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "such as gurgling, zonk" in ended.stderr


def test_hostile_words_about_the_light_do_nothing_to_the_terminal() -> None:
    ended = netcheck("case", "--led", "\x1b[31mzonk\x07 \u202egnikat \x9b2J")
    assert ended.returncode == 2
    assert not any(ord(sign) < 32 or ord(sign) > 126 for sign in ended.stderr.strip())
    heard = netcheck("case", "--led", "blinking green \x1b[31mzonk\x07 \u202egnikat")
    assert heard.returncode == 3
    assert "\x1b" not in heard.stdout
    assert "\u202e" not in heard.stdout


def test_the_same_words_as_option_and_as_answer_are_the_same(tmp_path: Path) -> None:
    said = [
        answer("case", *option)["diagnoses"][0]
        for option in (("--led", "fast cyan, 1 red"), ("--tell", "led=fast cyan, 1 red"))
    ]
    assert said[0]["findings"] == said[1]["findings"]
    case = tmp_path / "case.jsonl"
    answer("case", "--led", "fast cyan, 1 red", "--save", case)
    assert answer("case", case)["diagnoses"][0]["findings"] == said[0]["findings"]


def test_a_light_beside_a_capture_is_the_named_devices(tmp_path: Path) -> None:
    alone = answer("pcap", CAPTURES / "tcp_drop.pcap")["diagnoses"][0]
    beside = answer("pcap", CAPTURES / "tcp_drop.pcap", "--led", "breathing cyan")["diagnoses"][0]
    assert (beside["verdict"], beside["headline"], beside["device"]["mac"]) == (
        alone["verdict"],
        alone["headline"],
        alone["device"]["mac"],
    )
    assert any("what was recorded counts" in note for note in beside["notes"])


# ---------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, world\n" * 20,
        b"\x00" * 100_000,
        b"\xd4\xc3\xb2\xa1",
        gzip.compress(b"no capture"),
    ],
    ids=["empty", "text", "zeros", "magic number alone", "packed text"],
)
def test_what_is_no_capture_is_one_sentence_and_2(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.pcap"
    file.write_bytes(content)
    ended = netcheck("pcap", file)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("netcheck: ")
    assert "odd.pcap" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["missing.pcap", "."])
def test_what_cannot_be_opened_is_one_sentence_and_2(tmp_path: Path, name: str) -> None:
    ended = netcheck("pcap", tmp_path / name)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)


def test_a_cut_capture_is_judged_by_what_was_read(tmp_path: Path) -> None:
    file = tmp_path / "cut.pcap"
    file.write_bytes((CAPTURES / "tcp_drop.pcap").read_bytes()[:-7])
    ended = netcheck("pcap", file, "--json")
    assert ended.returncode in (1, 3)
    assert json.loads(ended.stdout)["coverage"][0]["cannot_show"]


def test_an_unreadable_file_beside_a_good_one_is_named_in_the_answer(tmp_path: Path) -> None:
    ended = netcheck("pcap", CAPTURES / "tcp_drop.pcap", tmp_path / "missing.pcap", "--json")
    assert ended.returncode == 2
    document = json.loads(ended.stdout)
    assert "missing.pcap" in document["unread"][0]
    assert document["diagnoses"][0]["verdict"] == "fault"


def test_a_hostile_file_name_does_not_act_on_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "\x1b[2J\u202e.pcap"
    file.write_bytes((CAPTURES / "tcp_drop.pcap").read_bytes())
    ended = netcheck("pcap", file, "--verbose")
    assert ended.returncode == 1
    assert all(
        character.isprintable() or character == "\n" for character in ended.stdout + ended.stderr
    )


# ------------------------------------------------------------------------------------------ streams


def test_a_reader_who_goes_away_is_no_error() -> None:
    command = [*NETCHECK, "causes"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
        assert process.wait(WITHIN_S) == 0
    assert complaint == b""


@pytest.mark.parametrize(
    ("arguments", "closed", "code"),
    [
        ("case --led 'breathing cyan'", ">&-", {0, 3}),
        ("case --led 'breathing cyan'", "2>&-", {0, 3}),
        ("device --follow --serial /dev/null", "2>&-", {2}),
        ("ask", "<&- 2>&-", {3}),
        ("ask", "0>/dev/null", {3}),
    ],
)
def test_streams_that_the_caller_closed_are_no_error(
    arguments: str, closed: str, code: set[int]
) -> None:
    ended = subprocess.run(
        f"{shlex.join(map(str, NETCHECK))} {arguments} {closed}",
        shell=True,
        capture_output=True,
        timeout=WITHIN_S,
    )
    assert ended.returncode in code
    assert b"netcheck itself failed" not in ended.stderr


def test_who_stops_reading_the_questions_still_gets_the_code() -> None:
    command = [*NETCHECK, "ask", "--led", "blinking green"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert (
            process.stdin is not None and process.stdout is not None and process.stderr is not None
        )
        process.stderr.close()
        process.stdin.close()
        answer_given = process.stdout.read()
        code = process.wait(WITHIN_S)
    assert code in (1, 3)
    assert answer_given


def test_a_terminal_without_unicode_gets_ascii_signs() -> None:
    ended = netcheck("pcap", CAPTURES / "tcp_drop.pcap", environment={"PYTHONIOENCODING": "ascii"})
    assert ended.returncode == 1
    assert ended.stdout.isascii()
    assert ended.stdout.startswith("x FAULT: ")
    assert "tcp x" in ended.stdout


def test_interrupted_what_was_seen_is_judged() -> None:
    capture = (CAPTURES / "tcp_drop.pcap").read_bytes()
    header, packets = capture[:24], capture[24:]
    with subprocess.Popen(
        [*NETCHECK, "pcap", "-", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # More than a pipe holds: once this is written the command is reading, and with the pipe
        # left open it goes on waiting.
        process.stdin.write(header + packets * (200_000 // len(packets)))
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        document = json.loads(process.stdout.read())
        assert process.wait(WITHIN_S) in (1, 3)
    assert document["partial"] is True


@pytest.mark.parametrize(
    "command",
    [[], ["pcap"], ["device"], ["case"], ["ask"], ["record"], ["probes"], ["causes"], ["verify"]],
)
def test_help_names_what_there_is(command: list[str]) -> None:
    ended = netcheck(*command, "--help")
    assert ended.returncode == 0
    assert "Usage: netcheck" in ended.stdout
    if not command:
        assert all(
            f"  {name} " in ended.stdout
            for name in (
                *("ask", "case", "causes", "compare", "device", "pcap", "probes", "record"),
                "verify",
            )
        )
        assert "  watch " not in ended.stdout
