"""The networks that a device asks for, or that its user names: are they there, can it join them,
and if it never tries: are its questions answered?

A station that reads beacons never tries an access point that does not suit it, or whose security
differs from what it has stored: then beacons and probe responses themselves are the evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from statistics import median_low

from netcheck.capture.observations import SECOND_NS, HasPacketRef, observed
from netcheck.capture.protocols.wifi_frames import JoinFrame, SeenBss
from netcheck.capture.protocols.wifi_join import Frames
from netcheck.capture.wifi.signal import weak_end
from netcheck.capture.wifi.surroundings import RadioSurroundings
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wifi.names import similar_name, ssid_text

ENOUGH_PROBES, ENOUGH_ROUNDS = 2, 2
ROUND_NS = SECOND_NS
"""Probe requests further apart than this belong to different scans."""
ENOUGH_UNANSWERED = 3
ALIVE_NS = 2 * SECOND_NS
MOST_RETRIES = 0.6
"""Where more of the answers than this were sent again, the station does not acknowledge them."""
ENOUGH_ANSWERS = 4


def read_wanted(
    around: RadioSurroundings,
    station: str,
    frames: Frames,
    told: bytes,
    attempts: Sequence[Frames] = (),
) -> Iterator[Observation]:
    """Can the device join the networks that it asks for by name, or the one that the user names?
    Says something only where that is clear.
    """
    if not around.networks:
        return
    has_tried = bool(attempts)
    asked = {f.ssid for f in frames if f.kind in ("probe", "assoc") and f.ssid}
    meant = {bss.bssid for bss in around.networks.named(told)} if told else set()
    if not asked and not has_tried and meant <= {bss.bssid for bss in around.hidden}:
        hidden = list(_hidden(around, station, frames, meant))
        yield from hidden
        if hidden and meant:
            return  # it is there, and the device does not ask for it
    for ssid in sorted(asked | ({told} - {b""})):
        own = around.networks.named(ssid)
        found = _network(around, station, frames, ssid, has_tried=has_tried)
        if found is None:
            continue
        yield found
        if found.ok and not has_tried:
            yield from _answered(around, station, frames, ssid, own)
        elif found.outcome is Outcome.FAILED:
            yield from _again(found, own, attempts)


def _network(
    around: RadioSurroundings, station: str, frames: Frames, ssid: bytes, *, has_tried: bool
) -> Observation | None:
    """Is there an access point of that name, and can a Photon join it? None where that is not
    clear.
    """
    own = around.networks.named(ssid)
    probes = [f for f in frames if f.kind == "probe"]
    outcome, reason = _suits(own, probes, has_tried=has_tried)
    is_asked_here = any(f.ssid == ssid for f in probes)
    if outcome is Outcome.UNCLEAR or (
        reason == "only_5ghz" and not is_asked_here and not around.is_all_of_2ghz
    ):
        return None
    channel = next((bss.description.channel for bss in own if bss.description.channel), 0)
    data: list[tuple[str, Scalar]] = [("channel", channel)]
    near: list[SeenBss] = []
    if reason == "not_on_air":
        data += [("channels", len(around.channels))] if around.channels else []
        similar, near = _similar(around, ssid)
        data += [("similar", similar)] if similar else []
    sent = [f for f in frames if f.up and f.kind in ("probe", "auth", "assoc")]
    return observed(
        "wifi.network",
        outcome,
        reason,
        subject=station,
        target=f"ssid:{ssid_text(ssid)}",
        at_ns=(sent or list(frames) or own)[0].at_ns,
        data=data,
        packets=[*own[:3], *near[:1], *probes[:3]],
    )


def _again(
    found: Observation, own: Sequence[SeenBss], attempts: Sequence[Frames]
) -> Iterator[Observation]:
    """The same for each further attempt: what an access point offers holds for all of them."""
    bssids = {bss.bssid for bss in own}
    for attempt in attempts[1:]:
        if attempt[0].bssid in bssids:
            yield observed(
                found.fact,
                found.outcome,
                found.reason,
                subject=found.subject,
                target=found.target,
                at_ns=attempt[0].at_ns,
                data=found.data,
                packets=[*own[:3], *attempt[:1]],
            )


def _similar(around: RadioSurroundings, ssid: bytes) -> tuple[str, list[SeenBss]]:
    """A name that is nearly the one asked for, and the access points that have it."""
    names = {name.decode("utf-8", "replace"): name for name in around.networks.names if name}
    similar = names.get(similar_name(ssid.decode("utf-8", "replace"), sorted(names)), b"")
    return (ssid_text(similar), list(around.networks.named(similar))) if similar else ("", [])


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
    if probes and not has_tried and all(_is_beyond_channels(bss, probes) for bss in suitable):
        return Outcome.FAILED, "channel"
    return Outcome.OK, ""


def _is_beyond_channels(bss: SeenBss, probes: Frames) -> bool:
    """Is it on channel 12 to 14, where the station never asked?"""
    channel = bss.description.channel or 0
    return 12 <= channel <= 14 and not any(f.frequency_mhz == 2407 + 5 * channel for f in probes)


# -- it suits, and the device never tried


def _answered(
    around: RadioSurroundings, station: str, frames: Frames, ssid: bytes, own: Sequence[SeenBss]
) -> Iterator[Observation]:
    """What becomes of the questions for a network that it could join, and did not try to."""
    near = [b for b in own if not b.description.obstacle() and b.description.is_2ghz]
    near = [b for b in near if around.is_within_reach(b.description.channel)]
    probes = [f for f in frames if f.kind == "probe" and f.ssid == ssid and _is_heard(f, near)]
    rounds = _rounds(probes)
    if not near or len(rounds) < ENOUGH_ROUNDS:
        return
    bssids = {bss.bssid for bss in near}
    answers = [f for f in frames if not f.up and f.bssid in bssids]
    target = f"ssid:{ssid_text(ssid)}"
    if not answers:
        asked = _questions(around, frames, ssid, near)
        yield from _silence(around, station, target, asked, near)
    elif _is_not_acknowledged(answers):
        yield _asked("wifi.probe", "unheard", station, target, probes, answers, near)
    elif _is_ignored(around, rounds, answers):
        security = {bss.description.security for bss in near}
        data: list[tuple[str, Scalar]] = [
            ("offers", security.pop() if len(security) == 1 else "other")
        ]
        yield observed(
            "wifi.request",
            Outcome.FAILED,
            "not_tried",
            subject=station,
            target=target,
            at_ns=probes[0].at_ns,
            end_ns=answers[-1].at_ns,
            data=data,
            packets=[*near[:1], *probes[:3], *answers[:3]],
        )


def _is_heard(probe: JoinFrame, near: Iterable[SeenBss]) -> bool:
    """Was it received on the channel of one of these access points?"""
    mhz = probe.frequency_mhz
    return not mhz or any(mhz == bss.description.frequency_mhz for bss in near)


def _questions(
    around: RadioSurroundings, frames: Frames, ssid: bytes, near: Sequence[SeenBss]
) -> list[JoinFrame]:
    """The probe requests that these access points ought to answer: by name, and those for every
    network where they do not hide theirs (IEEE 802.11-2020 §11.1.4.3.4).
    """
    hidden = {bss.bssid for bss in around.hidden}
    shown = [bss for bss in near if bss.bssid not in hidden]
    return [
        f
        for f in frames
        if f.kind == "probe"
        and (
            (f.ssid == ssid and _is_heard(f, near))
            or (not f.ssid and shown and _is_heard(f, shown))
        )
    ]


def _rounds(probes: Iterable[JoinFrame]) -> list[list[JoinFrame]]:
    """The probe requests of each scan."""
    rounds: list[list[JoinFrame]] = []
    for probe in probes:
        if not rounds or probe.at_ns - rounds[-1][-1].at_ns > ROUND_NS:
            rounds.append([])
        rounds[-1].append(probe)
    return rounds


def _silence(
    around: RadioSurroundings, station: str, target: str, probes: Frames, near: Sequence[SeenBss]
) -> Iterator[Observation]:
    """An access point that was there all the time, and answered none of the questions."""
    first, last = probes[0].at_ns, probes[-1].at_ns
    alive = [b for b in near if b.at_ns <= last + ALIVE_NS and b.last_ns >= first - ALIVE_NS]
    if not alive or len(probes) < ENOUGH_UNANSWERED:
        return
    answers_others = around.answers_others({b.bssid for b in alive}, station, first, last)
    data: list[tuple[str, Scalar]] = [("answers_others", answers_others)]
    ssid = alive[0].description.ssid
    data.append(("other_band", ssid in around.networks.beyond_2ghz))
    signals = [probe.signal_dbm for probe in probes if probe.signal_dbm is not None]
    data += [("signal_dbm", median_low(signals))] if signals else []
    yield _asked("wifi.probe", "timeout", station, target, probes, (), alive, data)


def _asked(
    fact: str,
    reason: str,
    station: str,
    target: str,
    probes: Frames,
    answers: Frames,
    near: Sequence[SeenBss],
    data: Sequence[tuple[str, Scalar]] = (),
) -> Observation:
    packets: list[HasPacketRef] = [*near[:1], *probes[:6], *answers[:3]]
    return observed(
        fact,
        Outcome.FAILED,
        reason,
        subject=station,
        target=target,
        at_ns=probes[0].at_ns,
        end_ns=probes[-1].at_ns,
        data=[*data, *weak_end([*probes, *answers], near)],
        packets=packets,
    )


def _is_not_acknowledged(answers: Frames) -> bool:
    retries = sum(f.is_retry for f in answers)
    return len(answers) >= ENOUGH_ANSWERS and retries >= MOST_RETRIES * len(answers)


def _is_ignored(around: RadioSurroundings, rounds: Sequence[Frames], answers: Frames) -> bool:
    """Was it answered in several scans, each time with time to go on before the capture ends?"""
    until = around.last_ns - ROUND_NS // 2
    answered = [
        one
        for one in rounds
        if any(
            0 <= answer.at_ns - one[0].at_ns <= ROUND_NS and answer.at_ns <= until
            for answer in answers
        )
    ]
    return (
        len(answered) >= ENOUGH_ROUNDS
        and answered[-1][0].at_ns - answered[0][0].at_ns >= 2 * ROUND_NS
    )


# -- a hidden name


def _hidden(
    around: RadioSurroundings, station: str, frames: Frames, own: Collection[str]
) -> Iterator[Observation]:
    """An access point that keeps its name to itself, near a device that again and again asks for
    none by name, and tries none: perhaps it is its own. `own`: those that are, as its user says.
    """
    rounds = _rounds(f for f in frames if f.kind == "probe")
    hidden = [
        bss
        for bss in around.hidden
        if not bss.description.obstacle()
        and (bss.bssid in own or not around.networks.is_named(bss.bssid))
    ]
    if len(rounds) < ENOUGH_ROUNDS or not hidden or station in around.access_points:
        return
    first, last = rounds[0][0], rounds[-1][-1]
    if last.at_ns - first.at_ns < 3 * ROUND_NS:
        return
    yield observed(
        "wifi.network",
        Outcome.FAILED if own else Outcome.UNCLEAR,
        "hidden",
        subject=station,
        target=hidden[0].bssid,
        at_ns=first.at_ns,
        end_ns=last.at_ns,
        data=[("channel", hidden[0].description.channel or 0)],
        packets=[hidden[0], first, last],
    )
