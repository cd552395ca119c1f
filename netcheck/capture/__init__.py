"""From capture files to observations: stream → decode → conversations → read."""

from netcheck.capture.files.stream import CaptureError
from netcheck.capture.many import Reading, observe

__all__ = ["CaptureError", "Reading", "observe"]
