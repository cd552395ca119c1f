"""From observations to a diagnosis; knows no source."""

from netcheck.correlator.diagnosis import diagnose

__all__ = ["diagnose"]
