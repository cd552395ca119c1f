"""Opens what the user named: a file, a pipe or "-", packed or not; says in one sentence why it is
not a capture.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from netcheck import files
from netcheck.capture.files.compressed import (
    GZIP,
    OTHERS,
    TOO_LARGE,
    ZSTD,
    ByteSource,
    WindowTooLarge,
    unpacked,
)
from netcheck.capture.files.tally import CaptureError

STDIN = "-"
_HEAD_BYTES = 512
_ENOUGH_BYTES = 24
"""The size of a pcap file header: a pipe need not deliver more before reading can begin."""
_FOREIGN = {
    b"snoop\x00\x00\x00": "a Solaris snoop file",
    b"GMBU": "a Microsoft Network Monitor file",
    b"RTSS": "a Microsoft Network Monitor file",
    b"XCP\x00": "a NetXRay or Sniffer file",
    b"TRSNIFF data": "a Sniffer file",
    b"btsnoop\x00": "a Bluetooth capture",
}
"""First bytes → capture formats of other programs, as Wireshark's wiretap knows them."""


class Rejoined(io.RawIOBase):
    """A stream put together again from the first bytes, already read, and the rest."""

    def __init__(self, head: bytes, rest: io.RawIOBase) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]  # typeshed: any writable buffer
        if not self._head:
            return self._rest.readinto(buffer)
        part = self._head[: len(buffer)]
        buffer[: len(part)] = part
        self._head = self._head[len(part) :]
        return len(part)

    def close(self) -> None:
        self._rest.close()
        super().close()


def open_source(path: str) -> ByteSource:
    """The unpacked bytes of the file. Raises CaptureError."""
    name = readable_name(path)
    stream = _open(path, name)
    try:
        head = _first_bytes(stream)
        if not head:
            raise CaptureError(
                f"{name} is empty: check that the capture was written and copied completely."
            )
        for magic, (packing, command) in OTHERS.items():
            if head.startswith(magic):
                raise CaptureError(
                    f"{name} is packed with {packing}, which is not read here: unpack it first"
                    f" ({command})."
                )
        return unpacked(Rejoined(head, stream), head)
    except OSError as error:
        stream.close()
        raise CaptureError(
            f"{name} cannot be read ({error.strerror}): check the file or copy it again."
        ) from error
    except ImportError as error:
        stream.close()
        raise CaptureError(
            f"{name} is packed with Zstandard: install the Python package zstandard, or unpack it"
            " (unzstd)."
        ) from error
    except WindowTooLarge as error:
        stream.close()
        raise CaptureError(
            f"{name} was packed with {TOO_LARGE}, too much to unpack safely here: unpack it first"
            " (unzstd --long=31)."
        ) from error
    except CaptureError:
        stream.close()
        raise


def readable_name(path: str) -> str:
    """The path as it can be shown: control, direction-changing and undecodable characters
    replaced.
    """
    if path == STDIN:
        return "standard input"
    return "".join(char if char.isprintable() else "?" for char in path)


def no_capture(name: str, head: bytes) -> CaptureError:
    """Why a file that begins with `head` cannot be read as a capture."""
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            return CaptureError(
                f"{name} is {what}: save it as pcapng with Wireshark (editcap -F pcapng) first."
            )
    if head.startswith((GZIP, ZSTD, *OTHERS)):
        return CaptureError(f"{name} is packed twice: unpack it once first.")
    if _is_text(head):
        return CaptureError(
            f"{name} is no capture, it is text: give the file that tcpdump -w or Wireshark wrote."
        )
    return CaptureError(
        f"{name} is no capture, it is neither pcap nor pcapng: give the file that tcpdump -w or"
        " Wireshark wrote."
    )


def _open(path: str, name: str) -> io.RawIOBase:
    try:
        if path == STDIN and sys.stdin is not None and sys.stdin.isatty():
            raise CaptureError(
                "Standard input is a terminal: pipe a capture into it, or name a file."
            )
        return open(path, "rb", buffering=0, opener=files.reader)
    except FileNotFoundError as error:
        raise CaptureError(f"{name} does not exist: check the name.") from error
    except IsADirectoryError as error:
        raise CaptureError(f"{name} is a directory: name the capture files in it.") from error
    except PermissionError as error:
        if Path(path).is_dir():
            raise CaptureError(f"{name} is a directory: name the capture files in it.") from error
        raise CaptureError(
            f"{name} may not be read by you: change its permissions, or copy it as its owner."
        ) from error
    except (OSError, ValueError) as error:
        raise CaptureError(
            f"{name} cannot be opened ({getattr(error, 'strerror', None) or error}): check the"
            " name."
        ) from error


def _first_bytes(stream: io.RawIOBase) -> bytes:
    """Up to _HEAD_BYTES, fewer than _ENOUGH_BYTES only at the end of the stream: a pipe may deliver
    in small parts.
    """
    head = b""
    while len(head) < _ENOUGH_BYTES and (part := stream.read(_HEAD_BYTES - len(head))):
        head += part
    return head


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        text = head[: error.start].decode() if error.start > len(head) - 4 else ""
    return bool(text) and all(char.isprintable() or char.isspace() for char in text)
