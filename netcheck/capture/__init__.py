"""From capture files to observations: stream → decode → conversations → read."""

from netcheck.capture.many import Reading, observe
from netcheck.capture.stream import CaptureError

__all__ = ["CaptureError", "Reading", "observe"]
