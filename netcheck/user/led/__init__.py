"""What a person saw of the light (`--led`), as observations."""

from netcheck.user.led.reading import LedError, Reading, observations, read

__all__ = ["LedError", "Reading", "observations", "read"]
