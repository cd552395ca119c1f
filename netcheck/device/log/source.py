"""The bytes of a saved log, or of a pipe that may never end: bounded in length and time."""

from __future__ import annotations

import io
import os
import select
import stat
import time
from collections.abc import Callable, Iterator

from netcheck import files

CHUNK_BYTES = 256 * 1024
MOST_BYTES = 32 * 1024 * 1024
"""Of a longer file the newest part is read, of a longer pipe the first."""
MOST_S = 15.0


class LogSource:
    """An opened log; `problem` says after reading what of it was not read, or nothing."""

    def __init__(self, file: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises OSError where it cannot be opened. "-": standard input."""
        if "\0" in file:
            raise OSError("no file has such a name")
        self._stream = io.FileIO(file, "rb", opener=files.reader)
        self._clock = clock
        self.problem = ""

    def close(self) -> None:
        self._stream.close()

    @property
    def changed_at(self) -> float:
        """When it was last written, UTC seconds since 1970."""
        return os.fstat(self._stream.fileno()).st_mtime

    def chunks(self) -> Iterator[bytes]:
        """Its bytes. Raises OSError where they cannot be read."""
        self._skip_oldest()
        end, left = self._clock() + MOST_S, MOST_BYTES
        while left > 0:
            if not self._is_ready(end):
                self.problem = f"reading it took longer than {MOST_S:.0f} s; the rest was not read"
                return
            chunk = self._stream.read(min(CHUNK_BYTES, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
        if self._is_ready(end) and self._stream.read(1):
            self.problem = f"what lies beyond {MOST_BYTES // 1024**2} MiB was not read"

    def _skip_oldest(self) -> None:
        status = os.fstat(self._stream.fileno())
        if stat.S_ISREG(status.st_mode) and status.st_size > MOST_BYTES:
            self._stream.seek(-MOST_BYTES, os.SEEK_END)
            skipped = (status.st_size - MOST_BYTES) // 1024**2
            self.problem = f"its oldest {skipped} MiB were not read"

    def _is_ready(self, end: float) -> bool:
        """Is there time left, and something to read before it is over?"""
        left_s = end - self._clock()
        if left_s <= 0:
            return False
        if os.name == "nt":  # select(2) knows sockets alone there
            return True
        return bool(select.select([self._stream], [], [], left_s)[0])
