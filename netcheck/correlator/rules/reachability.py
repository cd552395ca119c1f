"""What else outside answers, to the device and to others."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.rules.query import anyone, controls, elsewhere, ever, is_private, own, rule
from netcheck.correlator.weigh import View
from netcheck.model import Observation

NEVER_S = 45.0


def _stuck(view: View) -> list[Observation]:
    """The device's failures to reach both the cloud and its internet test; nothing if one of them
    was not tried or worked.
    """
    stuck = own(view, "tcp.cloud", "timeout", "prohibited", "refused")
    stuck += own(view, "internet.test", "timeout", "prohibited", "refused", "unreachable")
    return stuck if len({o.fact for o in stuck}) == 2 else []


@rule
def another_reaches_cloud(view: View) -> Sequence[Observation]:
    """The device reaches nothing outside, neither the cloud nor its test, while another client
    reaches the cloud.
    """
    stuck, others = _stuck(view), controls(view, "tcp.cloud", ok=True)
    return [*stuck, *others] if stuck and others else ()


@rule
def another_reaches_internet(view: View) -> Sequence[Observation]:
    """The device reaches nothing outside, while another client reaches something, if on other
    ports.
    """
    stuck, others = _stuck(view), controls(view, "internet.reach", ok=True)
    return [*stuck, *others] if stuck and others else ()


@rule
def portal_and_blocked(view: View) -> Sequence[Observation]:
    """A login page answers web traffic, and the cloud's port does not open."""
    pages = anyone(view, "internet.redirect", "portal")
    stuck = own(view, "tcp.cloud")
    return [*pages, *stuck] if pages and stuck else ()


@rule
def private_server(view: View) -> Sequence[Observation]:
    """The device goes to an address of the local network that no look-up gave it, and no cloud
    answers there.
    """
    return [o for o in own(view, "tcp.cloud") if is_private(o)]


def _at_nowhere(view: View, *reasons: str) -> list[Observation]:
    """What answers on the cloud's port at an address where nothing can be."""
    ports = {
        o.target.rpartition(":")[2]
        for o in anyone(view, "tcp.cloud") + anyone(view, "tcp.cloud", ok=True)
    }
    return [
        o for o in anyone(view, "tcp.nowhere", *reasons) if o.target.rpartition(":")[2] in ports
    ]


@rule
def port_open_to_nowhere(view: View) -> Sequence[Observation]:
    """A connection to the cloud's port opens at an address where nothing can be."""
    return _at_nowhere(view, "accepts_all")


@rule
def port_reset_from_nowhere(view: View) -> Sequence[Observation]:
    """The cloud's port is reset, and so is the same port of an address where nothing can be."""
    cut, nowhere = own(view, "tcp.cloud", "refused", "reset"), _at_nowhere(view, "refused", "reset")
    return [*cut, *nowhere] if cut and nowhere else ()


@rule
def internet_never_answered(view: View) -> Sequence[Observation]:
    """The device's internet test failed in this try; where that was not seen to end, then in every
    try.
    """
    if own(view, "internet.reach", ok=True):
        return ()
    here = own(view, "internet.test", "timeout", "unreachable", "prohibited")
    if here or own(view, "internet.test", ok=True):
        return [] if own(view, "internet.test", ok=True) else here
    failed = ever(view, "internet.test", "timeout", "unreachable", "prohibited")
    lives = any(
        ever(view, fact, ok=True) for fact in ("internet.test", "internet.reach", "tcp.cloud")
    )
    return [] if lives else failed


@rule
def still_unreachable(view: View) -> Sequence[Observation]:
    """The cloud does not answer, and in no try anything else outside did; for a try whose own test
    was not seen to end.
    """
    if own(view, "internet.test"):
        return ()
    stuck, failed = own(view, "tcp.cloud", "timeout", "unreachable"), internet_never_answered(view)
    return [*stuck, *failed] if stuck and failed else ()


@rule
def way_out_unreachable(view: View) -> Sequence[Observation]:
    """A router says that a host other than the cloud cannot be reached."""
    return [
        o
        for fact in ("internet.test", "internet.reach", "dns.cloud_name")
        for o in anyone(view, fact, "unreachable")
    ]


@rule
def only_test_fails(view: View) -> Sequence[Observation]:
    """The device's own internet test fails, while the cloud or another host on the Internet
    answers.
    """
    failed = own(view, "internet.test", "timeout", "refused", "prohibited", "unreachable")
    lives = (
        own(view, "tcp.cloud", ok=True)
        + own(view, "internet.reach", ok=True)
        + controls(view, "internet.reach", ok=True)
    )
    return [*failed, *lives[:2]] if failed and lives else ()


