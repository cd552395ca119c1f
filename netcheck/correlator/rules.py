"""What a table of clues cannot say: comparisons of times, patterns over several tries, one client against another.

A rule looks at a view and returns the observations that show its case, or nothing. It never fails: what it needs and does
not find means that its case was not shown. Named in `causes.toml`; sources stand there with the causes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from netcheck.addresses import is_bogon
from netcheck.correlator.weigh import FAR_MS, Rule, View, picked
from netcheck.model import Observation

LAN_MS = 3.0
NEAR = 0.3
"""An answer in less than this part of the Internet's round trip was made on the way."""
PACE = 0.6
SLOW_MS = 2000.0
SAME_AGE_S = 2.0
NEVER_S = 45.0
LOOP_S = 120.0
EVEN = 0.3
"""Intervals that differ by less than this part are even."""

RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Register a rule under its name."""
    RULES[function.__name__] = function
    return function


def _own(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """What the device showed of a fact in this try."""
    return picked(view.attempt.by_witness["device"].get(fact, ()), *reasons, ok=ok)


def _controls(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """What other clients showed of a fact during this try."""
    return picked(view.attempt.by_witness["control"].get(fact, ()), *reasons, ok=ok)


def _anyone(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """What anyone or the network itself showed of a fact during this try."""
    return picked(view.attempt.by_witness["any"].get(fact, ()), *reasons, ok=ok)


def _ever(view: View, fact: str, *reasons: str, ok: bool = False) -> tuple[Observation, ...]:
    """What the device showed of a fact in any try."""
    return view.history.ever(fact, *reasons, ok=ok)


def _is_private(o: Observation) -> bool:
    """Was that tried at an address of the local network?"""
    return is_bogon(o.text("address"))


# -- how near


def _compared(view: View, seen: list[Observation], is_case: Callable[[float, float], bool]) -> Sequence[Observation]:
    pace = view.history.pace
    if pace is None:
        return ()
    reference = pace.number("rtt_ms") or 0.0
    found = [o for o in seen if o.number("rtt_ms") is not None and not _is_private(o) and is_case(o.number("rtt_ms") or 0.0, reference)]
    return [*found, pace] if found else ()


@rule
def answered_near(view: View) -> Sequence[Observation]:
    """The connection was accepted much faster than the Internet answers."""
    return _compared(view, _own(view, "tcp.cloud", ok=True), lambda ms, pace: 0 <= ms < NEAR * pace)


@rule
def answered_far(view: View) -> Sequence[Observation]:
    """The connection was accepted at the Internet's pace."""
    return _compared(view, _own(view, "tcp.cloud", ok=True), lambda ms, pace: ms >= PACE * pace)


@rule
def answered_at_lan_speed(view: View) -> Sequence[Observation]:
    """Without a comparison: accepted within a time that only a near machine can keep."""
    if view.history.pace is not None:
        return ()
    return [o for o in _own(view, "tcp.cloud", ok=True) if 0 <= (o.number("rtt_ms") or LAN_MS) < LAN_MS]


@rule
def refused_near(view: View) -> Sequence[Observation]:
    """The reset came much faster than the Internet answers, or at the speed of the LAN."""
    refused = _own(view, "tcp.cloud", "refused", "reset")
    near = _compared(view, refused, lambda ms, pace: 0 <= ms < NEAR * pace)
    if near or view.history.pace is not None:
        return near
    return [o for o in refused if 0 <= (o.number("rtt_ms") or LAN_MS) < LAN_MS]


@rule
def refused_far(view: View) -> Sequence[Observation]:
    """The reset took as long as the Internet does; without a comparison, longer than a LAN."""
    refused = _own(view, "tcp.cloud", "refused", "reset")
    far = _compared(view, refused, lambda ms, pace: ms >= PACE * pace)
    if far or view.history.pace is not None:
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
    return [o for fact in facts for o in _own(view, fact, "reset") if _by_a_box(o)]


@rule
def keepalive_cut_by_a_box(view: View) -> Sequence[Observation]:
    """A keepalive was reset by something other than the server."""
    return [o for o in _own(view, "session.keepalive", "reset") if _by_a_box(o)]


