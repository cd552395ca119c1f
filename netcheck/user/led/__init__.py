"""What a person saw of the light (`--led`), as observations."""

from netcheck.user.led.reading import LedError, LightReading, observations, read

__all__ = ["LedError", "LightReading", "observations", "read"]
