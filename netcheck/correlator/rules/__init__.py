"""Rules in code, for what conditions in the data cannot express: comparisons of times, patterns
over several tries, one client against another.
"""

from collections.abc import Mapping
from functools import cache

from netcheck.correlator.catalogue import load
from netcheck.correlator.judging.clues import Rule
from netcheck.correlator.rules import (
    dns,
    gateways,
    keys,
    leases,
    led_sequence,
    mac_filter,
    portals,
    reachability,
    sessions,
    timing,
    user_answers,
    wifi,
)
from netcheck.correlator.rules.conditions import compiled
from netcheck.correlator.rules.query import RULES

__all__ = [
    "RULES",
    "dns",
    "every_rule",
    "gateways",
    "keys",
    "leases",
    "led_sequence",
    "mac_filter",
    "portals",
    "reachability",
    "sessions",
    "timing",
    "user_answers",
    "wifi",
]


@cache
def every_rule() -> Mapping[str, Rule]:
    """Every rule by its name: those in code, and those that are data."""
    return compiled(load().patterns, RULES)
