"""What a table of clues cannot say: comparisons of times, patterns over several tries, one client against another."""

from netcheck.correlator.rules import air, gateways, leases, lights, names, pace, reach, sessions, told, versions, way, words
from netcheck.correlator.rules.asking import RULES

__all__ = ["RULES", "air", "gateways", "leases", "lights", "names", "pace", "reach", "sessions", "told", "versions", "way", "words"]
