"""Times and hops of packets: did an answer, refusal or reset come from nearby or from the cloud?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netcheck.correlator.judging.view import FAR_MS, View, is_between
from netcheck.correlator.rules.query import anyone, ever, is_private, own, rule
from netcheck.model import Observation

LAN_MS = 3.0
NEAR = 0.3
"""An answer in less than this part of the Internet's round trip was made on the path."""
PACE = 0.6
"""One that takes at least this part of it came from there."""
SLOW_MS = 2000.0
"""Firmware before 0.8 waits so long for the cloud's Hello."""
RESENT = 2
"""So many retransmissions of one segment are no single lost packet."""
TOO_SLOW_MS = 4000.0
"""Later firmware waits so long (device-os@v0.8.0-rc.3:communication/src/protocol.cpp)."""


def _compared(
    view: View, seen: list[Observation], is_case: Callable[[float, float], bool]
) -> Sequence[Observation]:
    pace = view.history.round_trip
    if pace is None:
        return ()
    reference = pace.number("rtt_ms") or 0.0
    found = [
        o
        for o in seen
        if o.number("rtt_ms") is not None
        and not is_private(o)
        and is_case(o.number("rtt_ms") or 0.0, reference)
    ]
    return [*found, pace] if found else ()


@rule
def answered_near(view: View) -> Sequence[Observation]:
    """The connection was accepted much faster than the Internet answers."""
    return _compared(view, own(view, "tcp.cloud", ok=True), lambda ms, pace: 0 <= ms < NEAR * pace)


@rule
def answered_far(view: View) -> Sequence[Observation]:
    """The connection was accepted at the Internet's pace."""
    return _compared(view, own(view, "tcp.cloud", ok=True), lambda ms, pace: ms >= PACE * pace)


@rule
def answered_far_and_silent(view: View) -> Sequence[Observation]:
    """The connection was accepted at the Internet's pace, and then nothing came. Who sends wrong
    bytes may stand anywhere.
    """
    return () if own(view, "handshake.nonce", "short", "text", "not_random") else answered_far(view)


@rule
def answered_at_lan_speed(view: View) -> Sequence[Observation]:
    """Without a comparison: accepted within a time that only a near machine can keep."""
    if view.history.round_trip is not None:
        return ()
    return [
        o for o in own(view, "tcp.cloud", ok=True) if 0 <= (o.number("rtt_ms") or LAN_MS) < LAN_MS
    ]


@rule
def refused_near(view: View) -> Sequence[Observation]:
    """The reset came much faster than the Internet answers, or at the speed of the LAN."""
    refused = own(view, "tcp.cloud", "refused", "reset")
    near = _compared(view, refused, lambda ms, pace: 0 <= ms < NEAR * pace)
    if near or view.history.round_trip is not None:
        return near
    return [o for o in refused if 0 <= (o.number("rtt_ms") or LAN_MS) < LAN_MS]


@rule
def refused_far(view: View) -> Sequence[Observation]:
    """The reset took as long as the Internet does; without a comparison, longer than a LAN."""
    refused = own(view, "tcp.cloud", "refused", "reset")
    far = _compared(view, refused, lambda ms, pace: ms >= PACE * pace)
    if far or view.history.round_trip is not None:
        return far
    return [o for o in refused if (o.number("rtt_ms") or 0.0) >= FAR_MS]


@rule
def refused_by_the_cloud(view: View) -> Sequence[Observation]:
    """The reset has the TTL and the pace of the opening, in another try, of a connection in which
    the cloud itself answered there: what stands nearer has neither.
    """
    if not ever(view, "handshake.hello", ok=True) and not ever(view, "handshake.welcome", ok=True):
        return ()
    opened = {
        (o.target, ttl): o
        for o in ever(view, "tcp.cloud", ok=True)
        if (ttl := o.number("ttl")) is not None and (o.number("rtt_ms") or 0.0) >= FAR_MS
    }
    found = []
    for o in own(view, "tcp.cloud", "refused", "reset"):
        before = opened.get((o.target, o.number("ttl") or 0.0))
        if before is not None and _is_at_pace(o, before):
            found += [o, before]
    return found


def _is_at_pace(o: Observation, other: Observation) -> bool:
    """Did it take about as long as that one?"""
    trip, before = o.number("rtt_ms"), other.number("rtt_ms") or 0.0
    return trip is not None and PACE * before <= trip <= before / PACE


def _is_by_middlebox(o: Observation) -> bool:
    """Does a reset's TTL or timing not fit the server that sent before?"""
    ttl, server = o.number("ttl"), o.number("server_ttl")
    if ttl is not None and server is not None and ttl != server:
        return True
    after, trip = o.number("after_ms"), o.number("rtt_ms")
    return after is not None and trip is not None and trip >= FAR_MS and after < NEAR * trip


