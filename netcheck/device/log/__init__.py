"""The device's own log, saved or as it comes, as observations."""

from netcheck.device.log.reading import MOST_OBSERVATIONS, LogError, follow, observe

__all__ = ["MOST_OBSERVATIONS", "LogError", "follow", "observe"]
