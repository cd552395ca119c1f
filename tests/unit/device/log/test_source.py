"""A log is read to its end, or to a bound that is named."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

import pytest

from netcheck.device.log import source
from netcheck.device.log.source import MOST_S, LogSource


def test_a_log_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a line\n")
    log = LogSource(str(path))
    assert (b"".join(log.chunks()), log.problem) == (b"a line\n", "")
    log.close()


def test_of_a_long_file_the_newest_part_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MOST_BYTES", 1 << 20)
    path = tmp_path / "a.log"
    path.write_bytes(bytes(2 << 20) + b"newest")
    log = LogSource(str(path))
    assert b"".join(log.chunks()).endswith(b"newest")
    assert log.problem == "its oldest 1 MiB were not read"
    log.close()


def test_a_pipe_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    end, begin = os.pipe()
    monkeypatch.setattr(os, "dup", lambda _: end)
    os.write(begin, b"once")
    times = count(0.0, MOST_S / 2)
    log = LogSource("-", lambda: next(times))
    assert b"".join(log.chunks()) == b"once"
    assert log.problem == f"reading it took longer than {MOST_S:.0f} s; the rest was not read"
    log.close()
    os.close(begin)


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        list(LogSource(str(tmp_path)).chunks())
