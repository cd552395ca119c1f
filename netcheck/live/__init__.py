"""The live path: find probes, run them, hand them the one door to the network."""

from netcheck.live.engine import observe

__all__ = ["observe"]
