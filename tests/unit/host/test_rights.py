"""Whom a process becomes, and what that account may read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netcheck import files
from netcheck.files import OpenFile
from netcheck.host import rights
from netcheck.host.rights import Account

OTHER = Account(user=12345, group=12345)


def test_a_folder_that_the_account_cannot_enter_hides_what_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "x").write_text("")
    (folder / "x").chmod(0o644)
    folder.chmod(0o700)
    owner = Account(user=folder.stat().st_uid, group=12345)
    assert not rights.can_read([str(folder / "x")], OTHER)
    assert rights.can_read([str(Path("/").resolve())], OTHER)
    assert rights.can_read([str(folder / "x")], owner) == rights.can_read([str(folder)], owner)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who alone changes the account")
@pytest.mark.parametrize(
    ("user", "group", "becomes"),
    [("12345", "2345", (12345, 2345)), ("", "", (65534, 65534)), ("0", "0", (65534, 65534))],
)
def test_root_becomes_who_typed_sudo_else_nobody(
    user: str, group: str, becomes: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_UID", user)
    monkeypatch.setenv("SUDO_GID", group)
    who = rights.account()
    assert (who.user, who.group) == becomes
    assert 0 not in who.groups


def test_an_open_file_is_read_from_its_beginning_each_time(tmp_path: Path) -> None:
    path = tmp_path / "x"
    files.write(path, [b"abc"])
    descriptor = os.open(path, os.O_RDONLY)
    path.unlink()
    opened = OpenFile(str(path), descriptor)
    for _ in range(2):
        with os.fdopen(opened.reader(), "rb") as stream:
            assert stream.read() == b"abc"
    os.close(descriptor)
    assert opened == str(path)


def test_a_held_input_says_later_what_opening_it_said(tmp_path: Path) -> None:
    kept, missing = tmp_path / "x", tmp_path / "y"
    files.write(kept, [b"abc"])
    held, absent = files.held(str(kept)), files.held(str(missing))
    kept.unlink()
    files.write(missing, [b"late"])
    with open(held, "rb", opener=files.reader) as stream:
        assert stream.read() == b"abc"
    with pytest.raises(FileNotFoundError):
        open(absent, "rb", opener=files.reader)  # noqa: SIM115  # it is not opened
    for unheld in ("-", str(tmp_path), "a\0b"):
        assert type(files.held(unheld)) is str


@pytest.mark.skipif(not hasattr(os, "pipe"), reason="needs pipes with names")
def test_a_pipe_is_held_as_it_is() -> None:
    out, into = os.pipe()
    os.write(into, b"abc")
    os.close(into)
    held = files.held(f"/dev/fd/{out}")
    os.close(out)
    with open(held, "rb", opener=files.reader) as stream:
        assert stream.read() == b"abc"