@rule
def reset_by_middlebox(view: View) -> Sequence[Observation]:
    """A connection or its handshake was reset by something other than the server."""
    facts = (
        "handshake.nonce",
        "handshake.request",
        "handshake.key",
        "handshake.hello",
        "handshake.welcome",
    )
    resets = [o for fact in facts for o in own(view, fact, "reset") if _is_by_middlebox(o)]
    refusals = [o for o in own(view, "tcp.cloud", "refused") if o.number("server_ttl") is not None]
    return [*resets, *(o for o in refusals if _is_by_middlebox(o))]


@rule
def keepalive_reset_by_middlebox(view: View) -> Sequence[Observation]:
    """A keepalive was reset by something other than the server."""
    return [o for o in own(view, "session.keepalive", "reset") if _is_by_middlebox(o)]


@rule
def sessions_cut_by_middlebox(view: View) -> Sequence[Observation]:
    """Several sessions, this one too, were reset by something other than the server."""
    cut = [o for o in ever(view, "session.end", "reset") if _is_by_middlebox(o)]
    return cut if len(cut) > 1 and own(view, "session.end", "reset") else ()


@rule
def request_sent_again(view: View) -> Sequence[Observation]:
    """The device's 256 bytes had to be sent several times before they were acknowledged, and their
    answer came after its time: a server that hangs acknowledges at once (RFC 9293 §3.8.6.3).
    """
    again = [
        o for o in own(view, "handshake.request", ok=True) if (o.number("repeats") or 0) >= RESENT
    ]
    late = own(view, "handshake.key", "late")
    return [*again, *late] if again and late else ()


LEAST_SILENT = 2
"""One attempt that meets silence accuses nobody."""


@rule
def opens_now_and_then(view: View) -> Sequence[Observation]:
    """Of one run's attempts to open the same address several met silence and others an answer, and
    while each of those met silence another host answered.
    """
    opened = own(view, "tcp.cloud", ok=True)
    others = [
        o
        for fact in ("internet.reach", "internet.test")
        for o in anyone(view, fact, ok=True)
        if o.source.startswith("probe:")
    ]
    silent = [
        o
        for o in own(view, "tcp.cloud", "timeout")
        if any(is_between(other, o) for other in others)
    ]
    lost: list[Observation] = []
    for run in _runs_of_probes(view):
        of_run = [o for o in silent if _is_of(run, o)]
        for address in {o.text("address") for o in opened if _is_of(run, o)}:
            at_address = [o for o in of_run if o.text("address") == address]
            lost += at_address if len(at_address) >= LEAST_SILENT else []
    return [*lost, *opened] if lost else ()


def _runs_of_probes(view: View) -> Sequence[Observation]:
    """When each probe of each run began, and how long it took."""
    return view.attempt.by_witness["any"].get("probe.run", ())


def _is_of(run: Observation, o: Observation) -> bool:
    """Did that run of a probe see this?"""
    return (run.subject, run.source) == (o.subject, o.source) and run.at <= o.at <= run.end


@rule
def slow_round_trip(view: View) -> Sequence[Observation]:
    """The round trip is of seconds in a try that did not come through."""
    if not any(o.failed and o.fact.startswith("handshake.") for o in view.attempt.device):
        return ()
    return [o for o in own(view, "tcp.cloud", ok=True) if (o.number("rtt_ms") or 0) >= SLOW_MS]


def _everything_takes(view: View, least_ms: float, most_ms: float) -> Sequence[Observation]:
    """A probe's connections to the cloud, where these and the fastest answer from elsewhere took
    that long.
    """
    pace = view.history.round_trip
    opened = [
        o
        for o in own(view, "tcp.cloud", ok=True)
        if o.source.startswith("probe:") and o.number("rtt_ms") is not None
    ]
    trips = [o.number("rtt_ms") or 0.0 for o in (*opened, *([pace] if pace else ()))]
    return [*opened, pace] if pace and opened and least_ms <= min(trips) < most_ms else ()


@rule
def round_trip_beyond_old_timeout(view: View) -> Sequence[Observation]:
    """No answer from outside comes within the time that old firmware waits for the cloud's
    Hello.
    """
    return _everything_takes(view, SLOW_MS, TOO_SLOW_MS)


@rule
def round_trip_beyond_timeout(view: View) -> Sequence[Observation]:
    """No answer from outside comes within the time that any firmware waits for the cloud's
    Hello.
    """
    return _everything_takes(view, TOO_SLOW_MS, float("inf"))


@rule
def much_is_lost(view: View) -> Sequence[Observation]:
    """A good part of a series of packets got lost, and the connections that opened do not oppose
    it.
    """
    return view.losses
