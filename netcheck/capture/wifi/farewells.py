"""Frames that send everybody away: to which of a station's stays did they put an end?"""

from __future__ import annotations

from netcheck.capture.protocols.wifi_join import Frames, Networks, attempts_of, joined_ns
from netcheck.wifi.codes import HARMLESS, sent_away


def with_farewells(networks: Networks, frames: Frames, farewells: Frames) -> Frames:
    """The station's frames with the first farewell of its access point after each join that
    nothing else had ended. One of an access point that goes itself ends nothing by intent: how the
    station fares then shows by its own frames.
    """
    meant = [f for f in farewells if sent_away(f.code).reason not in HARMLESS]
    if not meant:
        return frames
    attempts, _ = attempts_of(frames)
    starts = [attempt[0].at_ns for attempt in attempts]
    ends = [*starts[1:], meant[-1].at_ns + 1]
    found = []
    for attempt, until in zip(attempts, ends, strict=False):
        since = joined_ns(networks, attempt)
        if since is None or any(f.kind == "deauth" for f in attempt):
            continue
        bssid = attempt[0].bssid
        own = (f for f in meant if f.bssid == bssid and since < f.at_ns < until)
        if (first := next(own, None)) is not None:
            found.append(first)
    return sorted([*frames, *found]) if found else frames
