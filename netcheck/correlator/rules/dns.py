"""Name lookups: which resolvers fail for what, and where a given address leads."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.rules.query import controls, ever, own, rule
from netcheck.correlator.weigh import RESENT_MS, View
from netcheck.model import Observation


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


@rule
def every_name_denied(view: View) -> Sequence[Observation]:
    """The resolver denies other names in the same way, and answers none."""
    if _names(view, ok=True):
        return ()
    reasons = {o.reason for o in own(view, "dns.cloud_name")} - {"bogon"}
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
