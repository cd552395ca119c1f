"""Faults and traits, each a change of a plan."""

from __future__ import annotations

from tests.lab.plan import Plan


def port_dropped(plan: Plan) -> Plan:
    """The router drops whatever goes out to 5683."""
    return plan.with_rules("forward", "tcp dport 5683 drop")
