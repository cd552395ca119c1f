"""Does a login page stand between this network and the Web?

Sends: one plain HTTP request each to the five hosts that phones, browsers, Windows and Linux
desktops ask for the same purpose, and lookups of their names at two resolvers.
Settles: internet.redirect, internet.reach (by the hosts that answer as they should).
Cannot tell: whether the device is let through. A portal admits each MAC by itself: the Web may be
open here and closed for the Photon, once a user logged in on this computer.
Source: RFC 8952 §2.1 (redirects), RFC 6585 §6 (status 511). Android takes an empty 200 for a broken
proxy's (NetworkMonitor); what each host should answer stands with the pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import partial

import msgspec

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import (
    WEB_CHECKS,
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    WebCheck,
    lookups,
    named_address,
    probe,
    seen,
    skipped,
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LOGIN_REQUIRED = 511  # RFC 6585 §6


class Meaning(StrEnum):
    """The meaning of an answer to a check."""

    GENUINE = "genuine"
    PORTAL = "portal"
    ODD = "odd"
    """Something answers, neither the host itself nor a login page: a filter, a proxy, a broken
    server.
    """
    SILENT = "silent"
    """No connection."""


@probe(
    stage=Stage.INTERNET,
    settles={"internet.redirect", "internet.reach"},
    needs={Need.INTERNET},
    sends=tuple(
        traffic
        for check in WEB_CHECKS
        for traffic in (
            lookups(check.host),
            Traffic(kind=Kind.HTTP_REQUEST, to=f"{check.host}:80", at_most=1),
        )
    ),
    within_s=18,
    background=True,
)
def captive_portal(target: Target, net: Net) -> Iterator[Seen]:
    replies = net.together([partial(ask, check, target, net) for check in WEB_CHECKS])
    asked = judged(
        [
            (check, reply)
            for check, reply in zip(WEB_CHECKS, replies, strict=True)
            if reply is not None
        ]
    )
    if not asked:
        says = "no name of a web host resolved to an address on the Internet or on this network"
        yield skipped("internet.redirect", "not_asked", says=says)
        return
    count = {what: [one for *_, one in asked].count(what) for what in Meaning}
    for check, reply, what in asked:
        yield from _told(check, reply, what, count)


def ask(check: WebCheck, target: Target, net: Net) -> Reply | None:
    """The answer of that host; None where its name has no address to be asked."""
    address = named_address(check.host, target, net)
    return net.http_get(address, check.host, check.path) if address else None


def judged(answers: Sequence[tuple[WebCheck, Reply]]) -> list[tuple[WebCheck, Reply, Meaning]]:
    """The answers with their meanings; where an empty 204 comes for a page that has a body, it
    means nothing for one without.
    """
    is_204_for_all = any(check.body and reply.text("status") == "204" for check, reply in answers)
    found = [(check, reply, meaning(check, reply)) for check, reply in answers]
    return [
        (
            check,
            reply,
            Meaning.ODD if is_204_for_all and not check.body and what is Meaning.GENUINE else what,
        )
        for check, reply, what in found
    ]


def meaning(check: WebCheck, reply: Reply) -> Meaning:
    """Whether the host itself answered, or a login page in its place."""
    if not reply.ok:
        return Meaning.ODD if reply.text("rtt_ms") else Meaning.SILENT
    if check.is_genuine(reply):
        return Meaning.GENUINE
    status, body = int(reply.text("status")), reply.payload
    if status == _LOGIN_REQUIRED or (
        status in _REDIRECTS and not _is_upgrade(check, reply.text("location"))
    ):
        return Meaning.PORTAL
    return Meaning.PORTAL if status == 200 and b"<" in body else Meaning.ODD


def _is_upgrade(check: WebCheck, location: str) -> bool:
    """Does the redirect only ask to come by HTTPS, or lead nowhere?"""
    return not location or location == f"https://{check.host}"


def _told(
    check: WebCheck, reply: Reply, what: Meaning, count: dict[Meaning, int]
) -> Iterator[Seen]:
    """The observation of one answer, compared with the others.

    The majority decides: portals let some of these hosts pass, so that no phone notices them, and a
    filter may put its page in the place of one.
    """
    redirect, reach = (
        seen("internet.redirect", reply, check.host),
        seen("internet.reach", reply, f"{check.host}:80"),
    )
    if what is Meaning.SILENT:
        yield reach if not count[Meaning.GENUINE] else _unclear(reach, reply.reason)
    elif what is Meaning.ODD:
        yield _unclear(redirect, reply.reason or "malformed")
    elif what is Meaning.PORTAL:
        is_portal = count[Meaning.PORTAL] > count[Meaning.GENUINE]
        yield (
            msgspec.structs.replace(redirect, outcome=Outcome.FAILED, reason="portal")
            if is_portal
            else _unclear(redirect, "differs")
        )
    else:
        yield reach
        if count[Meaning.GENUINE] >= count[Meaning.PORTAL]:
            yield redirect


def _unclear(said: Seen, reason: str) -> Seen:
    return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR, reason=reason)
