#!/usr/bin/env python3
"""scan.py [--walk] FILE: read a capture to its end and print what was counted, as one line of JSON.

With --walk only the records of a little-endian pcap file are stepped over: the least that Python
can do.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from netcheck.capture.files.stream import open_capture

BLOCK_BYTES = 1 << 20
LONGEST_RECORD = 1 << 19


def scan(path: str) -> dict[str, int]:
    """How many packets there are, and how many relevant ones the reader gave."""
    capture = open_capture(path)
    relevant = sum(1 for _ in capture)
    return {"packets": capture.packets, "relevant": relevant}


def walk(path: str) -> dict[str, int]:
    """How many packets there are, by their lengths alone."""
    length: Callable[[bytearray, int], tuple[int, ...]] = struct.Struct("<8xI4x").unpack_from
    buffer = bytearray(BLOCK_BYTES + LONGEST_RECORD)
    view = memoryview(buffer)
    packets = left = 0
    with Path(path).open("rb", buffering=0) as file:
        file.read(24)
        while count := file.readinto(view[left : left + BLOCK_BYTES]):
            pos, end = 0, left + count
            last = end - 16
            while pos <= last:
                following = pos + 16 + length(buffer, pos)[0]
                if following > end:
                    break
                packets += 1
                pos = following
            left = end - pos
            view[:left] = view[pos:end]
    return {"packets": packets}


if __name__ == "__main__":
    print(json.dumps(walk(sys.argv[2]) if sys.argv[1] == "--walk" else scan(sys.argv[1])))
