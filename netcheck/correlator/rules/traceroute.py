"""Where on the way to the port connections end, as `blocked_where` saw it."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.rules.query import anyone, own, rule
from netcheck.correlator.weigh import View
from netcheck.model import Observation


def _held(view: View, differs: str, *places: str) -> list[Observation]:
    """Where the way to the cloud's port ends sooner than another: than that of another port, or of
    another host.
    """
    found = own(view, "tcp.blocked_where")
    return [
        o
        for o in found
        if o.text("differs") == differs and (not places or o.text("place") in places)
    ]


@rule
def port_held_at_router(view: View) -> Sequence[Observation]:
    """Packets to the port get as far as this network's own router, those to another port of the
    same host farther.
    """
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
    """Packets to the port get as far into the Internet as those to another port of the same
    host.
    """
    return own(view, "tcp.blocked_where", ok=True)


@rule
def only_far_end_silent(view: View) -> Sequence[Observation]:
    """The same, while another host on the Internet answers: this network carries what it should."""
    open_way, others = (
        own(view, "tcp.blocked_where", ok=True),
        anyone(view, "internet.reach", ok=True),
    )
    return [*open_way, *others] if open_way and others else ()
