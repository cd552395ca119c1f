"""Name lookups: which resolvers fail for what, and where a given address leads."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.judging.view import RESENT_MS, View
from netcheck.correlator.rules.query import controls, ever, own, rule
from netcheck.model import Observation
from netcheck.wire.addresses import is_bogon

CLOUD_DOMAINS = frozenset({"particle.io", "spark.io"})
"""Names below these may well share an address."""


def _resolvers(o: Observation) -> set[str]:
    """Who was asked: a capture shows all of a lookup, a probe asks one."""
    return {*o.text("resolver").split(), *o.text("server").split()}


def _names(view: View, *, ok: bool) -> list[Observation]:
    """Look-ups of other names by anyone at the resolvers that failed the device."""
    failed = own(view, "dns.cloud_name")
    asked = set().union(*(_resolvers(o) for o in failed)) if failed else set()
    found = [
        o
        for fact in ("dns.other_name", "internet.name_test")
        for o in (*ever(view, fact, ok=ok), *controls(view, fact, ok=ok))
    ]
    return (
        [o for o in found if not asked or not _resolvers(o) or _resolvers(o) & asked]
        if failed
        else []
    )


@rule
def other_names_resolve(view: View) -> Sequence[Observation]:
    """The resolver that fails for the cloud's name answers for others."""
    return _names(view, ok=True)


def _answered_others(view: View) -> list[Observation]:
    """Look-ups of other clients that were answered."""
    facts = ("dns.cloud_name", "dns.other_name", "internet.name_test")
    return [o for fact in facts for o in controls(view, fact, ok=True)]


@rule
def resolver_answers_others(view: View) -> Sequence[Observation]:
    """The resolver that is silent for the device, whatever name it asks for, answers others."""
    silent = own(view, "dns.cloud_name", "timeout")
    tests = [
        o for fact in ("internet.name_test", "dns.other_name") for o in ever(view, fact, "timeout")
    ]
    asked = set().union(*(_resolvers(o) for o in silent)) if silent and tests else set()
    answered = [o for o in _answered_others(view) if o.text("server") in asked]
    return [*silent, *tests, *answered] if answered and not _is_answered(view) else ()


@rule
def stored_resolver_silent(view: View) -> Sequence[Observation]:
    """Without having asked for an address the device uses a resolver that is silent, and others use
    one that answers.
    """
    silent = own(view, "dns.cloud_name", "timeout")
    asked = set().union(*(_resolvers(o) for o in silent)) if silent else set()
    stored = [o for o in view.history.own.get("address.static", ()) if not o.ok]
    answered = _answered_others(view)
    is_used_by_others = any(o.text("server") in asked for o in answered)
    if not stored or not asked or is_used_by_others or view.history.own.get("dhcp.lease"):
        return ()
    return [*silent, *answered] if answered else ()


def _is_answered(view: View) -> bool:
    """Does any resolver answer the device?"""
    facts = ("dns.cloud_name", "dns.other_name", "internet.name_test")
    return any(ever(view, fact, ok=True) for fact in facts)


@rule
def every_name_denied(view: View) -> Sequence[Observation]:
    """The resolver denies other names in the same way, and answers none."""
    if _names(view, ok=True):
        return ()
    reasons = {o.reason for o in own(view, "dns.cloud_name")} - {"bogon", "block_page"}
    return [o for o in _names(view, ok=False) if o.reason in reasons]


@rule
def names_fail_but_internet_works(view: View) -> Sequence[Observation]:
    """The cloud's name does not resolve, yet something outside answers by its address."""
    if not own(
        view,
        "dns.cloud_name",
        "timeout",
        "servfail",
        "unreachable",
        "prohibited",
        "late",
        "no_name",
    ):
        return ()
    if _silent_for_this_name_alone(view):
        return ()
    found = own(view, "internet.test", ok=True) + own(view, "internet.reach", ok=True)
    return found or controls(view, "internet.reach", ok=True)


def _silent_for_this_name_alone(view: View) -> Sequence[Observation]:
    """The lookups of the cloud's name that got no answer, and other names that the same resolvers
    found in this try; empty where one of them found none.
    """
    failed = own(view, "dns.cloud_name")
    silent = {server for o in failed for server in _resolvers(o)}
    found = [o for o in own(view, "dns.other_name", ok=True) if _resolvers(o) & silent]
    answering = {server for o in found for server in _resolvers(o)}
    is_silence = all(o.reason == "timeout" for o in failed)
    return [*failed, *found] if is_silence and silent and silent <= answering else []


@rule
def this_name_alone_silent(view: View) -> Sequence[Observation]:
    """The resolvers give no answer for the cloud's name alone, and nothing else that was asked
    needed a retransmission: it is no packet that got lost.
    """
    seen = _silent_for_this_name_alone(view)
    is_prompt = all((o.took_s or 0.0) * 1000 < RESENT_MS for o in seen if o.ok)
    return seen if is_prompt and not view.late_answers else ()


@rule
def nothing_resolves(view: View) -> Sequence[Observation]:
    """Every lookup of the device fails or gets no answer; nothing outside answers any client."""
    failed = own(view, "dns.cloud_name", "timeout", "servfail", "unreachable", "no_name")
    facts = ("internet.test", "internet.reach", "dns.other_name", "internet.name_test", "tcp.cloud")
    lives = any(
        ever(view, fact, ok=True) or view.history.ever(fact, ok=True, others=True) for fact in facts
    )
    return [] if lives else failed


@rule
def name_led_to_cloud(view: View) -> Sequence[Observation]:
    """An address the name gave answered with a nonce: a cloud stands there, however private the
    address.
    """
    given = {
        address
        for o in view.history.own.get("dns.cloud_name", ())
        for address in o.text("addresses").split()
    }
    nonces = own(view, "handshake.nonce", ok=True)
    return [o for o in nonces if not given or not o.text("address") or o.text("address") in given]


@rule
def other_names_lead_there(view: View) -> Sequence[Observation]:
    """The public address that the name gave is given for names of others, too, and no cloud was
    seen there: so does a filter's page, or a login's.
    """
    mine = own(view, "dns.cloud_name", ok=True)
    given = {a: o for o in mine for a in o.text("addresses").split() if not is_bogon(a)}
    domains = {_domain(o.target) for o in mine} | CLOUD_DOMAINS
    found = [
        (given[a], o)
        for o in (*own(view, "dns.other_name", ok=True), *controls(view, "dns.other_name", ok=True))
        for a in o.text("addresses").split()
        if a in given and _domain(o.target) not in domains
    ]
    if ever(view, "handshake.nonce", ok=True):
        return ()
    return [o for pair in found for o in pair]


def _domain(name: str) -> str:
    """The last two labels of a name."""
    return ".".join(name.rstrip(".").split(".")[-2:])


@rule
def no_resolver_and_no_look_up(view: View) -> Sequence[Observation]:
    """The lease names no resolver, and the device makes its internet test without ever having
    looked up a name.
    """
    missing, tests = (
        own(view, "dhcp.options", "missing_dns"),
        ever(view, "internet.test") + ever(view, "internet.test", ok=True),
    )
    return (
        [*missing, *tests[:1]]
        if missing and tests and not view.history.own.get("dns.cloud_name")
        else ()
    )


@rule
def false_local_address(view: View) -> Sequence[Observation]:
    """The false address is one where a machine could be, as a login page has; not 0.0.0.0 or the
    device itself.
    """
    found = own(view, "dns.cloud_name", "bogon")
    return [o for o in found if not o.text("addresses").startswith(("0.", "127."))]