@rule
def slow_round_trip(view: View) -> Sequence[Observation]:
    """The round trip is of seconds in a try that did not come through."""
    if not any(o.failed and o.fact.startswith("handshake.") for o in view.attempt.device):
        return ()
    return [o for o in _own(view, "tcp.cloud", ok=True) if (o.number("rtt_ms") or 0) >= SLOW_MS]


# -- names


def _resolvers(o: Observation) -> set[str]:
    return set(o.text("resolver").split())


def _names(view: View, *, ok: bool) -> list[Observation]:
    """Look-ups of other names by anyone at the resolvers that failed the device."""
    failed = _own(view, "dns.cloud_name")
    asked = set().union(*(_resolvers(o) for o in failed)) if failed else set()
    found = [o for fact in ("dns.other_name", "internet.name_test") for o in (*_ever(view, fact, ok=ok), *_controls(view, fact, ok=ok))]
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
    reasons = {o.reason for o in _own(view, "dns.cloud_name")} - {"bogon"}
    return [o for o in _names(view, ok=False) if o.reason in reasons]


@rule
def names_fail_but_internet_works(view: View) -> Sequence[Observation]:
    """The cloud's name does not resolve, yet something outside answers by its address."""
    if not _own(view, "dns.cloud_name", "timeout", "servfail", "unreachable", "prohibited", "late"):
        return ()
    found = _own(view, "internet.test", ok=True) + _own(view, "internet.reach", ok=True)
    return found or _controls(view, "internet.reach", ok=True)


@rule
def nothing_resolves(view: View) -> Sequence[Observation]:
    """Every look-up of the device meets silence or failure, and nothing outside answered anybody."""
    failed = _own(view, "dns.cloud_name", "timeout", "servfail", "unreachable")
    facts = ("internet.test", "internet.reach", "dns.other_name", "internet.name_test", "tcp.cloud")
    lives = any(_ever(view, fact, ok=True) or view.history.ever(fact, ok=True, others=True) for fact in facts)
    return [] if lives else failed


@rule
def foreign_answers_false(view: View) -> Sequence[Observation]:
    """A resolver outside gives a false address too: questions are caught on the way."""
    return _anyone(view, "dns.compare", "bogon")


@rule
def name_led_to_cloud(view: View) -> Sequence[Observation]:
    """An address the name gave answered with a nonce: a cloud stands there, however private the address."""
    given = {address for o in view.history.own.get("dns.cloud_name", ()) for address in o.text("addresses").split()}
    nonces = _own(view, "handshake.nonce", ok=True)
    return [o for o in nonces if not given or not o.text("address") or o.text("address") in given]


@rule
def no_resolver_and_no_name(view: View) -> Sequence[Observation]:
    """The lease names no resolver, and the cloud's name was not found."""
    missing = _own(view, "dhcp.options", "missing_dns")
    failed = _own(view, "dns.cloud_name")
    return [*missing, *failed] if missing and failed else ()


@rule
def no_resolver_and_no_look_up(view: View) -> Sequence[Observation]:
    """The lease names no resolver, and the device makes its internet test without ever having looked up a name."""
    missing, tests = _own(view, "dhcp.options", "missing_dns"), _ever(view, "internet.test") + _ever(view, "internet.test", ok=True)
    return [*missing, *tests[:1]] if missing and tests and not view.history.own.get("dns.cloud_name") else ()


@rule
def never_asked_name(view: View) -> Sequence[Observation]:
    """The device was watched from its lease on, and opened the port without a look-up."""
    if view.history.own.get("dns.cloud_name") or not _ever(view, "dhcp.lease", ok=True):
        return ()
    return _own(view, "tcp.cloud")


# -- who else


def _first_silence(view: View) -> float | None:
    """When the device was first left without an address; None if this try did not fail so."""
    if not _own(view, "dhcp.lease", "no_offer", "nak"):
        return None
    return min(o.at for o in _ever(view, "dhcp.lease", "no_offer", "nak"))


def _new_leases(view: View) -> list[Observation]:
    """Leases that others got by DISCOVER, not by renewing one they had."""
    return [o for o in _controls(view, "dhcp.lease", ok=True) if (o.number("discovers") or 0) > 0]


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
    silent = _own(view, "gateway.arp", "timeout")
    wanted = {o.target for o in silent}
    return [o for o in _controls(view, "gateway.arp", ok=True) if o.target in wanted]


