"""What a later part of a try, or a later try, says of a cause that was shown before: did the device
get past it?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netcheck.correlator.judging.view import View
from netcheck.model import Evidence, Observation, Rung, Stage
from netcheck.vocabulary import FACTS, decides_rung, is_of_light

MOMENT_S = 60.0
"""A server that is back so soon was restarted, or its way to it changed."""
_OVERCOME = (Stage.GATEWAY, Stage.DNS, Stage.INTERNET, Stage.TCP, Stage.HANDSHAKE)
"""Rungs that a session rests on from its beginning to its end."""
_DEATHS = ("session.end", "session.keepalive")
"""Facts that, failed, show how a session died."""


def was_overcome(stage: Stage, support: Sequence[Evidence], view: View) -> bool:
    """Did the device get farther in the same try, after everything that speaks for the cause? Then
    it did not stop the device there.
    """
    seen = [o for e in support for o in e.seen if o in view.device_observations]
    if not seen or not all(o.failed for o in seen):
        return False
    last = max(o.end for o in seen)
    is_setting = all(o.fact == "dhcp.options" for o in seen)  # it came to no harm
    return (stage in _OVERCOME or is_setting) and any(
        o.ok and o.at >= last and o.stage is Stage.SESSION and not is_of_light(o.fact)
        for o in view.attempt.own
    )


def was_cut_off_before(support: Sequence[Evidence], newest: View) -> bool:
    """Does the newest try end before the step that failed earlier? Then that step did not pass
    since, even where others of its rung did.
    """
    failed = [_step(o) for e in support for o in e.seen if o.failed and _step(o)]
    passed = [o for o in newest.attempt.own if o.ok and decides_rung(o.fact)]
    has_session = any(o.stage >= Stage.SESSION for o in passed)
    return bool(failed) and not has_session and max(map(_step, passed), default=0) < min(failed)


def was_outlived(support: Sequence[Evidence], views: Sequence[View], last: int) -> bool:
    """Did a session after the try `last` last as long as the one that died there? That a session
    opened again says nothing of how long it will hold. True where no session died.
    """
    ages = [_age_s(o) for e in support for o in e.seen if o.failed and o.fact in _DEATHS]
    died_s = min((age for age in ages if age), default=0.0)
    later = [o for view in views[last + 1 :] for o in view.attempt.own]
    return not died_s or any(
        (o.fact == "session.keepalive" and o.ok) or (o.fact == "session.end" and _age_s(o) > died_s)
        for o in later
    )


def was_moment(
    stage: Stage,
    climbs: Sequence[Mapping[Stage, Rung]],
    held: Sequence[int],
    views: Sequence[View],
) -> bool:
    """Did the cloud only not answer for some seconds, between two good sessions? Then it was away,
    and is back.
    """
    sessions = [
        index
        for index, rungs in enumerate(climbs)
        if any(o.ok for o in rungs[Stage.SESSION].because)
    ]
    before = [index for index in sessions if index < held[0]]
    after = [index for index in sessions if index > held[-1]]
    return (
        stage in (Stage.TCP, Stage.HANDSHAKE)
        and bool(before and after)
        and views[after[0]].attempt.start - views[held[0]].attempt.start <= MOMENT_S
    )


def was_let_in_soon(
    support: Sequence[Evidence], held: Sequence[int], views: Sequence[View]
) -> bool:
    """Did the access point only refuse the device, by a status, some seconds long, and then let it
    in? Some send a station to another band first, and take it when it insists.
    """
    failed = [o for e in support for o in e.seen if o.failed]
    is_refusal = all(o.fact == "wifi.join" and o.text("code_of") == "status" for o in failed)
    refused_s = views[-1].attempt.start - views[held[0]].attempt.start
    return bool(failed) and is_refusal and held[-1] < len(views) - 1 and refused_s <= MOMENT_S


def _age_s(o: Observation) -> float:
    """How long the session had lasted or been idle when it ended; 0 where that is not known."""
    return max(o.number("lasted_s") or 0.0, o.number("idle_s") or 0.0)


def _step(o: Observation) -> int:
    """Its place among the steps of one try; 0: it is none."""
    return FACTS[o.fact].climb or 0 if o.fact in FACTS else 0
