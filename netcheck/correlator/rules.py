"""What a table of clues cannot say: comparisons of times, patterns over several tries, one client against another.

A rule looks at a view and returns the observations that show its case, or nothing. It never fails: what it needs and does
not find means that its case was not shown. Named in `causes.toml`; sources stand there with the causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from netcheck.correlator.attempts import Attempt
from netcheck.correlator.weigh import Rule, View
from netcheck.model import NETWORK, Observation

FAR_MS = 8.0
"""Below this a round trip to the Internet cannot be told from one in the building."""
LAN_MS = 3.0
NEAR = 0.3
"""An answer in less than this part of the Internet's round trip was made on the way."""
PACE = 0.6
SLOW_MS = 2000.0
SAME_AGE_S = 2.0
NEVER_S = 45.0
LOOP_S = 120.0

RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Register a rule under its name."""
    RULES[function.__name__] = function
    return function


def _pick(observations: Iterable[Observation], fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """The failed ones of a fact (with one of these reasons), or the ones that are ok."""
    return [o for o in observations if o.fact == fact and (o.ok if ok else o.failed and (not reasons or o.reason in reasons))]


def _controls(attempt: Attempt) -> list[Observation]:
    return [o for o in attempt.others if o.subject != NETWORK]


# -- how near


def _pace_ms(view: View) -> Observation | None:
    """The fastest round trip to a host outside that is not the cloud's port: how long the Internet takes here."""
    pool = [o for attempt in view.history for o in (*attempt.device, *attempt.others)]
    trips = [
        o for o in pool if o.ok and o.fact in ("internet.test", "internet.reach", "tcp.cloud_other_port") and (o.number("rtt_ms") or 0) > 0
    ]
    far = [o for o in trips if (o.number("rtt_ms") or 0) >= FAR_MS]
    return min(far, key=lambda o: o.number("rtt_ms") or 0) if far and len(far) == len(trips) else None


def _compared(view: View, seen: list[Observation], is_case: Callable[[float, float], bool]) -> Sequence[Observation]:
    pace = _pace_ms(view)
    if pace is None:
        return ()
    reference = pace.number("rtt_ms") or 0.0
    found = [o for o in seen if o.number("rtt_ms") is not None and is_case(o.number("rtt_ms") or 0.0, reference)]
    return [*found, pace] if found else ()


@rule
def answered_near(view: View) -> Sequence[Observation]:
    """The connection was accepted much faster than the Internet answers."""
    return _compared(view, _pick(view.attempt.device, "tcp.cloud", ok=True), lambda ms, pace: 0 <= ms < NEAR * pace)


@rule
def answered_far(view: View) -> Sequence[Observation]:
    """The connection was accepted at the Internet's pace."""
    return _compared(view, _pick(view.attempt.device, "tcp.cloud", ok=True), lambda ms, pace: ms >= PACE * pace)


@rule
def answered_at_lan_speed(view: View) -> Sequence[Observation]:
    """Without a comparison: accepted within a time that only a near machine can keep."""
    if _pace_ms(view) is not None:
        return ()
    return [o for o in _pick(view.attempt.device, "tcp.cloud", ok=True) if 0 <= (o.number("rtt_ms") or LAN_MS) < LAN_MS]


@rule
def refused_near(view: View) -> Sequence[Observation]:
    """The reset came much faster than the Internet answers, or at the speed of the LAN."""
    refused = _pick(view.attempt.device, "tcp.cloud", "refused", "reset")
    near = _compared(view, refused, lambda ms, pace: 0 <= ms < NEAR * pace)
    if near or _pace_ms(view) is not None:
        return near
    return [o for o in refused if 0 <= (o.number("rtt_ms") or LAN_MS) < LAN_MS]


@rule
def refused_far(view: View) -> Sequence[Observation]:
    """The reset took as long as the Internet does; without a comparison, longer than a LAN."""
    refused = _pick(view.attempt.device, "tcp.cloud", "refused", "reset")
    far = _compared(view, refused, lambda ms, pace: ms >= PACE * pace)
    if far or _pace_ms(view) is not None:
        return far
    return [o for o in refused if (o.number("rtt_ms") or 0.0) >= FAR_MS]