def _other_gateways(view: View) -> list[Observation]:
    silent = _own(view, "gateway.arp", "timeout")
    wanted = {o.target for o in silent}
    others = _controls(view, "gateway.arp", ok=True)
    if not silent or not others or any(o.target in wanted for o in others):
        return []
    return [*silent, *others]


def _has_lease(view: View) -> bool:
    """Was the device seen to ask for an address? A computer that stands in for it is taken to have asked."""
    return bool(view.history.own.get("dhcp.lease")) or any(o.source.startswith("probe:") for o in view.attempt.own)


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
    """The gateway named in the lease is silent, and it is not the server that gave the lease."""
    servers = {o.text("server") for o in _ever(view, "dhcp.lease", ok=True)}
    return [o for o in _own(view, "gateway.arp", "timeout") if o.target not in servers] if servers else ()


@rule
def static_gateway_silent(view: View) -> Sequence[Observation]:
    """No lease was asked for, and the gateway wanted is silent."""
    return () if _has_lease(view) else _own(view, "gateway.arp", "timeout")


@rule
def static_from_start(view: View) -> Sequence[Observation]:
    """The device announced its address anew without asking any server for one."""
    return [o for o in view.attempt.by_witness["device"].get("address.static", ()) if o.value("start_seen") is True]


def _stuck(view: View) -> list[Observation]:
    """The device's failures to reach both the cloud and its internet test; nothing if one of them was not tried or worked."""
    stuck = _own(view, "tcp.cloud", "timeout", "prohibited", "refused")
    stuck += _own(view, "internet.test", "timeout", "prohibited", "refused", "unreachable")
    return stuck if len({o.fact for o in stuck}) == 2 else []


@rule
def another_reaches_cloud(view: View) -> Sequence[Observation]:
    """The device reaches nothing outside, neither the cloud nor its test, while another client reaches the cloud."""
    stuck, others = _stuck(view), _controls(view, "tcp.cloud", ok=True)
    return [*stuck, *others] if stuck and others else ()


@rule
def another_reaches_internet(view: View) -> Sequence[Observation]:
    """The device reaches nothing outside, while another client reaches something, if on other ports."""
    stuck, others = _stuck(view), _controls(view, "internet.reach", ok=True)
    return [*stuck, *others] if stuck and others else ()


@rule
def portal_and_blocked(view: View) -> Sequence[Observation]:
    """A login page answers web traffic, and the cloud's port does not open."""
    pages = _anyone(view, "internet.redirect", "portal")
    stuck = _own(view, "tcp.cloud")
    return [*pages, *stuck] if pages and stuck else ()


@rule
def private_server(view: View) -> Sequence[Observation]:
    """The device goes to an address of the local network that no look-up gave it, and no cloud answers there."""
    return [o for o in _own(view, "tcp.cloud") if _is_private(o)]


@rule
def other_answers_lead_to_cloud(view: View) -> Sequence[Observation]:
    """Others were given another address for the cloud's name, a cloud answers there, and none does where the device was sent."""
    stuck, differ = _own(view, "tcp.cloud"), _ever(view, "dns.compare", "differs")
    return [*differ, *stuck] if stuck and differ else ()


@rule
def answers_come_late(view: View) -> Sequence[Observation]:
    """Answers do come, only after the device's patience: the way is slow, not cut."""
    return _ever(view, "tcp.cloud", "late") + _ever(view, "dns.cloud_name", "late")


@rule
def false_local_address(view: View) -> Sequence[Observation]:
    """The false address is one where a machine could be, as a login page has; not 0.0.0.0 or the device itself."""
    found = _own(view, "dns.cloud_name", "bogon")
    return [o for o in found if not o.text("addresses").startswith(("0.", "127."))]


@rule
def other_servers_lease_fails(view: View) -> Sequence[Observation]:
    """Two servers differ, and with what this one gave the device gets no farther than its gateway or resolver."""
    two = _anyone(view, "dhcp.servers", "two_servers")
    stuck = _own(view, "gateway.arp", "timeout") + _own(view, "dns.cloud_name", "timeout", "unreachable")
    stuck += _own(view, "dns.resolver_arp", "timeout")
    stuck += _own(view, "dhcp.options")
    return [*two, *stuck] if two and stuck else ()


