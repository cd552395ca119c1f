"""Times and hops of packets: did an answer, refusal or reset come from nearby or from the cloud?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netcheck.correlator.rules.query import anyone, is_private, own, rule
from netcheck.correlator.weigh import FAR_MS, View, is_between
from netcheck.model import Observation

LAN_MS = 3.0
NEAR = 0.3
"""An answer in less than this part of the Internet's round trip was made on the path."""
PACE = 0.6
"""One that takes at least this part of it came from there."""
SLOW_MS = 2000.0
"""Firmware before 0.8 waits so long for the cloud's Hello."""
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


ONE_RUN_S = 4.0
"""A run of probes opens a connection again within 2 s; two runs are farther apart."""


@rule
def opens_now_and_then(view: View) -> Sequence[Observation]:
    """Attempts of one run to open the same address met silence and an answer, and while one met
    silence another host answered.
    """
    silent, opened = own(view, "tcp.cloud", "timeout"), own(view, "tcp.cloud", ok=True)
    others = [
        o
        for fact in ("internet.reach", "internet.test")
        for o in anyone(view, fact, ok=True)
        if o.source.startswith("probe:")
    ]
    lost = [
        o
        for o in silent
        if o.source.startswith("probe:")
        and any(
            one.text("address") == o.text("address") and abs(one.at - o.at) <= ONE_RUN_S
            for one in opened
        )
        and any(is_between(other, o) for other in others)
    ]
    return [*lost, *opened] if lost else ()


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
