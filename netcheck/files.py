"""The one module that opens files for writing: whole or not at all, for their owner alone, and
nothing that is not netcheck's own is ever replaced.

A destination is checked before anything is read or sent; a regular file is then written beside its
place and renamed into it (rename(2)), so that a full disk or Ctrl-C leaves the old one whole.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from netcheck.model import Struct

OWNER_ALONE = 0o600
"""Others on this computer are not to read what somebody's network says."""
MARK = b"netcheck-report/"
"""What every kind of report that is no JSON holds, with its version, within its first KiB; a PDF
within its last.
"""
_HEAD_BYTES = 1024
_PDF = b"%PDF-"
_OWN_JSON = re.compile(rb'\s*\{\s*"schema"\s*:\s*"netcheck(-case)?/[0-9]')
_MOST_LINKS = 40
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_HAS_FOLDER_DESCRIPTORS = {os.open, os.stat, os.unlink} <= os.supports_dir_fd
_STANDARD_OUTPUTS = (1, 2)
STANDARD_INPUT = "-"
_TOO_MANY = (errno.EMFILE, errno.ENFILE)


class OutputRefused(Exception):
    """This may not be written to; the text says why and what to do, and does not name the file."""


class Destination(Struct, frozen=True, kw_only=True):
    """A checked place: a name in a folder, which is held open where the system can (`folder`, else
    -1: no link put there later leads elsewhere). `is_stream`: a pipe or /dev/null, written to as it
    is.
    """

    path: str
    folder: int = -1
    is_stream: bool = False

    @property
    def name(self) -> str:
        """What the system is to be told, together with `within`."""
        return Path(self.path).name if self.folder >= 0 else self.path

    @property
    def within(self) -> int | None:
        """The open folder, as `dir_fd`."""
        return self.folder if self.folder >= 0 else None

    def beside(self, name: str) -> str:
        """Another name in the same folder, as `name` gives this one's."""
        return name if self.folder >= 0 else str(Path(self.path).parent / name)

    def close(self) -> None:
        """To be called once nothing more is written there."""
        if self.folder >= 0:
            os.close(self.folder)


def destination(file: str | os.PathLike[str], inputs: Iterable[str] = ()) -> Destination:
    """Where that file is to be written, all links followed. `inputs`: files read in the same run
    ("-" is standard input).

    Raises OutputRefused for what must not be written to, and OSError where the folder is none or
    cannot be opened.
    """
    if os.fspath(file) == "-":
        raise OutputRefused(_STANDARD_OUTPUT)
    path = _followed(Path(file).absolute())
    try:
        status = path.stat() if _is_open_descriptor(path) else path.lstat()
    except FileNotFoundError:
        return _opened(path)
    _refuse(path, status, inputs)
    if not stat.S_ISREG(status.st_mode):
        return Destination(path=str(path), is_stream=True)
    return _opened(path)


_STANDARD_OUTPUT = "standard output carries the answer; name a file"


def _opened(path: Path) -> Destination:
    """The place with its folder held open. Raises OSError."""
    if not _HAS_FOLDER_DESCRIPTORS:
        return Destination(path=str(path))
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return Destination(path=str(path), folder=folder)


def _followed(path: Path) -> Path:
    """The absolute path with every link followed. Raises OutputRefused for a link that somebody
    else may have put there, OSError for a loop.
    """
    parts, done = list(path.parts[1:]), Path(path.anchor)
    links = 0
    while parts:
        step = done / parts.pop(0)
        if step.name == "..":
            done = done.parent
            continue
        if not step.is_symlink() or _is_open_descriptor(step):
            done = step
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        _refuse_foreign_link(step, is_last=not parts)
        aim = step.readlink()
        parts = [*(aim.parts[1:] if aim.is_absolute() else aim.parts), *parts]
        done = Path(aim.anchor) if aim.is_absolute() else done
    return done


def _is_open_descriptor(path: Path) -> bool:
    """Is it a descriptor of a process (proc(5): a link that leads to what is open, not to a name)?
    A shell gives a pipe so: `--save >(gzip > x.gz)`.
    """
    return re.fullmatch(r"/proc/[^/]+/(task/[0-9]+/)?fd/[0-9]+", str(path)) is not None


def _refuse_foreign_link(link: Path, *, is_last: bool) -> None:
    """In a folder that others can write, a link at the end of a name is nobody's to follow, and one
    on the way only where it is the user's or root's own.
    """
    if not link.parent.stat().st_mode & _OTHERS_MAY_WRITE or os.name == "nt":
        return
    if is_last or link.lstat().st_uid not in (0, os.geteuid()):
        raise OutputRefused(
            "is reached by a link in a folder that others can write; name the file itself"
        )


def _refuse(path: Path, status: os.stat_result, inputs: Iterable[str]) -> None:
    """Raises OutputRefused unless what stands there may be replaced, or is written to as it is."""
    if path == Path(os.devnull):
        return
    if any(_is_same(status, number) for number in _STANDARD_OUTPUTS):
        raise OutputRefused(_STANDARD_OUTPUT)
    if any(_is_same(status, 0 if one == "-" else one) for one in inputs):
        raise OutputRefused("is read in the same run; name another file")
    if stat.S_ISDIR(status.st_mode):
        raise OutputRefused("is a folder; name a file")
    if stat.S_ISREG(status.st_mode):
        if _is_open_descriptor(path):
            raise OutputRefused("is an open file; name the file itself")
        if not is_own(path):
            raise OutputRefused(
                "exists already and was not written by netcheck; name another file, or remove it"
            )
    elif not stat.S_ISFIFO(status.st_mode):
        raise OutputRefused("is a device or socket; name a file")
    elif _is_pipe_of_others(path, status):
        raise OutputRefused("is somebody else's pipe; name a file")


