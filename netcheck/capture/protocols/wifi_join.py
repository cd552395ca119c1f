"""Did the access point accept the station, and if it never tried: what in the beacons could have
kept it away?

An attempt begins with an authentication, or an association without one, and ends with the next
answer that settles it. Status and reason codes are those of IEEE 802.11-2020 §9.4.1.9 and §9.4.1.7;
who sends a reason decides what it means. A station that reads beacons never tries an access point
that does not suit it: then the beacons themselves are the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.wifi_frames import JoinFrame, SeenBss
from netcheck.model import Observation, Outcome, Scalar

FULL = frozenset({17, 5, 82})
SECURITY = frozenset({31, 40, 41, 42, 43, 44, 45, 46})
TOO_WEAK = 34
HANDSHAKE_FAILED = frozenset({1, 2, 14, 15, 23})
ENOUGH_PROBES = 2

Frames = Sequence[JoinFrame]


class Networks:
    """The access points of a capture, by address and by network name."""

    def __init__(self, seen: Iterable[SeenBss]) -> None:
        self._by_bssid: dict[str, list[SeenBss]] = {}
        self._by_ssid: dict[bytes, list[SeenBss]] = {}
        for bss in seen:
            self._by_bssid.setdefault(bss.bssid, []).append(bss)
            self._by_ssid.setdefault(bss.description.ssid, []).append(bss)
        self.beyond_2ghz = {
            ssid
            for ssid, named in self._by_ssid.items()
            if any(not bss.description.is_2ghz for bss in named)
        }
        """Names that exist on another band."""

    def __bool__(self) -> bool:
        return bool(self._by_bssid)

    def of(self, bssid: str) -> Sequence[SeenBss]:
        """What the access point of that address says of itself."""
        return self._by_bssid.get(bssid, ())

    def named(self, ssid: bytes) -> Sequence[SeenBss]:
        """The access points of that network."""
        return self._by_ssid.get(ssid, ())


def read_joins(
    seen: Iterable[SeenBss], join_frames: Mapping[str, Frames], devices: frozenset[str]
) -> Iterator[Observation]:
    """Every station's attempts to join, and for the devices which networks they can join."""
    networks = Networks(seen)
    for station, frames in sorted(join_frames.items()):
        attempts = list(_attempts(frames))
        yield from (_attempt(networks, station, attempt) for attempt in attempts)
        if station in devices:
            yield from _wanted(networks, station, frames, has_tried=bool(attempts))


# -- attempts


def _attempts(frames: Iterable[JoinFrame]) -> Iterator[Frames]:
    """The frames of each attempt to join one access point."""
    current: list[JoinFrame] = []
    for frame in frames:
        if frame.kind in ("probe", "probe_response"):
            continue
        begins = frame.kind == "auth" and frame.up
        is_answered = any(f.kind != "auth" for f in current)
        if current and (
            frame.bssid != current[0].bssid
            or (begins and (is_answered or frame.at_ns - current[-1].at_ns > SECOND_NS))
        ):
            yield current
            current = []
        if current or frame.kind in ("auth", "assoc", "key1"):
            current.append(frame)
    if current:
        yield current


def _attempt(networks: Networks, station: str, frames: Frames) -> Observation:
    outcome, reason, deciding = _judged(networks, frames)
    data: list[tuple[str, Scalar]] = [("bssid", frames[0].bssid)]
    if deciding.code:
        data.append(("code", deciding.code))
    own = [bss for bss in networks.of(frames[0].bssid) if bss.description.ssid]
    if own:
        ssid = own[0].description.ssid
        data += [("ssid", _text(ssid)), ("other_band", ssid in networks.beyond_2ghz)]
    return observed(
        "wifi.join",
        outcome,
        reason,
        subject=station,
        target=frames[0].bssid,
        at_ns=frames[0].at_ns,
        end_ns=deciding.at_ns,
        data=data,
        packets=frames[:10],
    )


