"""Ctrl-C at any moment of a command: an answer, and a case file that is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from netcheck import casefile
from tests.hostile import captures, cases
from tests.hostile.measure import write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals as here are POSIX's"),
]
MOMENTS = 25 if os.environ.get("NETCHECK_HOSTILE") == "full" else 2
START_UP_S = 0.5
"""Until then the program may not have been loaded: it ends with 130, and has written nothing."""
WITHIN_S = 25

INPUTS = {
    "pcap": ["pcap", "a_day_of_failures"],
    "case": ["case", "tries_of_one_device"],
    "device": ["device", "--serial", "{port}"],
    "ask": ["ask", "--case", "tries_of_one_device"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("inputs")
    for name in ("a_day_of_failures", "tries_of_one_device"):
        assert name in captures.CAPTURES or name in cases.CASES
        write(name, str(made / name))
    return made


def _arguments(command: str, folder: Path, port: str) -> list[str]:
    return [
        str(folder / word) if (folder / word).exists() else word.format(port=port)
        for word in INPUTS[command]
    ]


@pytest.mark.parametrize("command", INPUTS)
def test_interrupted_at_any_moment_it_answers_and_saves(
    command: str, folder: Path, tmp_path: Path
) -> None:
    controller, terminal = os.openpty()
    arguments = _arguments(command, folder, os.ttyname(terminal))
    random, saved = Random(command), tmp_path / "saved.jsonl"
    for _ in range(MOMENTS):
        saved.unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "netcheck", *arguments, "--save", str(saved)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        moment_s = random.uniform(0.05, 6)
        time.sleep(moment_s)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=WITHIN_S)
        assert b"Traceback" not in err
        if process.returncode == 130 and moment_s < START_UP_S:
            assert (out, saved.exists()) == (b"", False)
            continue
        assert process.returncode in (0, 1, 2, 3), (moment_s, process.returncode, err[-500:])
        if process.returncode != 2:
            assert out.startswith((b"FAULT", b"SUSPECTED", b"INSUFFICIENT", b"HEALTHY"))
            assert casefile.read(str(saved)).problems == ()
    os.close(controller)
    os.close(terminal)