@rule
def internet_never_answered(view: View) -> Sequence[Observation]:
    """The device's internet test failed in this try; where that was not seen to end, then in every try."""
    if _own(view, "internet.reach", ok=True):
        return ()
    here = _own(view, "internet.test", "timeout", "unreachable", "no_route", "prohibited")
    if here or _own(view, "internet.test", ok=True):
        return [] if _own(view, "internet.test", ok=True) else here
    failed = _ever(view, "internet.test", "timeout", "unreachable", "no_route", "prohibited")
    lives = any(_ever(view, fact, ok=True) for fact in ("internet.test", "internet.reach", "tcp.cloud"))
    return [] if lives else failed


@rule
def still_unreachable(view: View) -> Sequence[Observation]:
    """The cloud does not answer, and in no try anything else outside did; for a try whose own test was not seen to end."""
    if _own(view, "internet.test"):
        return ()
    stuck, failed = _own(view, "tcp.cloud", "timeout", "unreachable"), internet_never_answered(view)
    return [*stuck, *failed] if stuck and failed else ()


@rule
def way_out_unreachable(view: View) -> Sequence[Observation]:
    """A router says that a host other than the cloud cannot be reached."""
    return [o for fact in ("internet.test", "internet.reach", "dns.cloud_name") for o in _anyone(view, fact, "unreachable")]


@rule
def only_test_fails(view: View) -> Sequence[Observation]:
    """The device's own internet test fails, while the cloud, or others on the Internet, answer."""
    failed = _own(view, "internet.test", "timeout", "refused", "prohibited", "unreachable")
    lives = _own(view, "tcp.cloud", ok=True) + _controls(view, "internet.reach", ok=True)
    return [*failed, *lives[:2]] if failed and lives else ()


# -- over several tries


@rule
def never_tries_cloud(view: View) -> Sequence[Observation]:
    """Watched long enough after it had an address, the device never asked for the cloud."""
    leases = _ever(view, "dhcp.lease", ok=True)
    signs = {"dns.cloud_name", "dns.resolver_arp", "tcp.cloud", "internet.test", "session.open", "session.keepalive", "session.announce"}
    tried = view.history.own.keys() & signs
    if not leases or tried:
        return ()
    watched = [o for o in _anyone(view, "capture.coverage", ok=True) if o.end - leases[-1].end >= NEVER_S]
    return [leases[-1], *watched] if watched else ()


def _lost_pings(view: View) -> tuple[Observation, ...]:
    return _ever(view, "session.keepalive", "timeout", "reset")


@rule
def idle_cut_repeats(view: View) -> Sequence[Observation]:
    """At least two sessions died at one idle age, and a new connection came through soon after."""
    lost = [o for o in _lost_pings(view) if o.number("idle_s") is not None]
    ages = [o.number("idle_s") or 0.0 for o in lost]
    if len(lost) < 2 or max(ages) - min(ages) > SAME_AGE_S or not _own(view, "session.keepalive"):
        return ()
    if any((o.number("idle_s") or 0.0) >= min(ages) - SAME_AGE_S for o in _ever(view, "session.keepalive", ok=True)):
        return ()  # the connection outlived as long a pause at other times
    again = [o for o in _ever(view, "handshake.welcome", ok=True) if 0 < o.at - lost[0].end < LOOP_S / 2]
    return [*lost, again[0]] if again else ()


@rule
def sessions_die_irregularly(view: View) -> Sequence[Observation]:
    """Sessions die again and again, not at one idle age; or the way is gone for a while each time."""
    lost = _lost_pings(view)
    ended = _ever(view, "session.end", "reset", "closed")
    if len(lost) + len(ended) < 2 or idle_cut_repeats(view):
        return ()
    here = _own(view, "session.keepalive", "timeout", "reset") + _own(view, "session.end", "reset", "closed")
    return [*lost, *ended] if here else ()


def _loops(view: View) -> Sequence[Observation]:
    """At least three short sessions, each left without a word by a device that begins anew."""
    sessions = _ever(view, "session.open", ok=True)
    left = [o for o in view.history.own.get("session.end", ()) if o.value("restarted") is True]
    if len(sessions) < 3 or len(left) + 1 < len(sessions) or sessions[-1].at - sessions[0].at > LOOP_S * len(sessions):
        return []
    return sessions