def _is_same(status: os.stat_result, other: str | int) -> bool:
    """The same file by device and number, whatever its name. Pipes count, the terminal too."""
    try:
        second = os.fstat(other) if isinstance(other, int) else Path(other).stat()
    except (OSError, ValueError):
        return False
    return os.path.samestat(status, second)


def _is_pipe_of_others(path: Path, status: os.stat_result) -> bool:
    return (
        not _is_open_descriptor(path)
        and bool(path.parent.stat().st_mode & _OTHERS_MAY_WRITE)
        and status.st_uid not in (0, os.geteuid())
    )


def is_own(path: Path) -> bool:
    """Did netcheck write it: a case file, a report, or nothing yet (an empty file loses nothing)?
    Raises OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        if head.startswith(_PDF):
            stream.seek(-min(_HEAD_BYTES, path.stat().st_size), os.SEEK_END)
            head = stream.read(_HEAD_BYTES)
    return not head or _OWN_JSON.match(head) is not None or MARK in head


class OpenFile(str):
    """The name of a file that is open for reading as `descriptor`: it is read by that, since a
    process that gave its rights up may not open the name again. Or `error`, why it is not open.
    """

    descriptor: int
    error: OSError | None

    def __new__(cls, path: str, descriptor: int, error: OSError | None = None) -> OpenFile:
        made = super().__new__(cls, path)
        made.descriptor = descriptor
        made.error = error
        return made

    def reader(self) -> int:
        """A descriptor of its own, at the file's beginning (the place is shared with others; a pipe
        has none). Raises OSError.
        """
        if self.error is not None:
            raise self.error
        copy = os.dup(self.descriptor)
        with contextlib.suppress(OSError):
            os.lseek(copy, 0, os.SEEK_SET)
        return copy


def held(path: str) -> str:
    """That input, opened by now: an `OpenFile`, or the name where that holds nothing back ("-", a
    folder, too many open files).
    """
    if path == STANDARD_INPUT:
        return path
    try:
        if Path(path).is_dir():
            return path
        return OpenFile(path, os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return path if error.errno in _TOO_MANY else OpenFile(path, -1, error)
    except ValueError:  # a name with a zero byte
        return path


def reader(path: str, flags: int) -> int:
    """A descriptor to read an input by, as the `opener` of open(). Raises OSError."""
    if isinstance(path, OpenFile):
        return path.reader()
    return os.dup(0) if path == STANDARD_INPUT else os.open(path, flags)


# ------------------------------------------------------------------------------------------ writing


def write(file: str | os.PathLike[str], chunks: Iterable[bytes]) -> None:
    """Write the chunks there: checked once more, whole or not at all. Raises OutputRefused and
    OSError.
    """
    place = destination(file)
    try:
        fill(place, chunks)
    finally:
        place.close()


def fill(place: Destination, chunks: Iterable[bytes]) -> None:
    """Write the chunks to a checked place. Raises OSError; the old file is whole then."""
    if place.is_stream:
        with os.fdopen(_open_stream(place), "wb") as stream:
            stream.writelines(chunks)
        return
    handle, name = begin(place)
    with contextlib.ExitStack() as undo:
        undo.callback(abandon, place, name)
        with os.fdopen(handle, "wb") as out:
            pour(out.fileno(), chunks)
        finish(place, name)
        undo.pop_all()


def pour(descriptor: int, chunks: Iterable[bytes]) -> None:
    """Write the chunks and wait until the disk has them. Raises OSError."""
    for chunk in chunks:
        append(descriptor, chunk)
    os.fsync(descriptor)


def append(descriptor: int, block: bytes) -> None:
    """Write it whole. Raises OSError, with a part of it written."""
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def begin(place: Destination) -> tuple[int, str]:
    """A new file beside the place, open for writing, and its name for `finish` and `abandon`."""
    name = place.beside(f".netcheck-{secrets.token_hex(8)}")
    return create(name, place.within), name


def finish(place: Destination, name: str) -> None:
    """Put the written file in its place. Raises OSError."""
    os.replace(name, place.name, src_dir_fd=place.within, dst_dir_fd=place.within)
    if place.folder >= 0:
        with contextlib.suppress(OSError):  # a file system that syncs no folders
            os.fsync(place.folder)


def abandon(place: Destination, name: str) -> None:
    """Remove what was begun."""
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=place.within)


def create(path: str, within: int | None = None) -> int:
    """A new file for its owner alone, never one that exists and never through a link: a descriptor.
    Raises OSError.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, OWNER_ALONE, dir_fd=within)
    hand_over(descriptor)
    return descriptor


def sudo_user() -> tuple[int, int] | None:
    """The user and group that called sudo (sudo(8), SUDO_UID and SUDO_GID); None without sudo."""
    user, group = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    is_number = re.compile("[0-9]{1,10}").fullmatch
    if os.name == "nt" or os.geteuid() != 0 or not (is_number(user) and is_number(group)):
        return None
    return int(user), int(group)


def hand_over(descriptor: int) -> None:
    """Give a new file to whoever typed sudo, who is to read it."""
    owner = sudo_user()
    if owner is not None:
        with contextlib.suppress(OSError, OverflowError):
            os.fchown(descriptor, *owner)


def _open_stream(place: Destination) -> int:
    """A pipe that nobody reads is no place to wait. Raises OSError (ENXIO)."""
    descriptor = os.open(place.path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    return descriptor
