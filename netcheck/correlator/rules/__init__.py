"""What a table of clues cannot say: comparisons of times, patterns over several tries, one client against another."""

from netcheck.correlator.rules import (
    air,
    gateways,
    keys,
    leases,
    lights,
    logs,
    macs,
    names,
    pace,
    portals,
    reach,
    sessions,
    told,
    versions,
    way,
    words,
)
from netcheck.correlator.rules.asking import RULES

__all__ = [
    "RULES",
    "air",
    "gateways",
    "keys",
    "leases",
    "lights",
    "logs",
    "macs",
    "names",
    "pace",
    "portals",
    "reach",
    "sessions",
    "told",
    "versions",
    "way",
    "words",
]
