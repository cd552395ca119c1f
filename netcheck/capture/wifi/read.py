"""From Wi-Fi frames to observations: every station's attempts to join; and of the devices what they
ask for, whether they are kept, and what can be told through encryption.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from netcheck.capture.protocols.wifi_frames import DataFrame, SeenBss
from netcheck.capture.protocols.wifi_join import Frames, attempts_of, read_attempts
from netcheck.capture.wifi.farewells import with_farewells
from netcheck.capture.wifi.kept import read_link
from netcheck.capture.wifi.set_up import read_set_up
from netcheck.capture.wifi.surroundings import RadioSurroundings
from netcheck.capture.wifi.unreadable import read_unreadable
from netcheck.capture.wifi.wanted import read_wanted
from netcheck.model import NAMELESS, Observation


def read_wifi(
    seen: Iterable[SeenBss],
    join_frames: Mapping[str, Frames],
    devices: Collection[str],
    data: Mapping[str, Sequence[DataFrame]] | None = None,
    told: str = "",
    farewells: Frames = (),
) -> Iterator[Observation]:
    """Everything that the frames of a radio link show. `told`: the network that the user names;
    where there is no device, it is judged for one that nobody named. `farewells`: the frames that
    send everybody away.
    """
    every = list(seen)
    around = RadioSurroundings(every, join_frames)
    yield from read_set_up(every, devices)
    wanted = told.encode("utf-8", "surrogateescape")
    for station, frames in sorted(join_frames.items()):
        frames = with_farewells(around.networks, frames, farewells if station in devices else ())
        attempts, strays = attempts_of(frames)
        yield from read_attempts(around.networks, station, attempts)
        if station not in devices:
            continue
        yield from read_link(around.networks, station, frames, attempts, strays)
        yield from read_unreadable(
            around.networks, station, attempts, (data or {}).get(station, ()), around.last_ns
        )
        yield from read_wanted(around, station, frames, wanted, attempts)
    if wanted and not devices & join_frames.keys():
        for device in sorted(devices) or [NAMELESS]:
            yield from read_wanted(around, device, (), wanted)
