"""When is nothing more needed? Judged from what was recorded until now, by the analysis that reads
the recording afterwards.

A device is settled when it connected and kept its session, or when it failed for the same likely
reason often enough. All devices that tried something must be; one that is only online already
proves nothing about the next attempts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netcheck.correlator.attempts import Attempt, tries_of
from netcheck.model import Device, Diagnosis, Level, Observation, Stage, Verdict

KEPT_S = 26.0
"""A Photon pings after 15 s of silence and gives up 10 s later: a session this old was answered, or
never idle (device-os@v0.6.0:communication/src/spark_protocol.cpp).
"""
FAILED_TRIES = 2
"""So many with one cause are enough when the newest one failed, too."""
CERTAIN_TRIES = 3
"""So many are enough whatever the newest one does, which may have only just begun."""
LONG_ENOUGH_S = 20.0
"""Failing for fewer seconds proves little: a device that is refused at once tries again each
second, and a router may be starting.
"""

_BEGINNINGS = frozenset({"wifi.join", "dns.cloud_name", "tcp.cloud"})


def settled(
    observations: Sequence[Observation], diagnoses: Sequence[Diagnosis], now: float
) -> tuple[str, ...]:
    """Why nothing more needs to be recorded, one sentence for each device; empty while something is
    open.

    `now`: until when frames were recorded, UTC seconds since 1970.
    """
    reasons = []
    for diagnosis in diagnoses:
        tries = tries_of(diagnosis.device, observations)
        if not has_begun(tries):
            continue
        why = _kept(tries[-1], now) or _failed(tries, diagnosis, now)
        if not why:
            return ()
        reasons.append(why if len(diagnoses) == 1 else f"{name_of(diagnosis.device)}: {why}")
    return tuple(reasons)


def name_of(device: Device) -> str:
    """The shortest name that distinguishes it from others."""
    return device.mac or device.id or device.ip or "a Photon"


def has_begun(tries: Iterable[Attempt]) -> bool:
    """Did the device start a new attempt? A session that was already open does not count."""
    return any(_was_begun_here(attempt) for attempt in tries)


def _was_begun_here(attempt: Attempt) -> bool:
    """Is more to be seen than an online device's upkeep: a lease renewed in passing, an ARP answer,
    pings?
    """
    return any(
        (o.failed and o.stage < Stage.SESSION)
        or o.fact in _BEGINNINGS
        or (o.fact == "dhcp.lease" and o.number("discovers") != 0)
        for o in attempt.own
    )


def _kept(attempt: Attempt, now: float) -> str:
    opened = max((o.at for o in attempt.own if o.fact == "session.open" and o.ok), default=None)
    if opened is None or not any(o.fact == "tcp.cloud" and o.ok for o in attempt.own):
        return ""
    later = [
        o
        for o in attempt.own
        if o.fact in ("session.keepalive", "session.end", "session.open") and o.at >= opened
    ]
    if any(o.failed or o.fact == "session.end" for o in later) or any(
        o.reason == "cut_off" for o in later
    ):
        return ""
    was_answered = any(o.fact == "session.keepalive" and o.ok for o in later)
    return "it connected and kept its session" if was_answered or now - opened >= KEPT_S else ""


def _failed(tries: Sequence[Attempt], diagnosis: Diagnosis, now: float) -> str:
    best = diagnosis.best
    if (
        diagnosis.verdict is not Verdict.FAULT
        or best is None
        or not best.stops_connection
        or now - tries[0].start < LONG_ENOUGH_S
    ):
        return ""
    finished = [attempt for attempt in tries if attempt.is_settled(Stage.SESSION)]
    newest_failed = bool(finished) and finished[-1].has_failed
    enough = best.held_in >= CERTAIN_TRIES or (best.held_in >= FAILED_TRIES and newest_failed)
    is_sure = best.level in (Level.CONFIRMED, Level.LIKELY)
    return (
        f"{best.cause} is {best.level.value}, seen in {best.held_in} of {best.out_of} tries"
        if enough and is_sure
        else ""
    )
