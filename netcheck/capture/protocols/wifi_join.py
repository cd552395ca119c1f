"""Did the access point accept the station?

An attempt begins with an authentication, or with the first frame of a join where that was not
received, and ends with the next one. What status and reason codes mean stands in
`netcheck.wifi.codes`; who sends a reason decides what it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.wifi_frames import JoinFrame, SeenBss
from netcheck.capture.wifi.signal import weak_end
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wifi.codes import HARMLESS, SAE, SHARED_KEY, Code, refusal, sent_away
from netcheck.wifi.names import ssid_text

HANDSHAKE_FAILED = frozenset({1, 2, 14, 15, 23})
"""Reasons with which access points, and stations, end a 4-way handshake whose check sums differ."""
AT_ONCE_NS = 5 * SECOND_NS
"""Sent away so soon after it was accepted, a station was not let in; later it was not kept."""
KEYS_APART_NS = SECOND_NS // 4
"""hostapd asks for a part of the keys again after 100 ms, then after 1 s each (wpa_auth.c)."""
UNHEARD_RETRIES = 3
"""A frame sent again so often and never acknowledged was not received."""
ENOUGH_ANSWERS = 2
NOT_HEARD = frozenset({"timeout", "unheard", "weak"})
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
        self.names = frozenset(self._by_ssid)

    def __bool__(self) -> bool:
        return bool(self._by_bssid)

    def of(self, bssid: str) -> Sequence[SeenBss]:
        """What the access point of that address says of itself."""
        return self._by_bssid.get(bssid, ())

    def is_named(self, bssid: str) -> bool:
        """Did the access point of that address show a name?"""
        return any(bss.description.ssid for bss in self.of(bssid))

    def named(self, ssid: bytes) -> Sequence[SeenBss]:
        """The access points of that network."""
        return self._by_ssid.get(ssid, ())


def read_attempts(
    networks: Networks, station: str, attempts: Iterable[Frames]
) -> Iterator[Observation]:
    """What the station's attempts to join came to."""
    return (_attempt(networks, station, attempt) for attempt in attempts)


# -- attempts

_BEGINNINGS = frozenset({"auth", "auth_response", "assoc", "assoc_response", "key1"})
_KEYS = frozenset({"key1", "key2", "key3", "key4"})


def attempts_of(frames: Iterable[JoinFrame]) -> tuple[list[Frames], list[JoinFrame]]:
    """The frames of each attempt to join one access point, and those before the first."""
    attempts: list[list[JoinFrame]] = []
    strays: list[JoinFrame] = []
    for frame in frames:
        if frame.kind in ("probe", "probe_response", "transition"):
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
    is_answered = any(not f.kind.startswith("auth") or is_refusal(f) for f in current)
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
        kind = "reason" if deciding.kind == "deauth" else "status"
        data += [("code", deciding.code), ("code_of", kind)]
    if (reached := _reached(networks, frames)) is not None:
        data.append(("reached", reached))
    if reason in NOT_HEARD:
        data += weak_end(frames, networks.of(frames[0].bssid))
    if reason == "timeout" and any(f.is_acked for f in frames if f.up):
        data.append(("acknowledged", True))
    return observed(
        "wifi.join",
        outcome,
        reason,
        subject=station,
        target=frames[0].bssid,
        at_ns=frames[0].at_ns,
        end_ns=deciding.at_ns,
        data=[*data, *network_data(networks, frames[0].bssid)],
        packets=frames[:10],
    )


def network_data(networks: Networks, bssid: str) -> Iterator[tuple[str, Scalar]]:
    """The name of the access point's network, and whether it exists on another band, too."""
    own = [bss for bss in networks.of(bssid) if bss.description.ssid]
    if own:
        ssid = own[0].description.ssid
        yield "ssid", ssid_text(ssid)
        yield "other_band", ssid in networks.beyond_2ghz


def _reached(networks: Networks, frames: Frames) -> str | None:
    """How far the access point accepted the station: associated, or joined with its keys; None
    where that was not seen.
    """
    if joined_ns(networks, frames) is not None:
        return "joined"
    is_associated = any(
        f.kind in _KEYS or (f.kind == "assoc_response" and not is_refusal(f)) for f in frames
    )
    return "associated" if is_associated else None


