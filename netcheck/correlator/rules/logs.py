"""The device's own log: what it met, where only several of its statements together say
something.
"""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.rules.query import own, rule
from netcheck.correlator.weigh import View
from netcheck.model import Observation

RESTARTS = 3
LOOP_S = 120.0
"""Restarts farther apart than this are no loop."""


def is_of_device(o: Observation) -> bool:
    """Does the device itself say so, and no capture?"""
    return o.source.startswith("device:")


@rule
def device_hears_no_such_network(view: View) -> Sequence[Observation]:
    """The device's own radio hears no network of the name that it wants."""
    return [o for o in own(view, "wifi.network", "not_on_air") if is_of_device(o)]


def _unanswered(view: View) -> list[Observation]:
    """Neither the cloud's name nor the internet test got an answer, and no lower rung is known to
    have failed.
    """
    names = [o for o in own(view, "dns.cloud_name", "no_name") if is_of_device(o)]
    tests = own(view, "internet.test", "timeout", "no_route") + own(
        view, "internet.name_test", "no_name"
    )
    return [*names, *tests] if names and tests else []


@rule
def nothing_answers_the_device(view: View) -> Sequence[Observation]:
    """Neither the cloud's name nor the internet test got an answer, and nobody saw the gateway
    answer.
    """
    return () if own(view, "gateway.arp", ok=True) else _unanswered(view)


@rule
def nothing_answers_without_lease(view: View) -> Sequence[Observation]:
    """The same, and no lease was ever logged: older versions log none."""
    return () if view.history.own.get("dhcp.lease") else nothing_answers_the_device(view)


@rule
def static_and_nothing_answers(view: View) -> Sequence[Observation]:
    """The same, with a stored address."""
    static = [
        o for o in view.attempt.by_witness["device"].get("address.static", ()) if is_of_device(o)
    ]
    unanswered = _unanswered(view)
    return [*static, *unanswered] if static and unanswered else ()


@rule
def restarts_before_online(view: View) -> Sequence[Observation]:
    """The device started anew several times, each soon after the one before, and was not online
    between.
    """
    restarts = sorted(view.history.own.get("device.restart", ()), key=lambda o: o.at)
    if len(restarts) < RESTARTS or restarts[-1].at - restarts[0].at > LOOP_S * (len(restarts) - 1):
        return ()
    return () if view.history.ever("session.open", ok=True) else restarts
