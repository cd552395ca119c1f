"""Capture files packed with gzip or Zstandard, unpacked as they are read.

Known by their first bytes, not by their names. Memory stays small whatever the packing ratio: no
more is unpacked than was asked for. What could be unpacked before damage is delivered first; then
`CorruptStream` is raised.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import IO, Protocol, cast

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
OTHERS = {
    b"BZh": ("bzip2", "bunzip2"),
    b"\xfd7zXZ\x00": ("xz", "unxz"),
    b"\x04\x22\x4d\x18": ("lz4", "unlz4"),
    b"PK\x03\x04": ("zip", "unzip"),
    b"7z\xbc\xaf\x27\x1c": ("7-Zip", "7z x"),
    b"\x1f\x9d": ("compress", "uncompress"),
}
"""First bytes → packing that is not read here, and the command that unpacks it."""

_INPUT_BYTES = 1 << 16
_OUTPUT_BYTES = 1 << 18
_ZSTD_WINDOW_BYTES = 1 << 27
"""What the zstd command unpacks without being told otherwise (its window log 27)."""


TOO_LARGE = "a Zstandard window of more than 128 MB"


class CorruptStream(OSError):
    """The packed data is damaged or ends too early; the text ends a sentence that begins with "the
    file".
    """


class WindowTooLarge(ValueError):
    """The packed data cannot be unpacked within the memory that is allowed for it."""


class ByteSource(Protocol):
    """Where bytes come from; `readinto` returns how many, 0 at the end."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...

    def close(self) -> None: ...


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def unpacked(stream: io.RawIOBase, head: bytes) -> ByteSource:
    """The stream without its packing; itself when `head`, its first bytes, show none that is read
    here.

    Raises ImportError when the library for it is not installed, and WindowTooLarge.
    """
    if head.startswith(GZIP):
        return Gunzip(stream)
    if head.startswith(ZSTD):
        _check_window(head)
        return Unzstd(stream)
    return stream


class Gunzip:
    """The contents of a gzip file of one or more members (RFC 1952)."""

    def __init__(self, stream: io.RawIOBase) -> None:
        self._stream = stream
        self._new_inflater, self._error = _gzip_library()
        self._inflater = self._new_inflater()
        self._input = b""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the beginning of the buffer; 0 at the end. Raises CorruptStream."""
        while not self._inflater.eof or self._next_member():
            data = self._input or self._stream.read(_INPUT_BYTES) or b""
            try:
                output = self._inflater.decompress(data, min(len(buffer), _OUTPUT_BYTES))
            except self._error as error:
                raise CorruptStream("holds damaged gzip data") from error
            self._input = self._inflater.unconsumed_tail
            if output:
                buffer[: len(output)] = output
                return len(output)
            if not data and not self._inflater.eof:
                raise CorruptStream("ends in the middle of its gzip data")
        return 0

    def close(self) -> None:
        self._stream.close()

    def _next_member(self) -> bool:
        """Does another member follow the one that ended? Zero bytes between them are padding."""
        rest = self._inflater.unused_data.lstrip(b"\0")
        while len(rest) < len(GZIP) and (more := self._stream.read(_INPUT_BYTES)):
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            return False
        if not rest.startswith(GZIP):
            raise CorruptStream("goes on after its gzip data with something else")
        self._inflater, self._input = self._new_inflater(), rest
        return True


def _gzip_library() -> tuple[Callable[[], _Inflater], type[Exception]]:
    """The inflater's constructor and its exception; isal unpacks 1.5 times as fast as zlib, but is
    not built everywhere.
    """
    try:
        from isal import isal_zlib
    except ImportError:
        return (lambda: zlib.decompressobj(wbits=31)), zlib.error
    # isal's type hints call the exception class an exception.
    return (lambda: isal_zlib.decompressobj(wbits=31)), cast("type[Exception]", isal_zlib.error)


def _check_window(head: bytes) -> None:
    """Raises WindowTooLarge where the first frame says so (RFC 8878 §3.1.1.1.2); one that is
    damaged is told as it is read.
    """
    import zstandard

    try:
        window_bytes = zstandard.get_frame_parameters(head).window_size
    except zstandard.ZstdError:
        return
    if window_bytes > _ZSTD_WINDOW_BYTES:
        raise WindowTooLarge


class Unzstd:
    """The contents of a file of one or more Zstandard frames (RFC 8878)."""

    def __init__(self, stream: io.RawIOBase) -> None:
        import zstandard

        self._stream = stream
        self._error = zstandard.ZstdError
        limited = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        self._reader = limited.stream_reader(
            cast("IO[bytes]", stream), read_size=_INPUT_BYTES, read_across_frames=True
        )

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the beginning of the buffer; 0 at the end. Raises CorruptStream.

        In small steps, because the library drops what it unpacked in a call that meets damage. It
        does not tell a frame that ends too early from a whole one: then the last packet is cut.
        """
        try:
            return int(self._reader.readinto1(buffer[:_OUTPUT_BYTES]))
        except self._error as error:
            if "memory" in str(error):
                raise CorruptStream(f"needs {TOO_LARGE}") from error
            raise CorruptStream("holds damaged Zstandard data") from error

    def close(self) -> None:
        self._stream.close()
