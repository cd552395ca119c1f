"""From capture files to observations: stream → decode → conversations → read."""

from netcheck.capture.files.stream import CaptureError
from netcheck.capture.many import CaptureReading, observe

__all__ = ["CaptureError", "CaptureReading", "observe"]
