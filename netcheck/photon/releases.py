"""Versions of Device OS, so that they sort."""

from __future__ import annotations

import re

Release = tuple[int, int, int, int]
FINAL = 1_000
"""In place of the number of a pre-release: later than any of them."""


def release(text: str) -> Release | None:
    """The version that a text begins with, a pre-release before its release; None where there is
    none.
    """
    found = re.match(
        r"(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:-?(?:rc|alpha|beta|b)\.?(\d{1,3}))?",
        text,
        re.ASCII,
    )
    if found is None:
        return None
    major, minor, patch, candidate = (int(part) if part else None for part in found.groups())
    return major or 0, minor or 0, patch or 0, FINAL if candidate is None else candidate