@rule
def reboot_loop(view: View) -> Sequence[Observation]:
    """The device starts over again and again, soon after connecting."""
    return _loops(view)


@rule
def regular_reboot_loop(view: View) -> Sequence[Observation]:
    """The same, at such even intervals as a program keeps and bad radio does not."""
    sessions = _loops(view)
    gaps = [later.at - earlier.at for earlier, later in pairwise(sessions)]
    return sessions if gaps and max(gaps) - min(gaps) <= EVEN * max(gaps) else ()


@rule
def real_cloud_unusable(view: View) -> Sequence[Observation]:
    """The cloud's own key signed what the device then could not use."""
    signed = _own(view, "handshake.signature", ok=True)
    refused = _own(view, "handshake.hello", "device_closed")
    return [*signed, *refused] if signed and refused else ()


@rule
def signature_changed(view: View) -> Sequence[Observation]:
    """The same address signed with the cloud's key another time, and now with another."""
    here = [o for o in view.attempt.by_witness["device"].get("handshake.signature", ()) if o.reason == "other_key"]
    everyone = _ever(view, "handshake.signature", ok=True) + view.history.ever("handshake.signature", ok=True, others=True)
    proven = [o for o in everyone if any(o.target == mine.target for mine in here)]
    return [*here, *proven[:1]] if here and proven else ()


@rule
def same_id_twice(view: View) -> Sequence[Observation]:
    """Two MACs showed one device id while both were there."""
    seen = [o for o in _anyone(view, "device.identity", ok=True) if o.text("id") and o.text("mac")]
    for o in seen:
        twins = [other for other in seen if other.text("id") == o.text("id") and other.text("mac") != o.text("mac")]
        if twins:
            return [o, *twins]
    return ()


# -- on the air


@rule
def refused_with_other_band(view: View) -> Sequence[Observation]:
    """An access point that is "full" on 2.4 GHz while its name is on another band too."""
    return [o for o in _own(view, "wifi.join", "full") if o.value("other_band") is True]


@rule
def others_join(view: View) -> Sequence[Observation]:
    """Another station joined the access point that refused the device."""
    refused = {o.target for o in _own(view, "wifi.join", "refused", "full", "timeout")}
    return [o for o in _controls(view, "wifi.join", ok=True) if o.target in refused]


# -- seen by this computer's probes


@rule
def every_test_passes(view: View) -> Sequence[Observation]:
    """The internet test was answered; where those of both eras were made, both were."""
    return () if _own(view, "internet.test") else _own(view, "internet.test", ok=True)


@rule
def login_page_and_silence(view: View) -> Sequence[Observation]:
    """A login page answers web traffic, and everything else outside is silent: that is how it holds a client back."""
    pages = _anyone(view, "internet.redirect", "portal")
    silent = _own(view, "internet.test") + _own(view, "internet.reach")
    return [*pages, *silent] if pages and silent else ()


# -- who would be offered an address


def _offers(view: View, asked_as: str, *, ok: bool) -> list[Observation]:
    """What DISCOVER under that MAC met: new_client, this_computer or device."""
    return [o for o in _anyone(view, "dhcp.offer", ok=ok) if o.text("asked_as") == asked_as]


@rule
def nobody_is_offered_an_address(view: View) -> Sequence[Observation]:
    """DISCOVER stayed without an answer under every MAC asked with, a new client's among them."""
    silent = _offers(view, "new_client", ok=False)
    return _anyone(view, "dhcp.offer") if silent and not _anyone(view, "dhcp.offer", ok=True) else ()


@rule
def somebody_is_offered_an_address(view: View) -> Sequence[Observation]:
    """A DHCP server is there: it offered somebody an address."""
    return _anyone(view, "dhcp.offer", ok=True)


@rule
def new_client_is_offered_an_address(view: View) -> Sequence[Observation]:
    """A client that the server never saw before is offered an address."""
    return _offers(view, "new_client", ok=True)


