"""Which other hosts outside answer the device and others."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.judging.view import SILENCE, View
from netcheck.correlator.rules.query import anyone, controls, elsewhere, ever, is_private, own, rule
from netcheck.model import Observation, Outcome, Stage
from netcheck.wire.addresses import ipv4, is_bogon

NEVER_S = 45.0
LEAST_SILENT_HOSTS = 2
_WEB_PORTS = (":80", ":443")


@rule
def held_by_own_rules(view: View) -> Sequence[Observation]:
    """This computer refused to send what its probes asked beyond the gateway."""
    return [
        o
        for o in view.attempt.own
        if o.reason == "held_here" and o.outcome is Outcome.UNCLEAR and o.stage > Stage.GATEWAY
    ]


@rule
def private_server(view: View) -> Sequence[Observation]:
    """The device goes to an address of the local network that no lookup gave it, and no cloud
    answers there.
    """
    return [o for o in own(view, "tcp.cloud") if is_private(o)]


def _at_nowhere(view: View, *reasons: str) -> list[Observation]:
    """The answers on the cloud's port at an address where no host can be."""
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
def several_outside_silent(view: View) -> Sequence[Observation]:
    """Two hosts outside at least, a resolver for the cloud's name among them, give the device no
    answer: one may be off by itself.
    """
    silent = [
        o
        for fact in ("internet.test", "internet.reach", "tcp.cloud")
        for o in own(view, fact, "timeout", "unreachable", "prohibited", "no_route")
    ]
    names = own(
        view, "dns.cloud_name", "timeout", "servfail", "unreachable", "no_name", "prohibited"
    )
    if own(view, "dns.other_name") and not own(view, "dns.other_name", ok=True):
        names += own(view, "dns.cloud_name", "dns_refused")  # as a resolver without a line does
    hosts = {o.target.rpartition(":")[0] or o.target for o in silent}
    if not any(o.fact != "tcp.cloud" for o in silent) or len(hosts) + bool(names) < 2:
        return ()
    return [*silent, *names]


@rule
def other_hosts_silent(view: View) -> Sequence[Observation]:
    """Two hosts outside besides the cloud answer nothing at all, one of them asked on its web port:
    it is neither one port nor one host that is blocked.
    """
    seen = view.attempt.by_witness["device"]
    by_host: dict[str, list[Observation]] = {}
    for o in (*seen.get("internet.test", ()), *seen.get("internet.reach", ())):
        by_host.setdefault(o.target.rpartition(":")[0], []).append(o)
    silent = [
        waits
        for of_host in by_host.values()
        if (waits := [o for o in of_host if o.failed and o.reason in SILENCE])
        and not any(o.ok for o in of_host)
    ]
    found = [o for waits in silent for o in waits]
    is_web = any(o.target.endswith(_WEB_PORTS) for o in found)
    return found if len(silent) >= LEAST_SILENT_HOSTS and is_web else ()


@rule
def public_resolver_answered(view: View) -> Sequence[Observation]:
    """A resolver on the Internet answered the device."""
    return [
        o
        for fact in ("dns.cloud_name", "dns.other_name", "internet.name_test")
        for o in own(view, fact, ok=True)
        if ipv4(o.text("server")) is not None and not is_bogon(o.text("server"))
    ]


@rule
def only_test_fails(view: View) -> Sequence[Observation]:
    """The device's own internet test fails, while the cloud or another host on the Internet
    answers; where it answers others alone, the device's lookups were not all in vain.
    """
    failed = own(view, "internet.test", "timeout", "refused", "prohibited", "unreachable")
    lives = own(view, "tcp.cloud", ok=True) + own(view, "internet.reach", ok=True)
    names = ("dns.cloud_name", "dns.other_name", "internet.name_test")
    is_cut_off = own(view, "dns.cloud_name", "timeout", "unreachable", "prohibited") and not any(
        own(view, fact, ok=True) for fact in names
    )
    if not is_cut_off:
        lives += controls(view, "internet.reach", ok=True)
    return [*failed, *lives[:2]] if failed and lives else ()


@rule
def never_tries_cloud(view: View) -> Sequence[Observation]:
    """Watched long enough after it had an address, the device never asked for the cloud; who asks
    ARP for a gateway that is silent has something to send.
    """
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
    if not leases or tried or ever(view, "gateway.arp"):
        return ()
    watched = [
        o for o in anyone(view, "capture.coverage", ok=True) if o.end - leases[-1].end >= NEVER_S
    ]
    return [leases[-1], *watched] if watched else ()


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
    """The gateway finds names on the Internet and nothing else comes through it, plain web pages
    and what a proxy brings included: a login page or a proxy would look alike.
    """
    found = gateway_finds_names_alone(view)
    by_probes = any(o.source.startswith("probe:") for o in found)
    return found if not by_probes or (_was_web_asked(view) and _was_proxy_asked(view)) else ()


def _was_web_asked(view: View) -> bool:
    return any(
        o.target.endswith(":80") for o in view.attempt.by_witness["any"].get("internet.reach", ())
    )


def _was_proxy_asked(view: View) -> bool:
    """True also where this computer is told of none."""
    seen = view.attempt.by_witness["any"]
    is_set = any(o.text("servers") for o in seen.get("computer.proxy", ()))
    return not is_set or bool(seen.get("internet.proxy"))


@rule
def gateway_finds_names_alone(view: View) -> Sequence[Observation]:
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
def port_opens_for_others_meanwhile(view: View) -> Sequence[Observation]:
    """Between failed attempts of the device, of which none succeeds, another client opens the
    cloud's port at the same address.
    """
    failed = ever(view, "tcp.cloud", "timeout", "refused", "reset", "prohibited")
    if len(failed) < 2 or ever(view, "tcp.cloud", ok=True):
        return ()
    first, last = min(o.at for o in failed), max(o.at for o in failed)
    asked = {o.target for o in failed}
    opened = controls(view, "tcp.cloud", ok=True)
    return [o for o in opened if first < o.at < last and o.target in asked]


@rule
def others_reach_nothing(view: View) -> Sequence[Observation]:
    """Other clients get no answer from outside; not where they get one on another port alone, for
    then ports are blocked.
    """
    ports = {_port(o) for o in controls(view, "internet.reach", ok=True)}
    failed = controls(view, "internet.reach", "timeout", "unreachable", "prohibited")
    return [o for o in failed if not ports or _port(o) in ports]


def _port(o: Observation) -> str:
    return o.target.rpartition(":")[2]
