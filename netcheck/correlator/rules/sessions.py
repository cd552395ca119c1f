"""Patterns over several tries: sessions that die, devices that start over, keys that change."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from netcheck.correlator.attempts import Attempt
from netcheck.correlator.judging.view import View, picked
from netcheck.correlator.rules.query import anyone, ever, own, rule
from netcheck.model import Observation, Outcome

SAME_AGE_S = 2.0
SAME_SESSION_S = 5.0
"""A session opens so shortly after its handshake."""
LOOP_S = 120.0
"""Sessions or restarts farther apart than this are not a loop."""
RESTARTS, REJOINS = 3, 3
PAUSE_S = 15.0
"""A device that closed its session and is away for longer than a start takes was asleep."""
EVEN = 0.3
"""Intervals that differ by less than this part are even."""


def _lost_pings(view: View) -> tuple[Observation, ...]:
    return ever(view, "session.keepalive", "timeout", "reset")


@rule
def idle_loss_repeats(view: View) -> Sequence[Observation]:
    """At least two sessions died at one idle age, and a new connection came through soon after."""
    lost = [o for o in _lost_pings(view) if o.number("idle_s") is not None]
    ages = [o.number("idle_s") or 0.0 for o in lost]
    if len(lost) < 2 or max(ages) - min(ages) > SAME_AGE_S or not own(view, "session.keepalive"):
        return ()
    if any(
        (o.number("idle_s") or 0.0) >= min(ages) - SAME_AGE_S
        for o in ever(view, "session.keepalive", ok=True)
    ):
        return ()  # the connection outlived as long a pause at other times
    again = [
        o for o in ever(view, "handshake.welcome", ok=True) if 0 < o.at - lost[0].end < LOOP_S / 2
    ]
    return [*lost, again[0]] if again else ()


@rule
def line_fails_others_too(view: View) -> Sequence[Observation]:
    """After a session died, neither a name nor the internet test got an answer at other times, and
    most of the other clients, too, reach the Internet at times and at times not.
    """
    silent = (
        ever(view, "dns.cloud_name", "timeout", "unreachable"),
        ever(view, "internet.test", "timeout", "unreachable"),
    )
    history = view.history
    hindered = history.ever("internet.reach", "timeout", "unreachable", ok=False, others=True)
    reached = {o.subject for o in history.ever("internet.reach", ok=True, others=True)}
    both = [o for o in hindered if o.subject in reached]
    is_most = 2 * len({o.subject for o in both}) > len(reached)
    if not all(silent) or not is_most or not (_lost_pings(view) or ever(view, "session.end")):
        return ()
    return [*silent[0][:1], *silent[1][:1], *both]


@rule
def cloud_spoke_here_before(view: View) -> Sequence[Observation]:
    """The connection opens and nothing comes, where a whole handshake went through before."""
    silent = own(view, "handshake.nonce", "silent")
    served = [
        o
        for o in ever(view, "handshake.welcome", ok=True)
        if any(o.target == one.target and o.end <= one.at for one in silent)
    ]
    return [*silent, *served[-1:]] if served else ()


def _lost_for_good(attempt: Attempt) -> list[Observation]:
    """The keepalives that were sent again and again in vain, in a try where none was answered."""
    keepalives = [o for o in attempt.own if o.fact == "session.keepalive"]
    if any(o.ok for o in keepalives):
        return []
    return [o for o in picked(keepalives, "timeout") if (o.number("repeats") or 0) > 0]


@rule
def keepalive_lost_for_good(view: View) -> Sequence[Observation]:
    """The first keepalive was sent again and again, and nothing came on that connection any
    more.
    """
    return _lost_for_good(view.attempt)


@rule
def connections_forgotten(view: View) -> Sequence[Observation]:
    """At least twice nothing came on a connection from its first keepalive on, however often that
    was sent, and a new connection worked at once, on the same Wi-Fi.
    """
    lost = [o for attempt in view.history.tries for o in _lost_for_good(attempt)]
    if len(lost) < 2 or not keepalive_lost_for_good(view):
        return ()
    opened = ever(view, "handshake.welcome", ok=True)
    leases = view.history.own.get("dhcp.lease", ())
    again: list[Observation] = []
    for one in lost:
        following = next((o for o in opened if o.at > one.at), None)
        if following is None:
            continue
        is_late = following.at - one.end >= LOOP_S / 2
        if is_late or any(one.at < o.at < following.at for o in leases):
            return ()
        again.append(following)
    return [*lost, *again[:1]] if again else ()


@rule
def sessions_die_irregularly(view: View) -> Sequence[Observation]:
    """Sessions die again and again, not at one idle age; or the network is gone for a while each
    time.
    """
    lost = _lost_pings(view)
    ended = ever(view, "session.end", "reset", "closed")
    if len(lost) + len(ended) < 2 or idle_loss_repeats(view) or connections_forgotten(view):
        return ()
    here = own(view, "session.keepalive", "timeout", "reset") + own(
        view, "session.end", "reset", "closed"
    )
    return [*lost, *ended] if here else ()


@rule
def rejoins_at_odd_times(view: View) -> Sequence[Observation]:
    """At least three times, and not in a rhythm as a program keeps, the device joined again in the
    middle of a session that nobody had closed, and ran on.
    """
    lost = [
        o
        for o in view.history.own.get("session.end", ())
        if o.reason == "link_lost"
        and o.outcome in (Outcome.FAILED, Outcome.UNCLEAR)
        and o.number("lasted_s") is not None
    ]
    ages = [(o.number("lasted_s") or 0.0) + (o.number("idle_s") or 0.0) for o in lost]
    if len(lost) < REJOINS or max(ages) - min(ages) <= EVEN * max(ages):
        return ()
    return lost if any(o in lost for o in view.attempt.own) else ()


def _loops(view: View) -> Sequence[Observation]:
    """At least three short sessions, left without a close by a device that starts again: as their
    ends show or, where none was seen, as a new start does before the next one. Two restarts at
    least are seen, and no session was left otherwise. Who closes it and pauses sleeps.
    """
    ends = view.history.own.get("session.end", ())
    sessions = _sessions(view, ends)
    if len(sessions) < RESTARTS or sessions[-1].at - sessions[0].at > LOOP_S * len(sessions):
        return []
    starts = view.history.own.get("dhcp.lease", ())
    left = [_was_left(one, after, ends, starts) for one, after in pairwise(sessions)]
    if any(_was_sent_away(view, one, after) for one, after in pairwise(sessions)):
        return []
    return sessions if False not in left and left.count(True) >= RESTARTS - 1 else []


def _sessions(view: View, ends: Sequence[Observation]) -> list[Observation]:
    """What shows each session, in order of time: its begin; where that was not seen, how it was
    left, or the end of its handshake.
    """
    found = list(ever(view, "session.open", ok=True))
    before = float("-inf")
    for end in sorted(ends, key=lambda o: o.at):
        if end.value("restarted") is True and not any(before < o.at <= end.at for o in found):
            found.append(end)
        before = end.at
    found += [
        o
        for o in ever(view, "handshake.welcome", ok=True)
        if not any(0 <= one.at - o.at <= SAME_SESSION_S for one in found)
    ]
    return sorted(found, key=lambda o: o.at)


def _was_sent_away(view: View, one: Observation, after: Observation) -> bool:
    """Did the access point end the link between these two sessions, or not answer for a while?
    Then the device began again for that. A device that restarts leaves a link without an end, and
    is answered when it is back.
    """
    links = view.history.own.get("wifi.link", ())
    return any(
        o.failed
        and (o.number("code") is not None or (o.number("unanswered") or 0) > 0)
        and one.at < o.at < after.at
        for o in links
    )


def _was_left(
    one: Observation, after: Observation, ends: Sequence[Observation], starts: Sequence[Observation]
) -> bool | None:
    """Did the device start again between these two sessions, without having closed the first? None
    where neither an end nor a start was seen.
    """
    seen = [o for o in ends if one.at <= o.at < after.at]
    if seen:
        begun = next((o for o in starts if seen[-1].end <= o.at < after.at), None)
        is_asleep = begun is not None and begun.at - seen[-1].end > PAUSE_S
        return not is_asleep and any(o.value("restarted") is True for o in seen)
    return True if any(one.at < o.at < after.at for o in starts) else None


@rule
def reboot_loop(view: View) -> Sequence[Observation]:
    """The device starts over again and again, soon after connecting."""
    return _loops(view)


@rule
def regular_reboot_loop(view: View) -> Sequence[Observation]:
    """The same, at such even intervals as a program keeps and bad radio does not; between two
    captures nobody watched.
    """
    sessions = _loops(view)
    watched = anyone(view, "capture.coverage", ok=True)
    gaps = [
        later.at - earlier.at
        for earlier, later in pairwise(sessions)
        if not watched or any(one.at <= earlier.at and later.at <= one.end for one in watched)
    ]
    return sessions if len(gaps) > 1 and max(gaps) - min(gaps) <= EVEN * max(gaps) else ()


@rule
def signature_changed(view: View) -> Sequence[Observation]:
    """The same address signed with the cloud's key another time, and now with another."""
    here = [
        o
        for o in view.attempt.by_witness["device"].get("handshake.signature", ())
        if o.reason == "other_key"
    ]
    everyone = ever(view, "handshake.signature", ok=True) + view.history.ever(
        "handshake.signature", ok=True, others=True
    )
    proven = [o for o in everyone if any(o.target == mine.target for mine in here)]
    return [*here, *proven[:1]] if here and proven else ()


@rule
def same_id_twice(view: View) -> Sequence[Observation]:
    """Two MACs showed one device id while both were there; of a device that was identified, one of
    them is its own: two others are a fault of theirs.
    """
    own = {o.subject for o in view.attempt.own}
    named = anyone(view, "device.identity", ok=True)
    mine = [o for o in named if own & {o.subject, o.text("mac"), o.text("id")}]
    by_id: dict[str, list[Observation]] = {}
    for o in named:
        if o.text("id") and o.text("mac"):
            by_id.setdefault(o.text("id"), []).append(o)
    for one in mine or named:
        alike = by_id.get(one.text("id"), ()) if one.text("mac") else ()
        if any(o.text("mac") != one.text("mac") for o in alike):
            return alike
    return ()


@rule
def restarts_before_online(view: View) -> Sequence[Observation]:
    """The device started anew several times, each soon after the one before, and was not online
    between.
    """
    restarts = sorted(view.history.own.get("device.restart", ()), key=lambda o: o.at)
    if len(restarts) < RESTARTS or restarts[-1].at - restarts[0].at > LOOP_S * (len(restarts) - 1):
        return ()
    return () if view.history.ever("session.open", ok=True) else restarts