@rule
def only_known_clients_are_offered(view: View) -> Sequence[Observation]:
    """This computer is offered an address, and a new client none; nor was the device's MAC seen to bring an offer."""
    silent, known = _offers(view, "new_client", ok=False), _offers(view, "this_computer", ok=True)
    return [*silent, *known] if silent and known and not _offers(view, "device", ok=True) else ()


@rule
def device_alone_is_not_offered(view: View) -> Sequence[Observation]:
    """A new client is offered an address, and the device, by DISCOVER with its MAC or in its own words, none."""
    silent = _offers(view, "device", ok=False) + _own(view, "dhcp.lease", "no_offer")
    served = _offers(view, "new_client", ok=True)
    return [*silent, *served] if silent and served else ()


@rule
def device_is_offered_an_address(view: View) -> Sequence[Observation]:
    """DISCOVER with the device's MAC brings an offer."""
    return _offers(view, "device", ok=True)


@rule
def rival_offers_nothing_of_use(view: View) -> Sequence[Observation]:
    """Two servers answer one client: what one offers is of use, what the other offers is not."""
    two, useless = _anyone(view, "dhcp.servers", "two_servers"), _anyone(view, "dhcp.options")
    useful = _anyone(view, "dhcp.options", ok=True)
    pairs = [(bad, good) for bad in useless for good in useful if bad.subject == good.subject and bad.target != good.target]
    return [*two, *pairs[0]] if two and pairs else ()


@rule
def offered_neighbour_silent(view: View) -> Sequence[Observation]:
    """The only server here offers leases whose gateway or resolver nobody answers for."""
    return () if _anyone(view, "dhcp.servers", "two_servers") else _own(view, "dhcp.options", "timeout")


# -- where on the way it ends


def _held(view: View, differs: str, *places: str) -> list[Observation]:
    """Where the way to the cloud's port ends sooner than another: than that of another port, or of another host."""
    found = _own(view, "tcp.blocked_where")
    return [o for o in found if o.text("differs") == differs and (not places or o.text("place") in places)]


@rule
def port_held_at_router(view: View) -> Sequence[Observation]:
    """Packets to the port get as far as this network's own router, those to another port of the same host farther."""
    return _held(view, "port", "router")


@rule
def port_held_in_building(view: View) -> Sequence[Observation]:
    """The same at a router with a private address behind this network's own."""
    return _held(view, "port", "building")


@rule
def port_held_outside(view: View) -> Sequence[Observation]:
    """The same at a router of the public Internet."""
    return _held(view, "port", "isp")


@rule
def port_held_on_the_way(view: View) -> Sequence[Observation]:
    """Packets to the port end on the way, sooner than those to another port of the same host."""
    return _held(view, "port")


@rule
def host_held_on_the_way(view: View) -> Sequence[Observation]:
    """Packets to the cloud end nearby on every port, sooner than those to another host."""
    return _held(view, "host")


@rule
def way_open_to_far_end(view: View) -> Sequence[Observation]:
    """Packets to the port get as far into the Internet as those to another port of the same host."""
    return _own(view, "tcp.blocked_where", ok=True)


@rule
def only_far_end_silent(view: View) -> Sequence[Observation]:
    """The same, while another host on the Internet answers: this network carries what it should."""
    open_way, others = _own(view, "tcp.blocked_where", ok=True), _anyone(view, "internet.reach", ok=True)
    return [*open_way, *others] if open_way and others else ()


@rule
def ipv6_and_no_offer(view: View) -> Sequence[Observation]:
    """A router offers IPv6, and nobody offers an IPv4 address to anybody who asks."""
    only = _anyone(view, "address.ipv4")
    silent = _anyone(view, "dhcp.offer") + _anyone(view, "dhcp.lease", "no_offer")
    return [*only, *silent] if only and silent else ()


@rule
def only_the_proxy_leads_out(view: View) -> Sequence[Observation]:
    """The proxy set on a computer here reaches the web, and no host outside answered anybody directly."""
    through = _anyone(view, "internet.proxy", ok=True)
    facts = ("internet.test", "internet.reach", "tcp.cloud")
    direct = [o for fact in facts for o in _anyone(view, fact, ok=True)]
    silent = [o for fact in facts for o in _anyone(view, fact, "timeout", "refused", "reset", "prohibited", "unreachable")]
    return [*through, *silent] if through and silent and not direct else ()
