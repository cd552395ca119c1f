"""Did the access point accept the station, and keep it, and if it never tried: what in the beacons
could have kept it away?

An attempt begins with an authentication, or with the first frame of a join where that was not
received, and ends with the next one. What status and reason codes mean stands in
`netcheck.wifi.codes`; who sends a reason decides what it means. A station that reads beacons never
tries an access point that does not suit it: then the beacons themselves are the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.wifi_frames import JoinFrame, SeenBss
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wifi.codes import HARMLESS, SAE, SHARED_KEY, Code, refusal, sent_away

HANDSHAKE_FAILED = frozenset({1, 2, 14, 15, 23})
"""Reasons with which access points, and stations, end a 4-way handshake whose check sums differ."""
AT_ONCE_NS = 5 * SECOND_NS
"""Sent away so soon after it was accepted, a station was not let in; later it was not kept."""
ENOUGH_PROBES = 2
ENOUGH_ANSWERS = 2
APART_NS = SECOND_NS // 20
"""Answers to a WEP challenge closer than this are one, sent again by the radio."""

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
        attempts, strays = _attempts(frames)
        yield from (_attempt(networks, station, attempt) for attempt in attempts)
        if station in devices:
            yield from _not_kept(networks, station, attempts, strays)
            yield from _wanted(networks, station, frames, has_tried=bool(attempts))


# -- attempts

_BEGINNINGS = frozenset({"auth", "auth_response", "assoc", "assoc_response", "key1"})
_KEYS = frozenset({"key1", "key2", "key3", "key4"})


def _attempts(frames: Iterable[JoinFrame]) -> tuple[list[Frames], list[JoinFrame]]:
    """The frames of each attempt to join one access point, and those before the first."""
    attempts: list[list[JoinFrame]] = []
    strays: list[JoinFrame] = []
    for frame in frames:
        if frame.kind in ("probe", "probe_response"):
            continue
        current = attempts[-1] if attempts else []
        if current and frame.bssid == current[0].bssid and not _begins_anew(current, frame):
            current.append(frame)
        elif frame.kind in _BEGINNINGS:
            attempts.append([frame])
        elif not attempts:
            strays.append(frame)
    return list(attempts), strays


def _begins_anew(current: Sequence[JoinFrame], frame: JoinFrame) -> bool:
    """Does the frame begin another attempt? An authentication does after an answer or a pause, but
    in SAE, where several follow each other; an association after one that was answered.
    """
    kinds = {f.kind for f in current}
    if frame.kind == "assoc":
        return "assoc_response" in kinds or "deauth" in kinds
    if frame.kind == "auth_response":  # the question was not received
        return bool(kinds - {"auth", "auth_next", "auth_response"})
    if frame.kind != "auth":
        return False
    is_answered = any(not f.kind.startswith("auth") or _is_refusal(f) for f in current)
    has_answer = any(f.kind == "auth_response" for f in current)
    return (
        is_answered
        or (has_answer and frame.algorithm != SAE)
        or frame.at_ns - current[-1].at_ns > SECOND_NS
    )


def _attempt(networks: Networks, station: str, frames: Frames) -> Observation:
    outcome, reason, deciding = _judged(networks, frames)
    data: list[tuple[str, Scalar]] = [("bssid", frames[0].bssid)]
    if deciding.code:
        data.append(("code", deciding.code))
    if (reached := _reached(networks, frames)) is not None:
        data.append(("reached", reached))
    return observed(
        "wifi.join",
        outcome,
        reason,
        subject=station,
        target=frames[0].bssid,
        at_ns=frames[0].at_ns,
        end_ns=deciding.at_ns,
        data=[*data, *_network(networks, frames[0].bssid)],
        packets=frames[:10],
    )


def _network(networks: Networks, bssid: str) -> Iterator[tuple[str, Scalar]]:
    """The name of the access point's network, and whether it exists on another band, too."""
    own = [bss for bss in networks.of(bssid) if bss.description.ssid]
    if own:
        ssid = own[0].description.ssid
        yield "ssid", _text(ssid)
        yield "other_band", ssid in networks.beyond_2ghz


def _text(ssid: bytes) -> str:
    return ssid.decode("utf-8", "backslashreplace")


def _reached(networks: Networks, frames: Frames) -> str | None:
    """How far the access point accepted the station: associated, or joined with its keys; None
    where that was not seen.
    """
    if _joined_ns(networks, frames) is not None:
        return "joined"
    is_associated = any(
        f.kind in _KEYS or (f.kind == "assoc_response" and not _is_refusal(f)) for f in frames
    )
    return "associated" if is_associated else None


def _joined_ns(networks: Networks, frames: Frames) -> int | None:
    """When the last key was exchanged, or an open network accepted the association; None where
    that was not seen.
    """
    keys = [f for f in frames if f.kind in ("key3", "key4")]
    if keys:
        return keys[-1].at_ns if any(f.kind == "key4" for f in keys) else keys[0].at_ns
    accepted = [f for f in frames if f.kind == "assoc_response" and not _is_refusal(f)]
    has_keys = any(f.kind in _KEYS for f in frames)
    if accepted and not has_keys and _is_open(networks, frames[0].bssid):
        return accepted[0].at_ns
    return None


def _code(frame: JoinFrame) -> Code:
    """What the code of an answer means."""
    return refusal(frame.code, frame.algorithm)


def _is_refusal(frame: JoinFrame) -> bool:
    return frame.kind in ("auth_response", "assoc_response") and bool(_code(frame).reason)


