"""What a capture of Wi-Fi frames cannot show, because the monitor listened elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from netcheck.capture.protocols.wifi_frames import SeenBss
from netcheck.capture.protocols.wifi_join import Frames
from netcheck.capture.wifi.surroundings import RadioSurroundings

BEYOND_2GHZ = (
    "every Wi-Fi frame was received beyond channel 14: a Photon has only channels 1 to 14, capture"
    " again on that of its access point"
)


def radio_limits(
    seen: Collection[SeenBss],
    join_frames: Mapping[str, Frames],
    devices: Collection[str],
    told: str,
) -> tuple[str, ...]:
    """In words, what could not be seen; nothing for other links. No names: they are the air's."""
    if not seen and not join_frames:
        return ()
    return tuple(_limits(RadioSurroundings(seen, join_frames), join_frames, devices, told))


def _limits(
    around: RadioSurroundings,
    join_frames: Mapping[str, Frames],
    devices: Collection[str],
    told: str,
) -> Iterator[str]:
    if around.is_beyond_2ghz:
        yield BEYOND_2GHZ
        return
    here = _numbers(around.channels)
    stations = [device for device in devices if device in join_frames]
    if here and not stations:
        yield (
            f"no Wi-Fi frame of the Photon was received on {here}: it may be on another channel,"
            " too far from the monitor, or switched off"
        )
    wanted = {told.encode("utf-8", "surrogateescape")} | {
        frame.ssid for station in stations for frame in join_frames[station]
    }
    for channel in sorted(_beyond(around, wanted - {b""})):
        yield (
            f"the monitor listened on {here}, and the access point of the wanted network is on"
            f" channel {channel}: whether the Photon joins there could not be seen"
        )


def _beyond(around: RadioSurroundings, wanted: Collection[bytes]) -> Iterator[int]:
    """The channels of 2.4 GHz on which a wanted network is, where none of it was in reach."""
    for ssid in wanted:
        channels = {
            bss.description.channel or 0
            for bss in around.networks.named(ssid)
            if bss.description.is_2ghz
        }
        if channels and not any(map(around.is_within_reach, channels)):
            yield min(channels)


def _numbers(channels: Collection[int]) -> str:
    words = ", ".join(map(str, sorted(channels)))
    return f"channel{'s' if len(channels) > 1 else ''} {words}" if words else ""
