"""What may be written to, and is a file whole whatever happens?"""

from __future__ import annotations

import ast
import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from netcheck import files
from netcheck.files import OutputRefused
from tests.helpers.sources import TREES

OWN = b'{"schema":"netcheck-case/1","version":"0"}\n'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    path.write_bytes(OWN)
    return path


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that others can write, as /tmp is."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def refused(file: str | os.PathLike[str], *inputs: str) -> str:
    with pytest.raises(OutputRefused) as caught:
        files.destination(file, inputs)
    return str(caught.value)


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user who is not root: the system asks root for no permission."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


# ------------------------------------------------------------------------------- what is refused


def test_1_an_input_is_not_replaced(own: Path) -> None:
    assert "read in the same run" in refused(own, str(own))


def test_2_nor_by_another_spelling(own: Path) -> None:
    assert "read in the same run" in refused(f"{own.parent}/x/.././own.jsonl", str(own))


def test_3_nor_through_a_link(own: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(own)
    assert "read in the same run" in refused(link, str(own))
    assert "read in the same run" in refused(own, str(link))


def test_4_nor_by_a_hard_link(own: Path, tmp_path: Path) -> None:
    os.link(own, tmp_path / "other.jsonl")
    assert "read in the same run" in refused(tmp_path / "other.jsonl", str(own))


def test_5_nor_what_standard_input_reads(own: Path) -> None:
    kept = os.dup(0)
    try:
        with own.open("rb") as stream:
            os.dup2(stream.fileno(), 0)
            assert "read in the same run" in refused(own, "-")
    finally:
        os.dup2(kept, 0)
        os.close(kept)


@pytest.mark.parametrize(
    "content", [b"my diary", b'{"schema": "other/1"}', b"\x0a\x0d\x0d\x0a", b'{"a":1}', b"\n"]
)
def test_6_a_file_of_somebody_else_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    assert "was not written by netcheck" in refused(path)
    with pytest.raises(OutputRefused):
        files.write(path, [b"new"])
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [OWN, b'{\n  "schema": "netcheck/1",', b"<!doctype html><!-- netcheck-report/1 -->", b""],
)
def test_7_netchecks_own_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    files.write(path, [b"new"])
    assert path.read_bytes() == b"new"


def test_8_a_link_in_a_folder_of_all_is_not_followed(own: Path, shared: Path) -> None:
    (shared / "x.jsonl").symlink_to(own)
    assert "a link in a folder that others can write" in refused(shared / "x.jsonl")
    (shared / "new.jsonl").symlink_to(own.parent / "not-yet")
    assert "a link in a folder that others can write" in refused(shared / "new.jsonl")


def test_9_nor_by_way_of_a_link_elsewhere(own: Path, shared: Path) -> None:
    (shared / "x").symlink_to(own)
    (own.parent / "mine").symlink_to(shared / "x")
    assert "a link in a folder that others can write" in refused(own.parent / "mine")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a link to another user")
def test_10_nor_somebody_elses_link_to_a_folder(tmp_path: Path, shared: Path) -> None:
    (shared / "d").symlink_to(tmp_path)
    os.lchown(shared / "d", 65534, 65534)
    assert "a link in a folder that others can write" in refused(shared / "d" / "x.jsonl")