def _text(ssid: bytes) -> str:
    return ssid.decode("utf-8", "backslashreplace")


def _judged(networks: Networks, frames: Frames) -> tuple[Outcome, str, JoinFrame]:
    """Outcome and reason of an attempt, and the frame that decides them."""
    kinds = {frame.kind for frame in frames}
    last = frames[-1]
    refused = next(
        (f for f in frames if f.kind in ("auth_response", "assoc_response") and f.code), None
    )
    if refused is not None:
        return Outcome.FAILED, _refusal(refused.code), refused
    if "key3" in kinds or "key4" in kinds:
        return Outcome.OK, "", last
    deauth = next((f for f in frames if f.kind == "deauth"), None)
    first_keys = [f for f in frames if f.kind == "key1"]
    if "key2" in kinds and (
        len(first_keys) > 1 or (deauth is not None and deauth.code in HANDSHAKE_FAILED)
    ):
        return Outcome.FAILED, "wrong_password", deauth or last
    if len(first_keys) > 1:
        return Outcome.FAILED, "timeout", last
    if "assoc_response" in kinds and not first_keys and _is_open(networks, frames[0].bssid):
        return Outcome.OK, "", last
    if all(f.up for f in frames) and len(frames) > 1:
        return Outcome.FAILED, "timeout", last
    return Outcome.UNCLEAR, "cut_off", last


def _refusal(code: int) -> str:
    if code in FULL:
        return "full"
    if code in SECURITY:
        return "other_security"
    return "weak" if code == TOO_WEAK else "refused"


def _is_open(networks: Networks, bssid: str) -> bool:
    return any(
        not bss.description.is_private
        and bss.description.rsn is None
        and bss.description.wpa is None
        for bss in networks.of(bssid)
    )


# -- without an attempt


def _wanted(
    networks: Networks, station: str, frames: Frames, *, has_tried: bool
) -> Iterator[Observation]:
    """Can the device join the networks that it asks for by name? Says something only where that is
    clear.
    """
    probes = [f for f in frames if f.kind == "probe"]
    wanted = {f.ssid for f in frames if f.kind in ("probe", "assoc") and f.ssid}
    if not networks:
        return
    for ssid in sorted(wanted):
        own = networks.named(ssid)
        outcome, reason = _suits(own, probes, has_tried=has_tried)
        if outcome is Outcome.UNCLEAR:
            continue
        channel = next((bss.description.channel for bss in own if bss.description.channel), 0)
        yield observed(
            "wifi.network",
            outcome,
            reason,
            subject=station,
            target=f"ssid:{_text(ssid)}",
            at_ns=probes[0].at_ns if probes else frames[0].at_ns,
            data=[("channel", channel)],
            packets=[*own[:3], *probes[:3]],
        )


def _suits(own: Sequence[SeenBss], probes: Frames, *, has_tried: bool) -> tuple[Outcome, str]:
    """Is there an access point of that name that a Photon can join? Never tried, and none suits:
    that is why.
    """
    if not own:
        is_sure = len([f for f in probes if f.ssid]) >= ENOUGH_PROBES and not has_tried
        return (Outcome.FAILED, "not_on_air") if is_sure else (Outcome.UNCLEAR, "")
    obstacles = [bss.description.obstacle() for bss in own]
    if "" not in obstacles:
        return Outcome.FAILED, next((o for o in obstacles if o != "only_5ghz"), obstacles[0])
    suitable = [bss for bss in own if not bss.description.obstacle()]
    if not has_tried and all(_is_beyond_channels(bss, probes) for bss in suitable):
        return Outcome.FAILED, "channel"
    return Outcome.OK, ""


def _is_beyond_channels(bss: SeenBss, probes: Frames) -> bool:
    """Is it on channel 12 to 14, where the station never asked?"""
    channel = bss.description.channel or 0
    return 12 <= channel <= 14 and not any(f.frequency_mhz == 2407 + 5 * channel for f in probes)
