"""Does the access point keep the device that it had let in? Sent away, asked to go elsewhere, or no
longer heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from netcheck.capture.observations import SECOND_NS, HasPacketRef, observed
from netcheck.capture.protocols.wifi_frames import JoinFrame
from netcheck.capture.protocols.wifi_join import (
    AT_ONCE_NS,
    Frames,
    Networks,
    is_refusal,
    joined_ns,
    network_data,
)
from netcheck.capture.wifi.surroundings import ANSWERS
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wifi.codes import HARMLESS, sent_away

BACK_NS = 10 * SECOND_NS
"""A station that is back so soon did not mean to leave, or to sleep."""
ENOUGH_HARMLESS = 3
"""So often an access point that says that all is in good order has a reason of its own."""
ENOUGH_UNANSWERED = 3
ENOUGH_REJOINS = 3
SOON_NS = 600 * SECOND_NS


def read_link(
    networks: Networks,
    station: str,
    frames: Frames,
    attempts: Sequence[Frames],
    strays: Sequence[JoinFrame],
) -> Iterator[Observation]:
    """When the access point sent the station away that it had accepted, or that had joined before
    the capture began; and when they lost each other.
    """
    ended = [f for attempt in attempts if (f := _sent_away_later(networks, attempt)) is not None]
    for frame in sorted([*ended, *_first_of_each(strays), *_in_good_order(frames, attempts)]):
        asked = _asked_to_go(frames, frame)
        reason = sent_away(frame.code).reason if asked is None else "steered"
        packets = [] if asked is None else [asked, frame]
        yield _link(networks, station, frame, reason, code=frame.code, packets=packets)
    joins = list(_stays(networks, frames, attempts))
    for stay in joins:
        asked_to_go = _steered(stay)
        if asked_to_go is not None:
            yield _link(networks, station, asked_to_go, "steered")
    yield from _lost(networks, station, joins)


def _link(
    networks: Networks,
    station: str,
    frame: JoinFrame,
    reason: str,
    *,
    code: int | None = None,
    data: Sequence[tuple[str, Scalar]] = (),
    packets: Sequence[HasPacketRef] = (),
) -> Observation:
    own: list[tuple[str, Scalar]] = [("bssid", frame.bssid)]
    own += [("code", code), ("code_of", "reason")] if code is not None else []
    return observed(
        "wifi.link",
        Outcome.FAILED,
        reason,
        subject=station,
        target=frame.bssid,
        at_ns=frame.at_ns,
        data=[*own, *data, *network_data(networks, frame.bssid)],
        packets=packets or [frame],
    )


# -- sent away


def _sent_away_later(networks: Networks, frames: Frames) -> JoinFrame | None:
    """The frame that sends a station away that had joined a while before."""
    since = joined_ns(networks, frames)
    if since is None or any(is_refusal(f) for f in frames):
        return None
    deauth = next((f for f in frames if f.kind == "deauth" and f.at_ns >= since), None)
    is_late = deauth is not None and deauth.at_ns - since > AT_ONCE_NS
    return deauth if is_late and deauth is not None and _is_against_station(deauth) else None


def _asked_to_go(frames: Frames, end: JoinFrame) -> JoinFrame | None:
    """The access point's request to go to another, a moment before it ended the link itself."""
    return next(
        (
            f
            for f in frames
            if f.kind == "transition"
            and f.bssid == end.bssid
            and 0 < end.at_ns - f.at_ns <= BACK_NS
        ),
        None,
    )


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


def _in_good_order(frames: Frames, attempts: Sequence[Frames]) -> list[JoinFrame]:
    """The endings by an access point that goes, or calls the station idle, where that happens again
    and again to one that is back at once.
    """
    ended = [
        next((f for f in attempt if f.kind == "deauth" and not f.up), None) for attempt in attempts
    ]
    harmless = [f for f in ended if f is not None and sent_away(f.code).reason in HARMLESS]
    again = [f for f in harmless if any(o.up and 0 < o.at_ns - f.at_ns <= BACK_NS for o in frames)]
    return again if len(again) >= ENOUGH_HARMLESS else []


# -- a stay: from one join to the next


class _Stay:
    """One join, and the frames until the next attempt."""

    def __init__(self, attempt: Frames, since: int, later: Frames, following: Frames) -> None:
        self.bssid = attempt[0].bssid
        self.since = since
        self.later = later
        self.following = following
        self.deauth = next((f for f in later if f.kind == "deauth"), None)


def _stays(networks: Networks, frames: Frames, attempts: Sequence[Frames]) -> Iterator[_Stay]:
    for attempt, following in pairwise([*attempts, ()]):
        since = joined_ns(networks, attempt)
        if since is not None and not any(is_refusal(f) for f in attempt):
            until = following[0].at_ns if following else None
            later = [f for f in frames if f.at_ns > since and (until is None or f.at_ns < until)]
            yield _Stay(attempt, since, later, following)


def _steered(stay: _Stay) -> JoinFrame | None:
    """The request to go to another access point after which the stay ended."""
    asked = next((f for f in stay.later if f.kind == "transition"), None)
    if asked is None or (stay.deauth is not None and not stay.deauth.up):
        return None
    ends = [f.at_ns for f in (stay.deauth, *stay.following[:1]) if f is not None]
    return asked if any(0 < end - asked.at_ns <= BACK_NS for end in ends) else None


def _lost(networks: Networks, station: str, stays: Sequence[_Stay]) -> Iterator[Observation]:
    """When the station asked for its access point again, and neither had ended the stay."""
    silent = [s for s in stays if s.deauth is None and not _steered(s)]
    unanswered = {id(stay): _unanswered(stay) for stay in silent}
    lost = [stay for stay in silent if len(unanswered[id(stay)]) >= ENOUGH_UNANSWERED]
    for stay in lost:
        asked = unanswered[id(stay)]
        data: list[tuple[str, Scalar]] = [("unanswered", len(asked))]
        yield _link(networks, station, asked[0], "link_lost", data=data, packets=asked[:6])
    rejoins = [
        s.following[0]
        for s in silent
        if s.following and s not in lost and AT_ONCE_NS < s.following[0].at_ns - s.since <= SOON_NS
    ]
    if len(rejoins) >= ENOUGH_REJOINS:
        for again in rejoins:
            yield _link(networks, station, again, "link_lost", data=[("unanswered", 0)])


def _unanswered(stay: _Stay) -> list[JoinFrame]:
    """The questions of the station for its network, a while after it had joined, before any
    answer.
    """
    asked: list[JoinFrame] = []
    for frame in (*stay.later, *stay.following):
        if frame.at_ns - stay.since <= AT_ONCE_NS:
            continue
        if frame.kind in ANSWERS:
            break
        if frame.up and (frame.kind in ("auth", "assoc") or (frame.kind == "probe" and frame.ssid)):
            asked.append(frame)
    return asked
