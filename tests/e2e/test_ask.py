"""The interview as a user has it: questions on standard error, the answer on standard output, typed
lines on standard input.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.helpers.typed import NETCHECK, SAMPLES, WITHIN_S, answer, netcheck

LED = "What does the light do"


def ask(*arguments: str | Path, typed: str) -> subprocess.CompletedProcess[str]:
    return netcheck("ask", *arguments, input=typed)


def test_the_light_is_asked_for_first_and_the_answer_stands_alone() -> None:
    ended = ask("--json", typed="blinking green, fast cyan, 1 red\n2\n")
    document = json.loads(ended.stdout)
    facts = {o["fact"] for o in document["observations"]}
    assert LED in ended.stderr.split("\n2. ")[0]
    assert {"led.flash", "led.last"} <= facts
    assert document["diagnoses"][0]["findings"]
    assert max(map(len, ended.stderr.splitlines())) <= 80


def test_the_end_of_the_input_is_judged_and_marked_partial() -> None:
    ended = ask(typed="slow green, never further\n")
    assert ended.returncode in (1, 3)
    assert "Thank you" not in ended.stderr
    assert "interrupted" in ended.stdout.lower()


def test_who_knows_nothing_gets_a_polite_end() -> None:
    ended = ask(typed="\n" * 50)
    assert ended.returncode == 3
    assert "Thank you" in ended.stderr
    assert ended.stdout.startswith("? NOT SURE: ")


def test_what_the_options_say_is_not_asked() -> None:
    ended = ask("--led", "slow green", "--tell", "hotspot=works", typed="")
    assert LED not in ended.stderr
    assert "phone's hotspot" not in ended.stderr
    assert ended.stderr.count("\n1. ") == 1


def test_a_settled_capture_needs_no_question() -> None:
    ended = ask("--pcap", SAMPLES / "denied_name.pcap", typed="")
    assert ended.returncode == 1
    assert "Thank you" in ended.stderr
    assert "1. " not in ended.stderr


def test_the_transcript_is_a_case_file(tmp_path: Path) -> None:
    saved = tmp_path / "told.jsonl"
    first = json.loads(
        ask("--json", "--save", saved, typed="fast cyan, then 1 red flash\nsame\n").stdout
    )
    again = answer("case", saved)
    assert again["observations"] == first["observations"] != []
    assert again["diagnoses"] == first["diagnoses"]


def test_an_unreadable_file_is_named_before_any_question(tmp_path: Path) -> None:
    ended = ask("--case", tmp_path / "missing.jsonl", typed="slow green\n")
    assert ended.returncode == 2
    assert LED not in ended.stderr
    assert "missing.jsonl" in ended.stderr


def test_a_log_that_says_nothing_is_named_and_the_questions_go_on(tmp_path: Path) -> None:
    log = tmp_path / "serial.log"
    log.write_text("hello\n", encoding="utf-8")
    ended = ask("--log", log, typed="slow green, never further\n")
    assert ended.stderr.index("serial.log") < ended.stderr.index(LED)
    assert ended.stdout.startswith(("✗ FAULT: ", "? NOT SURE: "))
    assert ended.returncode == 2


def test_bytes_that_are_no_text_do_no_harm() -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("NETCHECK_")
    }
    typed = b"\xff\xfe\x1b[2J\n" + b"x" * 100_000 + b"\nslow green\n"
    ended = subprocess.run(
        [*NETCHECK, "ask"],
        input=typed,
        capture_output=True,
        env=environment,
        timeout=WITHIN_S,
        check=False,
    )
    assert ended.returncode in (1, 3)
    assert b"\x1b" not in ended.stderr + ended.stdout


def test_without_any_input_what_was_given_is_judged() -> None:
    command = f"exec {shlex.join(NETCHECK)} ask --led 'slow green' <&-"
    ended = subprocess.run(
        ["sh", "-c", command], capture_output=True, encoding="utf-8", timeout=WITHIN_S, check=False
    )
    assert ended.returncode in (1, 3)
    assert ended.stdout.startswith(("✗ FAULT: ", "? NOT SURE: "))


@pytest.mark.skipif(os.name == "nt", reason="signals as here are POSIX's")
def test_ctrl_c_ends_the_questions_and_what_is_known_is_judged() -> None:
    process = subprocess.Popen(
        [*NETCHECK, "ask"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(b"slow green\n")
    process.stdin.flush()
    while not process.stderr.readline().startswith(b"2. "):
        pass
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode in (1, 3)
    assert b"nterrupted" in out
