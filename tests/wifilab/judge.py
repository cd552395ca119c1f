"""What netcheck makes of a recorded scenario, beside what is true."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Target, Verdict
from netcheck.wifi.ccmp import Passphrase


@dataclass(frozen=True)
class Said:
    """The verdict about the Photon of a capture, and the first cause that stands, with its
    level.
    """

    verdict: Verdict
    cause: str
    level: str


def said(capture: Path, mac: str, passphrase: str = "") -> Said:
    """What is said of that device, through encryption where there is a pass phrase."""
    key = Passphrase(passphrase.encode()) if passphrase else None
    reading = observe([str(capture)], Target(), passphrase=key)
    [one] = [d for d in diagnose(reading.observations, Target()) if d.device.mac == mac]
    standing = [f for f in one.findings if f.level in STANDING and f.stops_connection]
    first = standing[0] if standing else None
    return Said(one.verdict, first.cause if first else "", first.level.value if first else "")


def complaint(row: dict[str, Any], capture: Path, *, is_opened: bool = False) -> str:
    """What is wrong with the answer to that capture; empty where it is right.

    A fault above the join of an encrypted network shows with the pass phrase only: without it, no
    other cause may come first.
    """
    one = said(capture, row["sta_mac"], row["psk"] if is_opened else "")
    is_closed = bool(row["psk"]) and not is_opened
    if row["healthy"]:
        wanted = (Verdict.INSUFFICIENT,) if is_closed else (Verdict.HEALTHY,)
        return "" if one.verdict in wanted and not one.cause else f"healthy, and said: {one}"
    if one.cause in row["accept"] or (is_closed and row["same_as"] and not one.cause):
        return ""
    return f"{row['accept']}, and said: {one}"