def _by_a_box(o: Observation) -> bool:
    """Does a reset's TTL or timing not fit the server that spoke before?"""
    ttl, server = o.number("ttl"), o.number("server_ttl")
    if ttl is not None and server is not None and ttl != server:
        return True
    after, trip = o.number("after_ms"), o.number("rtt_ms")
    return after is not None and trip is not None and trip >= FAR_MS and after < NEAR * trip


@rule
def cut_by_a_box(view: View) -> Sequence[Observation]:
    """A handshake was reset by something other than the server."""
    facts = ("handshake.nonce", "handshake.request", "handshake.key", "handshake.hello", "handshake.welcome")
    return [o for o in view.attempt.device if o.fact in facts and o.failed and o.reason == "reset" and _by_a_box(o)]


@rule
def keepalive_cut_by_a_box(view: View) -> Sequence[Observation]:
    """A keepalive was reset by something other than the server."""
    return [o for o in _pick(view.attempt.device, "session.keepalive", "reset") if _by_a_box(o)]


@rule
def slow_round_trip(view: View) -> Sequence[Observation]:
    """The round trip is of seconds in a try that did not come through."""
    if not any(o.failed and o.fact.startswith("handshake.") for o in view.attempt.device):
        return ()
    return [o for o in _pick(view.attempt.device, "tcp.cloud", ok=True) if (o.number("rtt_ms") or 0) >= SLOW_MS]


# -- names


def _resolvers(o: Observation) -> set[str]:
    return set(o.text("resolver").split())


def _names(view: View, *, ok: bool) -> list[Observation]:
    """Look-ups of other names by anyone at the resolvers that failed the device."""
    failed = _pick(view.attempt.device, "dns.cloud_name")
    asked = set().union(*(_resolvers(o) for o in failed)) if failed else set()
    facts = ("dns.other_name", "internet.name_test")
    pool = [o for attempt in view.history for o in attempt.device] + view.attempt.others
    found = [o for o in dict.fromkeys(pool) if o.fact in facts and (o.ok if ok else o.failed)]
    return [o for o in found if not asked or not _resolvers(o) or _resolvers(o) & asked] if failed else []


@rule
def other_names_resolve(view: View) -> Sequence[Observation]:
    """The resolver that fails for the cloud's name answers for others."""
    return _names(view, ok=True)


@rule
def every_name_denied(view: View) -> Sequence[Observation]:
    """The resolver denies other names in the same way, and answers none."""
    if _names(view, ok=True):
        return ()
    reasons = {o.reason for o in _pick(view.attempt.device, "dns.cloud_name")} - {"bogon"}
    return [o for o in _names(view, ok=False) if o.reason in reasons]


@rule
def names_fail_but_internet_works(view: View) -> Sequence[Observation]:
    """The cloud's name does not resolve, yet something outside answers by its address."""
    if not _pick(view.attempt.device, "dns.cloud_name", "timeout", "servfail", "unreachable", "prohibited", "late"):
        return ()
    found = _pick(view.attempt.device, "internet.test", ok=True) + _pick(view.attempt.device, "internet.reach", ok=True)
    return found or _pick(_controls(view.attempt), "internet.reach", ok=True)


@rule
def nothing_resolves(view: View) -> Sequence[Observation]:
    """Every look-up of the device meets silence or failure, and nothing outside answered anybody."""
    failed = _pick(view.attempt.device, "dns.cloud_name", "timeout", "servfail", "unreachable")
    everybody = [o for attempt in view.history for o in (*attempt.device, *attempt.others)]
    lives = [
        o for o in everybody if o.ok and o.fact in ("internet.test", "internet.reach", "dns.other_name", "internet.name_test", "tcp.cloud")
    ]
    return [] if lives else failed


@rule
def foreign_answers_false(view: View) -> Sequence[Observation]:
    """A resolver outside gives a false address too: questions are caught on the way."""
    return _pick([*view.attempt.device, *view.attempt.others], "dns.compare", "bogon")


@rule
def name_led_to_cloud(view: View) -> Sequence[Observation]:
    """An address the name gave answered with a nonce: a cloud stands there, however private the address."""
    return _pick(view.attempt.device, "handshake.nonce", ok=True)


@rule
def no_resolver_and_no_name(view: View) -> Sequence[Observation]:
    """The lease names no resolver, and the cloud's name was not found."""
    missing = _pick(view.attempt.device, "dhcp.options", "missing_dns")
    failed = _pick(view.attempt.device, "dns.cloud_name")
    return [*missing, *failed] if missing and failed else ()


