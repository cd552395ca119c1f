"""Which eras of Device OS a version belongs to: what a flash of the light means differs between
them.

Sources: device-os system/src/system_task.cpp at v0.5.3 (500 ms flashes), v0.6.0 (orange flashes
switched off), v0.6.1 to v1.5.2, and v2.3.0, where the result of a handshake is made a system error
before its colour is chosen, so that one flash is always red.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

Version = tuple[int, ...]
_RANGE = re.compile(r"([0-9.]+) to ([0-9.]+)", re.ASCII)
_SINCE = re.compile(r"([0-9.]+) and later", re.ASCII)
_VERSION = re.compile(r"(>=|<=|<|>)?\s*([0-9]{1,3}(?:\.[0-9]{1,3})+)", re.ASCII)


class Era(StrEnum):
    """A span of versions in which the light flashes alike."""

    OLD = "old"  # up to 0.5.5
    MUTE = "mute"  # 0.6.0: no orange flashes
    MIDDLE = "middle"  # 0.6.1 to 1.5.4
    NEW = "new"  # from 2.0.0


_SPANS: dict[Era, tuple[Version, Version]] = {
    Era.OLD: ((0,), (0, 5, 999)),
    Era.MUTE: ((0, 6, 0), (0, 6, 0)),
    Era.MIDDLE: ((0, 6, 1), (1, 999)),
    Era.NEW: ((2,), (999,)),
}
EVERY = frozenset(Era)
BEFORE_2 = frozenset({Era.OLD, Era.MUTE, Era.MIDDLE})


def eras(texts: Iterable[str]) -> frozenset[Era]:
    """The eras that all of these versions or ranges allow; every one where none is known.

    `1.5.2`, `>=0.7.0 <=1.5.4`, `0.4.5 to 1.5`, `2.0 and later`.
    """
    low: Version = (0,)
    high: Version = (999,)
    for text in texts:
        for sign, numbers in _VERSION.findall(_SINCE.sub(r">=\1", _RANGE.sub(r">=\1 <=\2", text))):
            version = tuple(map(int, numbers.split(".")))
            low = max(low, version) if sign not in ("<=", "<") else low
            high = min(high, version) if sign not in (">=", ">") else high
    return (
        frozenset(
            era for era, (first, last) in _SPANS.items() if low <= (*last, 999) and high >= first
        )
        or EVERY
    )