def _judged(networks: Networks, frames: Frames) -> tuple[Outcome, str, JoinFrame]:
    """Outcome and reason of an attempt, and the frame that decides them."""
    refused = next((f for f in frames if _is_refusal(f)), None)
    if refused is not None:
        return Outcome.FAILED, _refusal(networks, frames, refused), refused
    joined_ns = _joined_ns(networks, frames)
    if joined_ns is not None:
        return _after_joining(frames, joined_ns)
    kinds = {frame.kind for frame in frames}
    last = frames[-1]
    deauth = next((f for f in frames if f.kind == "deauth"), None)
    first_keys = [f for f in frames if f.kind == "key1"]
    if "key2" in kinds and (
        len(first_keys) > 1 or (deauth is not None and deauth.code in HANDSHAKE_FAILED)
    ):
        return Outcome.FAILED, "wrong_password", deauth or last
    if deauth is not None and (reason := _ending(deauth)):
        return Outcome.FAILED, reason, deauth
    if len(first_keys) > 1:
        return Outcome.FAILED, "timeout", last
    if _is_wep_key_unanswered(frames):
        return Outcome.FAILED, "wrong_wep_key", last
    if _is_unanswered(frames):
        return Outcome.FAILED, "timeout", last
    return Outcome.UNCLEAR, "cut_off", last


def _refusal(networks: Networks, frames: Frames, refused: JoinFrame) -> str:
    """Why it was refused; a network with WEP, or a question in its manner, says how to read it."""
    is_wep = any(f.algorithm == SHARED_KEY for f in frames) or any(
        bss.description.obstacle() == "wep" for bss in networks.of(refused.bssid)
    )
    return refusal(refused.code, SHARED_KEY if is_wep else refused.algorithm).reason


def _after_joining(frames: Frames, joined_ns: int) -> tuple[Outcome, str, JoinFrame]:
    """The outcome once the keys were exchanged: it was let in, unless the access point sent it away
    at once.
    """
    deauth = next((f for f in frames if f.kind == "deauth" and f.at_ns >= joined_ns), None)
    if deauth is not None and not deauth.up and deauth.at_ns - joined_ns <= AT_ONCE_NS:
        reason = _ending(deauth)
        if reason:
            return Outcome.FAILED, reason, deauth
    last = next(f for f in reversed(frames) if f.kind != "deauth")
    return Outcome.OK, "", last


def _ending(deauth: JoinFrame) -> str:
    """Why an attempt failed that this frame ends; empty where that says nothing: a station may
    leave as it likes, but for a security that it does not find.
    """
    reason = sent_away(deauth.code).reason
    if deauth.up:
        return reason if reason in ("other_security", "eap_failed") else ""
    return "" if reason in HARMLESS else reason


def _is_wep_key_unanswered(frames: Frames) -> bool:
    """Did the access point challenge, and not react to the answers? Some drop what they cannot
    decrypt.
    """
    answers = [f.at_ns for f in frames if f.kind == "auth_next" and f.algorithm == SHARED_KEY]
    return (
        len(answers) >= ENOUGH_ANSWERS
        and answers[-1] - answers[0] >= APART_NS
        and not any(not f.up and f.at_ns > answers[0] for f in frames)
    )


def _is_unanswered(frames: Frames) -> bool:
    """Was the last question asked twice, and not answered?"""
    *before, last = frames
    if not before or last.kind not in ("auth", "auth_next", "assoc"):
        return False
    return all(f.up for f in frames) or (last.kind == before[-1].kind == "assoc")


def _is_open(networks: Networks, bssid: str) -> bool:
    return any(
        not bss.description.is_private
        and bss.description.rsn is None
        and bss.description.wpa is None
        for bss in networks.of(bssid)
    )


# -- after an attempt


def _not_kept(
    networks: Networks, station: str, attempts: Iterable[Frames], strays: Sequence[JoinFrame]
) -> Iterator[Observation]:
    """When the access point sent the station away that it had accepted, or that had joined before
    the capture began.
    """
    ended = [f for attempt in attempts if (f := _sent_away_later(networks, attempt)) is not None]
    for frame in sorted([*ended, *_first_of_each(strays)]):
        yield observed(
            "wifi.link",
            Outcome.FAILED,
            sent_away(frame.code).reason,
            subject=station,
            target=frame.bssid,
            at_ns=frame.at_ns,
            data=[("bssid", frame.bssid), ("code", frame.code), *_network(networks, frame.bssid)],
            packets=[frame],
        )


def _sent_away_later(networks: Networks, frames: Frames) -> JoinFrame | None:
    """The frame that sends a station away that had joined a while before."""
    joined_ns = _joined_ns(networks, frames)
    if joined_ns is None or any(_is_refusal(f) for f in frames):
        return None
    deauth = next((f for f in frames if f.kind == "deauth" and f.at_ns >= joined_ns), None)
    is_late = deauth is not None and deauth.at_ns - joined_ns > AT_ONCE_NS
    return deauth if is_late and deauth is not None and _is_against_station(deauth) else None


def _first_of_each(strays: Iterable[JoinFrame]) -> Iterator[JoinFrame]:
    """Those that send the station away, without repetitions."""
    last: JoinFrame | None = None
    for frame in strays:
        if frame.kind == "deauth" and _is_against_station(frame):
            if last is None or frame.at_ns - last.at_ns > AT_ONCE_NS or frame.bssid != last.bssid:
                yield frame
            last = frame


def _is_against_station(deauth: JoinFrame) -> bool:
    return not deauth.up and sent_away(deauth.code).reason not in HARMLESS


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
