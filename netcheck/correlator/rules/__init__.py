"""What a table of clues cannot say: comparisons of times, patterns over several tries, one client
against another.
"""

from netcheck.correlator.rules import (
    dns,
    gateways,
    keys,
    leases,
    led,
    logs,
    mac_filter,
    portals,
    reachability,
    sessions,
    timing,
    traceroute,
    user_answers,
    user_words,
    versions,
    wifi,
)
from netcheck.correlator.rules.query import RULES

__all__ = [
    "RULES",
    "dns",
    "gateways",
    "keys",
    "leases",
    "led",
    "logs",
    "mac_filter",
    "portals",
    "reachability",
    "sessions",
    "timing",
    "traceroute",
    "user_answers",
    "user_words",
    "versions",
    "wifi",
]
