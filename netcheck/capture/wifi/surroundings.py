"""What a monitor received around a device: access points, whom they answer, and on which channels
it listened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netcheck.capture.observations import SECOND_NS
from netcheck.capture.protocols.wifi_frames import SeenBss
from netcheck.capture.protocols.wifi_join import Frames, Networks

NEAR_NS = 60 * SECOND_NS
"""So long before and after shows how an access point treats others at the time."""
ENOUGH_CHANNELS = 3
ANSWERS = frozenset({"probe_response", "auth_response", "assoc_response", "key1", "key3"})


def channel_of(mhz: int) -> int:
    """The number of a channel of 2.4 GHz (IEEE 802.11-2020 §19.3.8); 0 on other bands."""
    if mhz == 2484:
        return 14
    channel = (mhz - 2407) // 5
    return channel if 1 <= channel <= 13 else 0


class RadioSurroundings:
    """Everything but the device's own frames."""

    def __init__(self, seen: Iterable[SeenBss], join_frames: Mapping[str, Frames]) -> None:
        every = list(seen)
        self.networks = Networks(every)
        self.hidden = [bss for bss in every if bss.description.is_hidden]
        self.access_points = frozenset(bss.bssid for bss in every)
        frequencies = {bss.description.frequency_mhz for bss in every}
        self._answers: dict[str, list[tuple[int, str]]] = {}
        """Access point → when it answered whom."""
        newest = [bss.last_ns or bss.at_ns for bss in every]
        for station, frames in join_frames.items():
            newest.append(frames[-1].at_ns)
            frequencies |= {frame.frequency_mhz for frame in frames}
            for frame in frames:
                if frame.kind in ANSWERS:
                    self._answers.setdefault(frame.bssid, []).append((frame.at_ns, station))
        self.last_ns = max(newest, default=0)
        known = {mhz for mhz in frequencies if mhz}
        self.channels = frozenset(channel_of(mhz) for mhz in known) - {0}
        """On which of 2.4 GHz it listened, as far as the frames say."""
        self.is_beyond_2ghz = bool(known) and not self.channels

    @property
    def is_all_of_2ghz(self) -> bool:
        """Did it listen on enough channels to have met what is on 2.4 GHz? Most access points are
        on 1, 6 or 11, which do not overlap.
        """
        return len(self.channels) >= ENOUGH_CHANNELS

    def answers_others(self, bssids: Iterable[str], station: str, since: int, until: int) -> bool:
        """Did one of these access points answer another station at about that time?"""
        return any(
            other != station and since - NEAR_NS <= at_ns <= until + NEAR_NS
            for bssid in bssids
            for at_ns, other in self._answers.get(bssid, ())
        )

    def is_within_reach(self, channel: int | None) -> bool:
        """Could it receive what goes on on that channel? Assumed where nothing says otherwise."""
        return not channel or not self.channels or channel in self.channels