def joined_ns(networks: Networks, frames: Frames) -> int | None:
    """When the last key was exchanged, or an open network accepted the association; None where
    that was not seen.
    """
    keys = [f for f in frames if f.kind in ("key3", "key4")]
    if keys:
        return keys[-1].at_ns if any(f.kind == "key4" for f in keys) else keys[0].at_ns
    accepted = [f for f in frames if f.kind == "assoc_response" and not is_refusal(f)]
    has_keys = any(f.kind in _KEYS for f in frames)
    is_plain = _is_open(networks, frames[0].bssid) and not any(f.is_secured for f in frames)
    if accepted and not has_keys and is_plain:
        return accepted[0].at_ns
    return None


def _code(frame: JoinFrame) -> Code:
    """What the code of an answer means."""
    return refusal(frame.code, frame.algorithm)


def is_refusal(frame: JoinFrame) -> bool:
    return frame.kind in ("auth_response", "assoc_response") and bool(_code(frame).reason)


def _judged(networks: Networks, frames: Frames) -> tuple[Outcome, str, JoinFrame]:
    """Outcome and reason of an attempt, and the frame that decides them."""
    refused = next((f for f in frames if is_refusal(f)), None)
    if refused is not None:
        return Outcome.FAILED, _refusal(networks, frames, refused), refused
    since = joined_ns(networks, frames)
    if since is not None:
        return _after_joining(frames, since)
    kinds = {frame.kind for frame in frames}
    last = frames[-1]
    if (unkeyed := _is_unkeyed(networks, frames)) is not None:
        return Outcome.FAILED, "other_security", unkeyed
    deauth = next((f for f in frames if f.kind == "deauth"), None)
    first_keys = [f for f in frames if f.kind == "key1"]
    is_ended = deauth is not None and deauth.code in HANDSHAKE_FAILED
    if "key2" in kinds and (len(first_keys) > 1 or is_ended or _are_asked_again(frames)):
        return Outcome.FAILED, "wrong_password", deauth or last
    if is_ended and len(first_keys) > 1 and not any(f.up for f in frames):
        return Outcome.FAILED, "wrong_password", deauth or last  # the station is not received
    if deauth is not None and (reason := _ending(deauth)):
        return Outcome.FAILED, reason, deauth
    if len(first_keys) > 1:
        return Outcome.FAILED, "timeout", last
    if _is_wep_key_unanswered(frames):
        return Outcome.FAILED, "wrong_wep_key", last
    if _is_unanswered(frames):
        return Outcome.FAILED, "timeout", last
    if not last.is_acked and last.retries >= UNHEARD_RETRIES:
        return Outcome.FAILED, "timeout" if last.up else "unheard", last
    return Outcome.UNCLEAR, "cut_off", last


def _are_asked_again(frames: Frames) -> bool:
    """Did the station send its part of the keys several times? It does only when it is asked for it
    again, also by an access point that the monitor does not receive.
    """
    answers = [f for f in frames if f.kind == "key2"]
    return any(f.at_ns - answers[0].at_ns > KEYS_APART_NS for f in answers)


def _is_unkeyed(networks: Networks, frames: Frames) -> JoinFrame | None:
    """The association request for WPA or WPA2 that an open access point accepted: no key follows,
    and the station leaves, or begins anew.
    """
    asked = next((f for f in frames if f.is_secured), None)
    is_over = any(f.kind == "deauth" for f in frames)
    has_keys = any(f.kind in _KEYS for f in frames)
    if asked is None or has_keys or not is_over or not _is_open(networks, asked.bssid):
        return None
    return asked


def _refusal(networks: Networks, frames: Frames, refused: JoinFrame) -> str:
    """Why it was refused; a network with WEP, or a question in its manner, says how to read it."""
    is_wep = any(f.algorithm == SHARED_KEY for f in frames) or any(
        bss.description.obstacle() == "wep" for bss in networks.of(refused.bssid)
    )
    return refusal(refused.code, SHARED_KEY if is_wep else refused.algorithm).reason


def _after_joining(frames: Frames, since: int) -> tuple[Outcome, str, JoinFrame]:
    """The outcome once the keys were exchanged: it was let in, unless the access point sent it away
    at once.
    """
    deauth = next((f for f in frames if f.kind == "deauth" and f.at_ns >= since), None)
    if deauth is not None and not deauth.up and deauth.at_ns - since <= AT_ONCE_NS:
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
