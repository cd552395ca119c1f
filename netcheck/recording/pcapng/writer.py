"""A pcapng file that is whole at every moment: each block is appended at once, so whatever ends the
program leaves it readable.
"""

from __future__ import annotations

import contextlib
import os
from typing import Self

from netcheck import __version__, files
from netcheck.recording.interfaces import CannotRecord
from netcheck.recording.pcapng import blocks
from netcheck.text.escape import safe


class Writer:
    """A new file, never one that exists; to be closed by `with`. Raises CannotRecord, which says
    what to do.
    """

    def __init__(self, path: str, link: int, interface: str, begun_ns: int) -> None:
        self.path = path
        self.size_bytes = 0
        self.packets = 0
        self._begun_ns = begun_ns
        self._descriptor = _created(path)
        self.recording = files.OpenFile(path, os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        """To be read by whoever may not open it by its name; stays open."""
        self._append(blocks.section(f"netcheck {__version__}") + blocks.interface(link, interface))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def add(self, at_ns: int, frame: bytes, wire_bytes: int) -> None:
        """Keep a packet; `frame` is as much of it as was cut out."""
        self._append(blocks.packet(at_ns, frame, max(wire_bytes, len(frame))))
        self.packets += 1

    def tell(self, now_ns: int, received: int, lost: int, comment: str = "") -> None:
        """Note that the interface was captured on until now, so that silence counts."""
        counts = {"received": received, "kept": self.packets, "lost": lost}
        self._append(
            blocks.statistics(
                self._begun_ns, max(now_ns, self._begun_ns), **counts, comment=comment
            )
        )

    def _append(self, block: bytes) -> None:
        """Write it whole, or leave the file as it was."""
        try:
            files.append(self._descriptor, block)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size_bytes)
            why = safe(error.strerror or "")
            raise CannotRecord(
                f"{safe(self.path, 200)} cannot be written further ({why}); what it holds until"
                " then is whole."
            ) from error
        self.size_bytes += len(block)


def _created(path: str) -> int:
    try:
        return files.create(path)
    except FileExistsError as error:
        raise CannotRecord(
            f"{safe(path, 200)} exists already and is not overwritten: name another file with"
            " --write."
        ) from error
    except OSError as error:
        raise CannotRecord(
            f"{safe(path, 200)} cannot be written ({safe(error.strerror or '')}): name another file"
            " with --write."
        ) from error
