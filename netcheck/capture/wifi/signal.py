"""How well access point and station hear each other, as far as a monitor can tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median_low

from netcheck.capture.protocols.wifi_frames import JoinFrame, SeenBss
from netcheck.model import Scalar

STRONG_DBM, WEAK_DBM = -65, -80


def weak_end(frames: Iterable[JoinFrame], own: Sequence[SeenBss]) -> list[tuple[str, Scalar]]:
    """The signal of station or access point where the monitor stands beside the other: then it is
    weak there, too. Empty where the monitor is far from both, or near.
    """
    shown = list(frames)
    up = [f.signal_dbm for f in shown if f.up and f.signal_dbm is not None]
    down = [f.signal_dbm for f in shown if not f.up and f.signal_dbm is not None]
    down = down or [bss.signal_dbm for bss in own if bss.signal_dbm is not None]
    if not up or not down:
        return []
    weaker, stronger = sorted((median_low(up), median_low(down)))
    return [("weak_end_dbm", weaker)] if weaker <= WEAK_DBM and stronger >= STRONG_DBM else []