@rule
def never_tries_cloud(view: View) -> Sequence[Observation]:
    """Watched long enough after it had an address, the device never asked for the cloud."""
    leases = ever(view, "dhcp.lease", ok=True)
    signs = {
        "dns.cloud_name",
        "dns.resolver_arp",
        "tcp.cloud",
        "internet.test",
        "session.open",
        "session.keepalive",
        "session.announce",
    }
    tried = view.history.own.keys() & signs
    if not leases or tried:
        return ()
    watched = [
        o for o in anyone(view, "capture.coverage", ok=True) if o.end - leases[-1].end >= NEVER_S
    ]
    return [leases[-1], *watched] if watched else ()


@rule
def every_test_passes(view: View) -> Sequence[Observation]:
    """The internet test was answered; where those of both eras were made, both were."""
    return () if own(view, "internet.test") else own(view, "internet.test", ok=True)


@rule
def login_page_and_silence(view: View) -> Sequence[Observation]:
    """A login page shows itself, and everything else outside is silent: that is how it holds a
    client back.
    """
    signs = {
        "internet.redirect": "portal",
        "internet.portal_api": "portal",
        "internet.tls": "other_host",
    }
    pages = [o for fact, reason in signs.items() for o in anyone(view, fact, reason)]
    silent = own(view, "internet.test") + own(view, "internet.reach")
    return [*pages, *silent] if pages and silent else ()


@rule
def two_networks_reach_all_but_the_cloud(view: View) -> Sequence[Observation]:
    """From here and from another network hosts outside answer, and the cloud does not."""
    stuck, lives = (
        own(view, "tcp.cloud"),
        own(view, "internet.reach", ok=True) + own(view, "internet.test", ok=True),
    )
    stuck_there, lives_there = (
        elsewhere(view, "tcp.cloud"),
        elsewhere(view, "internet.reach", ok=True),
    )
    return (
        [*stuck, *stuck_there, *lives[:1], *lives_there[:1]]
        if stuck and lives and stuck_there and lives_there
        else ()
    )


@rule
def gateway_passes_nothing_on(view: View) -> Sequence[Observation]:
    """The gateway, asked as a resolver, finds names on the Internet, and nothing comes through it:
    its own line works.

    Two names, for one may be remembered from better times. A way that was seen to lead beyond the
    gateway speaks against it, and so does a router that says itself that there is none.
    """
    gateways = {o.target for o in own(view, "gateway.arp", ok=True)}
    found = [
        o
        for fact in ("dns.cloud_name", "dns.other_name", "internet.name_test")
        for o in own(view, fact, ok=True)
    ]
    by_gateway = [o for o in found if gateways & {o.text("server"), *o.text("resolver").split()}]
    silent = own(view, "internet.test", "timeout") + own(view, "internet.reach", "timeout")
    outside = (
        "internet.test",
        "internet.reach",
        "internet.redirect",
        "internet.proxy",
        "tcp.cloud",
        "tcp.cloud_other_port",
    )
    answers = [o for fact in outside for o in anyone(view, fact, ok=True)] + anyone(
        view, "internet.redirect", "portal"
    )
    refusals = [
        o
        for fact in outside
        for o in anyone(
            view, fact, "unreachable", "prohibited", "refused", "reset", "no_route", "late"
        )
    ]
    beyond = [
        o
        for o in view.attempt.by_witness["any"].get("tcp.blocked_where", ())
        if (o.number("hop") or 0) > 1
    ]
    if len({o.target for o in by_gateway}) < 2 or not silent or answers or refusals or beyond:
        return ()
    return [*by_gateway, *silent]


@rule
def only_the_proxy_leads_out(view: View) -> Sequence[Observation]:
    """The proxy set on a computer here reaches the web, and no host outside answered anybody
    directly.
    """
    through, silent = anyone(view, "internet.proxy", ok=True), _nothing_direct(view)
    return [*through, *silent] if through and silent else ()


@rule
def proxy_script_and_silence(view: View) -> Sequence[Observation]:
    """The network names a script for choosing a web proxy, and no host outside answered anybody
    directly.
    """
    named = [
        o for o in view.attempt.by_witness["any"].get("dhcp.options", ()) if o.text("proxy_script")
    ]
    silent = _nothing_direct(view)
    return [*named, *silent] if named and silent else ()


def _nothing_direct(view: View) -> list[Observation]:
    """Who was silent outside, or refused; nothing where any host answered directly."""
    facts = ("internet.test", "internet.reach", "tcp.cloud")
    if any(anyone(view, fact, ok=True) for fact in facts):
        return []
    return [
        o
        for fact in facts
        for o in anyone(view, fact, "timeout", "refused", "reset", "prohibited", "unreachable")
    ]