@rule
def never_asked_name(view: View) -> Sequence[Observation]:
    """The device was watched from its lease on, and opened the port without a look-up."""
    everything = [o for attempt in view.history for o in attempt.device]
    if any(o.fact == "dns.cloud_name" for o in everything) or not _pick(everything, "dhcp.lease", ok=True):
        return ()
    return _pick(view.attempt.device, "tcp.cloud")


# -- who else


def _first_silence(view: View) -> float | None:
    """When the device was first left without an address; None if this try did not fail so."""
    if not _pick(view.attempt.device, "dhcp.lease", "no_offer", "nak"):
        return None
    return min(o.at for attempt in view.history for o in _pick(attempt.device, "dhcp.lease", "no_offer", "nak"))


def _new_leases(view: View) -> list[Observation]:
    """Leases that others got by DISCOVER, not by renewing one they had."""
    return [o for o in _pick(_controls(view.attempt), "dhcp.lease", ok=True) if (o.number("discovers") or 0) > 0]


@rule
def new_client_served_meanwhile(view: View) -> Sequence[Observation]:
    """Another client got a lease by DISCOVER after the device was first left without an answer."""
    since = _first_silence(view)
    return [] if since is None else [o for o in _new_leases(view) if o.end >= since]


@rule
def served_before_only(view: View) -> Sequence[Observation]:
    """Others got new leases before the device asked, and nobody since."""
    since = _first_silence(view)
    if since is None or new_client_served_meanwhile(view):
        return ()
    return _new_leases(view)


@rule
def gateway_answers_others(view: View) -> Sequence[Observation]:
    """The gateway is silent towards the device and answers another client."""
    silent = _pick(view.attempt.device, "gateway.arp", "timeout")
    wanted = {o.target for o in silent}
    return [o for o in _pick(_controls(view.attempt), "gateway.arp", ok=True) if o.target in wanted]


def _other_gateways(view: View) -> list[Observation]:
    silent = _pick(view.attempt.device, "gateway.arp", "timeout")
    wanted = {o.target for o in silent}
    others = _pick(_controls(view.attempt), "gateway.arp", ok=True)
    if not silent or not others or any(o.target in wanted for o in others):
        return []
    return [*silent, *others]


def _has_lease(view: View) -> bool:
    return any(o.fact.startswith("dhcp.") for attempt in view.history for o in attempt.device)


@rule
def leased_gateway_differs(view: View) -> Sequence[Observation]:
    """The leased gateway is silent, and others use one that answers."""
    return _other_gateways(view) if _has_lease(view) else ()


@rule
def static_gateway_differs(view: View) -> Sequence[Observation]:
    """No lease was asked for, the gateway wanted is silent, and others use one that answers."""
    return () if _has_lease(view) else _other_gateways(view)


@rule
def leased_gateway_silent(view: View) -> Sequence[Observation]:
    """The gateway named in the lease is silent."""
    return _pick(view.attempt.device, "gateway.arp", "timeout") if _has_lease(view) else ()


@rule
def static_gateway_silent(view: View) -> Sequence[Observation]:
    """No lease was asked for, and the gateway wanted is silent."""
    return () if _has_lease(view) else _pick(view.attempt.device, "gateway.arp", "timeout")


@rule
def other_servers_lease_fails(view: View) -> Sequence[Observation]:
    """Two servers differ, and with what this one gave the device gets no farther than its gateway or resolver."""
    two = _pick([*view.attempt.device, *view.attempt.others], "dhcp.servers", "two_servers")
    stuck = _pick(view.attempt.device, "gateway.arp", "timeout") + _pick(view.attempt.device, "dns.cloud_name", "timeout", "unreachable")
    stuck += _pick(view.attempt.device, "dhcp.options")
    return [*two, *stuck] if two and stuck else ()


@rule
def way_out_unreachable(view: View) -> Sequence[Observation]:
    """A router says that a host other than the cloud cannot be reached."""
    facts = ("internet.test", "internet.reach", "dns.cloud_name")
    return [o for o in (*view.attempt.device, *view.attempt.others) if o.fact in facts and o.failed and o.reason == "unreachable"]


