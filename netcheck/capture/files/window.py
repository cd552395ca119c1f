"""A sliding view on a stream: one buffer that is read into, and never seeks."""

from __future__ import annotations

from netcheck.capture.files.compressed import ByteSource, CorruptStream

MAX_FRAME_BYTES = 262_144
"""The longest packet that capture programs write for networks (libpcap's MAXIMUM_SNAPLEN)."""
BLOCK_BYTES = 1 << 20
MAX_RECORD_BYTES = MAX_FRAME_BYTES + (1 << 16)
"""The longest record of a packet, with its header and options."""
SLACK_BYTES = 256
"""Readable bytes behind the last valid one, so that a reader may look ahead in a short frame."""


class Window:
    """The bytes `buffer[start:end]` are those of the stream from `offset` on.

    `error` is the rest of a sentence that begins with "the file", when reading ended for another
    reason than the end.
    """

    def __init__(self, source: ByteSource, block_bytes: int = BLOCK_BYTES) -> None:
        self._source = source
        self._block_bytes = block_bytes
        self.buffer = bytearray(block_bytes + MAX_RECORD_BYTES + SLACK_BYTES)
        self._view = memoryview(self.buffer)
        self._base = 0
        self.start = 0
        self.end = 0
        self.error = ""

    @property
    def offset(self) -> int:
        """Where in the (unpacked) file the window starts, in bytes."""
        return self._base + self.start

    def need(self, size: int) -> bool:
        """Make the next `size` bytes (at most MAX_RECORD_BYTES) available; False when the stream
        ends before.
        """
        while self.end - self.start < size:
            if not self._read_on():
                return False
        return True

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer where the stream ends; they stay in the window."""
        self.need(size)
        return bytes(self._view[self.start : min(self.start + size, self.end)])

    def skip(self, size: int) -> bool:
        """Pass over `size` bytes, however many; False when the stream ends before."""
        while size > self.end - self.start:
            size -= self.end - self.start
            self.start = self.end
            if not self._read_on():
                return False
        self.start += size
        return True

    def take(self, size: int) -> bytes:
        """The next `size` bytes, which must be available, and pass over them."""
        taken = bytes(self._view[self.start : self.start + size])
        self.start += size
        return taken

    def _read_on(self) -> bool:
        """Move what is left to the front and read behind it; False at the end."""
        left = self.end - self.start
        self._view[:left] = self._view[self.start : self.end]
        self._base += self.start
        self.start, self.end = 0, left
        try:
            count = self._source.readinto(self._view[left : left + self._block_bytes])
        except CorruptStream as error:
            self.error = str(error)
            return False
        except OSError as error:
            self.error = f"could not be read further ({error.strerror or 'input error'})"
            return False
        self.end += count or 0
        return bool(count)
