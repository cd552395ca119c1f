"""What a terminal shows while something lasts, and that it is gone when the answer comes."""

from __future__ import annotations

import io
import os
import re
import time
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from netcheck import files
from netcheck.app import progress
from netcheck.model import Target
from netcheck.report.layout import Style
from tests.helpers.notation import case

UP = re.compile(r"\x1b\[(\d+)A\r\x1b\[J")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def left(self) -> list[str]:
        """The lines that stand there after all that was written."""
        lines: list[str] = []
        for part in re.split(r"(\x1b\[\d+A\r\x1b\[J)", self.getvalue()):
            up = UP.fullmatch(part)
            if up:
                del lines[-int(up[1]) :]
            else:
                lines += part.splitlines()
        return lines


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    shown = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(progress, "EVERY_S", 0.01)
    return shown


def test_it_is_drawn_anew_and_gone_at_the_end(terminal: Terminal) -> None:
    with (
        redirect_stderr(terminal),
        progress.shown(progress.counted("Reading the device"), after_s=0) as status,
    ):
        assert status is not None
        status.say("the device restarts")
        time.sleep(0.1)
        assert terminal.left() == ["the device restarts", "Reading the device: 0 s"]
    assert terminal.left() == ["the device restarts"]


def test_what_is_quick_shows_nothing(terminal: Terminal) -> None:
    with redirect_stderr(terminal), progress.shown(progress.counted("Weighing the causes")):
        pass
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("term", ["dumb", None])
def test_nothing_in_a_pipe_or_where_no_line_can_be_drawn_anew(
    term: str | None, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = terminal if term else io.StringIO()
    monkeypatch.setenv("TERM", term or "xterm")
    monkeypatch.setattr(progress, "_SMALL_BYTES", 1)
    with redirect_stderr(pipe), progress.shown(progress.counted("x"), after_s=0) as status:
        assert status is None
    with redirect_stderr(pipe), progress.reading([__file__]) as paths:
        assert not isinstance(paths[0], files.OpenFile)
    assert pipe.getvalue() == ""


def test_the_bar_says_how_much_was_read_how_fast_and_what_is_left(
    terminal: Terminal, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.pcap", tmp_path / "b\x1b[2J.pcap"
    for one in (first, second):
        one.write_bytes(bytes(progress._SMALL_BYTES))
    with redirect_stderr(terminal), progress.reading([str(first), str(second)]) as paths:
        assert list(paths) == [str(first), str(second)]
        bar = progress.ReadingBar(paths)
        for number, path in enumerate(paths):
            with open(path, "rb", buffering=0, opener=files.reader) as stream:
                stream.read(progress._SMALL_BYTES // 2)
                (line,) = bar.lines(2.0)
                assert f" {25 + 50 * number}% 0 MB/s" in line
                stream.read()
        assert bar.lines(3.0)[0].isprintable()
        assert " 100%" in bar.lines(3.0)[0]
        held = [one.descriptor for one in paths if isinstance(one, files.OpenFile)]
    for descriptor in held:
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(descriptor)
    assert terminal.left() == []


def test_what_cannot_be_opened_is_said_by_who_reads_it(terminal: Terminal, tmp_path: Path) -> None:
    big = tmp_path / "a.pcap"
    big.write_bytes(bytes(progress._SMALL_BYTES))
    named = [str(big), str(tmp_path / "missing"), "-", str(tmp_path)]
    with redirect_stderr(terminal), progress.reading(named) as paths:
        assert progress.ReadingBar(paths).lines(1.0)
        with pytest.raises(FileNotFoundError):
            files.reader(paths[1], os.O_RDONLY)


def test_the_path_fills_as_probes_answer() -> None:
    path = progress.PathFilling(Target(), Style())
    assert path.lines(1.2) == ["  looking at this computer (1 s)"]
    seen = case("ctl gateway.arp ok @1\nctl dns.cloud_name failed timeout @2 +5", "probe:x/1")
    live = (one for one in seen)
    path.ask("gateway: Does the gateway answer?")
    assert list(path.seen(live)) == seen
    path.ask("dns: Which address has the cloud's name?")
    shown = path.lines(3.0)
    assert "gateway ✓" in shown[0]
    assert "dns ✗" in shown[0]
    assert shown[-1] == "  dns: Which address has the cloud's name? (3 s)"
    assert all(len(line) < 80 for line in shown)


def test_a_terminal_that_can_draw_nothing_gets_a_line_for_each_question() -> None:
    said: list[str] = []
    plain = progress.QuestionLines(said.append)
    plain.ask("dns: asks for the cloud's name")
    assert said == ["dns: asks for the cloud's name"]
    assert list(plain.seen([])) == []