@rule
def only_test_fails(view: View) -> Sequence[Observation]:
    """The device's own internet test fails, while the cloud, or others on the Internet, answer."""
    failed = _pick(view.attempt.device, "internet.test", "timeout", "refused", "prohibited", "unreachable")
    lives = _pick(view.attempt.device, "tcp.cloud", ok=True) + _pick(_controls(view.attempt), "internet.reach", ok=True)
    return [*failed, *lives[:2]] if failed and lives else ()


# -- over several tries


@rule
def never_tries_cloud(view: View) -> Sequence[Observation]:
    """Watched long enough after it had an address, the device never asked for the cloud."""
    everything = [o for attempt in view.history for o in attempt.device]
    leases = _pick(everything, "dhcp.lease", ok=True)
    if not leases or any(o.fact in ("dns.cloud_name", "tcp.cloud") or o.fact.startswith("session.") for o in everything):
        return ()
    watched = [o for o in view.attempt.others if o.fact == "capture.coverage" and o.end - leases[-1].end >= NEVER_S]
    return [leases[-1], *watched] if watched else ()


def _lost_pings(view: View) -> list[Observation]:
    return [o for attempt in view.history for o in _pick(attempt.device, "session.keepalive", "timeout", "reset")]


@rule
def idle_cut_repeats(view: View) -> Sequence[Observation]:
    """At least two sessions died at one idle age, and a new connection came through soon after."""
    lost = [o for o in _lost_pings(view) if o.number("idle_s") is not None]
    ages = [o.number("idle_s") or 0.0 for o in lost]
    if len(lost) < 2 or max(ages) - min(ages) > SAME_AGE_S or not _pick(view.attempt.device, "session.keepalive"):
        return ()
    held = [o for attempt in view.history for o in _pick(attempt.device, "session.keepalive", ok=True)]
    if any((o.number("idle_s") or 0.0) >= min(ages) - SAME_AGE_S for o in held):
        return ()  # the connection outlived as long a pause at other times
    again = [
        o for attempt in view.history for o in _pick(attempt.device, "handshake.welcome", ok=True) if 0 < o.at - lost[0].end < LOOP_S / 2
    ]
    return [*lost, again[0]] if again else ()


@rule
def sessions_die_irregularly(view: View) -> Sequence[Observation]:
    """Sessions die again and again, not at one idle age; or the way is gone for a while each time."""
    lost = _lost_pings(view)
    ended = [o for attempt in view.history for o in _pick(attempt.device, "session.end", "reset", "closed")]
    if len(lost) + len(ended) < 2 or idle_cut_repeats(view):
        return ()
    return [*lost, *ended] if any(o in view.attempt.own for o in (*lost, *ended)) else ()


@rule
def reboot_loop(view: View) -> Sequence[Observation]:
    """At least three short sessions, each followed by a device that starts over from its address."""
    starts = [_pick(attempt.device, "dhcp.lease", ok=True) for attempt in view.history if _pick(attempt.device, "session.open", ok=True)]
    leases = [found[0] for found in starts if found]
    if len(leases) < 3 or len(leases) < len(starts) or leases[-1].at - leases[0].at > LOOP_S * len(leases):
        return ()
    return leases


@rule
def real_cloud_unusable(view: View) -> Sequence[Observation]:
    """The cloud's own key signed what the device then could not use."""
    signed = _pick(view.attempt.device, "handshake.signature", ok=True)
    refused = _pick(view.attempt.device, "handshake.hello", "device_closed")
    return [*signed, *refused] if signed and refused else ()


@rule
def signature_changed(view: View) -> Sequence[Observation]:
    """The same address signed with the cloud's key another time, and now with another."""
    here = [o for o in view.attempt.device if o.fact == "handshake.signature" and o.reason == "other_key"]
    proven = [
        o
        for attempt in view.history
        for o in _pick([*attempt.device, *attempt.others], "handshake.signature", ok=True)
        if any(o.target == mine.target for mine in here)
    ]
    return [*here, *proven[:1]] if here and proven else ()


@rule
def same_id_twice(view: View) -> Sequence[Observation]:
    """Two MACs showed one device id while both were there."""
    seen = [o for o in (*view.attempt.device, *view.attempt.others) if o.fact == "device.identity" and o.text("id") and o.text("mac")]
    for o in seen:
        twins = [other for other in seen if other.text("id") == o.text("id") and other.text("mac") != o.text("mac")]
        if twins:
            return [o, *twins]
    return ()