def test_11_a_link_of_the_users_own_stays_a_link(own: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("own.jsonl")
    files.write(link, [b"new"])
    assert link.is_symlink()
    assert own.read_bytes() == b"new"


def test_12_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        files.destination(tmp_path / "a")


def test_13_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/tty"])
def test_14_a_device_is_no_file(device: str) -> None:
    assert "is a device or socket" in refused(device)


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_15_standard_output_carries_the_answer(name: str, own: Path) -> None:
    kept = os.dup(1)
    try:
        with own.open("ab") as stream:
            os.dup2(stream.fileno(), 1)
            assert "standard output carries the answer" in refused(name)
            assert "standard output carries the answer" in refused(own)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert own.read_bytes() == OWN


def test_16_null_swallows_everything() -> None:
    files.write(os.devnull, [b"x" * 100_000])


def test_17_a_pipe_is_written_as_it_is_and_one_without_a_reader_is_no_place_to_wait(
    tmp_path: Path,
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match=os.strerror(errno.ENXIO)):
        files.write(pipe, [b"x"])
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.write(pipe, [b"a", b"b"])
        assert os.read(reader, 10) == b"ab"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_18_a_pipe_of_a_shell_is_written(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    files.write(f"/dev/fd/{writer}", [b"ab"])
    os.close(writer)
    assert os.read(reader, 10) == b"ab"
    os.close(reader)


# ------------------------------------------------------------------------------ whole or not at all


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 8 KiB: the error of a full disk, at the same place (EFBIG)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_19_a_full_disk_leaves_the_old_file_whole(own: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        files.write(own, [b"x" * 5000, b"y" * 5000])
    assert own.read_bytes() == OWN
    assert [path.name for path in own.parent.iterdir()] == ["own.jsonl"]


def test_20_a_folder_without_permission_leaves_the_old_file_whole(own: Path) -> None:
    own.parent.parent.chmod(0o755)
    own.chmod(0o644)
    own.parent.chmod(0o555)
    try:
        with without_rights(), pytest.raises(PermissionError):
            files.write(own, [b"new"])
    finally:
        own.parent.chmod(0o755)
    assert own.read_bytes() == OWN


@pytest.mark.parametrize("umask", [0, 0o22, 0o77])
def test_21_what_is_written_is_for_its_owner_alone(own: Path, umask: int) -> None:
    own.chmod(0o666)
    before = os.umask(umask)
    try:
        files.write(own, [b"new"])
    finally:
        os.umask(before)
    assert own.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as sudo is")
def test_22_under_sudo_a_file_belongs_to_whoever_typed(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_UID", "1234")
    monkeypatch.setenv("SUDO_GID", "2345")
    files.write(own, [b"new"])
    assert (own.stat().st_uid, own.stat().st_gid) == (1234, 2345)


def test_23_a_folder_that_is_swapped_for_a_link_meanwhile_is_no_way_out(tmp_path: Path) -> None:
    folder, other = tmp_path / "d", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    place = files.destination(folder / "x.jsonl")
    folder.rename(tmp_path / "moved")
    folder.symlink_to(other)
    files.fill(place, [b"new"])
    place.close()
    assert list(other.iterdir()) == []
    assert (tmp_path / "moved" / "x.jsonl").read_bytes() == b"new"


# ------------------------------------------------------------------------------------- who writes


WRITERS = frozenset({"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "mkdtemp"})
MAY_OPEN = {
    "netcheck.files": "the one that writes",
    "netcheck.app.output": "opens /dev/null in the place of an output whose reader has gone",
}


def opens_for_writing(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    if name in WRITERS:
        return True
    if name in ("open", "fdopen"):
        modes = [*call.args, *(word.value for word in call.keywords)]
        texts = [ast.unparse(mode) for mode in modes]
        if any("O_WRONLY" in text or "O_RDWR" in text or "O_CREAT" in text for text in texts):
            return True
        return name == "open" and any(
            isinstance(mode, ast.Constant)
            and isinstance(mode.value, str)
            and set(mode.value) <= set("rwxab+t")
            and set(mode.value) & set("wxa+")
            for mode in modes
        )
    return False


def test_one_module_alone_opens_files_for_writing() -> None:
    found = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and opens_for_writing(node)
    }
    assert found <= set(MAY_OPEN)


@pytest.mark.parametrize(
    "text",
    [
        "open(a, 'w')",
        "Path(a).open('ab')",
        "os.open(a, os.O_WRONLY)",
        "Path(a).write_text(b)",
        "tempfile.mkstemp()",
    ],
)
def test_the_test_itself_notices(text: str) -> None:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert opens_for_writing(call)
