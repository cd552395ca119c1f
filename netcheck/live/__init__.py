"""The live path: find probes, run them up the ladder, meter what they send."""

from netcheck.live.engine import observe

__all__ = ["observe"]
